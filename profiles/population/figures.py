"""What is known about the population: plain data, and its JSON."""

from dataclasses import dataclass

from pydantic import TypeAdapter


@dataclass(frozen=True, slots=True)
class Histogram:
    """`counts[i]` values lie in `edges[i]` <= value < `edges[i + 1]`; the last bin has both ends.

    With `log`, edges grow by a constant factor; zeros, if any, have the first bin for themselves.
    """

    edges: list[float]
    counts: list[int]
    log: bool


@dataclass(frozen=True, slots=True)
class Numbers:
    """Figures of a numeric trait; times are in seconds since 1970.

    Quantiles interpolate linearly (type 7 of Hyndman and Fan, 1996). Variance and sd are those of
    a sample (n - 1), skewness is the adjusted G1 (Joanes and Gill, 1998); None where too few or
    equal values leave them undefined.
    """

    mean: float
    quantiles: dict[str, float]
    min: float
    max: float
    variance: float | None
    sd: float | None
    skewness: float | None
    histogram: Histogram

    @property
    def median(self) -> float:
        """The middle value."""
        return self.quantiles["p50"]


@dataclass(frozen=True, slots=True)
class Categories:
    """How often the commonest values of a text occur, all `others` together, and how many kinds."""

    distinct: int
    counts: dict[str, int]
    others: int


@dataclass(frozen=True, slots=True)
class Figures:
    """One field: `n` customers have it, the share `missing` (0..1) has not.

    All other figures are of those who have it: `numbers`, `categories` of a text, or the `share`
    (0..1) for whom a flag is true.
    """

    trait: str
    type: str
    unit: str
    n: int
    missing: float
    numbers: Numbers | None = None
    categories: Categories | None = None
    share: float | None = None


@dataclass(frozen=True, slots=True)
class Correlation:
    """How two numeric fields go together among the `n` customers who have both.

    `pearson` is linear, `spearman` that of the ranks each has within its field; -1..1.
    """

    a: str
    b: str
    n: int
    pearson: float
    spearman: float

    @property
    def strength(self) -> float:
        """The greater of both, without sign."""
        return max(abs(self.pearson), abs(self.spearman))


@dataclass(frozen=True, slots=True)
class Population:
    """Figures of every field found in a sample of profiles, as of `at` (event time, ms).

    `customers` is how many there are altogether, as estimated from the `sampled`. `unreadable`
    counts fields whose text is not of their trait's type; they count as missing. `version` is
    given when it is stored.
    """

    at: int
    sampled: int
    customers: int
    unreadable: int
    figures: dict[str, Figures]
    correlations: list[Correlation]
    version: int = 0

    def correlations_of(self, field: str) -> list[Correlation]:
        """Return the strongest correlations of one field, the strongest first."""
        return [each for each in self.correlations if field in (each.a, each.b)]


_ADAPTER = TypeAdapter(Population)


def encode(population: Population) -> bytes:
    """Return a population as JSON."""
    return _ADAPTER.dump_json(population)


def decode(text: bytes) -> Population:
    """Read what `encode` wrote."""
    return _ADAPTER.validate_json(text)
