"""Five topics of a shop, folded side by side, give the profiles that its events add up to."""

from collections import defaultdict
from types import SimpleNamespace

import pytest

from profiles.keyspace import Partition
from profiles.stores.memory import MemoryStore
from profiles.traits import Fields
from schemas.decode import decode
from schemas.topics import KINDS
from streams.shop import Shop

from .owners import Owner
from .strategies import DAY_MS, Event

START_MS = 1_700_000_000_000
DAYS = 60
CUSTOMERS = 60

Logs = dict[str, list[Event]]


@pytest.fixture(scope="module")
def shop_logs() -> Logs:
    """Return the valid events of two months, one log of each kind."""
    shop = Shop(seed=3, customers=CUSTOMERS, start_ms=START_MS, duplicates=0.01, malformed=0.0)
    records = defaultdict(list)
    for sent in shop.events(START_MS + DAYS * DAY_MS):
        records[sent.kind].append(SimpleNamespace(value=sent.payload, timestamp=sent.ts))
    return {kind: [event for _, event in decode(kind, records[kind], 0).accepted] for kind in KINDS}


async def built(logs: Logs, size: int) -> dict[str, Fields]:
    """Fold all topics in turns, a batch of each."""
    store = MemoryStore()
    owners = {kind: Owner(store, Partition(kind, 0)) for kind in KINDS}  # type: ignore[arg-type]  # the literals themselves
    for owner in owners.values():
        await owner.resume()
    for end in range(size, max(map(len, logs.values())) + size, size):
        for kind, owner in owners.items():
            owner.updater.forget()  # another worker has written in between
            await owner.take(logs[kind], max(owner.position, min(end, len(logs[kind]))))
    return store.profiles


def by_customer(logs: Logs) -> dict[str, list[Event]]:
    """Return each customer's events once, whatever their kind."""
    found: dict[str, dict[tuple[str, str], Event]] = defaultdict(dict)
    for kind, log in logs.items():
        for event in log:
            found[event["customer_id"]][kind, event["event_id"]] = event
    return {customer: list(events.values()) for customer, events in found.items()}


def of(events: list[Event], type_: str, **wanted: object) -> list[Event]:
    return [
        event
        for event in events
        if event["type"] == type_ and all(event.get(k) == v for k, v in wanted.items())
    ]


def expected(events: list[Event]) -> dict[str, int]:
    """Count a customer's events in the plainest way; nothing is said of what there is none of."""
    now = max(event["ts"] for event in events)
    first_day = (now // DAY_MS - 29) * DAY_MS
    sent = of(events, "touch", action="delivered")
    counts = {
        "events": len(events),
        "rating.n": sum("rating" in event for event in of(events, "feedback")),
        "service.n": len(of(events, "service")),
        "mention.n": len(of(events, "mention")),
        "referrals": len(of(events, "referral")),
        "touch.sent": len(sent),
        "touch.sent_30d": sum(event["ts"] >= first_day for event in sent),
        "touch.opened": len(of(events, "touch", action="open")),
        "touch.clicked": len(of(events, "touch", action="click")),
        "touch.unsubscribed": len(of(events, "touch", action="unsubscribe")),
    }
    return {name: count for name, count in counts.items() if count}


async def test_counts_of_all_topics_are_those_of_the_events(shop_logs: Logs) -> None:
    profiles = await built(shop_logs, 200)
    customers = by_customer(shop_logs)
    assert profiles.keys() == customers.keys()
    names = set()
    for customer, events in customers.items():
        counts = expected(events)
        names |= counts.keys()
        found = {name: int(profiles[customer][name]) for name in counts}
        assert found == counts, customer
        assert not (NAMES - counts.keys()) & profiles[customer].keys()
    assert names == NAMES  # the shop has said something of each


NAMES = {
    "events", "rating.n", "service.n", "mention.n", "referrals", "touch.sent",
    "touch.sent_30d", "touch.opened", "touch.clicked", "touch.unsubscribed",
}  # fmt: skip


async def test_how_topics_interleave_changes_no_profile(shop_logs: Logs) -> None:
    assert await built(shop_logs, 200) == await built(shop_logs, 1_000_000)
