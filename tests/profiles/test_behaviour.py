"""What a customer does without buying, when and where, computed by hand and with pandas."""

from pathlib import Path

import pandas as pd
import pytest

from profiles.sections.browse import searched
from profiles.sections.habits import TOP_BRANDS
from profiles.sketches.decayed import HALF_LIFE_MS
from profiles.sketches.visits import DAYS
from profiles.traits import Fields
from profiles.traits.tastes import PURCHASE_WEIGHT

from .strategies import DAY_MS, Event
from .test_traits import MIDNIGHT_MS, bought, looked, profile

DAY = 24 * 60  # minutes


def test_browsing_is_counted_by_action() -> None:
    actions = ["view", "view", "search", "cart_add"]
    fields = profile(*[looked(10 * i, action) for i, action in enumerate(actions)])
    assert (fields["views"], fields["searches"], fields["cart_adds"]) == ("2", "1", "1")
    assert "searches" not in profile(looked())  # nothing to say


def test_sessions_have_a_length_and_a_depth() -> None:
    fields = profile(*[looked(minute) for minute in (0, 10, 25, 100, 105)])
    assert fields["sessions"] == "2"
    assert fields["session.seconds"] == "900"  # of 25 and 5 minutes
    assert fields["session.events"] == "2.5"


def test_closed_sessions_count_with_their_lengths_and_depths() -> None:
    minutes = [day * DAY + minute for day in range(10) for minute in (0, 1, 2)]
    fields = profile(*map(looked, minutes))
    assert (fields["sessions"], fields["session.seconds"]) == ("10", "120")
    assert fields["session.events"] == "3"


def test_a_visit_converts_on_its_day_or_the_next() -> None:
    visits = [looked(day * DAY) for day in (0, 3, 6, 9)]
    fields = profile(*visits, bought(0), bought(4), looked(20 * DAY), bought(30))
    assert fields["visit_conversion"] == "0.4"  # days 0 and 3, not 6, 9, 20


def test_a_visit_that_may_still_convert_does_not_count() -> None:
    assert "visit_conversion" not in profile(looked(0), looked(DAY))
    assert profile(looked(0), looked(2 * DAY))["visit_conversion"] == "0"
    assert profile(looked(0), looked(2 * DAY), bought(2))["visit_conversion"] == "0.5"


def test_carts_are_abandoned_by_the_day() -> None:
    carts = [looked(day * DAY, "cart_add") for day in (0, 5, 10, 11)]
    fields = profile(*carts, looked(20 * DAY), bought(5), bought(11))
    assert fields["cart_abandonment"] == "0.25"  # only that of day 0
    assert "cart_abandonment" not in profile(looked(0), looked(9 * DAY))


def test_visits_are_looked_back_on_for_64_days() -> None:
    fields = profile(looked(0), bought(0), looked(DAYS * DAY), looked((DAYS + 9) * DAY))
    assert fields["visit_conversion"] == "0"


def test_the_first_purchase_is_timed_from_the_first_visit() -> None:
    assert profile(looked(0), bought(3), bought(9))["days_to_purchase"] == "3"
    assert "days_to_purchase" not in profile(looked(DAY), bought(0))
    assert "days_to_purchase" not in profile(looked(0))


def test_habits_are_those_of_buying_and_browsing_together() -> None:
    fields = profile(
        looked(9 * 60, device="phone", channel="app"),
        looked(9 * 60 + 59, device="phone", channel="web"),
        looked(DAY + 14 * 60, device="desktop", channel="app"),
        {**bought(1), "device": "desktop", "channel": "app"},
        {**bought(7), "device": "phone", "channel": "app"},
    )
    assert (fields["habit.hour"], fields["habit.weekday"]) == ("0", "1")  # a Monday
    assert (fields["habit.device"], fields["habit.device.share"]) == ("phone", "0.6")
    assert (fields["habit.channel"], fields["habit.channel.share"]) == ("app", "0.8")


def test_equal_habits_are_told_in_order() -> None:
    fields = profile(looked(5 * 60, device="b"), looked(2 * DAY + 3 * 60, device="a"))
    assert (fields["habit.hour"], fields["habit.weekday"]) == ("3", "1")
    assert (fields["habit.device"], fields["habit.device.share"]) == ("a", "0.5")


def test_the_only_device_needs_no_share() -> None:
    fields = profile(looked(0, device="phone"), looked(1))
    assert fields["habit.device"] == "phone"
    assert {"habit.device.share", "habit.channel"}.isdisjoint(fields)


def test_searches_are_cut_and_counted_without_case_and_spacing() -> None:
    assert len(searched("x" * 500)) == 32
    queries = ["Green tea", "green  TEA", "cups", ""]
    fields = profile(*[looked(0, "search", query=query) for query in queries if query])
    assert fields["top_search"] == "green tea"


# real clicks


@pytest.fixture(scope="module")
def clicks(data: Path) -> pd.DataFrame:
    """Return a fifth of the Tmall users; times of day are made up: their order within a day."""
    table = pd.read_csv(data / "tmall2014.csv.gz")
    table = table[table.user_id % 5 == 0].reset_index(drop=True)
    month_day = table.visit_datetime.str.split("-", expand=True).astype(int)
    day = pd.to_datetime({"year": 2013, "month": month_day[0], "day": month_day[1]})
    table["day"] = day.astype("datetime64[ms]").astype("int64") // DAY_MS
    table = table.sort_values(["day", "user_id"], kind="stable")
    nth = table.groupby(["user_id", "day"]).cumcount()
    return table.assign(ts=table.day * DAY_MS + nth * 97_000 % DAY_MS)


ACTIONS = {0: "view", 2: "favourite", 3: "cart_add"}


def event(row: tuple[int, int, int]) -> Event:
    brand, kind, ts = row
    shared = {"brand": str(brand), "ts": int(ts)}
    if kind == 1:
        return {"type": "purchase", "quantity": 1, **shared}
    return {"type": "browse", "action": ACTIONS[kind], **shared}


@pytest.fixture(scope="module")
def users(clicks: pd.DataFrame) -> dict[int, Fields]:
    columns = ["brand_id", "type", "ts"]
    return {
        user: profile(*map(event, rows[columns].itertuples(index=False)))
        for user, rows in clicks.groupby("user_id")
    }


def share(days: pd.Series, purchases: pd.Series, as_of: int) -> float | None:
    days = days.drop_duplicates()
    followed = days.isin(purchases) | (days + 1).isin(purchases)
    decided = followed[followed | (days + 1 < as_of)]
    return decided.mean() if len(decided) else None


def test_outcomes_of_visits_and_carts_equal_pandas(
    clicks: pd.DataFrame, users: dict[int, Fields]
) -> None:
    for user, rows in clicks.groupby("user_id"):
        looks, buys = rows[rows.type != 1], rows[rows.type == 1]
        if looks.empty:
            continue
        recent = looks[looks.day > looks.day.max() - DAYS]
        carts = recent[recent.type == 3]
        converted = share(recent.day, buys.day, rows.day.max())
        kept = share(carts.day, buys.day, rows.day.max())
        fields = users[int(user)]
        found = fields.get("visit_conversion"), fields.get("cart_abandonment")
        expected = converted, None if kept is None else 1 - kept
        for text, true in zip(found, expected, strict=True):
            assert (text is None) == (true is None)
            assert true is None or float(text or "") == pytest.approx(true, rel=1e-3)


def test_sessions_equal_pandas(clicks: pd.DataFrame, users: dict[int, Fields]) -> None:
    looks = clicks[clicks.type != 1]
    for user, rows in looks.groupby("user_id"):
        times = rows.ts.sort_values()
        number = (times.diff() > 30 * 60_000).cumsum()
        lengths = times.groupby(number).agg(lambda session: session.max() - session.min())
        fields = users[int(user)]
        assert int(fields["sessions"]) == len(lengths)
        assert float(fields["session.seconds"]) == pytest.approx(lengths.mean() / 1e3, rel=1e-3)
        assert float(fields["session.events"]) == pytest.approx(len(times) / len(lengths), rel=1e-3)
        assert fields.get("views") == (
            str((rows.type == 0).sum()) if (rows.type == 0).any() else None
        )


def test_habits_equal_pandas(clicks: pd.DataFrame, users: dict[int, Fields]) -> None:
    for user, rows in clicks.groupby("user_id"):
        hours = rows.ts // 3_600_000 % 24
        weekdays = (rows.day + 3) % 7 + 1
        assert users[int(user)]["habit.hour"] == str(hours.mode().min())
        assert users[int(user)]["habit.weekday"] == str(weekdays.mode().min())


def test_top_brands_of_users_within_the_limit_equal_pandas(
    clicks: pd.DataFrame, users: dict[int, Fields]
) -> None:
    compared = 0
    for user, rows in clicks.groupby("user_id"):
        bought = rows.type == 1
        if max(rows.brand_id[bought].nunique(), rows.brand_id[~bought].nunique()) > TOP_BRANDS:
            continue
        half_lives = (rows.ts.max() - rows.ts) / HALF_LIFE_MS
        weights = 0.5**half_lives * bought.map({True: PURCHASE_WEIGHT, False: 1})
        summed = weights.groupby(rows.brand_id).sum()
        found = summed[int(users[int(user)]["top_brand"])]
        assert found == pytest.approx(summed.max(), abs=1e-3)
        compared += 1
    assert compared > 20


def test_the_clock_is_that_of_utc() -> None:
    fields = profile({"type": "browse", "action": "view", "ts": MIDNIGHT_MS - 1})
    assert (fields["habit.hour"], fields["habit.weekday"]) == ("23", "7")
