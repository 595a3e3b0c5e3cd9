import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.examples import ExampleId, MalformedExampleError, Outcome, Question, decode, encode

ids = st.builds(ExampleId, st.text(), *[st.integers(0, 2**40)] * 3)
times = st.integers(-(2**52), 2**52)
finite = st.floats(allow_nan=False, allow_infinity=False)
questions = st.builds(
    Question, st.text(), st.text(), times, st.lists(finite, max_size=20), st.integers(0, 9), ids
)
amounts = st.none() | st.integers(-(2**52), 2**52)
outcomes = st.builds(Outcome, st.just("purchase"), st.text(), times, amounts, ids)


@given(questions | outcomes)
def test_what_is_encoded_is_decoded_the_same(example):
    assert decode(encode(example)) == example


@pytest.mark.parametrize(
    "value",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b'["x"]',
        b'["o","return","c",1,null,"t",0,0,0]',
        b'["o","purchase","c",1,null,"t",0,0]',
        b'["o","purchase","c",1.5,null,"t",0,0,0]',
        b'["o","purchase","c",99999999999999999,null,"t",0,0,0]',
        b'["q","churn","c",1,[1.0,null],1,"t",0,0,0]',
        b'["q","churn","c",1,[1.0,"2"],1,"t",0,0,0]',
        b'["q","churn","c",1,[true],1,"t",0,0,0]',
        b'["q","churn","c",1,1,1,"t",0,0,0]',
    ],
)
def test_anything_else_is_refused_with_its_bytes(value):
    with pytest.raises(MalformedExampleError) as refused:
        decode(value)
    assert refused.value.evidence["value"] == value


def test_a_feature_that_is_not_finite_is_refused_by_whoever_reads_it():
    question = Question("churn", "c", 1, [float("nan")], 1, ExampleId("t", 0, 0, 0))
    with pytest.raises(MalformedExampleError):
        decode(encode(question))
