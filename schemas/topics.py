"""The topics: one per kind of event, the dead letters, and the two that learning uses.

A *kind* names a topic of events; a *type* names one shape of event within it. Both purchases and
returns travel in `events.purchase`, so that a return is read after the purchase that it takes back.
"""

from typing import Final, Literal

Kind = Literal["purchase", "browse", "feedback", "customer", "touch"]
EventType = Literal[
    "purchase",
    "return",
    "browse",
    "feedback",
    "service",
    "mention",
    "referral",
    "customer",
    "touch",
]

KINDS: Final[tuple[Kind, ...]] = ("purchase", "browse", "feedback", "customer", "touch")
KIND_OF_TYPE: Final[dict[EventType, Kind]] = {
    "purchase": "purchase",
    "return": "purchase",
    "browse": "browse",
    "feedback": "feedback",
    "service": "feedback",
    "mention": "feedback",
    "referral": "feedback",
    "customer": "customer",
    "touch": "touch",
}

DEAD: Final = "events.dead"
EXAMPLES: Final = "learning.examples"
MODELS: Final = "learning.models"


def event_topic(kind: Kind, prefix: str = "") -> str:
    """Name the topic that carries a kind of event.

    >>> event_topic("purchase"), event_topic("browse", prefix="shop1.")
    ('events.purchase', 'shop1.events.browse')
    """
    return f"{prefix}events.{kind}"


def kind_of_topic(topic: str, prefix: str = "") -> Kind | None:
    """Say which kind of event a topic carries; None for a topic that carries no events.

    >>> kind_of_topic("events.purchase"), kind_of_topic("events.dead")
    ('purchase', None)
    """
    return next((kind for kind in KINDS if event_topic(kind, prefix) == topic), None)
