"""The events: what a customer did, said, or is.

A validated event is a plain dict of these shapes. Optional keys are absent when not given; an
optional key that arrives as null or as a blank string counts as not given.
"""

from typing import Annotated, Any, Final, Literal, NotRequired

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError
from typing_extensions import TypedDict

from . import fields as f
from .topics import EventType


class _Envelope(TypedDict):
    event_id: f.Id
    customer_id: f.CustomerId
    ts: f.EpochMs
    schema_version: NotRequired[f.SchemaVersion]


class _Line(_Envelope):
    order_id: NotRequired[f.Id]
    item_id: NotRequired[f.Id]
    item_name: NotRequired[f.Name]
    category: NotRequired[f.Name]
    brand: NotRequired[f.Name]
    quantity: Annotated[f.Quantity, Field(default=1)]
    price: NotRequired[f.Price]
    amount: NotRequired[f.Price]
    discount: NotRequired[f.Price]
    currency: NotRequired[f.Currency]
    coupon: NotRequired[f.Id]
    channel: NotRequired[f.Fact]
    device: NotRequired[f.Fact]


class Purchase(_Line):
    """A line of an order: so many of an item, at the unit price that was paid.

    `amount` is the line's total; where it is given it counts, and not price times quantity.
    `discount` is what had been taken off the whole line.
    """

    type: Annotated[Literal["purchase"], Field(description="purchase or return")]


class Return(_Line):
    """A purchase taken back; the quantity is that of what came back, so it is positive."""

    type: Annotated[Literal["return"], Field(description="purchase or return")]
    reason: NotRequired[f.Name]


class Browse(_Envelope):
    """A customer looked at something, searched, or put it aside."""

    type: Annotated[Literal["browse"], Field(description="browse")]
    action: Annotated[
        Literal["view", "search", "cart_add", "cart_remove", "favourite"],
        Field(description="view, search, cart_add, cart_remove or favourite"),
    ]
    item_id: NotRequired[f.Id]
    category: NotRequired[f.Name]
    brand: NotRequired[f.Name]
    query: NotRequired[f.Name]
    channel: NotRequired[f.Fact]
    device: NotRequired[f.Fact]
    duration_seconds: NotRequired[f.DurationSeconds]


_VOICE: Any = Field(description="feedback, service, mention or referral")


class Feedback(_Envelope):
    """A customer rated or wrote; at least one of the two is there."""

    type: Annotated[Literal["feedback"], _VOICE]
    rating: NotRequired[
        Annotated[f.Rating, Field(description="a number from 0 to 10, unless there is a text")]
    ]
    text: NotRequired[f.Text]
    item_id: NotRequired[f.Id]
    category: NotRequired[f.Name]
    order_id: NotRequired[f.Id]


class Service(_Envelope):
    """A customer turned to the service; `score` is how content they were with it."""

    type: Annotated[Literal["service"], _VOICE]
    channel: NotRequired[f.Fact]
    topic: NotRequired[f.Name]
    resolved: NotRequired[f.Flag]
    score: NotRequired[f.Rating]


class Mention(_Envelope):
    """A customer spoke of the shop where others could hear it."""

    type: Annotated[Literal["mention"], _VOICE]
    platform: NotRequired[f.Fact]
    sentiment: NotRequired[
        Annotated[
            Literal["negative", "neutral", "positive"],
            Field(description="negative, neutral or positive"),
        ]
    ]
    text: NotRequired[f.Text]


class Referral(_Envelope):
    """A customer brought another one."""

    type: Annotated[Literal["referral"], _VOICE]
    referred_id: NotRequired[f.CustomerId]
    channel: NotRequired[f.Fact]


class Touch(_Envelope):
    """A campaign reached a customer, or a customer answered it."""

    type: Annotated[Literal["touch"], Field(description="touch")]
    campaign: f.Id
    variant: NotRequired[f.Fact]
    action: Annotated[
        Literal["delivered", "open", "click", "unsubscribe"],
        Field(description="delivered, open, click or unsubscribe"),
    ]
    channel: NotRequired[f.Fact]


class Customer(_Envelope):
    """Facts about a customer, as the shop knows them; a later event overrides an earlier one.

    `source` names who states them: a form, a system, a survey.
    """

    type: Annotated[Literal["customer"], Field(description="customer")]
    age: NotRequired[f.Age]
    gender: NotRequired[f.Fact]
    region: NotRequired[f.Fact]
    country: NotRequired[f.Fact]
    city: NotRequired[f.Fact]
    income: NotRequired[f.Income]
    occupation: NotRequired[f.Fact]
    education: NotRequired[f.Fact]
    marital_status: NotRequired[f.Fact]
    household_size: NotRequired[f.HouseholdSize]
    language: NotRequired[f.Fact]
    channel: NotRequired[f.Fact]
    interests: NotRequired[f.Interests]
    consent: NotRequired[f.Consent]
    source: NotRequired[f.Fact]


Event = Purchase | Return | Browse | Feedback | Service | Mention | Referral | Customer | Touch
"""Any validated event."""


SHAPES: Final[dict[EventType, Any]] = {
    "purchase": Purchase,
    "return": Return,
    "browse": Browse,
    "feedback": Feedback,
    "service": Service,
    "mention": Mention,
    "referral": Referral,
    "customer": Customer,
    "touch": Touch,
}
"""The shape of each type."""


def _says_something(event: Feedback) -> Feedback:
    if "rating" in event or "text" in event:
        return event
    raise PydanticCustomError("nothing_said", "neither rating nor text")


AnyPurchase = Annotated[Purchase | Return, Field(discriminator="type")]
AnyFeedback = Annotated[
    Annotated[Feedback, AfterValidator(_says_something)] | Service | Mention | Referral,
    Field(discriminator="type"),
]
