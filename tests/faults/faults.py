"""The faults by name: each a function of the stage and of chance, in a file of its sort."""

import random
from collections.abc import Callable
from typing import NamedTuple

from tests.faults.stage import Stage

Break = Callable[[Stage, random.Random], None]


class Fault(NamedTuple):
    """Something that goes wrong and is put right again, while events flow."""

    kind: int
    name: str
    run: Break
    wide: bool  # on three brokers and a Redis Cluster


FAULTS: dict[str, Fault] = {}


def fault(kind: int, *, wide: bool = False) -> Callable[[Break], Break]:
    """Register a fault under its function's name; `kind` is that of docs/reliability.md."""

    def register(function: Break) -> Break:
        name = function.__name__
        FAULTS[name] = Fault(kind, name, function, wide)
        return function

    return register


def by_kind(kinds: set[int] | None = None) -> dict[int, list[str]]:
    """Return the names of the faults of each kind, of all or of some kinds."""
    found: dict[int, list[str]] = {}
    for name, each in sorted(FAULTS.items()):
        if kinds is None or each.kind in kinds:
            found.setdefault(each.kind, []).append(name)
    return found
