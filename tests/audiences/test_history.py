"""Sizes and moves of segments, day by day, bounded."""

from datetime import date, timedelta

from profiles.audiences.history import KEPT_DAYS, Day, date_of, decode, encode, grown, noted

FIRST = date(2011, 1, 1)


def test_only_the_last_days_are_kept() -> None:
    days: list[Day] = []
    for number in range(KEPT_DAYS + 5):
        days = noted(days, str(FIRST + timedelta(number)), {"loyal": number}, {})
    assert len(days) == KEPT_DAYS
    assert days[-1].sizes == {"loyal": KEPT_DAYS + 4}


def test_the_last_look_at_a_day_tells_its_sizes_and_all_looks_its_moves() -> None:
    days = noted([], "2011-01-01", {"a": 2, "b": 1}, {("a", "b"): 1})
    days = noted(days, "2011-01-01", {"a": 1, "b": 2}, {("a", "b"): 1, ("b", "a"): 4})
    assert days == [Day("2011-01-01", {"a": 1, "b": 2}, {"a": {"b": 2}, "b": {"a": 4}})]


def test_days_of_profiles_that_are_rebuilt_begin_again() -> None:
    days = [Day("2011-01-01", {"a": 5}, {}), Day("2011-01-03", {"a": 9}, {})]
    assert [day.date for day in noted(days, "2011-01-02", {"a": 1}, {})] == [
        "2011-01-01",
        "2011-01-02",
    ]


def test_growth_is_told_by_segment_and_only_where_the_past_is_known() -> None:
    days = [Day("2011-01-01", {"a": 5, "old": 1}, {}), Day("2011-01-02", {"a": 3, "new": 2}, {})]
    assert grown(days, 1) == {"a": -2, "old": -1, "new": 2}
    assert grown(days, 7) is None
    assert grown([], 0) is None


def test_growth_is_that_of_calendar_days_however_many_of_them_are_known() -> None:
    """A worker that replays a year sorts customers every few weeks of the shop's time."""
    sizes = {"2011-01-03": 1, "2011-02-06": 3, "2011-03-01": 7, "2011-03-08": 20}
    days = [Day(date, {"a": size}, {}) for date, size in sizes.items()]
    assert [grown(days, back) for back in (1, 7, 30)] == [None, {"a": 13}, {"a": 17}]
    assert grown(days[:1], 1) is None


def test_days_without_an_event_are_like_the_day_before_them() -> None:
    days = [Day("2011-12-02", {"a": 1}, {}), Day("2011-12-05", {"a": 4}, {})]  # over a weekend
    assert grown(days, 1) == grown(days, 2) == grown(days, 3) == {"a": 3}
    assert grown(days, 4) is None


def test_a_few_profiles_from_the_future_do_not_move_the_date() -> None:
    assert date_of({"2011-12-09": 990, "2038-01-19": 10}) == "2011-12-09"
    assert date_of({"2011-12-09": 980, "2011-12-10": 20}) == "2011-12-10"
    assert date_of({}) == ""


def test_days_survive_their_json() -> None:
    days = [Day("2011-01-01", {"忠诚": 5}, {"忠诚": {"新客": 1}})]
    assert decode(encode(days)) == days
