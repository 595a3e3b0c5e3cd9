"""Preprocessing: declared per field, done in the order of the rows, and every deed counted."""

import json
from random import Random
from statistics import median, quantiles
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.decode import decode
from schemas.mapping import Chunk, MappingError, RowMapper, TableMapping
from schemas.mapping.running import SAMPLE, Moments, Sample

from .test_decode import Written

HEAD = """
[[event]]
type = "{type}"
fields = {{ {field} = "x", {id} = "n" }}
[preprocess.{field}]
"""


def mapper(field: str, asked: str) -> RowMapper:
    kind, name = ("purchase", "item_id")
    if field in ("age", "income", "household_size", "city", "interests"):
        kind, name = "customer", "language"
    toml = HEAD.format(type=kind, field=field, id=name) + asked
    return TableMapping.parse(toml, "test").compile("test.csv")


def run(field: str, asked: str, *cells: Any, chunk_rows: int = 1_000) -> tuple[list[Any], Any]:
    """The values of a field that `cells` become, and what was counted."""
    to_events, found = mapper(field, asked), []
    for first in range(0, len(cells), chunk_rows):
        piece = list(cells[first : first + chunk_rows])
        numbers = range(first, first + len(piece))
        events = to_events(Chunk({"x": piece, "n": list(numbers)}, numbers))
        found += [json.loads(event.payload).get(field) for event in events]
    return found, to_events.report()["fields"].get(field, {})


@pytest.mark.parametrize(
    ("field", "missing", "cells", "expected", "counted"),
    [
        ("price", '"leave"', [1, None], [1, None], {"missing_left": 1}),
        ("price", '"drop"', [1, None, 2], [1, 2], {"missing_dropped": 1}),
        ("price", "{ default = 0 }", [None, ""], [0, 0], {"missing_filled": 2}),
        ("brand", '{ default = "none" }', [None, "a"], ["none", "a"], {"missing_filled": 1}),
        ("price", '"mean"', [None, "2", 3, None], [None, "2", 3, 2.5],
         {"missing_left": 1, "missing_filled": 1}),
        ("price", '"median"', [1, 2, 90, None], [1, 2, 90, 2], {"missing_filled": 1}),
        ("quantity", '"mean"', [1, 2, 2, None], [1, 2, 2, 2], {"missing_filled": 1}),
        ("brand", '"mode"', ["a", "b", "b", None], ["a", "b", "b", "b"], {"missing_filled": 1}),
        ("price", '"mean"', ["much", 4, None], ["much", 4, 4.0], {"missing_filled": 1}),
        ("age", '"mean"', ["25-34", 40, None], ["25-34", 40, 40], {"missing_filled": 1}),
    ],
)  # fmt: skip
def test_missing_values_are_dropped_left_or_filled_from_the_rows_before(
    field: str, missing: str, cells: list[Any], expected: list[Any], counted: dict[str, int]
) -> None:
    assert run(field, f"missing = {missing}", *cells) == (expected, counted)


NORMAL = [10.0, 11.0, 9.0, 10.5, 9.5, 10.2, 9.8, 10.1]


@pytest.mark.parametrize("way", ["fence = 1.5", "robust_z = 3.5"])
def test_outliers_are_flagged_clipped_or_rejected(way: str) -> None:
    def last(action: str) -> tuple[Any, Any]:
        asked = f'outliers = {{ {way}, action = "{action}", after = 8 }}'
        values, counted = run("price", asked, *NORMAL, 10.3, 500.0)
        assert values[:-1] == [*NORMAL, 10.3]
        return values[-1], counted

    assert last("flag") == (500.0, {"outliers_flagged": 1})
    clipped, counted = last("clip")
    assert 11 < clipped < 15 and counted == {"outliers_clipped": 1}
    rejected, counted = last("reject")
    assert rejected[:2] == ["outlier", 500.0] and counted == {"outliers_rejected": 1}


@pytest.mark.parametrize("field", ["price", "quantity", "age", "income", "household_size"])
def test_a_rejected_outlier_is_refused_with_its_evidence(field: str) -> None:
    to_events = mapper(field, 'outliers = { fence = 1.5, action = "reject", after = 4 }')
    cells = [10, 11, 9, 12, 10, 900]
    envelope = {"event_id": "e", "customer_id": "c", "ts": 1_700_000_000}
    event = to_events(Chunk({"x": cells, "n": list(range(6))}, range(6)))[-1]
    payload = json.dumps(json.loads(event.payload) | envelope).encode()
    (rejected,) = decode(event.kind, [Written(payload)], 2**53).rejected
    assert rejected.field == field
    assert rejected.value.startswith("['outlier', 900, 'beyond ")


def test_few_values_and_values_without_spread_judge_nobody() -> None:
    asked = 'outliers = { fence = 1.5, action = "clip", after = 8 }'
    assert run("price", asked, 1, 2, 1, 2, 900)[1] == {}
    assert run("price", asked, *[1] * 20, 900)[1] == {}


def test_clipped_quantities_stay_whole_and_inside() -> None:
    values, _ = run("quantity", 'outliers = { fence = 1.5, action = "clip", after = 8 }',
                    1, 2, 3, 4, 1, 2, 3, 4, 900)  # fmt: skip
    assert isinstance(values[-1], int) and 4 < values[-1] < 9


def test_facts_are_normalized_by_the_rows_so_far() -> None:
    assert run("income", 'normalize = "min_max"', 10, 20, 15)[0] == [
        *("0.000e+00", "1.000e+00", "5.000e-01")
    ]
    assert run("income", 'normalize = "log"', 0, 9, -3)[0] == [*("0.000e+00", "2.303e+00", -3)]
    values, counted = run("income", 'normalize = "z_score"', 1, 3, 2, "high")
    assert values == ["0.000e+00", "7.071e-01", "0.000e+00", "high"]
    assert counted == {"normalized": 3}


@pytest.mark.parametrize("field", ["age", "income", "household_size"])
@pytest.mark.parametrize("way", ["min_max", "z_score", "log"])
def test_normalized_facts_are_taken_as_they_are_written(field: str, way: str) -> None:
    for value in run(field, f'normalize = "{way}"', 60, 2, 31, 2)[0]:
        event = {"type": "customer", "event_id": "e", "customer_id": "c", "ts": 1_323_388_800}
        record = Written(json.dumps(event | {field: value}).encode(), 0)
        ((_, found),) = decode("customer", [record], 0).accepted
        assert found.get(field) == value


def test_steps_change_units_and_sums_add_columns() -> None:
    toml = """
    [[event]]
    type = "purchase"
    [event.fields]
    price = { column = "x", do = [{ scale = 0.5 }, { offset = -16 }] }
    discount = { sum = ["x", "y"] }
    coupon = { const = "spring", when = { column = "y", gt = 0 } }
    """
    to_events = TableMapping.parse(toml, "test").compile("t")
    chunk = Chunk({"x": ["100", "0.1", "a", None], "y": [1, "0.2", 1, None]}, range(4))
    rows = [json.loads(event.payload) for event in to_events(chunk)]
    assert [row.get("price") for row in rows] == [34.0, -15.95, "a", None]
    assert [row.get("discount") for row in rows] == [101.0, 0.3, "a", None]
    assert [row.get("coupon") for row in rows] == ["spring", "spring", "spring", None]


def test_a_table_may_have_its_own_words_for_absent() -> None:
    toml = 'source.absent = ["NA", "\\\\N"]\n[[event]]\ntype = "purchase"\nfields.brand = "x"'
    events = TableMapping.parse(toml, "test").compile("t")(
        Chunk({"x": ["NA", "\\N", "a"]}, [0, 1, 2])
    )
    assert [json.loads(event.payload).get("brand") for event in events] == [None, None, "a"]


def test_repeated_rows_are_dropped_within_their_window_and_counted() -> None:
    toml = '[duplicates]\nexact_within = 2\n[[event]]\ntype = "purchase"\nfields.brand = "x"'
    to_events = TableMapping.parse(toml, "test").compile("t")
    first = to_events(Chunk({"x": ["a", "a", "b"]}, range(3)))
    second = to_events(Chunk({"x": ["a", "c", "a", "d", "b"]}, range(3, 8)))
    brands = [json.loads(event.payload)["brand"] for event in first + second]
    assert brands == ["a", "b", "c", "a", "d", "b"]
    assert to_events.report()["rows"] == {"read": 8, "duplicates_dropped": 2}


def test_rows_that_give_no_event_are_counted() -> None:
    toml = '[[event]]\ntype = "purchase"\nwhen = { column = "x", gt = 1 }'
    to_events = TableMapping.parse(toml, "test").compile("t")
    assert len(to_events(Chunk({"x": [1, 2, 3]}, range(3)))) == 2
    assert to_events.report() == {"rows": {"read": 3, "without_event": 1}, "fields": {}}


cells = st.one_of(st.none(), st.integers(-50, 50), st.floats(), st.sampled_from(["7", "x", ""]))
EVERYTHING = """
missing = "median"
outliers = { robust_z = 2.0, action = "clip", after = 4 }
"""


@settings(deadline=None)
@given(st.lists(cells, max_size=40), st.integers(1, 7))
def test_how_a_table_is_cut_into_chunks_changes_nothing(rows: list[Any], chunk_rows: int) -> None:
    whole = run("age", EVERYTHING + 'normalize = "z_score"', *rows)
    assert run("age", EVERYTHING + 'normalize = "z_score"', *rows, chunk_rows=chunk_rows) == whole
    counted = whole[1]
    assert counted.get("missing_left", 0) + counted.get("missing_filled", 0) == sum(
        cell is None or cell == "" or cell != cell for cell in rows
    )


odd_cells = st.one_of(cells, st.booleans(), st.integers(), st.just([1]), st.just({"a": 1}))


@settings(deadline=None)
@given(st.lists(odd_cells, max_size=30), st.sampled_from(["mean", "median", "mode"]))
def test_no_cell_makes_preprocessing_fail(rows: list[Any], way: str) -> None:
    asked = 'outliers = { fence = 1.5, action = "clip", after = 4 }\nnormalize = "z_score"'
    assert len(run("age", f'missing = "{way}"\n{asked}', *rows)[0]) == len(rows)
    assert len(run("city", 'missing = "mode"', *rows)[0]) == len(rows)


@given(st.lists(st.integers(-500, 500), min_size=60, max_size=80))
def test_medians_and_limits_are_those_of_all_values_so_far(values: list[int]) -> None:
    """With each value that comes, and not a few values later."""
    sample = Sample()
    for count, value in enumerate(values, 1):
        sample.add(value)
        so_far = values[:count]
        middle = median(so_far)
        assert sample.typical() == middle
        if count >= 4:
            low, _, high = quantiles(so_far, n=4)
            reach = 1.5 * (high - low)
            assert sample.fence(1.5) == ((low - reach, high + reach) if reach else None)
            off = 3.5 * median(abs(each - middle) for each in so_far) / 0.6745
            expected = pytest.approx((middle - off, middle + off)) if off else None
            assert sample.robust_limits(3.5) == expected


def test_running_statistics_agree_with_numpy() -> None:
    rng, moments, sample = Random(3), Moments(), Sample()
    values = np.array([rng.lognormvariate(3, 1) for _ in range(20 * SAMPLE)])
    for value in values.tolist():
        moments.add(value)
        sample.add(value)
    assert moments.mean == pytest.approx(values.mean())
    assert moments.sd == pytest.approx(values.std(ddof=1))
    assert abs((values < sample.typical()).mean() - 0.5) < 0.04
    low, high = np.quantile(values, [0.25, 0.75])
    assert sample.fence(1.5) == pytest.approx(
        (low - 1.5 * (high - low), high + 1.5 * (high - low)), rel=0.15
    )


@pytest.mark.parametrize(
    ("field", "asked", "path"),
    [
        ("brand", 'missing = "mean"', "preprocess.brand.missing"),
        ("price", 'missing = "guess"', "preprocess.price.missing"),
        ("price", "missing = { }", "preprocess.price.missing"),
        ("customer_id", "missing = { default = 1 }", "preprocess.customer_id.missing"),
        ("interests", 'missing = "mode"', "preprocess.interests.missing"),
        ("brand", 'outliers = { fence = 1.5, action = "flag" }', "preprocess.brand.outliers"),
        ("price", 'outliers = { action = "flag" }', "preprocess.price.outliers"),
        ("price", 'normalize = "z_score"', "preprocess.price.normalize"),
    ],
)
def test_what_cannot_be_done_is_an_error_that_names_the_place(
    field: str, asked: str, path: str
) -> None:
    with pytest.raises(MappingError) as caught:
        mapper(field, asked)
    assert str(caught.value.path).startswith(path)


def test_only_fields_that_are_filled_can_be_preprocessed() -> None:
    with pytest.raises(MappingError) as caught:
        TableMapping.parse('preprocess.price.missing = "drop"\n[[event]]\ntype = "purchase"', "t")
    assert caught.value.path == "preprocess.price"
