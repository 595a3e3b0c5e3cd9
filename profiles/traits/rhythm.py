"""How regularly a customer buys: the days between purchase days."""

from collections.abc import Sequence
from math import sqrt
from operator import sub

from profiles.sections import aspects
from profiles.traits.catalogue import Context, Fields, Sources, Trait, TraitGroup
from profiles.traits.text import ratio_text
from profiles.view import View


def gap_days(days: list[int]) -> list[int]:
    """Return the days between consecutive purchase days (UTC), oldest first.

    >>> gap_days([3, 4, 11])
    [1, 7]
    """
    return list(map(sub, days[1:], days))


def mean_and_sd(values: Sequence[int]) -> tuple[float, float]:
    """Return mean and sample standard deviation (n - 1) of at least one value.

    >>> mean_and_sd([1, 3])
    (2.0, 1.4142135623730951)
    """
    n, total = len(values), sum(values)
    if n == 1:
        return float(total), 0.0
    squares = n * sum([v * v for v in values]) - total * total  # exact in integers
    return total / n, sqrt(squares / (n * (n - 1)))


def median(values: Sequence[int]) -> float:
    """Return the middle of at least one value, of an even number the mean of the middle two.

    >>> median([5, 1, 3]), median([1, 2])
    (3.0, 1.5)
    """
    ordered = sorted(values)
    middle = len(ordered) // 2
    return (ordered[middle] + ordered[~middle]) / 2


def regularity(mean: float, sd: float) -> float:
    """Return 1 / (1 + sd / mean) of gaps: 1 is clockwork, 0.5 as irregular as chance (our own).

    Purchases at random times (Poisson) have gaps whose deviation is their mean.

    >>> regularity(7, 0), regularity(7, 7)
    (1.0, 0.5)
    """
    return 1 / (1 + sd / mean)


def _rhythm(view: View, _context: Context) -> Fields:
    gaps = gap_days(view.purchase.days.numbers())
    if not gaps:
        return {}
    mean, sd = mean_and_sd(gaps)
    fields = {"gap_days.mean": ratio_text(mean)}
    if len(gaps) > 1:
        fields["gap_days.median"] = ratio_text(median(gaps))
        fields["gap_days.sd"] = ratio_text(sd)
        fields["regularity"] = ratio_text(regularity(mean, sd))
    return fields


_SOURCES: Sources = ("purchase",)
_DAYS = "newest 366 purchase days"
_REGULARITY = "1 / (1 + sd / mean) of these: 1 clockwork, 0.5 chance"


def _gap(name: str, en: str, zh: str) -> Trait:
    return Trait(name, "ratio", "days", en, zh, _SOURCES, _DAYS)


RHYTHM = TraitGroup(
    (
        _gap("gap_days.mean", "between purchase days", "平均购买间隔"),
        _gap("gap_days.median", "middle of these", "购买间隔中位数"),
        _gap("gap_days.sd", "sample deviation of these", "购买间隔标准差"),
        Trait("regularity", "ratio", "", _REGULARITY, "购买规律性", _SOURCES, _DAYS, "0..1"),
    ),
    _rhythm,
    timeless=True,
    aspects=aspects.DAYS,
)
