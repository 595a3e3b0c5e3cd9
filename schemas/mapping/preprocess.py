"""What a mapping may ask to be done to a field: `[preprocess.<field>]`, checked as it is read."""

from typing import Annotated, Final, Literal, NamedTuple, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, model_validator
from pydantic import Field as PydanticField

NUMERIC: Final = frozenset(
    {
        "price", "amount", "discount", "quantity", "rating", "score", "duration_seconds",
        "age", "income", "household_size",
    }
)  # fmt: skip
WHOLE: Final = frozenset({"quantity", "age", "household_size"})
_FACTS: Final = frozenset({"age", "income", "household_size"})
_ENVELOPE: Final = frozenset({"event_id", "customer_id", "ts"})
_SEVERAL: Final = frozenset({"interests", "consent"})  # values that are no single word or number

DEFAULT_AFTER: Final = 100
"""Values seen before outliers are judged; quartiles of fewer would be mostly chance."""


STRICT: Final = ConfigDict(extra="forbid", frozen=True, strict=True)
"""Every part of a mapping: no unknown keys, no conversions."""


class _Strict(BaseModel):
    model_config = STRICT


class Missing(_Strict):
    """What takes the place of an absent value: the event goes, or something is put in."""

    way: Literal["drop", "leave", "mean", "median", "mode"] | None = None
    default: str | int | float | bool | None = None

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        if (self.way is None) == (self.default is None):
            raise ValueError("expected drop, leave, mean, median, mode or { default = ... }")
        return self


class Outliers(_Strict):
    """Which values are far out, and what becomes of them.

    `fence`: beyond the quartiles by more than so many times their distance (Tukey, 1977; 1.5 is
    usual). `robust_z`: 0.6745 times the distance from the median over the median absolute
    deviation is more than this (Iglewicz and Hoaglin, 1993; 3.5 is usual).
    """

    fence: Annotated[float, PydanticField(gt=0)] | None = None
    robust_z: Annotated[float, PydanticField(gt=0)] | None = None
    action: Literal["flag", "clip", "reject"]
    after: Annotated[int, PydanticField(ge=4)] = DEFAULT_AFTER

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        if (self.fence is None) == (self.robust_z is None):
            raise ValueError("expected one of fence, robust_z")
        return self


def _named_way(value: object) -> object:
    return {"way": value} if isinstance(value, str) else value


class FieldSpec(_Strict):
    """What is done to one field, in this order: outliers, missing values, normalization."""

    missing: Annotated[Missing, BeforeValidator(_named_way)] = Missing(way="leave")
    outliers: Outliers | None = None
    normalize: Literal["min_max", "z_score", "log"] | None = None


class Objection(NamedTuple):
    """Why a field cannot have what is asked for it."""

    key: str
    value: object
    expected: str


def objection(field: str, spec: FieldSpec) -> Objection | None:
    """Say what does not fit the field; None if all does.

    >>> objection("brand", FieldSpec(missing=Missing(way="mean"))).expected
    'drop, leave, default, mode'
    """
    ways = _ways(field)
    if (spec.missing.way or "default") not in ways:
        return Objection("missing", spec.missing.way or spec.missing.default, ", ".join(ways))
    if spec.outliers is not None and field not in NUMERIC:
        return Objection("outliers", field, f"one of {', '.join(sorted(NUMERIC))}")
    if spec.normalize is not None and field not in _FACTS:
        return Objection("normalize", field, f"one of {', '.join(sorted(_FACTS))}")
    return None


def _ways(field: str) -> tuple[str, ...]:
    if field in _ENVELOPE:  # nobody else's will do
        return ("drop", "leave")
    if field in _SEVERAL:
        return ("drop", "leave", "default")
    numeric = ("mean", "median") if field in NUMERIC else ()
    return ("drop", "leave", "default", "mode", *numeric)
