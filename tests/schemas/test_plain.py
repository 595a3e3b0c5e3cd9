"""The quick way: what it reads, pydantic would read too, and make the very same event of."""

import json
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError
from typing_extensions import get_type_hints

from schemas.events import AnyPurchase, Browse, Purchase, Touch
from schemas.fields import MAX_FACT, MAX_ID, MAX_NAME, MAX_NUMBER
from schemas.instants import EARLIEST_MS, LATEST_MS
from schemas.plain import plain_reader
from schemas.topics import Kind

from .malformed import good

KINDS: dict[Kind, Any] = {"purchase": AnyPurchase, "browse": Browse, "touch": Touch}
EVENTS: dict[Kind, dict[str, Any]] = {
    "purchase": {"type": "purchase", "quantity": 2, "price": 2.55, "currency": "GBP"},
    "browse": {"type": "browse", "action": "view", "duration_seconds": 3},
    "touch": {"type": "touch", "campaign": "spring", "action": "open"},
}
ENVELOPE = {"event_id": "e1", "customer_id": "顾客-42", "ts": 1291191960000}
FIELDS = sorted(set().union(*(get_type_hints(each) for each in (Purchase, Browse, Touch))))

lengths = st.sampled_from([1, MAX_FACT, MAX_FACT + 1, MAX_ID, MAX_ID + 1, MAX_NAME, MAX_NAME + 1])
odd_texts = [
    "",
    " ",
    " x",
    "x ",
    "a b",
    "{x}",
    "a\tb",
    "\u200b",
    "x\u00a0",
    "全 角",
    "\x7f",
    "\\",
    '"',
]
limits = [0, 1, -1, 1_000_000, 1_000_001, MAX_NUMBER, MAX_NUMBER + 1, 86_400, 86_401]
values = st.one_of(
    st.text(max_size=8),
    st.builds(lambda length: "x" * length, lengths),
    st.sampled_from(odd_texts),
    st.sampled_from([*limits, EARLIEST_MS, EARLIEST_MS - 1, LATEST_MS, LATEST_MS + 1]),
    st.sampled_from(["2010-12-01T08:26:00Z", "1.0", "EUR", "ZZZ", "view", "open", "return"]),
    st.floats(),
    st.integers(),
    st.sampled_from([None, True, [], ["x"], {}, {"a": {}}]),
)


@st.composite
def records(draw: st.DrawFn, kind: Kind) -> bytes:
    """An event with some fields changed, left out or added, in one of the ways to write JSON."""
    event = ENVELOPE | EVENTS[kind]
    event |= draw(st.dictionaries(st.sampled_from([*FIELDS, "unknown"]), values, max_size=3))
    for name in draw(st.lists(st.sampled_from(sorted(event)), max_size=1)):
        del event[name]
    written = json.dumps(
        event,
        ensure_ascii=draw(st.booleans()),
        separators=draw(st.sampled_from([None, (",", ":")])),
        indent=draw(st.sampled_from([None, None, 1])),
    )
    twice = draw(
        st.sampled_from(["", '{"ts": 1, ', '{"event_id": "first", "event_id": "second", '])
    )
    return (twice + written[1:] if twice else written).encode(errors="surrogatepass")


@settings(deadline=None, max_examples=400)
@given(st.data(), st.sampled_from(sorted(KINDS)))
def test_what_is_read_quickly_is_what_pydantic_makes_of_it(data: st.DataObject, kind: Kind) -> None:
    """To the type: a price of 3 is 3.0 either way."""
    record = data.draw(records(kind))
    (event,) = quickly(kind, record)
    if event is not None:
        validated = TypeAdapter(KINDS[kind]).validate_json(record)
        assert sorted(map(repr, event.items())) == sorted(map(repr, validated.items()))


@settings(deadline=None)
@given(st.binary(max_size=60))
@example(good(event_id="a{b"))
@example(good(event_id="a}b"))
@example(good(unknown="@").replace(b'"@"', b"[" * 300 + b"]" * 300))
def test_what_pydantic_refuses_is_not_read_quickly(record: bytes) -> None:
    try:
        TypeAdapter(AnyPurchase).validate_json(record)
    except ValidationError:
        assert quickly("purchase", record) == [None]


@pytest.mark.parametrize("kind", sorted(KINDS))
@pytest.mark.parametrize("separators", [None, (",", ":")])
def test_events_that_are_written_plainly_go_the_quick_way(kind: Kind, separators: Any) -> None:
    """In any script, with fields that nobody knows, and with spaces around names."""
    event = ENVELOPE | EVENTS[kind] | {"category": " 女装 shoes ", "unknown": 1.5}
    record = json.dumps(event, ensure_ascii=False, separators=separators).encode()
    (read,) = quickly(kind, record)
    assert read == TypeAdapter(KINDS[kind]).validate_json(record)


def test_a_quantity_that_is_not_given_is_one_either_way() -> None:
    (event,) = quickly("purchase", good(quantity=...))
    assert event is not None
    assert event["quantity"] == 1


def test_producers_write_alike_so_a_first_record_that_is_not_plain_speaks_for_all() -> None:
    numbers_in_text, plain = good(price="2.55"), good()
    assert quickly("purchase", numbers_in_text, plain) == [None, None]
    assert quickly("purchase", plain, numbers_in_text)[1:] == [None]


def quickly(kind: Kind, *records: bytes) -> list[Any]:
    reader = plain_reader(kind)
    assert reader is not None
    return reader.read(records)
