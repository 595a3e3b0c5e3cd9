"""The shop is deterministic, well-formed and in order; its customers are as they are said to be."""

from collections import Counter, defaultdict
from itertools import islice, pairwise
from types import SimpleNamespace

import orjson
import pytest

from schemas.decode import decode
from schemas.topics import KINDS as TOPIC_KINDS
from streams.shop import KINDS, Shop, ShopError
from streams.shop.kinds import DAY_MS

START = 1_704_067_200_000  # 2024-01-01
SEED, CUSTOMERS, DAYS = 11, 150, 120
END = START + DAYS * DAY_MS
HORIZON_MS = 30 * DAY_MS


def shop(**settings):
    return Shop(**{"seed": SEED, "customers": CUSTOMERS, "start_ms": START} | settings)


def run(made, until=END):
    return list(made.events(until))


@pytest.fixture(scope="module")
def spotless():
    """A shop without faults, run to its end, and what it sent."""
    made = shop(duplicates=0, malformed=0)
    return made, run(made)


@pytest.fixture(scope="module")
def payloads(spotless):
    return [orjson.loads(sent.payload) for sent in spotless[1]]


def test_the_same_seed_gives_the_same_events_and_another_seed_others():
    until = START + 10 * DAY_MS
    assert run(shop(), until) == run(shop(), until)
    ids = {sent.payload for sent in run(shop(), until)}
    assert not ids & {sent.payload for sent in run(shop(seed=SEED + 1), until)}


def test_how_the_time_is_cut_into_calls_changes_nothing():
    made = shop()
    parts = [made.events(START + hours * 3_600_000) for hours in range(7, 10 * 24, 7)]
    pieces = [sent for part in parts for sent in part] + run(made, START + 10 * DAY_MS)
    assert pieces == run(shop(), START + 10 * DAY_MS)


def test_a_caller_that_stops_early_loses_nothing():
    made = shop()
    first = list(islice(made.events(END), 100))
    assert first + list(islice(made.events(END), 100)) == list(islice(shop().events(END), 200))


def test_events_come_in_time_order_and_before_the_end(spotless):
    times = [sent.ts for sent in spotless[1]]
    assert all(earlier <= later for earlier, later in pairwise(times))
    assert START <= times[0] <= times[-1] < END


@pytest.mark.parametrize("kind", TOPIC_KINDS)
def test_every_well_formed_event_is_valid_in_its_topic(spotless, kind):
    sent = [sent for sent in spotless[1] if sent.kind == kind]
    records = [SimpleNamespace(value=each.payload, timestamp=each.ts) for each in sent]
    decoded = decode(kind, records, max_future_ms=0)
    assert len(sent) > 50
    assert not decoded.rejected
    assert [event["customer_id"] for _, event in decoded.accepted] == [e.customer_id for e in sent]


def test_faults_are_additional_and_all_of_them_are_noticed(spotless):
    """Without its faults a shop sends what it sends; malformed records are rejected."""
    sent = run(shop(duplicates=0.02, malformed=0.02))
    good = {each.payload for each in spotless[1]}
    repeated = len([each for each in sent if each.payload in good]) - len(good)
    broken = [each for each in sent if each.payload not in good]
    assert repeated == pytest.approx(0.02 * len(good), rel=0.3)
    assert len(broken) == pytest.approx(0.02 * len(good), rel=0.3)
    for each in broken:
        record = SimpleNamespace(value=each.payload, timestamp=each.ts)
        assert decode(each.kind, [record], max_future_ms=0).rejected, each.payload


def test_event_ids_are_unique(payloads):
    assert len({event["event_id"] for event in payloads}) == len(payloads)


def test_everybody_signs_up_first_and_once(payloads):
    events = defaultdict(list)
    for event in payloads:
        events[event["customer_id"]].append(event["type"])
    assert all(types[0] == "customer" and types.count("customer") == 1 for types in events.values())


def test_customers_behave_as_their_kind_says(spotless, payloads):
    """Visits are seldom seen as such, so orders a day and lines an order are compared."""
    made, _ = spotless
    lines = defaultdict(Counter)
    for event in payloads:
        if event["type"] == "purchase":
            lines[event["customer_id"]][event["order_id"]] += 1
    for kind in (kind for kind in KINDS if kind.name in ("loyal", "bargain_hunter", "browser")):
        truths = {c: made.truth(c) for c in {e["customer_id"] for e in payloads}}
        members = [c for c, truth in truths.items() if truth.kind == kind.name]
        days = sum(((truths[c].left_ms or END) - truths[c].joined_ms) / DAY_MS for c in members)
        orders = [count for c in members for count in lines[c].values()]
        assert len(orders) / days == pytest.approx(kind.visits_per_day * kind.buys, rel=0.3)
        assert sum(orders) / len(orders) == pytest.approx(kind.lines + 0.5, rel=0.3)


def test_whoever_has_left_does_not_order_again(spotless, payloads):
    made, _ = spotless
    left = {c: made.truth(c).left_ms for c in {event["customer_id"] for event in payloads}}
    orders = [e for e in payloads if e["type"] == "purchase" and left[e["customer_id"]]]
    hour_ms = 3_600_000  # a visit that has begun is ended
    assert orders
    assert all(order["ts"] < left[order["customer_id"]] + hour_ms for order in orders)


def test_those_who_leave_are_replaced():
    made = shop(duplicates=0, malformed=0)
    everybody = {sent.customer_id for sent in run(made, START + 300 * DAY_MS)}
    staying = [c for c in everybody if made.truth(c).left_ms is None]
    assert len(everybody) > 1.5 * CUSTOMERS
    assert len(staying) == pytest.approx(CUSTOMERS, rel=0.25)


def test_staying_away_can_be_foreseen(payloads):
    """AUC of one plain rule, orders of the 60 days before: models have something to learn."""
    orders = defaultdict(list)
    for event in payloads:
        if event["type"] == "purchase" and event["ts"] not in orders[event["customer_id"]]:
            orders[event["customer_id"]].append(event["ts"])
    away, back = [], []
    for times in orders.values():
        for number, asked in enumerate(times):
            if START + 2 * HORIZON_MS <= asked < END - HORIZON_MS:
                recent = sum(asked - ts < 2 * HORIZON_MS for ts in times[: number + 1])
                later = times[number + 1 : number + 2]
                (back if later and later[0] - asked <= HORIZON_MS else away).append(recent)
    wins = sum((a < b) + 0.5 * (a == b) for a in away for b in back)
    assert wins / (len(away) * len(back)) > 0.75


def test_lines_below_the_list_price_say_what_was_taken_off(payloads):
    lines = [event for event in payloads if event["type"] == "purchase"]
    reduced = [line for line in lines if "discount" in line]
    assert 0.2 < len(reduced) / len(lines) < 0.8
    assert all(line["discount"] > 0 for line in reduced)
    assert 0.02 < sum("coupon" in line for line in lines) / len(lines) < 0.2
    assert not [line for line in lines if "coupon" in line and "discount" not in line]


def test_service_talk_and_referrals_are_few_beside_the_orders(payloads):
    counts = Counter(event["type"] for event in payloads)
    orders = len({event["order_id"] for event in payloads if event["type"] == "purchase"})
    assert 0.03 < counts["service"] / orders < 0.3
    assert 0 < counts["mention"] < counts["service"]
    assert 0 < counts["referral"] < counts["service"]


def test_campaigns_reach_only_who_agreed(payloads):
    agreed, actions = set(), Counter()
    for event in payloads:
        if event["type"] == "customer" and event["consent"]["marketing"]:
            agreed.add(event["customer_id"])
        if event["type"] == "touch":
            assert event["customer_id"] in agreed
            actions[event["action"]] += 1
    assert actions["delivered"] > actions["open"] > actions["click"] > actions["unsubscribe"]


def test_nobody_is_known_before_they_sign_up():
    made = shop()
    for stranger in ("c0", "c999999", "x", ""):
        with pytest.raises(ShopError):
            made.truth(stranger)


def test_a_shop_needs_customers():
    with pytest.raises(ShopError):
        shop(customers=0)
