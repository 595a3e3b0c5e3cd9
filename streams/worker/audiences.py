"""Sorting all customers into the audiences of their segments, from time to time."""

from collections import Counter
from collections.abc import Iterable
from uuid import uuid4

import structlog

from profiles.audiences.history import date_of, moves_of, noted
from profiles.audiences.store import AudienceStore, Placed

log = structlog.get_logger()


async def sort_customers(store: AudienceStore) -> None:
    """Read every profile's segment, and replace the audiences by what was found."""
    build = uuid4().hex  # several may be at it if one was frozen; the last one wins, whole
    days = await store.days()
    known = list(days[-1].sizes) if days else []
    found: set[str] = set()
    dates: Counter[str] = Counter()
    moves: Counter[tuple[str, str]] = Counter()
    async for placed in store.walk():
        await store.keep(build, found)  # also what this chunk adds nobody to
        before = await store.segments_before([each.customer for each in placed], known)
        moves.update(moves_of(before, [each.segment for each in placed]))
        dates.update(each.as_of[:10] for each in placed if each.as_of)
        for name, customers in _by_segment(placed).items():
            await store.collect(build, name, customers)
            found.add(name)
    sizes = {name: await store.replace(build, name) for name in sorted(found)}
    for name in set(known) - found:
        await store.remove(name)
    if dates:
        await store.note(noted(days, date_of(dates), sizes, moves))
    log.debug("audiences replaced", sizes=sizes)


def _by_segment(placed: Iterable[Placed]) -> dict[str, list[str]]:
    members: dict[str, list[str]] = {}
    for each in placed:
        if each.segment is not None:
            members.setdefault(each.segment, []).append(each.customer)
    return members
