"""A visit: a session of browsing, perhaps an order, and what follows from the order."""

from collections.abc import Iterator
from random import Random
from typing import Any, Final

from streams.shop.catalogue import Item
from streams.shop.customer import Customer
from streams.shop.kinds import DAY_MS
from streams.shop.relations import Draft, after_order, campaign
from streams.shop.words import write

MOST_VIEWS: Final = 25  # at most a minute each, so a visit stays below half an hour
STEP_MS: Final = (5_000, 60_000)
SEARCHES: Final = 0.3
LIKES: Final = 0.08
REGRETS: Final = 0.05  # of what was put into the cart is taken out again
TEMPTED: Final = 0.25  # of the visits without an order still fill the cart
MOST_LINES: Final = 60
RETURN_DAYS: Final = (2, 14)
FEEDBACK_DAYS: Final = (1, 7)
WORDLESS: Final = 0.2
DISCOUNT_FROM: Final = 0.95  # of the list price; what is dearer is not called reduced
COUPONS: Final = 0.5  # of the lines at less than COUPON_FROM of the list price
COUPON_FROM: Final = 0.85
COUPON_DAYS: Final = 30

# whoever fades buys less, sends back more and is less content
FADED_BUYS: Final = 0.5
FADED_RETURNS: Final = 5.0
FADED_RATING: Final = 2.0
RATING_SPREAD: Final = 0.8
_REASONS: Final = ("damaged", "does not fit", "not as described", "changed my mind")


def visit(customer: Customer, ts: int, rng: Random, extras: Random) -> Iterator[Draft]:
    """Draw all events of a visit that begins at `ts`, those of the days after it included.

    What visits and orders do not depend on is drawn from `extras`, so that it cannot change them.
    """
    if ts == customer.joined_ms:
        yield "customer", ts, {"type": "customer", **customer.facts(rng)}
    fades = customer.fades(ts)
    buys = rng.random() < customer.kind.buys * (FADED_BUYS if fades else 1.0)
    basket = _basket(customer, rng) if buys or rng.random() < TEMPTED else []
    at = ts
    for action, fields in _session(customer, basket, rng):
        at += rng.randrange(*STEP_MS)
        if action == "view":
            fields = {**fields, "duration_seconds": round(extras.lognormvariate(2.7, 0.8), 1)}
        yield "browse", at, {"type": "browse", "action": action, **fields}
    if buys:
        at += rng.randrange(*STEP_MS)
        yield from _order(customer, basket, at, fades, rng, extras)
        yield from after_order(customer, at, fades, extras)
    yield from campaign(customer, at, fades, extras)


def _basket(customer: Customer, rng: Random) -> list[Item]:
    size = min(MOST_LINES, 1 + int(rng.expovariate(1 / customer.kind.lines)))
    return [customer.look(rng) for _ in range(size)]


def _session(
    customer: Customer, basket: list[Item], rng: Random
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Draw the clicks: action and fields. Only the first few lines of a basket are clicked."""
    place = {"channel": customer.channel, "device": customer.device}
    if rng.random() < SEARCHES:
        yield "search", {"query": customer.look(rng).item_name, **place}
    for _ in range(min(MOST_VIEWS, 1 + int(rng.expovariate(1 / customer.kind.views)))):
        item = _click(customer.look(rng), place)
        yield "view", item
        if rng.random() < LIKES:
            yield "favourite", item
    for chosen in basket[:MOST_VIEWS]:
        item = _click(chosen, place)
        yield "cart_add", item
        if rng.random() < REGRETS:
            yield "cart_remove", item


def _click(item: Item, place: dict[str, Any]) -> dict[str, Any]:
    return {"item_id": item.item_id, "category": item.category, "brand": item.brand, **place}


def _order(
    customer: Customer, basket: list[Item], ts: int, fades: bool, rng: Random, extras: Random
) -> Iterator[Draft]:
    customer.orders += 1
    order_id = f"{customer.id}-{customer.orders}"
    returns = customer.kind.returns * (FADED_RETURNS if fades else 1.0)
    for item in basket:
        line = _line(customer, item, order_id, rng)
        line |= _terms(item, line, ts, extras)
        yield "purchase", ts, {"type": "purchase", **line}
        if rng.random() < returns:
            reason = rng.choice(_REASONS)
            yield (
                "purchase",
                _later(ts, RETURN_DAYS, rng),
                {"type": "return", **line, "reason": reason},
            )
    if rng.random() < customer.kind.speaks:
        about = {"item_id": basket[0].item_id, "category": basket[0].category}
        said = _opinion(customer, fades, rng) | about | {"order_id": order_id}
        yield "feedback", _later(ts, FEEDBACK_DAYS, rng), {"type": "feedback", **said}


def _line(customer: Customer, item: Item, order_id: str, rng: Random) -> dict[str, Any]:
    discount = customer.kind.pays * (0.9 + 0.2 * rng.random())
    return {
        "order_id": order_id,
        **item._asdict(),
        "quantity": 1 + int(rng.expovariate(1 / (customer.kind.quantity - 0.5))),
        "price": round(item.price * discount, 2),
        "channel": customer.channel,
        **({} if customer.channel == "store" else {"device": customer.device}),
    }


def _terms(item: Item, line: dict[str, Any], ts: int, extras: Random) -> dict[str, Any]:
    """What was taken off the list price, and the coupon that may have done it."""
    if line["price"] > DISCOUNT_FROM * item.price:
        return {}
    discount = round((item.price - line["price"]) * line["quantity"], 2)
    with_coupon = line["price"] < COUPON_FROM * item.price and extras.random() < COUPONS
    coupon = {"coupon": f"save-{ts // (COUPON_DAYS * DAY_MS)}"} if with_coupon else {}
    return {"discount": discount, **coupon}


def _opinion(customer: Customer, fades: bool, rng: Random) -> dict[str, Any]:
    mean = customer.kind.rating - (FADED_RATING if fades else 0.0)
    rating = min(5, max(1, round(rng.gauss(mean, RATING_SPREAD))))
    if rng.random() < WORDLESS:
        return {"rating": rating}
    return {"rating": rating, "text": write(rng, customer.language, rating)}


def _later(ts: int, days: tuple[int, int], rng: Random) -> int:
    return ts + int(rng.uniform(*days) * DAY_MS)
