"""Public fields in parts, group by group of traits, so that what has not changed is not touched."""

from itertools import chain, zip_longest

Fields = dict[str, str]
"""Public fields by name; every value is text of at most 64 bytes."""

Parts = list[Fields]
"""The public fields of one customer by group, in the catalogue's order; no field is in two."""


def joined(parts: Parts) -> Fields:
    """Return the fields of all groups together.

    >>> joined([{"orders": "3"}, {}, {"habit.hour": "8"}])
    {'orders': '3', 'habit.hour': '8'}
    """
    return dict(chain.from_iterable([part.items() for part in parts]))


def difference(before: Parts, after: Parts) -> tuple[Fields, list[str]]:
    """Return the fields that are new or have changed, and the names of those that have ended.

    A part that was kept is the same object and costs nothing.

    >>> difference([{"orders": "3", "returns": "1"}, {}], [{"orders": "4"}, {"habit.hour": "8"}])
    ({'orders': '4', 'habit.hour': '8'}, ['returns'])
    """
    changed: Fields = {}
    ended: list[str] = []
    nothing: Fields = {}
    for old, new in zip_longest(before, after, fillvalue=nothing):
        if old is not new:
            changed |= {name: text for name, text in new.items() if old.get(name) != text}
            ended += [name for name in old if name not in new]
    return changed, ended
