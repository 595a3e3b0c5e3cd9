"""The sample is bounded, the same every time, and fair."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiles.population.sample import Sample

LIMIT = 1000


def test_few_customers_are_all_in_it() -> None:
    sample = Sample(LIMIT)
    sample.add(map(str, range(LIMIT)))
    assert (len(sample.customers), sample.estimate) == (LIMIT, LIMIT)


def test_many_customers_are_sampled_and_estimated() -> None:
    sample = Sample(LIMIT)
    for start in range(0, 100_000, 1000):
        sample.add(map(str, range(start, start + 1000)))
        assert len(sample.customers) <= LIMIT
    assert len(sample.customers) > LIMIT / 4
    assert sample.estimate == pytest.approx(100_000, rel=0.15)  # four standard errors


@given(st.lists(st.text(max_size=3), max_size=100), st.randoms())
def test_neither_order_nor_repetition_matters(customers: list[str], random: object) -> None:
    """SCAN may give a key twice."""
    one, other = Sample(8), Sample(8)
    one.add(customers)
    shuffled = customers * 2
    random.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis types it as Random
    other.add(shuffled)
    assert (sorted(one.customers), one.estimate) == (sorted(other.customers), other.estimate)
