import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.examples import (
    ACTIONS,
    KINDS,
    MOMENTS,
    RECORD_BYTES,
    RECORD_EXAMPLES,
    Command,
    ExampleId,
    MalformedExampleError,
    Outcome,
    Question,
    decode,
    encode,
    records,
)

ids = st.builds(ExampleId, st.text(), *[st.integers(0, 2**40)] * 3)
times = st.integers(-(2**52), 2**52)
finite = st.floats(allow_nan=False, allow_infinity=False)
about = st.dictionaries(st.text(), st.text() | finite | st.lists(st.text(), max_size=3), max_size=3)
rows = st.lists(finite, max_size=20)
questions = st.builds(
    Question, st.sampled_from(MOMENTS), st.text(), times, rows, st.integers(0, 9), about, ids
)
hashes = st.integers(0, 2**40)
amounts = st.integers(-(2**52), 2**52)
outcomes = st.builds(
    Outcome, st.sampled_from(KINDS), st.text(), times, hashes, amounts, st.none() | st.text(), ids
)
commands = st.builds(Command, st.sampled_from(ACTIONS), st.text(), st.text(), times)


@given(st.lists(questions | outcomes | commands, max_size=5))
def test_what_is_encoded_is_decoded_the_same(entries):
    decoded = [decode(value) for value in records(map(encode, entries))]
    assert [entry for found, _ in decoded for entry in found] == entries
    assert not any(malformed for _, malformed in decoded)


def test_records_stay_small():
    many = [b"1"] * (2 * RECORD_EXAMPLES + 1)
    large = [b"2" * 1_000] * 1_000
    assert len(list(records(many))) == 3
    assert all(len(value) < 2 * RECORD_BYTES for value in records(large))


@pytest.mark.parametrize("value", [b"", b"{", b"null", b"1"])
def test_what_is_no_list_is_refused_with_its_bytes(value):
    with pytest.raises(MalformedExampleError) as refused:
        decode(value)
    assert refused.value.evidence["value"] == value


@pytest.mark.parametrize(
    "row",
    [
        "[]",
        '"x"',
        '["x"]',
        '["o","gift","c",1,7,0,null,"t",0,0,0]',
        '["o","purchase","c",1,7,0,null,"t",0,0]',
        '["o","purchase","c",1.5,7,0,null,"t",0,0,0]',
        '["o","purchase","c",99999999999999999,7,0,null,"t",0,0,0]',
        '["o","purchase","c",1,7,0,3,"t",0,0,0]',
        '["q","lunch","c",1,[1.0],1,{},"t",0,0,0]',
        '["q",[],"c",1,[1.0],1,{},"t",0,0,0]',
        '["q","order","c",1,[1.0,null],1,{},"t",0,0,0]',
        '["q","order","c",1,[1.0,"2"],1,{},"t",0,0,0]',
        '["q","order","c",1,[true],1,{},"t",0,0,0]',
        '["q","order","c",1,1,1,{},"t",0,0,0]',
        '["q","order","c",1,[1.0],1,[],"t",0,0,0]',
        '["c","dethrone","churn","",1]',
    ],
)
def test_what_is_no_example_is_told_and_its_neighbours_are_read(row):
    good = encode(Command("release", "churn", "", 1)).decode()
    entries, malformed = decode(f"[{good},{row},{good}]".encode())
    assert len(entries) == 2
    assert len(malformed) == 1


def test_a_feature_that_is_not_finite_is_refused_by_whoever_reads_it():
    question = Question("order", "c", 1, [float("nan")], 1, {}, ExampleId("t", 0, 0, 0))
    (value,) = records([encode(question)])
    assert len(decode(value)[1]) == 1
