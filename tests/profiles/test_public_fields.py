"""The public profile is a contract: its fields are documented, few and short."""

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from redis.asyncio import Redis

from profiles.learning.reasons import Contributions
from profiles.learning.scorers.answers import (
    Answers,
    Classes,
    Clusters,
    Probabilities,
    Quantities,
)
from profiles.learning.text.many import Texts
from profiles.scores import LiveScores
from profiles.sections.facts import Facts
from profiles.sections.section import KINDS
from profiles.stores.redis import RedisStore
from profiles.traits import MAX_FIELD_BYTES, MAX_FIELDS, Fields, document
from profiles.traits.edges import RfmEdges
from profiles.view import View
from profiles.words import Words
from schemas.currencies import CURRENCIES
from schemas.topics import KIND_OF_TYPE

from .owners import CATALOGUE, CURRENCY, PURCHASES, derive
from .strategies import ANY_TIME, NAMES, NOON_MS, Event, logs
from .test_store import outcome, section, write

SCORES = {
    "segment": "regulars",
    "churn.score": "0.1234",
    "churn.reasons": "->orders",
    "propensity.score": "0.5000",
    "value.score": "1234567.89",
    "next_category": "杯" * 20 + "…",
    "next_category.score": "0.7500",
    "scores.version": "12",
}
LONGEST_IN_LIST = "hash-max-ziplist-value"
SAID = {
    "review_at": "2011-12-09T12:00:00Z",
    "sentiment.score": "0.9312",
    "topics.name": f"{'杯' * 20} …",
    "review.version": "12",
}

EDGES = RfmEdges((1, 7, 30, 90), (1, 2, 3, 9), (1.5, 20, 100, 1e3), version=10**9, at=0)


def profile(events: list[Event]) -> Fields:
    facts: dict[str, Facts] = {}
    for event in events:
        kind = KIND_OF_TYPE[event["type"]]
        facts.setdefault(kind, KINDS[kind]()).fold(event)
    return derive(View.of(facts.items()), CURRENCY, EDGES)


def said(customer: Event) -> list[Event]:
    return [
        customer | {"type": "feedback", "rating": 10 / 3, "text": "杯" * 10_000},
        customer | {"type": "feedback", "rating": 5.01, "ts": NOON_MS - 10**10},
        customer | {"type": "service", "resolved": False, "score": 10 / 3},
        customer | {"type": "mention", "sentiment": "negative"},
        customer | {"type": "referral"},
    ]


def touched(customer: Event) -> list[Event]:
    actions = ("delivered", "open", "click", "unsubscribe")
    now = customer | {"type": "touch", "ts": NOON_MS + 71 * 10**9, "campaign": "😀" * 128}
    return [now | {"action": action} for action in actions]


def browsed(thing: Event) -> list[Event]:
    actions = ("view", "search", "cart_add", "cart_remove", "favourite")
    place = {"device": "杯" * 64, "channel": "😀" * 64}
    return [
        thing
        | place
        | {"type": "browse", "event_id": f"b{i}", "ts": NOON_MS - 10**9 + i * 10**6}
        | {"action": actions[i % 5], "query": f"{i}{'😀' * 200}", "brand": f"{i}{'杯' * 190}"}
        for i in range(40)
    ] + [thing | {"type": "browse", "action": "view", "device": "b", "channel": "b"}]


def richest() -> list[Event]:
    """Return events that give every field there is, names as long as they may be."""
    customer = {"customer_id": "c", "ts": NOON_MS}
    thing = customer | {"item_id": "杯" * 128, "category": "😀" * 200}
    line = {"quantity": 10**6, "price": 1e9}
    bought = [
        thing
        | line
        | {"type": kind, "event_id": f"{i}", "currency": currency}
        | {"ts": NOON_MS + i * 10**8, "item_id": f"{i}杯", "category": f"{i}{'杯' * 190}"}
        for kind in ("purchase", "return")
        for i, currency in enumerate(["GBP", *sorted(CURRENCIES)[:70]])
    ]
    reduced = {"type": "purchase", "event_id": "reduced", "discount": 1e9, "coupon": "杯"}
    reduced |= {"ts": NOON_MS + 71 * 10**9}  # the latest: within every window
    facts = ("gender", "region", "country", "city", "occupation", "education", "marital_status")
    known = dict.fromkeys((*facts, "language", "channel", "age", "income", "source"), "杯" * 64)
    lists = {
        "interests": ["杯" * 64] * 32,
        "consent": {f"p{i}".ljust(32, "x"): True for i in range(32)},
    }
    return [
        *bought,
        thing | line | {"type": "purchase", "event_id": "in the base currency"},
        customer | line | reduced,
        *browsed(thing),
        *said(customer),
        *touched(customer),
        customer | known | lists | {"type": "customer", "event_id": "c", "household_size": 100},
    ]  # fmt: skip


RICHEST = profile(richest()) | SCORES | SAID
any_logs = st.tuples(*[logs(kind, ANY_TIME, NAMES, size=8) for kind in KINDS])


def in_budget(fields: Fields) -> bool:
    longest = max((len(text.encode()) for text in [*fields, *fields.values()]), default=0)
    return len(fields) <= MAX_FIELDS and longest <= MAX_FIELD_BYTES


@given(any_logs)
def test_profiles_are_at_most_128_fields_of_at_most_64_bytes(drawn: tuple[list[Event]]) -> None:
    assert in_budget(profile([event for log in drawn for event in log]) | SCORES | SAID)


def test_the_richest_profile_is_within_the_budget() -> None:
    assert in_budget(RICHEST)
    assert 90 < len(RICHEST) <= 112  # and the rest is for what is still to come


async def test_redis_keeps_the_richest_profile_as_a_compact_list(redis_url: str) -> None:
    """On a server that is set as Redis comes, too."""
    async with Redis.from_url(redis_url) as client:
        ours = await client.config_get(LONGEST_IN_LIST)
        await client.config_set(LONGEST_IN_LIST, MAX_FIELD_BYTES)
        await outcome(RedisStore(client), write(b"", section(4), fields=RICHEST), PURCHASES)
        assert await client.object("encoding", "profile:{c}") in (b"listpack", b"ziplist")
        await client.config_set(LONGEST_IN_LIST, ours[LONGEST_IN_LIST])


async def test_redis_keeps_the_sections_of_a_customer_in_one_piece(redis_url: str) -> None:
    async with Redis.from_url(redis_url) as client:
        await outcome(RedisStore(client), write(b"", section(4), fields=RICHEST), PURCHASES)
        assert await client.object("encoding", "state:{c}") in (b"listpack", b"ziplist")


DECLARED = [declared.name for declared in CATALOGUE.traits]
PLACEHOLDERS = {
    "<1-2>": "[1-2]",
    "<CUR>": "[A-Z]{3}",
    "<name>": "[a-z_]+",
    "<task>": "[a-z_]+",
    "<purpose>": "[a-z0-9_.-]+",
}


def pattern(name: str) -> re.Pattern[str]:
    text = re.escape(name)
    for placeholder, meaning in PLACEHOLDERS.items():
        text = text.replace(re.escape(placeholder), meaning)
    return re.compile(text)


@pytest.mark.parametrize("name", DECLARED)
def test_every_declared_trait_can_be_produced(name: str) -> None:
    assert any(pattern(name).fullmatch(field) for field in RICHEST)


def test_every_field_is_declared_once() -> None:
    patterns = [pattern(name) for name in DECLARED]
    for field in RICHEST:
        matches = sum(bool(p.fullmatch(field)) for p in patterns)
        assert matches == 1, field


def test_the_generated_page_and_types_are_those_of_the_catalogue() -> None:
    """Generate them again with `make catalogue`."""
    assert document.TRAITS_PAGE.read_text() == document.page(CATALOGUE)
    assert document.TYPED_MODULE.read_text() == document.module(CATALOGUE)


def test_scores_are_those_fields() -> None:
    """Keep the list above as models' scores really are written."""

    class Churn:
        def score(self, rows: object) -> Answers:
            return Probabilities(np.array([0.12341]), 12)

        def contributions(self, rows: object) -> Contributions:
            return Contributions(("orders",), np.array([[-1.0]]), np.array([[1.0]]))

    class Models:
        models = dict.fromkeys(("segment", "propensity", "value", "next_category"), object())
        models |= {"churn": Churn()}
        of_texts = ("sentiment", "topics")

        def score(self, rows: object, tastes: object) -> dict[str, Answers]:
            return {
                "segment": Clusters(np.array([0]), ["regulars"], 12),
                "churn": Probabilities(np.array([0.12341]), 12),
                "propensity": Probabilities(np.array([0.5]), 12),
                "value": Quantities(np.array([1234567.891]), 12),
                "next_category": Classes(np.array([[0.25, 0.75]]), ["tea", "杯" * 200], 12),
            }

        def score_texts(self, texts: Texts) -> dict[str, Probabilities | Classes]:
            name = f"{'杯' * 20} {'杯' * 20} 杯"
            return {
                "sentiment": Probabilities(np.array([0.93117]), 12),
                "topics": Classes(np.array([[0.1, 0.9]]), ["", name], 12),
            }

    scores = LiveScores(["churn", "segment"])  # a segment has none
    scores.scorer = Models()  # type: ignore[assignment]  # as much of a Scorer as is asked
    assert scores([[0.0] * 17], [{}]) == [SCORES]
    assert scores.of_words([Words(1_323_432_000_000, "很好")]) == [SAID]
