"""The features of a customer at a moment: the numbers that models see.

Names, units and order are the catalogue's (`profiles.learning.features.FEATURES`). Everything is
as of a given event time and from the sections alone, so a question carries what was known when it
was asked.
"""

from bisect import bisect_right

from profiles.learning.features import LONGEST_GAP_DAYS
from profiles.sections.browse import ACTIVITY_HALF_LIFE_MS
from profiles.sections.feedback import RATING_SCALE, FeedbackFacts
from profiles.sections.purchase import DAY_MS, MONEY_SCALE, PurchaseFacts
from profiles.sketches.decayed import heaviest
from profiles.traits.rhythm import gap_days, mean_and_sd
from profiles.traits.tastes import both
from profiles.traits.value import order_count, revenue
from profiles.view import View

NEUTRAL_RATING = 3.0
HALF_LIVES_DAYS = (7, 30, 90)

OLDEST_DAYS = 3650
"""Days that are as old count nothing."""

_DECAYS = [[2.0 ** (-age / life) for age in range(OLDEST_DAYS)] for life in HALF_LIVES_DAYS]
"""Weights by half-life and age in days."""

MOST_TASTES = 5


def features(view: View, as_of: int, base_currency: str) -> list[float]:
    """Return the feature vector of a customer as of `as_of` (ms).

    >>> len(features(View.of([]), 0, "GBP"))
    17
    """
    days = view.purchase.days.numbers()
    return [
        *_volume(view.purchase, base_currency),
        *_rhythm(view.purchase, days, as_of),
        *_intensity(days, as_of),
        _returns_share(view.purchase),
        *_browsing(view, as_of),
        _mean_rating(view.feedback),
        _silence(view, as_of),
    ]


def tastes(view: View) -> dict[str, float]:
    """Return the heaviest categories and their shares of what was looked at and bought.

    >>> tastes(View.of([]))
    {}
    """
    weights = both(view.browse.categories, view.purchase.categories).weights
    if not weights:
        return {}
    total = sum(weights.values())
    return {name: round(weights[name] / total, 4) for name in heaviest(weights, MOST_TASTES)}


def _volume(facts: PurchaseFacts, base_currency: str) -> tuple[float, float, float, float]:
    orders = order_count(facts)
    spent = revenue(facts.money, base_currency) / MONEY_SCALE
    items_per_order = facts.items / orders if orders else 0.0
    return float(orders), spent, items_per_order, float(len(facts.products.weights))


def _rhythm(
    facts: PurchaseFacts, days: list[int], as_of: int
) -> tuple[float, float, float, float, float]:
    """Return last, mean and sd of the gaps between purchase days, tenure and recency, in days."""
    if facts.first_purchase is None or facts.last_purchase is None:
        return LONGEST_GAP_DAYS, 0.0, 0.0, 0.0, LONGEST_GAP_DAYS
    tenure = max(0.0, (as_of - facts.first_purchase) / DAY_MS)
    recency = max(0.0, (as_of - facts.last_purchase) / DAY_MS)
    gaps = gap_days(days)
    if not gaps:
        return LONGEST_GAP_DAYS, 0.0, 0.0, tenure, recency
    mean, sd = mean_and_sd(gaps)
    return min(float(gaps[-1]), LONGEST_GAP_DAYS), mean, sd, tenure, recency


def _intensity(days: list[int], as_of: int) -> list[float]:
    """Return the forward-decayed numbers of purchase days, one per half-life."""
    today = as_of // DAY_MS
    counting = days[bisect_right(days, today - OLDEST_DAYS) : bisect_right(days, today)]
    ages = [today - day for day in counting]
    return [sum(map(decay.__getitem__, ages)) for decay in _DECAYS]


def _returns_share(facts: PurchaseFacts) -> float:
    return facts.returns / facts.events if facts.events else 0.0


def _browsing(view: View, as_of: int) -> tuple[float, float]:
    """Return forward-decayed views and cart adds (half-life 30 days)."""
    activity = view.browse.activity
    if not activity.weights:
        return 0.0, 0.0
    newest = max(as_of, view.browse.last_seen or 0)  # decay never lets an event weigh more than 1
    scale = activity.scale(newest, ACTIVITY_HALF_LIFE_MS)
    return activity.weights.get("v", 0) * scale, activity.weights.get("c", 0) * scale


def _mean_rating(facts: FeedbackFacts) -> float:
    return facts.rating_sum / facts.ratings / RATING_SCALE if facts.ratings else NEUTRAL_RATING


def _silence(view: View, as_of: int) -> float:
    """Return the days since the customer did anything at all."""
    if view.last_seen is None:
        return LONGEST_GAP_DAYS
    return max(0.0, (as_of - view.last_seen) / DAY_MS)
