"""How campaigns reach a customer, computed by hand; and counts of the newest days."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from profiles.sketches.daily import WINDOW_DAYS, counted, merged, within
from profiles.traits import Context, Fields

from .owners import CATALOGUE
from .strategies import DAY_MS, Event
from .test_traits import MIDNIGHT_MS, profile, view


def touched(day: int, action: str = "delivered", campaign: str = "spring") -> Event:
    ts = MIDNIGHT_MS + day * DAY_MS
    return {"type": "touch", "action": action, "campaign": campaign, "ts": ts}


def seen_on(day: int, *events: Event) -> Fields:
    return CATALOGUE.derive(view(*events), Context(MIDNIGHT_MS + day * DAY_MS, "GBP"))


def test_messages_and_answers_are_counted() -> None:
    sent = [touched(day) for day in range(4)]
    fields = profile(*sent, touched(1, "open"), touched(2, "open"), touched(2, "click"))
    assert (fields["touch.sent"], fields["touch.opened"], fields["touch.clicked"]) == (
        "4", "2", "1",
    )  # fmt: skip
    assert fields["touch.at"] == "2020-09-17T00:00:00Z"
    assert "touch.unsubscribed" not in fields


def test_of_who_never_answers_no_answer_is_told() -> None:
    assert {"touch.opened", "touch.top_campaign"}.isdisjoint(profile(touched(0)))


def test_an_answer_to_a_message_never_seen_counts() -> None:
    fields = profile(touched(0, "open"), touched(1, "unsubscribe"))
    assert (fields["touch.opened"], fields["touch.unsubscribed"]) == ("1", "1")
    assert {"touch.sent", "touch.at", "touch.sent_30d"}.isdisjoint(fields)


def test_the_top_campaign_is_the_one_answered_most_of_late() -> None:
    old = [touched(0, action, "winter") for action in ("open", "click", "open")]
    new = [touched(90, action, "spring") for action in ("open", "unsubscribe")]
    assert profile(*old, touched(9, "open"))["touch.top_campaign"] == "winter"
    assert profile(*old, *new)["touch.top_campaign"] == "spring"


def test_messages_of_30_days_fall_as_time_passes_without_any() -> None:
    sent = [touched(day) for day in (0, 1, 1, 20)]
    found = [seen_on(day, *sent).get("touch.sent_30d") for day in (20, 29, 30, 31, 49, 50)]
    assert found == ["4", "4", "3", "1", "1", None]
    assert seen_on(50, *sent)["touch.sent"] == "4"


times = st.lists(st.integers(0, 100 * DAY_MS), min_size=1, max_size=30)


@given(times, times, st.integers(1, WINDOW_DAYS), st.integers(0, 40))
def test_counts_by_day_are_those_of_a_plain_count(
    one: list[int], other: list[int], window: int, later: int
) -> None:
    parts = []
    for part in (one, other):
        days: list[int] = []
        for ts in part:
            days = counted(days, ts)
        parts.append(days)
    both = merged(*parts)
    assert both == merged(*reversed(parts))
    assert len(both) <= 1 + WINDOW_DAYS
    plain = Counter(ts // DAY_MS for ts in one + other)
    today = max(plain) + later
    expected = sum(n for day, n in plain.items() if today - window < day <= today)
    assert within(both, window, today * DAY_MS) == expected
