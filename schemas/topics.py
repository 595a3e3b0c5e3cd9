"""The topics: one per kind of event, the dead letters, and the two that learning uses.

A *kind* names a topic of events; a *type* names one shape of event within it. Both purchases and
returns travel in `events.purchase`, so that a return is read after the purchase that it takes back.
"""

from typing import Final, Literal

from schemas.errors import PortraitError

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


def kind_of_topic(topic: str, prefix: str = "") -> Kind:
    """Say which kind of event a topic carries.

    >>> kind_of_topic("shop1.events.browse", prefix="shop1.")
    'browse'

    Raises:
        NotOfEventsError: it carries none.
    """
    for kind in KINDS:
        if event_topic(kind, prefix) == topic:
            return kind
    raise NotOfEventsError(topic, prefix)


class NotOfEventsError(PortraitError):
    """A topic that carries no events.

    >>> NotOfEventsError("events.dead", "").topic
    'events.dead'
    """

    def __init__(self, topic: str, prefix: str) -> None:
        expected = ", ".join(event_topic(kind, prefix) for kind in KINDS)
        super().__init__("not a topic of events", topic=topic, expected=expected)
