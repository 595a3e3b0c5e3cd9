"""What a customer bought and gave back."""

from typing import Any, ClassVar

from profiles.sections import aspects
from profiles.sections.facts import Row
from profiles.sections.habits import HabitualFacts
from profiles.sections.monoids import (
    COUNT,
    DAYS,
    EARLIEST,
    LATEST,
    ORDERS,
    TABLE,
    Monoid,
    top,
)
from profiles.sketches import packed, quantiles
from profiles.sketches.decayed import HALF_LIFE_MS, DecayedTop, Weight, weigh
from profiles.sketches.sums import DaySums, OrderSums
from profiles.sketches.tally import Tally
from profiles.sketches.window import id_hash
from schemas.examples import AskedAt

MONEY_SCALE = 10_000
"""Money is summed as integers of 1e-4 currency units, so sums are exact in any order."""

BASE = ""
"""Currency key of events that name none: the shop's base currency."""

TOP_CATEGORIES = 16
TOP_PRODUCTS = 32
DAY_MS = 86_400_000

PRICES = Monoid(dict, quantiles.merged)


class PurchaseFacts(HabitualFacts):
    """Counts, money, distinct orders, purchase days and tastes.

    >>> facts = PurchaseFacts()
    >>> facts.fold({"type": "purchase", "event_id": "1", "order_id": "A", "ts": 0,
    ...             "quantity": 2, "price": 2.55})
    'order'
    >>> facts.lines, facts.items, facts.money
    (1, 2, {'': 51000})
    """

    LAYOUT: ClassVar[dict[str, Monoid]] = HabitualFacts.LAYOUT | {
        "lines": COUNT,
        "items": COUNT,
        "returns": COUNT,
        "returned_items": COUNT,
        "first_purchase": EARLIEST,
        "last_purchase": LATEST,
        "money": TABLE,
        "refunds": TABLE,
        "discounted": COUNT,
        "couponed": COUNT,
        "orders": ORDERS,
        "days": DAYS,
        "categories": top(TOP_CATEGORIES),
        "products": top(TOP_PRODUCTS),
        "prices": PRICES,
    }
    NEEDS: ClassVar[dict[str, int]] = HabitualFacts.NEEDS | {
        "orders": aspects.ORDERS,
        "days": aspects.DAYS,
        "categories": aspects.TASTES,
        "products": aspects.TASTES,
        "prices": aspects.TASTES,
    }
    IDS: ClassVar[tuple[int, int]] = 64, 256
    __slots__ = tuple(LAYOUT.keys() - HabitualFacts.LAYOUT.keys())

    lines: int
    items: int
    returns: int
    returned_items: int
    first_purchase: int | None
    last_purchase: int | None
    money: dict[str, int]
    refunds: dict[str, int]
    discounted: int  # lines
    couponed: int  # lines
    orders: OrderSums  # 1e-4 of the base currency, as are the sums of days
    days: DaySums
    categories: DecayedTop
    products: DecayedTop
    prices: Tally

    @property
    def events(self) -> int:
        """Purchase lines and returns counted."""
        return self.lines + self.returns

    def fold(self, event: dict[str, Any], half_life_ms: int = HALF_LIFE_MS, /) -> AskedAt | None:
        """Count one purchase or return; tell whether it began an order not seen before.

        Without the aspect of orders it cannot tell.
        """
        ts: int = event["ts"]
        keeps = self.keeps
        self.see(ts)
        quantity: int = event.get("quantity", 1)
        amount = amount_of(event)
        if event["type"] == "return":
            self.returns += 1
            self.returned_items += quantity
            _add_money(self.refunds, event, amount)
            return None
        self.lines += 1
        self.items += quantity
        _add_money(self.money, event, amount)
        self._fold_discount(event)
        self._fold_time(ts)
        if keeps & aspects.HABITS:
            self.note(event)
        if keeps & aspects.TASTES:
            self._fold_tastes(event, weigh(ts, half_life_ms))
        paid = 0 if "currency" in event else amount or 0
        if keeps & aspects.DAYS:
            self.days.add((ts // DAY_MS).to_bytes(packed.DAY_WIDTH), paid)
        is_new = keeps & aspects.ORDERS and self._fold_order(event, paid)
        return "order" if is_new else None

    def _fold_discount(self, event: dict[str, Any]) -> None:
        if event.get("discount"):
            self.discounted += 1
        if "coupon" in event:
            self.couponed += 1

    def _fold_tastes(self, event: dict[str, Any], weight: Weight) -> None:
        self.like(event, weight, self.categories, self.products)
        price = event.get("price")
        if price and "currency" not in event:
            quantiles.count(self.prices, price)

    def _fold_time(self, ts: int) -> None:
        if self.first_purchase is None or self.last_purchase is None:
            self.first_purchase = self.last_purchase = ts
        elif ts > self.last_purchase:
            self.last_purchase = ts
        elif ts < self.first_purchase:
            self.first_purchase = ts

    def _fold_order(self, event: dict[str, Any], paid: int) -> bool:
        """Note the order; a line without an order id is an order of its own."""
        order = id_hash(event.get("order_id") or event["event_id"])
        return self.orders.add(order[: packed.ORDER_WIDTH], paid)

    def _fill(self, row: Row) -> None:
        (
            self.first_seen,
            self.last_seen,
            self.clock,
            self.devices,
            self.channels,
            self.brands,
            self.lines,
            self.items,
            self.returns,
            self.returned_items,
            self.first_purchase,
            self.last_purchase,
            self.money,
            self.refunds,
            self.discounted,
            self.couponed,
            self.orders,
            self.days,
            self.categories,
            self.products,
            self.prices,
        ) = row


def amount_of(event: dict[str, Any]) -> int | None:
    """Return what a line came to in 1e-4 units: as sent, else price times quantity.

    >>> amount_of({"price": 2.55, "quantity": 2})
    51000
    >>> amount_of({"price": 0.00125, "quantity": 100_000})
    1250000
    """
    amount = event.get("amount")
    if amount is not None:
        return _scaled(amount)
    price = event.get("price")
    return None if price is None else _total(price, int(event.get("quantity", 1)))


def _total(price: float, quantity: int) -> int:
    scaled = _scaled(price)
    if scaled / MONEY_SCALE == price:  # no finer than a unit: the product of integers is exact
        return scaled * quantity
    return _scaled(price * quantity)


def _scaled(value: float) -> int:
    return round(value * MONEY_SCALE)


def _add_money(sums: dict[str, int], event: dict[str, Any], amount: int | None) -> None:
    if amount is not None:
        currency = event.get("currency", BASE)
        sums[currency] = sums.get(currency, 0) + amount
