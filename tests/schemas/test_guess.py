"""Guessing: whatever a table holds, the proposal is a mapping, and says what it is unsure of."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.mapping import Chunk, TableMapping
from schemas.mapping.guess import guess
from schemas.mapping.proposal import Table

CHINESE = {
    "用户ID": ["u1", "u2", "u1"],
    "订单编号": ["A1", "A2", "A3"],
    "商品名称": ["茶壶", "茶杯", "茶叶"],
    "商品类别": ["茶具", "茶具", "食品"],
    "价格": ["¥99.50", "¥20", "¥1,035.90"],
    "数量": ["1", "-4", "2"],
    "下单时间": ["2024年5月1日 10:00", "2024年5月2日 11:30", "2024年5月3日 09:15"],
    "评分": ["5", "", "4"],
    "评论内容": ["很好", "", "不错"],
    "备注": ["", "x", ""],
}


def events(sample: dict[str, list[Any]], **about: Any) -> tuple[str, list[dict[str, Any]]]:
    text = guess(sample, Table("t.csv", "2024-06-01", **about))
    chunk = Chunk(sample, range(len(next(iter(sample.values())))))
    return text, [json.loads(e.payload) for e in TableMapping.parse(text, "t").compile("t")(chunk)]


def test_a_chinese_table_of_orders_with_reviews_becomes_purchases_returns_and_feedback() -> None:
    text, found = events(CHINESE)
    assert [event["type"] for event in found] == [
        "purchase", "feedback", "return", "purchase", "feedback",
    ]  # fmt: skip
    del found[0]["event_id"]
    assert found[0] == {
        "type": "purchase", "customer_id": "u1", "order_id": "A1", "item_name": "茶壶",
        "category": "茶具", "price": 99.5, "quantity": "1", "ts": 1_714_557_600_000,
    }  # fmt: skip
    assert (found[2]["quantity"], found[1]["rating"], found[1]["text"]) == (4, "5", "很好")
    assert "#   备注" in text


def test_actions_are_told_by_their_words_and_unknown_ones_are_named() -> None:
    text, found = events(
        {
            "uid": ["1", "1", "2", "2"],
            "behavior": ["pv", "buy", "fav", "hover"],
            "timestamp": [1_700_000_000, 1_700_000_060, 1_700_000_120, 1_700_000_180],
        }
    )
    assert [event.get("action", event["type"]) for event in found] == [
        "view", "purchase", "favourite",
    ]  # fmt: skip
    assert "# Values of unknown meaning give no event: 'hover'" in text


def test_without_names_values_decide_and_money_that_grows_with_pieces_is_a_total() -> None:
    sample: dict[str, list[Any]] = {
        "column_1": ["007", "007", "008"],
        "column_2": ["20240501", "20240502", "20240503"],
        "column_3": ["1", "2", "3"],
        "column_4": ["9.99", "19.98", "29.97"],
    }
    _, found = events(sample, has_header=False)
    assert (found[1]["customer_id"], found[1]["quantity"]) == ("007", "2")
    assert found[1]["amount"] == "19.98"


def test_what_a_table_lacks_is_said_at_its_head() -> None:
    text, found = events({"Review": ["a long text about a thing that was bought", "short"]})
    assert "NO COLUMN SEEMS TO BE THE CUSTOMER" in text and "NO COLUMN HOLDS TIMES" in text
    assert [event["ts"] for event in found] == [1_717_200_000_000] * 2


def test_a_day_that_could_be_a_month_is_marked() -> None:
    text, _ = events({"user": ["a", "b"], "date": ["01/02/2024", "03/04/2024"], "stars": [5, 4]})
    assert "%m/%d/%Y fits as well" in text


@pytest.mark.parametrize(
    ("column", "time"),
    [
        (["2024-05-01T10:00:00Z"], "iso"),
        (["1714557600000"], "epoch_ms"),
        (["24.12.2024 09:30"], "%d.%m.%Y %H:%M"),
        (["05/31/2024"], "%m/%d/%Y"),
        (["20240531"], "%Y%m%d"),
        (["6-14"], "%m-%d"),
    ],
)
def test_times_are_known_in_many_layouts(column: list[Any], time: str) -> None:
    text, _ = events({"user": ["a"], "date": column, "price": ["2.5"]})
    assert f'time = "{time}"' in text


@pytest.mark.parametrize(
    ("name", "year"),
    [
        *(("tmall2014.csv", 2014), ("1998-1.csv", 1998), ("sales_20131224.csv", 2013)),
        *(("sales201312.csv", 2013), ("shop7_2012.csv", 2012)),
        *(
            (name, 2024)
            for name in ("19705.csv", "201.csv", "x12013.csv", "197.csv", "id1201399.csv")
        ),
    ],
)
def test_a_year_in_the_files_name_has_four_digits_else_it_is_the_files_own(
    name: str, year: int
) -> None:
    text = guess({"user": ["a"], "date": ["6-14"]}, Table(name, "2024-06-01"))
    assert f"year = {year} }}" in text
    assert TableMapping.parse(text, "t").spec.fields["ts"].year == year


names = st.one_of(
    st.sampled_from(["user", "date", "price", "type", "review", "数量", "age", "a_disc", "b_disc"]),
    st.text(max_size=8),
)
cells = st.one_of(
    st.none(),
    st.integers(),
    st.floats(),
    st.text(max_size=9),
    st.sampled_from(["2024-05-01", "5", "buy", "\udc80"]),
    st.just([1]),
    st.just({"a": 1}),
)


@settings(deadline=None)
@given(st.dictionaries(names, st.lists(cells, min_size=5, max_size=5), max_size=6), st.booleans())
def test_every_proposal_is_a_mapping_that_fits_its_table(
    sample: dict[str, list[Any]], has_header: bool
) -> None:
    text = guess(sample, Table("年.csv", "2024-06-01", has_header=has_header))
    TableMapping.parse(text, "t").compile("t")(Chunk(sample, range(5) if sample else []))
