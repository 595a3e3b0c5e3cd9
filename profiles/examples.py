"""What a moment gives to learn from: an outcome, and a question for each task that asks then."""

from collections.abc import Iterator

from profiles.keyspace import Partition
from profiles.learning.features import FEATURE_VERSION
from profiles.update import Moment
from schemas.examples import Example, ExampleId, Outcome, Question

ASKED_AT_ORDERS = ("churn", "segment")
"""Tasks that ask about a customer at each new order."""


def examples_of(moment: Moment, partition: Partition, epoch: int) -> Iterator[Example]:
    """Yield the moment's examples; the outcome first, so that no order answers itself.

    >>> moment = Moment(offset=7, customer="17850", at=0, features=[1.0])
    >>> [type(e).__name__ for e in examples_of(moment, Partition("purchase", 0), 1)]
    ['Outcome', 'Question', 'Question']
    """
    source = f"{partition.kind}@{epoch:016x}"  # ids of a recreated topic are other ids
    yield Outcome(
        "purchase",
        moment.customer,
        moment.at,
        None,
        ExampleId(source, partition.number, moment.offset, 0),
    )
    for ordinal, task in enumerate(ASKED_AT_ORDERS, start=1):
        yield Question(
            task,
            moment.customer,
            moment.at,
            moment.features,
            FEATURE_VERSION,
            ExampleId(source, partition.number, moment.offset, ordinal),
        )
