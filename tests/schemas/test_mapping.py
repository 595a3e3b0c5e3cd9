"""Mappings: every row becomes its events, and what cannot be converted is passed on."""

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.decode import decode
from schemas.mapping import BrokenRow, Chunk, MappingError, TableMapping
from schemas.rejection import MAX_RECORD_BYTES

from .test_decode import Written

PURCHASE = """
[[event]]
type = "purchase"
"""


def mapped(toml: str, loose: bool = False, **columns: list[Any]) -> list[dict[str, Any]]:
    rows = len(next(iter(columns.values())))
    chunk = Chunk(columns, numbers=range(rows), loose=loose)
    events = TableMapping.parse(toml, "test").compile("test.csv")(chunk)
    return [json.loads(event.payload) for event in events]


def field(name: str, value: str, *cells: Any) -> list[Any]:
    """Map one column `x` to one field and return what became of its cells."""
    events = mapped(f"{PURCHASE}fields.{name} = {value}", x=list(cells))
    return [event.get(name) for event in events]


@pytest.mark.parametrize("name", ["order_id", "coupon"])
def test_whole_numbers_of_a_column_with_gaps_are_ids_without_a_point(name: str) -> None:
    assert field(name, '"x"', 17850.0, None) == ["17850", None]


@pytest.mark.parametrize(
    ("step", "cell", "expected"),
    [
        ('"lower"', "ToY", "toy"),
        ('"upper"', "gbp", "GBP"),
        ('"strip"', " a ", "a"),
        ('"abs"', "-6", 6),
        ('"abs"', -6.5, 6.5),
        ('"negate"', 3, -3),
        ('"int"', "6.0", 6),
        ('"float"', "2", 2.0),
        ('"number"', "¥ 1,234.50", 1234.5),
        ("{ scale = 0.01 }", 1999, 19.99),
        ("{ scale = 0.01 }", Decimal(450), 4.5),  # as Parquet has them
        ("{ offset = -5 }", Decimal("450.25"), 445.25),
        ('{ split = ";" }', "a; b;;c", ["a", "b", "c"]),
        ('{ map = { "0" = "view" } }', 0.0, "view"),
        ('{ map = { "0" = "view" } }', "0", "view"),
        ('{ map = { "true" = "view" } }', True, "view"),
    ],
)
def test_each_step_changes_a_value(step: str, cell: object, expected: object) -> None:
    assert field("category", f'{{ column = "x", do = [{step}] }}', cell) == [expected]


@pytest.mark.parametrize("step", ['"abs"', '"int"', "{ scale = 2 }", '{ map = { "0" = "view" } }'])
@pytest.mark.parametrize("cell", ["six", True, [1], {"a": 1}, "1e999"])
def test_a_cell_that_cannot_be_converted_is_passed_on(step: str, cell: object) -> None:
    assert field("category", f'{{ column = "x", do = ["strip", {step}] }}', cell) == [cell]


@pytest.mark.parametrize(
    "cell",
    [
        "12,5", "1.234,50", "1,23", "3-4", "abcdefg 5", True, None,
        "(5)", "£(5.00)", "5-", "-£5", "\N{MINUS SIGN}5", "12_5", "£12_5",
    ],
)  # fmt: skip
def test_numbers_that_could_mean_something_else_are_passed_on(cell: object) -> None:
    assert field("category", '{ column = "x", do = ["number"] }', cell) == [cell]


@pytest.mark.parametrize(
    ("options", "cell", "epoch_s"),
    [
        ('time = "%Y-%m-%d %H:%M"', "2011-07-01 12:00", 1309521600),
        ('time = "%Y-%m-%d %H:%M", zone = "Europe/London"', "2011-07-01 13:00", 1309521600),
        ('time = "iso", zone = "Asia/Shanghai"', "2011-07-01T20:00:00", 1309521600),
        ('time = "iso", zone = "Asia/Shanghai"', "2011-07-01T12:00:00Z", 1309521600),
        ('zone = "Asia/Shanghai"', "2011-07-01 20:00", 1309521600),
        ('zone = "Asia/Shanghai"', "2011-07-01T12:00:00Z", 1309521600),
        ('zone = "Asia/Shanghai"', "20110702", 1309536000),
        ('time = "epoch_s"', "1309521600", 1309521600),
        ('time = "epoch_ms"', 1309521600000, 1309521600),
        ('time = "%Y%m%d"', 20110701.0, 1309478400),
        ('time = "%m-%d", year = 2012', "2-29", 1330473600),
        # twice that night: the first one, still in summer time
        ('time = "iso", zone = "Europe/London"', "2011-10-30T01:30:00", 1319934600),
        # never that night: read with the offset before the gap
        ('time = "iso", zone = "Europe/London"', "2011-03-27T01:30:00", 1301189400),
    ],
)
def test_times_become_epoch_milliseconds_in_utc(options: str, cell: object, epoch_s: int) -> None:
    assert field("ts", f'{{ column = "x", {options} }}', cell) == [epoch_s * 1000]


@pytest.mark.parametrize("cell", [1309521600, "1309521600", 1309521600000.0, "yesterday"])
def test_without_a_layout_the_stream_reads_what_is_no_written_time(cell: object) -> None:
    assert field("ts", '{ column = "x", zone = "Asia/Shanghai" }', cell) == [cell]


@pytest.mark.parametrize("cell", ["yesterday", "31.02.2011", [1], True, 1e300])
@pytest.mark.parametrize("time", ["iso", "epoch_s", "%d.%m.%Y"])
def test_an_odd_time_is_passed_on_with_what_was_expected(time: str, cell: object) -> None:
    found = field("ts", f'{{ column = "x", time = "{time}" }}', cell)
    assert found == [[f"not written as {time}", cell]]


@pytest.mark.parametrize(
    ("options", "cell"),
    [
        ('time = "iso"', 1309521600),
        ('time = "iso", do = ["strip"]', 1309521600),
        ('time = "iso"', "1309521600"),
        ('time = "epoch_s"', "2011-07-01"),
        ('time = "%d.%m.%Y"', "2011-07-01"),
    ],
)
def test_a_time_written_otherwise_is_not_read_by_the_stream(options: str, cell: object) -> None:
    toml = f'{PURCHASE}fields = {{ customer_id = "c", ts = {{ column = "x", {options} }} }}'
    (event,) = mapped(toml, c=["7"], x=[cell])
    (refused,) = decode("purchase", [Written(json.dumps(event).encode(), 0)], 0).rejected
    assert (refused.field, refused.error_type) == ("ts", "invalid")
    assert repr(cell) in refused.value


@pytest.mark.parametrize(
    ("condition", "cells", "expected"),
    [
        ('equals = "1"', [1, "1", 1.0, 2, None], [1, 1, 1, 0, 0]),
        ("equals = 1", [1, "1", "1.0", "one", None], [1, 1, 1, 0, 0]),
        ("equals = true", [True, "true", "TRUE", "True", False, "yes", 1], [1, 1, 1, 1, 0, 0, 0]),
        ('equals = "false"', [False, "false", True, 0], [1, 1, 0, 0]),
        ("equals = 1000", ["1000", "1_000", True], [1, 0, 0]),
        ('not_equals = "a"', ["a", "b", None], [0, 1, 0]),
        ('in = ["a", 2]', ["a", 2, "2", "b"], [1, 1, 1, 0]),
        ("lt = 0", [-1, "-1", 0, "x", None], [1, 1, 0, 0, 0]),
        ("ge = 1, le = 2", [0, 1, 2, 3], [0, 1, 1, 0]),
        ("gt = 1", [1, 1.5], [0, 1]),
        ('starts_with = "C"', ["C1", "1C", 5], [1, 0, 0]),
        ('matches = "^[0-9]+$"', ["12", "1a", 7], [1, 0, 1]),
        ("present = true", ["a", "", None, float("nan")], [1, 0, 0, 0]),
        ("present = false", ["a", "", None, float("nan")], [0, 1, 1, 1]),
    ],
)
def test_conditions_choose_rows(condition: str, cells: list[Any], expected: list[int]) -> None:
    toml = f'{PURCHASE}when = {{ column = "x", {condition} }}\nfields.reason = "n"'
    toml = toml.replace("purchase", "return")
    events = mapped(toml, x=cells, n=[str(row) for row in range(len(cells))])
    assert [int(event["reason"]) for event in events] == [
        i for i, yes in enumerate(expected) if yes
    ]


def test_groups_of_conditions_and_otherwise_split_rows_without_reordering_them() -> None:
    toml = """
    fields.item_id = "x"
    [[event]]
    type = "return"
    when = { any = [{ column = "x", lt = 0 }, { all = [
      { column = "x", gt = 2 }, { column = "x", lt = 4 } ] }] }
    [[event]]
    type = "purchase"
    when = "otherwise"
    """
    events = mapped(toml, x=[1, -1, 2, 3, 4])
    assert [event["type"][0] + event["item_id"] for event in events] == [
        "p1", "r-1", "p2", "r3", "p4",
    ]  # fmt: skip


def test_one_row_can_give_several_events_with_ids_of_their_own() -> None:
    toml = """
    event_id_from = ["x"]
    [[event]]
    type = "purchase"
    [[event]]
    type = "feedback"
    when = { column = "stars", present = true }
    fields.rating = "stars"
    """
    events = mapped(toml, x=["a", "b"], stars=[5, None])
    assert [event["type"] for event in events] == ["purchase", "feedback", "purchase"]
    assert len({event["event_id"] for event in events}) == 3


def test_rows_alike_in_the_id_columns_get_the_same_id_in_any_place_and_file() -> None:
    mapping = TableMapping.parse('event_id_from = ["x", "y"]' + PURCHASE, "test")
    first = mapping.compile("a.csv")(Chunk({"x": ["ab", "a"], "y": ["c", "bc"]}, [0, 1]))
    second = mapping.compile("b.csv")(Chunk({"x": ["ab"], "y": ["c"]}, [7]))
    assert first[0].payload == second[0].payload != first[1].payload


def test_without_id_columns_the_place_in_the_source_makes_the_id() -> None:
    mapping = TableMapping.parse(PURCHASE, "test")
    chunk = Chunk({"x": ["a", "a"]}, [0, 1])
    one, again, other = (mapping.compile(name)(chunk) for name in ("a", "a", "b"))
    assert one == again
    assert len({event.payload for event in one + other}) == 4


def test_the_ids_of_json_lines_do_not_depend_on_their_neighbours() -> None:
    toml = 'event_id_from = "*"' + PURCHASE
    alone = mapped(toml, loose=True, x=["a"])
    beside = mapped(toml, loose=True, y=[None, 1], x=["a", None])
    assert alone[0]["event_id"] == beside[0]["event_id"]
    assert mapped(toml, loose=True, y=["a"])[0]["event_id"] != alone[0]["event_id"]


def test_the_key_is_the_customer_as_the_event_names_it() -> None:
    mapping = TableMapping.parse(f'{PURCHASE}fields.customer_id = "x"', "test")
    events = mapping.compile("t")(Chunk({"x": [17850.0, 17850, "17850", None]}, range(4)))
    assert [event.key for event in events] == ["17850", "17850", "17850", None]
    assert "customer_id" not in json.loads(events[3].payload)


def test_absent_cells_leave_their_fields_out_and_constants_and_joins_fill_theirs() -> None:
    toml = (
        PURCHASE
        + """
    [event.fields]
    brand = "x"
    channel = { const = "web" }
    order_id = { join = ["x", "y"] }
    """
    )
    full, empty = mapped(toml, x=["a", ""], y=[1.0, float("nan")])
    assert (full["brand"], full["channel"], full["order_id"]) == ("a", "web", "a-1")
    assert empty.keys() == {"type", "event_id", "channel"}


def test_shared_fields_go_to_the_events_that_have_them() -> None:
    toml = f"fields.price = 'p'\n{PURCHASE}[[event]]\ntype = 'feedback'\nfields.rating = 'p'"
    first, second = mapped(toml, p=[2.5])
    assert (first["price"], second["rating"], "price" in second) == (2.5, 2.5, False)


def test_what_json_cannot_hold_is_passed_on_and_not_dropped() -> None:
    assert field("price", '"x"', float("inf"), 10**30, "\ud800") == ["inf", 10**30, "\ud800"]


def test_the_first_weeks_of_1970_are_not_taken_for_seconds() -> None:
    assert field("ts", '{ column = "x", time = "epoch_ms" }', 4_200_000) == [
        "1970-01-01T01:10:00+00:00"
    ]


def test_a_broken_row_travels_on_as_what_can_be_no_event() -> None:
    chunk = Chunk({"x": ["a"]}, [0], [BrokenRow(1, "3 columns, expected 1", ["a", "b", "c"])])
    _, broken = TableMapping.parse(PURCHASE, "test").compile("t")(chunk)
    assert json.loads(broken.payload) == ["row 1: 3 columns, expected 1", ["a", "b", "c"]]


def test_a_row_that_kafka_would_not_take_travels_on_as_its_number_size_and_beginning() -> None:
    to_events = TableMapping.parse(f"fields.brand = 'x'\n{PURCHASE}", "test").compile("t")
    first, large, last = to_events(Chunk({"x": ["a", "多" * 900_000, "b"]}, range(7, 10)))
    assert [json.loads(event.payload)["brand"] for event in (first, last)] == ["a", "b"]
    reason, beginning = json.loads(large.payload)
    assert reason.startswith("row 8: 27000")
    assert reason.endswith(" bytes, expected at most 900000")
    assert beginning.startswith('{"type":"purchase"')
    assert len(large.payload) < MAX_RECORD_BYTES
    assert to_events.report()["rows"] == {"read": 3, "too_large": 1}


def test_a_broken_row_that_kafka_would_not_take_is_cut_and_keeps_its_reason() -> None:
    broken = BrokenRow(3, "2 columns, expected 1", ["x" * 900_000, "y"])
    to_events = TableMapping.parse(PURCHASE, "test").compile("t")
    (large,) = to_events(Chunk({}, [], [broken]))
    assert "row 3: 2 columns, expected 1" in json.loads(large.payload)[1]
    assert len(large.payload) < MAX_RECORD_BYTES


cells = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=9), st.just("\ud800")
)


@settings(deadline=None)
@given(st.lists(cells, min_size=1, max_size=8))
def test_no_cell_makes_a_mapping_fail(column: list[Any]) -> None:
    toml = """
    event_id_from = "*"
    [[event]]
    type = "purchase"
    [event.fields]
    customer_id = "x"
    ts = { column = "x", time = "epoch_s" }
    quantity = { column = "x", do = ["strip", "int", "abs", { scale = 3 }] }
    """
    chunk = Chunk({"x": column}, range(len(column)))
    assert len(TableMapping.parse(toml, "test").compile("t")(chunk)) == len(column)


@pytest.mark.parametrize(
    ("toml", "path"),
    [
        ("[[event]]\ntype = 'refund'", "event[0].type"),
        ("currency = 'POUND'" + PURCHASE, "currency"),
        ("nonsense = 1" + PURCHASE, "nonsense"),
        (PURCHASE + "fields.prise = 'x'", "event[0].fields.prise"),
        (PURCHASE + "fields.price = { column = 'x', do = ['up'] }", "event[0].fields.price.do[0]"),
        ("fields.prise = 'x'" + PURCHASE, "fields.prise"),
        (PURCHASE + "fields.ts = { column = 'x', zone = 'Mars' }", "event[0].fields.ts.zone"),
        ("fields.ts = { column = 'x', time = '%Q' }" + PURCHASE, "fields.ts.time"),
        (PURCHASE + "fields.ts = { column = 'x', time = '%Y-%' }", "event[0].fields.ts.time"),
        (PURCHASE + "fields.ts = { column = 'x', time = '%d.%Y %d' }", "event[0].fields.ts.time"),
        (PURCHASE + "fields.ts = { column = 'x', time = 'ISO' }", "event[0].fields.ts.time"),
        (PURCHASE + "fields.ts = { column = 'x', time = '' }", "event[0].fields.ts.time"),
        (PURCHASE + "fields.ts = { column = 'x', time = '%d.%m.' }", "event[0].fields.ts.time"),
        (PURCHASE + "fields.ts = { column = 'x', time = '%d.%m.%y', year = 2011 }",
         "event[0].fields.ts.year"),
        (PURCHASE + "fields.ts = { column = 'x', time = 'iso', year = 2011 }",
         "event[0].fields.ts.year"),
        (PURCHASE + "fields.price = { column = 'x', zone = 'UTC' }", "event[0].fields.price.zone"),
        (PURCHASE + "fields.price = { column = 'x', const = 1 }", "event[0].fields.price"),
        (PURCHASE + "when = { column = 'x', matches = '(' }", "event[0].when"),
        (PURCHASE + "when = { all = [] }", "event[0].when"),
        (PURCHASE + PURCHASE, "event[1].name"),
        ("source.encoding = 'klingon'" + PURCHASE, "source.encoding"),
        ("source.encoding = 'base64'" + PURCHASE, "source.encoding"),
        ("source.encoding = 'rot13'" + PURCHASE, "source.encoding"),
        ("event = []", "event"),
        ("= 1", ""),
    ],
)  # fmt: skip
def test_a_wrong_mapping_names_the_place(toml: str, path: str) -> None:
    with pytest.raises(MappingError) as caught:
        TableMapping.parse(toml, "test")
    assert str(caught.value.path).startswith(path) and bool(caught.value.path) == bool(path)


def test_a_mapping_that_does_not_fit_its_table_names_column_and_place() -> None:
    with pytest.raises(MappingError, match="UnitPrice") as caught:
        mapped(f"{PURCHASE}fields.price = 'UnitPrice'", x=[1])
    assert caught.value.path == "event[0].fields.price"
