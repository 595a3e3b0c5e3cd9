"""What a moment gives to learn from: the outcome that it is, and the question asked then."""

from collections.abc import Iterator
from typing import Any

from profiles.changes import Moment
from profiles.keyspace import Partition
from profiles.learning.features import FEATURE_VERSION
from profiles.sections.purchase import amount_of
from profiles.sketches.window import id_hash
from schemas.examples import MOST_TEXT, Example, ExampleId, Outcome, Question

ABOUT = ("category", "brand", "item_id", "channel", "action", "device", "rating", "price")
"""What questions carry of their moment's event, as it was sent."""


_ORDINALS = {"event": 0, "order": 2, "visit": 2, "feedback": 2}
"""Places of questions among what one event gives rise to; 1 is an outcome's."""


def examples_of(moment: Moment, partition: Partition, epoch: int) -> Iterator[Example]:
    """Yield the moment's examples; the outcome first, so that no order answers itself.

    >>> event = {"type": "purchase", "event_id": "1", "ts": 0, "quantity": 2, "price": 1.5}
    >>> moment = Moment(7, "17850", "order", event, features=[1.0], tastes={"tea": 1.0})
    >>> outcome, question = examples_of(moment, Partition("purchase", 0), 1)
    >>> outcome.amount, question.about
    (30000, {'price': 1.5, 'amount': 3.0, 'tastes': {'tea': 1.0}})
    """
    source = f"{partition.kind}@{epoch:016x}"  # ids of a recreated topic are other ids
    event = moment.event
    amount = 0
    if partition.kind == "purchase":
        amount = 0 if "currency" in event else amount_of(event) or 0
    if partition.kind == "purchase" and moment.kind != "event":
        yield Outcome(
            event["type"],
            moment.customer,
            event["ts"],
            int.from_bytes(id_hash(event.get("order_id") or event["event_id"])),
            amount,
            event.get("category"),
            ExampleId(source, partition.number, moment.offset, 1),
        )
    if moment.kind:
        yield Question(
            moment.kind,
            moment.customer,
            event["ts"],
            moment.features,
            FEATURE_VERSION,
            _about(event, amount, moment.tastes),
            ExampleId(source, partition.number, moment.offset, _ORDINALS[moment.kind]),
        )


def _about(event: Any, amount: int, tastes: dict[str, float]) -> dict[str, Any]:
    """Return what the event said, what it came to in units of the base currency, and `tastes`.

    What comes back has no amount: nothing else would tell it from a purchase.
    """
    about = {key: event[key] for key in ABOUT if key in event}
    if amount and event["type"] == "purchase":
        about["amount"] = amount / 10_000
    if tastes:
        about["tastes"] = tastes
    if "text" in event:
        about["text"] = event["text"][:MOST_TEXT]
    return about
