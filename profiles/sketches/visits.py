"""Days of visits, and of filled carts, as bits: the newest 64 days (UTC).

A list `[newest day, visits, carts]`, days since 1970-01-01; bit i stands for i days before the
newest. It is empty before any event and never changed in place. What is dropped is `DAYS` or more
before the newest day of all, so merging is exact, associative and commutative.
"""

DAY_MS = 86_400_000

DAYS = 64
"""Days looked back on, the newest visit's being one of them."""

_MASK = (1 << DAYS) - 1

Visits = list[int]


def visited(visits: Visits, ts: int, *, cart: bool) -> Visits:
    """Return `visits` with one on the day of `ts` (ms), where something was put into the cart.

    >>> visited(visited([], DAY_MS, cart=True), 3 * DAY_MS, cart=False)
    [3, 5, 4]
    """
    day = ts // DAY_MS
    if visits and visits[0] == day and (not cart or visits[2] & 1):  # the usual case
        return visits
    return merged(visits, [day, 1, int(cart)])


def merged(a: Visits, b: Visits) -> Visits:
    """Return the visits of both.

    >>> merged([3, 1, 0], [1, 1, 1])
    [3, 5, 4]
    """
    if not a or not b:
        return a or b
    old, new = sorted((a, b))
    shift = min(new[0] - old[0], DAYS)
    return [new[0], new[1] | old[1] << shift & _MASK, new[2] | old[2] << shift & _MASK]


def shares_followed(visits: Visits, purchase_days: list[int], today: int) -> list[float | None]:
    """Return which share of the visits' days, and of the carts', were followed by a purchase.

    That is one on the same day or the next. A day on which it may still happen (`today` is at most
    the day after) does not count; None where no day does.

    >>> shares_followed([9, 0b1101, 0b0100], purchase_days=[6], today=9)  # visits on 9, 7 and 6
    [0.5, 0.0]
    """
    newest, *asked = visits
    bought = 0
    for day in purchase_days:
        age = newest - day
        if -1 <= age < DAYS:
            bought |= 3 << (age + 1) >> 1  # that day, and a visit on the day before it
    pending = (1 << max(0, newest + 2 - today)) - 1
    decided = [days & (bought | ~pending) for days in asked]
    return [(days & bought).bit_count() / days.bit_count() if days else None for days in decided]
