"""Decoding: a batch equals its records one by one, and a bad record harms no other."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from schemas.decode import decode, json_schema
from schemas.events import AnyPurchase
from schemas.instants import to_epoch_ms
from schemas.topics import Kind

from .malformed import GOOD, MALFORMED, good

AT = 1291191960000  # the time of the good purchase, epoch ms


@dataclass(frozen=True)
class Written:
    value: bytes | None
    timestamp: int | None = AT
    offset: int = 0


def decode_one(kind: Kind, **fields: Any) -> Any:
    decoded = decode(kind, [Written(json.dumps(fields).encode())], max_future_ms=0)
    return decoded.accepted[0][1] if decoded.accepted else decoded.rejected[0]


def feedback(**fields: Any) -> Any:
    return decode_one("feedback", type="feedback", event_id="e", customer_id="c", ts=AT, **fields)


def purchase(**fields: Any) -> Any:
    return decode_one("purchase", **{**GOOD, **fields})


@pytest.mark.parametrize(("record", "error_type", "field"), [case[1:] for case in MALFORMED],
                         ids=[case[0] for case in MALFORMED])  # fmt: skip
def test_each_malformed_record_is_refused_with_its_reason(
    record: bytes, error_type: str, field: str
) -> None:
    decoded = decode("purchase", [Written(record)], max_future_ms=0)
    assert decoded.accepted == []
    (rejected,) = decoded.rejected
    assert (rejected.index, rejected.error_type, rejected.field) == (0, error_type, field)
    assert rejected.expected in rejected.message
    assert len(rejected.value) <= 80


odd_values = st.sampled_from(
    [
        None,
        "",
        " ",
        True,
        0,
        -1,
        1.5,
        1e300,
        float("nan"),
        "x",
        "9" * 30,
        "\ud800",
        [],
        [[]],
        {},
        {"a": {}},
    ]
)
records = st.one_of(
    st.just(good()),
    st.just(good(type="return", reason="broken")),
    st.just(good(price=None, category=" ", quantity="2", ts="2010-12-01T08:26:00Z")),
    st.sampled_from([case[1] for case in MALFORMED]),
    st.binary(max_size=40),
    st.sampled_from([b'{"a":1},{"b":2}', b'{"type":"purchase"', b'"event_id":"x"}', b"}", b"],["]),
    st.builds(lambda field, value: good(**{field: value}), st.sampled_from([*GOOD]), odd_values),
)


@settings(deadline=None)
@given(st.lists(records.map(Written), max_size=12))
def test_a_batch_decodes_as_its_records_do_one_by_one(batch: list[Written]) -> None:
    decoded = decode("purchase", batch, max_future_ms=0)
    alone = [decode("purchase", [record], max_future_ms=0) for record in batch]
    assert decoded.accepted == [
        (index, event) for index, one in enumerate(alone) for _, event in one.accepted
    ]
    assert [rejected.message for rejected in decoded.rejected] == [
        rejected.message for one in alone for rejected in one.rejected
    ]
    indices = [index for index, _ in decoded.accepted] + [r.index for r in decoded.rejected]
    assert sorted(indices) == list(range(len(batch)))


@pytest.mark.parametrize("bad", [0, 7, 11])
def test_places_are_those_of_the_batch_whatever_was_refused_before_them(bad: int) -> None:
    batch = [Written(good(event_id=str(place))) for place in range(12)]
    batch[bad] = Written(b"{")
    late = batch[bad ^ 1] = Written(good(event_id="late"), AT - 1)
    decoded = decode("purchase", batch, max_future_ms=0)
    assert [refusal.index for refusal in decoded.rejected] == sorted([bad, batch.index(late)])
    others = [place for place in range(len(batch)) if place not in (bad, bad ^ 1)]
    assert [(i, event["event_id"]) for i, event in decoded.accepted] == [
        (place, str(place)) for place in others
    ]


@pytest.mark.parametrize("blank", [{}, {"category": " "}])
@pytest.mark.parametrize("odd", ["NaN", "1e400", "1" * 30, '{"a": [null]}', r'"\u0000"'])
def test_what_an_unknown_field_holds_is_no_matter_at_the_first_look_or_the_second(
    blank: dict[str, Any], odd: str
) -> None:
    record = good(loyalty="@", **blank).replace(b'"@"', odd.encode())
    assert decode("purchase", [Written(record)], 0).accepted == [(0, purchase())]


@settings(deadline=None)
@given(st.lists(records, max_size=6))
def test_an_event_is_what_the_validator_makes_of_the_parsed_record(batch: list[bytes]) -> None:
    """Parsing and validating in one step decides as pydantic does on Python's own parse."""
    validator = TypeAdapter(AnyPurchase)
    for index, event in decode("purchase", [Written(value, None) for value in batch], 0).accepted:
        parsed = json.loads(batch[index])
        blanks = [key for key, value in parsed.items() if value is None or not str(value).strip()]
        given = {key: value for key, value in parsed.items() if key not in blanks}
        assert event == validator.validate_python(given)


def test_halves_of_an_object_in_neighbouring_records_do_not_become_one() -> None:
    """Joined by commas these would parse as purchases that nobody sent."""
    whole = good()
    first, second = whole.split(b', "ts"')
    batch = [whole, first, b'"ts"' + second, whole + b"," + whole, whole]
    decoded = decode("purchase", [Written(value) for value in batch], max_future_ms=0)
    assert [index for index, _ in decoded.accepted] == [0, 4]
    assert [rejected.error_type for rejected in decoded.rejected] == ["not_json"] * 3


def test_an_event_later_than_its_record_is_refused_by_the_records_time_and_no_clock() -> None:
    batch = [Written(good(), at) for at in (AT, AT - 1000, AT - 1001, 0, -1, None)]
    decoded = decode("purchase", batch, max_future_ms=1000)
    assert [index for index, _ in decoded.accepted] == [0, 1, 3, 4, 5]
    assert decoded.rejected[0].error_type == "future"


def test_a_tombstone_is_refused_as_empty() -> None:
    assert decode("purchase", [Written(None)], 0).rejected[0].error_type == "empty"


@pytest.mark.parametrize(
    "written", [AT, AT / 1000, "1291191960", f"{AT}", "2010-12-01T08:26:00Z", "2010-12-01 08:26:00",
                "2010-12-01T16:26:00+08:00", "20101201T082600Z"],
)  # fmt: skip
def test_times_in_every_notation_become_epoch_milliseconds(written: object) -> None:
    assert purchase(ts=written)["ts"] == AT


def test_numbers_become_ids_and_decimal_strings_become_numbers() -> None:
    event = purchase(customer_id=17850, event_id=7, price="2.55", quantity=6.0)
    assert (event["customer_id"], event["event_id"]) == ("17850", "7")
    assert (event["price"], event["quantity"]) == (2.55, 6)


@pytest.mark.parametrize(
    "ts", ["2011-12-31T23:59:59.999999Z", "2011-12-31 23:59:59.999999999", 1325375999.9999]
)
def test_the_last_moment_of_a_day_is_not_of_the_next(ts: object) -> None:
    """So some tables write the end of a day, a month or a year."""
    assert to_epoch_ms(ts) == 1_325_376_000_000 - 1


@given(st.datetimes(datetime(1970, 2, 18), datetime(2099, 12, 31)))
def test_a_time_is_of_the_day_that_it_is_written_with(moment: datetime) -> None:
    day = 86_400_000
    midnight = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    assert to_epoch_ms(moment.isoformat()) // day == to_epoch_ms(midnight.isoformat()) // day
    seconds = moment.replace(tzinfo=UTC).timestamp()
    assert to_epoch_ms(seconds) == to_epoch_ms(moment.isoformat())


@pytest.mark.parametrize("written", ["0.30000000000000004", "2.5499999999999998"])
def test_decimal_strings_may_have_as_many_decimals_as_programs_write(written: str) -> None:
    assert purchase(price=written)["price"] == float(written)


def test_ids_may_be_written_in_any_script() -> None:
    assert purchase(customer_id="顾客-42")["customer_id"] == "顾客-42"


@pytest.mark.parametrize("version", ["1", "1.0", "1.7", 1, 1.2])
def test_a_newer_minor_version_with_unknown_fields_is_accepted(version: object) -> None:
    event = purchase(schema_version=version, loyalty={"tier": 3})
    assert event["schema_version"] == str(version)
    assert "loyalty" not in event


def test_null_and_blank_optional_fields_count_as_absent() -> None:
    event = purchase(price=None, category="", brand="  ", quantity=None)
    assert event.keys().isdisjoint({"price", "category", "brand"})
    assert event["quantity"] == 1


def test_the_message_shows_field_value_and_expectation() -> None:
    assert purchase(price=-3.0).message == "price: got -3.0, expected a number from 0 to 1000000000"
    assert purchase(customer_id=None).message.startswith("customer_id: missing, expected 1 to 128")


def test_feedback_needs_a_rating_or_a_text() -> None:
    assert feedback(rating=5)["rating"] == 5
    assert feedback(text="好用\n推荐")["text"] == "好用\n推荐"
    assert (feedback().error_type, feedback(text=" ").field) == ("missing", "rating")
    assert feedback(text="a\0b").field == "text"


def test_facts_are_numbers_or_bands_and_consent_is_true_or_false() -> None:
    base = {"type": "customer", "event_id": "e", "customer_id": "c", "ts": AT}
    event = decode_one("customer", **base, age="34", income="35-49K", household_size="5+",
                       interests=["tea"], consent={"email": False})  # fmt: skip
    assert (event["age"], event["income"], event["household_size"]) == (34, "35-49K", "5+")
    assert decode_one("customer", **base, consent={"email": 1}).field == "consent"
    assert decode_one("customer", **base, interests=["x"] * 33).field == "interests"
    assert decode_one("customer", **base, age=131).field == "age"
    assert decode_one("customer", **base, age=True).field == "age"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *(("age", text) for text in ("200", " 131 ", "200.0", "34.5", "-1", "9" * 20)),
        *(("income", text) for text in ("-3", "-.5", "5000000000")),
        *(("household_size", text) for text in ("0", "101", "2.5")),
    ],
)
def test_a_number_out_of_range_is_no_band_because_it_is_text(field: str, value: str) -> None:
    found = decode_one(
        "customer", type="customer", event_id="e", customer_id="c", ts=AT, **{field: value}
    )
    assert (found.field, found.value) == (field, repr(value))


def test_browsing_needs_a_known_action_and_a_wrong_type_is_named_first() -> None:
    base = {"event_id": "e", "customer_id": "c", "ts": AT}
    assert decode_one("browse", **base, type="browse", action="view")["action"] == "view"
    assert decode_one("browse", **base, type="browse", action="hover").field == "action"
    assert decode_one("browse", **base, type="purchase").field == "type"


ENVELOPE = {"event_id": "e", "customer_id": "c", "ts": AT}


PURCHASE = {"type": "purchase"}
VIEW = {"type": "browse", "action": "view"}
SERVICE = {"type": "service"}
TOUCH = {"type": "touch", "campaign": "may"}


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        (
            "purchase",
            PURCHASE | {"amount": 10.0, "discount": 1.5, "coupon": "MAY-10", "device": "phone"},
        ),
        ("browse", VIEW | {"duration_seconds": 12.5}),
        (
            "feedback",
            SERVICE | {"channel": "phone", "topic": "delivery", "resolved": True, "score": 8.0},
        ),
        (
            "feedback",
            {"type": "mention", "platform": "weibo", "sentiment": "positive", "text": "好店"},
        ),
        ("feedback", {"type": "referral", "referred_id": "c2", "channel": "link"}),
        ("feedback", SERVICE),
        ("touch", TOUCH | {"action": "click", "variant": "b", "channel": "email"}),
    ],
)
def test_each_type_keeps_its_fields(kind: Kind, fields: dict[str, Any]) -> None:
    event = decode_one(kind, **ENVELOPE, **fields)
    assert event == {**({"quantity": 1} if kind == "purchase" else {}), **ENVELOPE, **fields}


@pytest.mark.parametrize(
    ("kind", "fields", "at_fault"),
    [
        ("purchase", PURCHASE | {"amount": -1}, "amount"),
        ("purchase", {"type": "return", "discount": "much"}, "discount"),
        ("browse", VIEW | {"duration_seconds": 86_401}, "duration_seconds"),
        ("feedback", SERVICE | {"resolved": "perhaps"}, "resolved"),
        ("feedback", SERVICE | {"score": 11}, "score"),
        ("feedback", {"type": "mention", "sentiment": "angry"}, "sentiment"),
        ("feedback", {"type": "referral", "referred_id": "a b"}, "referred_id"),
        ("feedback", {"type": "praise", "rating": 3}, "type"),
        ("touch", TOUCH | {"action": "seen"}, "action"),
        ("touch", {"type": "touch", "action": "open"}, "campaign"),
        ("touch", {"type": "tap", "campaign": "may", "action": "open"}, "type"),
    ],
)
def test_a_field_at_fault_is_named_in_every_type(
    kind: Kind, fields: dict[str, Any], at_fault: str
) -> None:
    assert decode_one(kind, **ENVELOPE, **fields).field == at_fault


EVERY_KIND: tuple[Kind, ...] = get_args(Kind)


@pytest.mark.parametrize("kind", EVERY_KIND)
def test_every_kind_describes_itself_and_its_fields(kind: Kind) -> None:
    described = json_schema(kind)
    for shape in described.get("$defs", {"": described}).values():
        assert all("description" in field for field in shape["properties"].values())
