"""What a customer is worth: orders, money, discounts, returns."""

from profiles.sections import aspects
from profiles.sections.purchase import BASE, MONEY_SCALE, PurchaseFacts
from profiles.sketches import packed
from profiles.traits.catalogue import Context, Fields, Sources, Trait, TraitGroup
from profiles.traits.text import money_text, ratio_text, time_text
from profiles.view import View

CENT = MONEY_SCALE // 100

MAX_CURRENCIES = 1
"""Foreign currencies shown: the first by code of those the customer has paid in."""


def _value(view: View, context: Context) -> Fields:
    facts, base_currency = view.purchase, context.base_currency
    fields = _purchases(facts, base_currency) if facts.lines else {}
    if facts.returns:
        fields["returns"] = str(facts.returns)
        fields["returned_items"] = str(facts.returned_items)
        fields["return_rate"] = ratio_text(facts.returns / facts.events)
        fields |= _base("refunds", facts.refunds, base_currency)
    return fields


def _orders(view: View, context: Context) -> Fields:
    facts = view.purchase
    if not facts.lines:
        return {}
    orders = order_count(facts)
    fields = {"orders": str(orders)}
    spent = revenue(facts.money, context.base_currency)
    if spent:
        fields["avg_order_value"] = money_text(per_order(spent, orders))
    largest = max(facts.orders.values())
    if largest:
        fields["largest_order"] = money_text(largest)
    return fields


def order_count(facts: PurchaseFacts) -> int:
    """Return the distinct orders: exact below 256, beyond with a standard error of 6.3 %."""
    return packed.estimate_distinct(facts.orders.keys)


def revenue(sums: dict[str, int], base_currency: str) -> int:
    """Return what was paid in the base currency, in 1e-4 units.

    >>> revenue({"": 5, "GBP": 7, "EUR": 9}, "GBP")
    12
    """
    return sums.get(BASE, 0) + sums.get(base_currency, 0)


def per_order(spent: int, orders: int) -> int:
    """Return the average of an amount in 1e-4 units, rounded half up to cents, in 1e-4 units.

    >>> per_order(5391_2100, 34), per_order(100, 8), per_order(400, 8)
    (1585700, 0, 100)
    """
    return (spent + CENT * orders // 2) // (CENT * orders) * CENT


def _purchases(facts: PurchaseFacts, base_currency: str) -> Fields:
    fields = {
        "lines": str(facts.lines),
        "items": str(facts.items),
        "first_purchase": time_text(facts.first_purchase or 0),
        "last_purchase": time_text(facts.last_purchase or 0),
    }
    fields |= _money("revenue", facts.money, base_currency)
    return fields | _reductions(facts)


def _reductions(facts: PurchaseFacts) -> Fields:
    fields = {}
    if facts.discounted:
        fields["discount_share"] = ratio_text(facts.discounted / facts.lines)
    if facts.couponed:
        fields["coupon_share"] = ratio_text(facts.couponed / facts.lines)
    return fields


def _money(name: str, sums: dict[str, int], base_currency: str) -> Fields:
    """Return a sum in the base currency, and in foreign ones."""
    foreign = sorted(sums.keys() - {BASE, base_currency})[:MAX_CURRENCIES]
    others = {f"{name}.{currency}": money_text(sums[currency]) for currency in foreign}
    return _base(name, sums, base_currency) | others


def _base(name: str, sums: dict[str, int], base_currency: str) -> Fields:
    """Return a sum in the base currency, absent where nothing had a price."""
    priced = BASE in sums or base_currency in sums
    return {name: money_text(revenue(sums, base_currency))} if priced else {}


_SOURCES: Sources = ("purchase",)
_COUNTED = "exact below 256, else 6.3 % standard error"
_KEPT = "exact below 256 orders, else the largest of 256"

ORDERS = TraitGroup(
    (
        Trait("orders", "count", "orders", "distinct orders", "订单数", _SOURCES, _COUNTED),
        Trait(
            "avg_order_value",
            "money",
            "base currency",
            "revenue / orders, foreign ones among these, half up to cents",
            "客单价",
            _SOURCES,
            _COUNTED,
        ),
        Trait(
            "largest_order",
            "money",
            "base currency",
            "most paid for one order",
            "最大订单金额",
            _SOURCES,
            _KEPT,
        ),
    ),
    _orders,
    timeless=True,
    aspects=aspects.ORDERS,
)

VALUE = TraitGroup(
    (
        Trait("lines", "count", "lines", "purchase lines", "购买行数", _SOURCES),
        Trait("items", "count", "items", "quantity bought", "购买件数", _SOURCES),
        Trait("revenue", "money", "base currency", "paid", "消费金额", _SOURCES),
        Trait(
            "revenue.<CUR>",
            "money",
            "that currency",
            "paid in another, the first by code",
            "外币消费",
            _SOURCES,
        ),
        Trait("first_purchase", "time", "UTC", "earliest purchase", "首次购买", _SOURCES),
        Trait("last_purchase", "time", "UTC", "latest purchase", "最近购买", _SOURCES),
        Trait(
            "discount_share",
            "ratio",
            "",
            "lines with a discount / lines",
            "折扣行占比",
            _SOURCES,
            range="0..1",
        ),
        Trait(
            "coupon_share",
            "ratio",
            "",
            "lines with a coupon / lines",
            "用券行占比",
            _SOURCES,
            range="0..1",
        ),
        Trait("returns", "count", "lines", "return lines", "退货行数", _SOURCES),
        Trait("returned_items", "count", "items", "quantity returned", "退货件数", _SOURCES),
        Trait(
            "return_rate", "ratio", "", "return lines / all lines", "退货率", _SOURCES, range="0..1"
        ),
        Trait("refunds", "money", "base currency", "value returned", "退货金额", _SOURCES),
    ),
    _value,
    timeless=True,
    aspects=aspects.NONE,
)
