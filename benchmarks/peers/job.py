"""The peers' job: what each customer has bought so far, as one value in Redis.

Of every purchase count: lines, items (quantity), revenue (1e-4 of the currency, so that sums are
exact), first and last purchase (epoch ms). The value is JSON at the key `customer:<id>`.
docs/performance.md says the same in words; `benchmarks.performance` compares the result of every
program with this fold.
"""

from typing import Any

import orjson

MONEY_SCALE = 10_000
FIELDS = ("lines", "items", "revenue", "first", "last")

decode = orjson.loads
encode = orjson.dumps


def fold(state: dict[str, int] | None, event: dict[str, Any]) -> dict[str, int]:
    """Return a customer's state after one more purchase; the one given may be changed."""
    quantity, ts = event["quantity"], event["ts"]
    spent = round(event["price"] * MONEY_SCALE) * quantity
    if state is None:
        return dict(zip(FIELDS, (1, quantity, spent, ts, ts), strict=True))
    state["lines"] += 1
    state["items"] += quantity
    state["revenue"] += spent
    if ts < state["first"]:
        state["first"] = ts
    if ts > state["last"]:
        state["last"] = ts
    return state


def key(customer: str) -> str:
    """Return the Redis key of a customer."""
    return f"customer:{customer}"
