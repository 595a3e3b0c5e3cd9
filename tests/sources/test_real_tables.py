"""The shipped mappings on the tables they were written for: each row is accounted for."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from schemas.decode import decode
from schemas.events import Event
from streams.sources import load_mapping, open_source, source_name

DATA = Path(__file__).parents[2] / ".." / "shared" / "data"


@dataclass(frozen=True, slots=True)
class Written:
    value: bytes
    timestamp: int = 0


def decoded(mapping_name: str, file: str) -> Iterator[Event | str]:
    """Every event of a table, or the message that refused it."""
    path = DATA / file
    if not path.is_file():
        pytest.skip(f"needs {file} in ../shared/data")
    mapping = load_mapping(mapping_name)
    to_events = mapping.compile(source_name(str(path)))
    for chunk in open_source(str(path), mapping.source):
        for event in to_events(chunk):
            result = decode(event.kind, [Written(event.payload)], max_future_ms=0)
            yield from (found for _, found in result.accepted)
            yield from (rejected.message for rejected in result.rejected)


def test_online_retail() -> None:
    counts: Counter[str] = Counter()
    ids, customers, cents = set(), set(), 0
    for event in decoded("online_retail", "online_retail.parquet"):
        if isinstance(event, str):
            counts[event.partition(":")[0]] += 1
            continue
        counts[event["type"]] += 1
        ids.add(event["event_id"])
        if event["type"] == "purchase" and event["price"] > 0:
            customers.add(event["customer_id"])
            cents += round(event["price"] * 10_000) * event["quantity"]
    # 10,624 returns of which 8,905 have a customer; 5,225 of the 5,268 duplicates have one
    assert counts == {"customer_id": 135_080, "return": 8_905, "purchase": 397_924}
    assert len(ids) == 406_829 - 5_225
    assert (len(customers), cents) == (4_338, 89_114_079_040)


def test_tmall_keeps_repeated_clicks_apart() -> None:
    events = list(decoded("tmall2014", "tmall2014.csv.gz"))
    assert not [event for event in events if isinstance(event, str)]
    kinds = Counter(event.get("action", event["type"]) for event in events)
    assert kinds == {"view": 174_539, "purchase": 6_984, "favourite": 1_204, "cart_add": 153}
    assert len({event["event_id"] for event in events}) == 182_880
    assert len({event["customer_id"] for event in events}) == 884


def test_amazon_reviews_knows_its_exact_duplicates() -> None:
    events = list(decoded("amazon_reviews", "amazon_all_beauty.json.gz"))
    assert Counter(event["type"] for event in events) == {"feedback": 5_269}
    assert len({event["event_id"] for event in events}) == 4_242
    assert sum("text" in event for event in events) >= 5_264 - 10
    assert {event["rating"] for event in events} == {1.0, 2.0, 3.0, 4.0, 5.0}
