"""Every field of every profile made of the public tables equals what pandas finds in the rows.

The rows travel as a worker's do: through the shipped mapping, as bytes, through decoding, folding
and deriving. No field may be missing and none may be there that is not expected, so a trait cannot
go untested on data that shows it.
"""

from collections import defaultdict
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

import pandas as pd
import pytest

from profiles.refresh import Refresher
from profiles.stores.memory import MemoryStore
from schemas.topics import event_topic
from tests.worker.stubs import World, batches

from .oracle import DAY_MS, Expected, OneOf, Within, expected, time
from .payloads import payloads
from .readers import TABLES, Frames, Table, lines_of_users

BATCH = 2_000
SILENCE_DAYS = 45
SESSIONS = frozenset({"sessions", "session.events", "session.seconds"})
Profiles = dict[str, dict[str, str]]


class Built(NamedTuple):
    """What pandas reads in a sample of a table, and what a worker makes of it."""

    rows: dict[str, Frames]  # by customer
    world: World
    store: MemoryStore


@pytest.fixture(scope="module", params=TABLES, ids=lambda table: table.mapping)
def sample(request: pytest.FixtureRequest, data: Path, tmp_path_factory) -> tuple[Table, Path]:
    table = request.param
    return table, table.sample(data, tmp_path_factory.mktemp("tables"))


async def built(sample: tuple[Table, Path]) -> Built:
    table, path = sample
    store = MemoryStore()
    world = World(store)
    world.deriver.base_currency = table.currency
    for kind, values in payloads(table.mapping, path).items():
        await world.take(batches(event_topic(kind, ""), 0, values, BATCH))
    rows: dict[str, Frames] = defaultdict(dict)
    for name, frame in table.read(path).items():
        for customer, part in frame.groupby("customer"):
            rows[str(customer)][name] = part
    return Built(rows, world, store)


def hold(built: Built, as_of: int = 0, without: frozenset[str] = frozenset()) -> None:
    assert built.store.profiles.keys() == built.rows.keys()
    for customer, rows in built.rows.items():
        found = built.store.profiles[customer]
        latest = max(int(part.ts.max()) for part in rows.values())
        wanted = expected(rows, max(as_of, latest), found)
        if as_of:  # a profile in which nothing else would change is left as it is
            wanted["as_of"] = OneOf(frozenset(map(time, (latest, max(as_of, latest)))))
        if "tastes.error" in wanted and "diversity" in found:
            wanted["diversity"] = found["diversity"]  # beyond its limit nothing is stated
        assert found.keys() == wanted.keys(), customer
        compared = found.keys() - without
        wrong = {name: found[name] for name in compared if not fits(found[name], wanted[name])}
        assert not wrong, (customer, {name: (wrong[name], wanted[name]) for name in wrong})


def fits(found: str, wanted: Expected) -> bool:
    match wanted:
        case str():
            return found == wanted
        case Decimal():
            return Decimal(found) == wanted
        case OneOf(names):
            return found in names
        case Within(true, by):
            return bool(float(found) == pytest.approx(true, abs=by * 1.0001, rel=6e-4))
    return bool(float(found) == pytest.approx(wanted, rel=6e-4, abs=1e-12))


async def test_every_field_equals_pandas(sample: tuple[Table, Path]) -> None:
    whole = await built(sample)
    assert len(whole.rows) > 100
    assert whole.world.pipeline.counts.rejected == 0
    hold(whole)


async def test_every_field_equals_pandas_after_weeks_of_silence(
    sample: tuple[Table, Path],
) -> None:
    """Windows, recency and outcomes have moved on; nothing else has."""
    whole = await built(sample)
    last = max(part.ts.max() for rows in whole.rows.values() for part in rows.values())
    now = int(pd.Timestamp(last, unit="ms").floor("D").value // 10**6) + SILENCE_DAYS * DAY_MS
    world = whole.world
    refresher = Refresher(whole.store, world.cache, world.deriver, world.standings.stand)
    await refresher.tick(now, 1_000_000)
    hold(whole, as_of=now)


async def test_in_no_order_at_all_only_sessions_differ(data: Path, tmp_path: Path) -> None:
    """Tmall's file is not in order of time, and sessions are of events up to 24 h late."""
    (tmall,) = [table for table in TABLES if table.mapping == "tmall2014"]
    shuffled = tmall._replace(write=lines_of_users(None))
    whole = await built((shuffled, shuffled.sample(data, tmp_path)))
    hold(whole, without=SESSIONS)
