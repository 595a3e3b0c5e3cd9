"""What goes on between shop and customer beside visits: campaigns, service, talk, referrals."""

from collections.abc import Iterator
from random import Random
from typing import Any, Final

from schemas.topics import Kind
from streams.shop.customer import Customer
from streams.shop.kinds import DAY_MS, HOUR_MS
from streams.shop.words import write

Draft = tuple[Kind, int, dict[str, Any]]
"""An event without its envelope: kind of topic, event time (epoch ms), fields."""

CAMPAIGN_DAYS: Final = 14
WRITTEN_TO: Final = 0.25  # of the visits of those who agreed to it are followed by a campaign
OPENS: Final = 0.4  # of what is delivered
CLICKS: Final = 0.2  # of what is opened
UNSUBSCRIBES: Final = 0.01  # of what is opened
NEEDS_HELP: Final = 0.06  # of the orders
RESOLVED: Final = 0.8
SPEAKS_OUT: Final = 0.02  # of the orders
BRINGS: Final = 0.01  # of the orders of the content
CONTENT: Final = 4.0  # mean rating, of 5

# whoever fades reads less, and is helped less
FADED_READS: Final = 0.3
FADED_HELP: Final = 3.0
FADED_RESOLVED: Final = 0.5

_TOPICS: Final = ("delivery", "return", "product", "invoice")
_LINES: Final = ("chat", "chat", "email", "phone")
_PLATFORMS: Final = {"en": ("instagram", "x", "youtube"), "zh": ("weibo", "xiaohongshu", "douyin")}


def campaign(customer: Customer, ts: int, fades: bool, rng: Random) -> Iterator[Draft]:
    """Draw what a visit at `ts` is followed by: a letter, and what the customer does with it."""
    if not customer.reachable or rng.random() >= WRITTEN_TO:
        return
    at = ts + int(rng.uniform(1, 3) * DAY_MS)
    letter = {
        "type": "touch",
        "campaign": f"letter-{at // (CAMPAIGN_DAYS * DAY_MS)}",
        "variant": rng.choice("ab"),
        "channel": "email",
    }
    yield "touch", at, {**letter, "action": "delivered"}
    for action in _response(fades, rng):
        at += int(rng.expovariate(1 / (6 * HOUR_MS)))
        if at >= customer.leaves_ms:
            return
        yield "touch", at, {**letter, "action": action}
        customer.reachable &= action != "unsubscribe"


def _response(fades: bool, rng: Random) -> list[str]:
    if rng.random() >= OPENS * (FADED_READS if fades else 1.0):
        return []
    chance = rng.random()
    if chance < UNSUBSCRIBES:
        return ["open", "unsubscribe"]
    return ["open", "click"] if chance < UNSUBSCRIBES + CLICKS else ["open"]


def after_order(customer: Customer, ts: int, fades: bool, rng: Random) -> Iterator[Draft]:
    """Draw what an order at `ts` sometimes leads to: questions, public praise or blame, friends."""
    if rng.random() < NEEDS_HELP * (FADED_HELP if fades else 1.0):
        yield "feedback", ts + int(rng.uniform(0.2, 6) * DAY_MS), _service(fades, rng)
    if rng.random() < SPEAKS_OUT:
        yield "feedback", ts + int(rng.uniform(0.5, 5) * DAY_MS), _mention(customer, fades, rng)
    if customer.kind.rating >= CONTENT and rng.random() < BRINGS:
        yield (
            "feedback",
            ts + int(rng.uniform(1, 9) * DAY_MS),
            {"type": "referral", "channel": "link", "referred_id": f"friend-of-{customer.id}"},
        )


def _service(fades: bool, rng: Random) -> dict[str, Any]:
    resolved = rng.random() < RESOLVED * (FADED_RESOLVED if fades else 1.0)
    return {
        "type": "service",
        "channel": rng.choice(_LINES),
        "topic": rng.choice(_TOPICS),
        "resolved": resolved,
        "score": min(10, max(0, round(rng.gauss(8 if resolved else 3, 1.5)))),
    }


def _mention(customer: Customer, fades: bool, rng: Random) -> dict[str, Any]:
    rating = min(5, max(1, round(rng.gauss(customer.kind.rating - 2 * fades, 1.0))))
    return {
        "type": "mention",
        "platform": rng.choice(_PLATFORMS[customer.language]),
        "sentiment": ("negative", "negative", "neutral", "positive", "positive")[rating - 1],
        "text": write(rng, customer.language, rating),
    }
