"""Every field of a profile, computed with pandas from a customer's rows (`readers.Frames`).

It knows the meanings in docs/traits.md and nothing of the code behind them. What is exact is a
text or a Decimal, what is shown with four digits a float; `Within` and `OneOf` are the stated
bounds of what is approximate.
"""

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

import numpy as np
import pandas as pd

DAY_MS = 86_400_000
SECOND_MS = 1000
MOST_SESSION_PAUSE_MS = 30 * 60_000
LIMITS = {"category": (16, 16), "brand": (8, 8), "item": (32, 16)}  # bought, looked at
PURCHASE = 5  # looks
LOOKED_BACK = 64  # days
LEAST_TIE = 2e-3  # looks; weights are counted in units of 3e-5, and lose two an event


class Within(NamedTuple):
    """A number that may be off by so much."""

    true: float
    by: float


class OneOf(NamedTuple):
    """A name that ties with others, or that the bound of the error cannot tell from them."""

    names: frozenset[str]


Expected = str | Decimal | float | Within | OneOf
Fields = dict[str, Expected]
NOTHING = pd.DataFrame({"customer": [], "ts": []})


def expected(rows: Mapping[str, pd.DataFrame], as_of: int, found: Mapping[str, str]) -> Fields:
    """Return every field; `found` is only asked for the bounds of error that a profile states."""
    bought, returned = rows.get("bought", NOTHING), rows.get("returned", NOTHING)
    looked, said = rows.get("looked", NOTHING), rows.get("said", NOTHING)
    fields = _span(pd.concat([each.ts for each in rows.values()]), as_of)
    if len(bought):
        fields |= _bought(bought) | _rhythm(bought) | _windows(bought, as_of) | _prices(bought)
    if len(returned):
        fields |= _returned(returned, len(bought))
    if len(looked):
        fields |= _looked(looked) | _outcomes(looked, bought, as_of)
    if len(bought) or len(looked):
        fields |= _habits(pd.concat([bought.ts, looked.ts])) | _tastes(bought, looked, found)
    if len(said):
        fields |= _said(said)
    if "stated" in rows:
        fields |= _stated(rows["stated"])
    return fields


def time(ms: float) -> str:
    return f"{pd.Timestamp(int(ms), unit='ms').floor('s'):%Y-%m-%dT%H:%M:%SZ}"


def money(units: int) -> Decimal:
    return Decimal(int(units)) / 10_000


def _span(ts: pd.Series, as_of: int) -> Fields:
    return {
        "events": str(len(ts)), "first_seen": time(ts.min()), "last_seen": time(ts.max()),
        "as_of": time(as_of),
    }  # fmt: skip


def _bought(lines: pd.DataFrame) -> Fields:
    orders = lines.order.nunique()
    fields: Fields = {
        "orders": str(orders), "lines": str(len(lines)), "items": str(lines.quantity.sum()),
        "first_purchase": time(lines.ts.min()), "last_purchase": time(lines.ts.max()),
    }  # fmt: skip
    if "units" in lines:
        spent, largest = lines.units.sum(), lines.groupby("order").units.sum().max()
        mean = (money(spent) / orders).quantize(Decimal("0.01"), ROUND_HALF_UP)
        fields |= {"revenue": money(spent)} | _unless_zero(largest_order=money(largest))
        if spent:
            fields["avg_order_value"] = mean
    if "off" in lines:
        shares = {"discount_share": (lines.off > 0).mean(), "coupon_share": lines.coupon.mean()}
        fields |= _unless_zero(**shares)
    return fields


def _unless_zero(**fields: Expected) -> Fields:
    return {name: value for name, value in fields.items() if value}


def _rhythm(lines: pd.DataFrame) -> Fields:
    gaps = pd.Series(np.sort((lines.ts // DAY_MS).unique())).diff().dropna()
    if gaps.empty:
        return {}
    if len(gaps) == 1:
        return {"gap_days.mean": gaps.mean()}
    return {
        "gap_days.mean": gaps.mean(), "gap_days.median": gaps.median(), "gap_days.sd": gaps.std(),
        "regularity": gaps.mean() / (gaps.mean() + gaps.std()),
    }  # fmt: skip


def _windows(lines: pd.DataFrame, as_of: int) -> Fields:
    age = as_of // DAY_MS - lines.ts // DAY_MS
    fields: Fields = {"recency_days": str(age.min())}
    if "units" not in lines:
        return fields
    spent = {days: lines.units[age < days].sum() for days in (7, 30, 90, 180, 365)}
    shown = {f"revenue_{days}d": money(units) for days, units in spent.items() if days != 180}
    if spent[180]:
        fields["revenue_trend"] = (2 * spent[90] - spent[180]) / spent[180]
    return fields | _unless_zero(**shown)


def _prices(lines: pd.DataFrame) -> Fields:
    prices = lines.price[lines.price > 0] if "price" in lines else ()
    if not len(prices):
        return {}
    ranks = {"price.p50": 0.5, "price.p90": 0.9}
    true = {name: np.quantile(prices, q, method="inverted_cdf") for name, q in ranks.items()}
    return {name: Within(price, 0.05 * price) for name, price in true.items()}


def _returned(lines: pd.DataFrame, bought: int) -> Fields:
    return {
        "returns": str(len(lines)), "returned_items": str(lines.quantity.sum()),
        "return_rate": len(lines) / (len(lines) + bought), "refunds": money(lines.units.sum()),
    }  # fmt: skip


def _looked(events: pd.DataFrame) -> Fields:
    ts = events.ts.sort_values()
    visits = ts.groupby((ts.diff() > MOST_SESSION_PAUSE_MS).cumsum()).agg(["min", "max", "size"])
    counts = events.action.value_counts()
    shown = {"view": "views", "search": "searches", "cart_add": "cart_adds"}
    return {shown[action]: str(n) for action, n in counts.items() if action in shown} | {
        "sessions": str(len(visits)), "session.events": visits["size"].mean(),
        "session.seconds": (visits["max"] - visits["min"]).mean() / SECOND_MS,
    }  # fmt: skip


def _outcomes(looked: pd.DataFrame, bought: pd.DataFrame, as_of: int) -> Fields:
    buys = set(bought.ts // DAY_MS)
    days = looked.ts // DAY_MS
    recent = days > days.max() - LOOKED_BACK
    carts = recent & (looked.action == "cart_add")
    visited, filled = (_followed(days[at].unique(), buys, as_of) for at in (recent, carts))
    fields: Fields = {}
    if visited:
        fields["visit_conversion"] = np.mean(visited)
    if filled:
        fields["cart_abandonment"] = 1 - np.mean(filled)
    if len(bought) and bought.ts.min() >= looked.ts.min():
        fields["days_to_purchase"] = (bought.ts.min() - looked.ts.min()) / DAY_MS
    return fields


def _followed(days: "np.ndarray[tuple[int], np.dtype[np.int64]]", buys: set[int], as_of: int):
    """Tell of each day whether a purchase followed, where that is decided."""
    followed = [(day, bool({day, day + 1} & buys)) for day in days.tolist()]
    return [so for day, so in followed if so or day + 1 < as_of // DAY_MS]


def _habits(ts: pd.Series) -> Fields:
    times = pd.to_datetime(ts, unit="ms").dt
    hour, weekday = times.hour.mode().min(), times.day_of_week.mode().min() + 1
    return {"habit.hour": str(hour), "habit.weekday": str(weekday)}


def _tastes(bought: pd.DataFrame, looked: pd.DataFrame, found: Mapping[str, str]) -> Fields:
    fields: Fields = {}
    bounds = []
    for name in ("category", "brand", "item"):
        pairs = list(zip((bought, looked), (PURCHASE, 1), LIMITS[name], strict=True))
        weights = [_weights(rows, name, weight) for rows, weight, _ in pairs]
        whole = pd.concat(weights).groupby(level=0).sum().sort_values(ascending=False)
        if whole.empty:
            continue
        bound = sum(
            each.sum() / limit
            for each, (*_, limit) in zip(weights, pairs, strict=True)
            if len(each) > limit
        )
        if bound and name != "brand":
            bounds.append(bound / whole.sum())
            bound = min(bound, float(found["tastes.error"]) * whole.sum())
        fields |= _places(name, whole, bound)
    if bounds:
        stated = float(found["tastes.error"])
        assert 0 < stated <= max(bounds) * 1.001
        fields["tastes.error"] = stated
    return fields


def _weights(rows: pd.DataFrame, name: str, weight: int) -> pd.Series:
    """Return the decayed weight of each name, in looks at the customer's latest such event."""
    if name not in rows:
        return pd.Series(dtype=float)
    decayed = pd.Series(weight * 0.5 ** ((NOW_MS - rows.ts) / (30 * DAY_MS)), index=rows.index)
    return decayed.groupby(rows[name]).sum()


NOW_MS = pd.Timestamp("2013-01-01").value // 10**6  # any moment: shares do not depend on it


def _places(name: str, whole: pd.Series, bound: float) -> Fields:
    fields: Fields = {}
    tie = LEAST_TIE * whole.iloc[0]
    for place, weight in enumerate(whole.iloc[: 1 if name == "brand" else 2], start=1):
        like = whole.index[(whole - weight).abs() <= 2 * bound + tie]  # either may be off
        shown = "top_brand" if name == "brand" else f"top_{name}.{place}"
        fields[shown] = OneOf(frozenset(like))
    if name == "category":
        share = whole.iloc[0] / whole.sum()
        fields["top_category.share"] = Within(share, bound / whole.sum() + 1e-3)
    if name == "category" and len(whole) > 1 and not bound:
        shares = whole / whole.sum()
        entropy = -(shares * np.log(shares)).sum()
        fields["diversity"] = Within(entropy / np.log(len(whole)), 1e-3)
    return fields


def _said(reviews: pd.DataFrame) -> Fields:
    ratings = reviews.sort_values(["ts", "rating"]).rating
    texts = reviews.text.dropna().str.len()
    fields: Fields = {
        "rating.n": str(ratings.count()), "rating.mean": ratings.mean(),
        "negative_share": (ratings <= 2).mean(),
    }  # fmt: skip
    if len(ratings) > 1:
        weights = 0.5 ** ((reviews.ts.max() - reviews.ts) / (90 * DAY_MS))
        lately = (reviews.rating * weights).sum() / weights.sum()
        fields["rating.sd"] = ratings.std()
        fields["rating.trend"] = Within(lately - ratings.mean(), 0.01)
    if len(texts):
        fields["review_chars"] = texts.mean()
    bad = reviews.ts[reviews.rating <= 2]
    return fields | ({"complaint_at": time(bad.max())} if len(bad) else {})


def _stated(facts: pd.DataFrame) -> Fields:
    ((_, row),) = facts.drop(columns=["customer", "ts"]).iterrows()
    return {f"fact.{name}": value for name, value in row.dropna().items()}
