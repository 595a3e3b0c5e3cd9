"""The shipped mappings on the tables they were written for: each row is accounted for."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest

from schemas.decode import decode
from schemas.events import Event
from streams.sources import load_mapping, open_source, source_name

DATA = Path(__file__).parents[2] / ".." / "shared" / "data"


@dataclass(frozen=True, slots=True)
class Written:
    value: bytes
    timestamp: int = 0


def table_path(file: str) -> Path:
    path = DATA / file
    if not path.is_file():
        pytest.skip(f"needs {file} in ../shared/data")
    return path


def decoded(mapping_name: str, file: str) -> Iterator[Event | str]:
    """Every event of a table, or the message that refused it."""
    path = table_path(file)
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


def test_cdnow_keeps_what_each_purchase_cost() -> None:
    events = [
        event for event in decoded("cdnow", "cdnow_sample.txt.gz") if not isinstance(event, str)
    ]
    assert len({event["event_id"] for event in events}) == 6_919
    assert len({event["customer_id"] for event in events}) == 2_357
    assert sum(round(event["amount"] * 100) for event in events) == 24_409_194
    assert sum(event["amount"] == 0 for event in events) == 8
    assert sum(event["quantity"] for event in events) == 16_479


def test_completejourney_has_exact_amounts_and_discounts() -> None:
    table = pd.read_csv(table_path("completejourney.csv.gz"))
    events = list(decoded("completejourney", "completejourney.csv.gz"))
    assert not [event for event in events if isinstance(event, str)]
    lines = pd.DataFrame(events)
    assert len(lines) == lines["event_id"].nunique() == 75_000
    assert (lines["customer_id"].nunique(), lines["order_id"].nunique()) == (2_377, 47_243)
    assert lines["amount"].to_list() == table["sales_value"].to_list()
    taken_off = table[["retail_disc", "coupon_disc", "coupon_match_disc"]].sum(axis=1)
    assert (lines["discount"] - taken_off).abs().max() < 1e-9
    assert (lines["coupon"].notna() == (table["coupon_disc"] > 0)).all()
    assert (lines["quantity"] == table["quantity"].clip(lower=1)).all()
    assert (lines["category"].isna() == table["product_category"].isna()).all()


def test_completejourney_demographics_are_facts_of_known_households() -> None:
    events = list(decoded("completejourney_demographics", "completejourney_demographics.csv.gz"))
    assert Counter(event["type"] for event in events if not isinstance(event, str)) == {
        "customer": 801
    }
    first = next(event for event in events if event["customer_id"] == "1")
    assert {k: v for k, v in first.items() if k not in ("event_id", "type", "customer_id")} == {
        "ts": 1_483_228_800_000, "age": "65+", "income": "35-49K", "marital_status": "Married",
        "household_size": 2,
    }  # fmt: skip
