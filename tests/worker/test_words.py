"""From reviews to their scores: workers write what the models say, and never the words."""

import json
from collections.abc import Iterator

import orjson
import pytest
from redis.asyncio import Redis

from profiles.learning.learner import Learner
from profiles.learning.scoring import Scorer
from profiles.learning.sentiment import NGRAMS, Sentiment
from profiles.learning.talk import Topics
from profiles.learning.text.vocabulary import RENEWAL
from profiles.stores.memory import MemoryStore
from profiles.stores.redis import RedisStore
from profiles.words import FIELDS, said_of
from streams.transport import RecordBatch
from tests.learning.test_text_tasks import questions
from tests.worker.stubs import World, batches

START_MS = 1_300_000_000_000
WROTE = {
    "zh": "质量很好，我非常喜欢！下次还会再来",
    "en": "It is AWFUL, I never saw the like of it",
    "both": "退货 again, what a pity",
    "unknown": "qqq zzz",
}
SHOWN_TO = 0.5e-4  # of a probability in a profile: four digits


@pytest.fixture(scope="module")
def learner() -> Learner:
    """Beyond the warm-up of both tasks."""
    learner = Learner([Sentiment(), Topics()])
    learner.learn(questions(RENEWAL + 300))
    return learner


def event(kind: str, number: int, customer: str, **more: object) -> bytes:
    at = START_MS + number * 60_000
    own = {"type": kind, "event_id": f"{kind}{number}", "customer_id": customer, "ts": at}
    return orjson.dumps(own | more)


def mixed() -> Iterator[RecordBatch]:
    """Reviews with words and without among other things said, then a purchase of everybody's."""
    said = [
        event("feedback", number, customer, text=text, rating=4.0)
        for number, (customer, text) in enumerate(WROTE.items())
    ]
    others = [
        event("feedback", 10, "silent", rating=1.0),
        event("mention", 11, "zh", text="elsewhere: awful", sentiment="negative"),
        event("feedback", 12, "zh", rating=1.0),
        b"not JSON, and awful",
        event("feedback", -9, "en", text="很好 great"),  # older than what is known
    ]
    yield from batches("events.feedback", 0, [*said, *others], 5)
    bought = [event("purchase", n, each, price=1.5) for n, each in enumerate([*WROTE, "silent"])]
    yield from batches("events.purchase", 0, bought, 2)


async def test_profiles_say_what_the_models_say_of_the_latest_review(learner: Learner) -> None:
    world = World(MemoryStore())
    world.scores.scorer = Scorer.load(learner.export())
    await world.take(mixed())
    model = learner.tasks["sentiment"].contest.contestants["bayes_logistic"].model
    topics = learner.tasks["topics"].contest.contestants["online_lda"].model
    names = [topic.name for topic in topics.topics()]
    for number, (customer, text) in enumerate(WROTE.items()):
        fields = await world.store.profile(customer)
        own = model.predict(NGRAMS.indices(text))
        assert float(fields["sentiment.score"]) == pytest.approx(own, abs=bound(learner, text))
        shares = topics.predict(text)
        expected = names[int(max(shares, key=shares.get))] if shares else None
        assert fields.get("topics.name") == expected
        assert fields["review_at"] == f"2011-03-13T07:{6 + number:02}:40Z"
        assert fields["review.version"] == str(learner.version)
    assert not said_of(await world.store.profile("silent"))


def bound(learner: Learner, text: str) -> float:
    """Each weight that travels is off by half a level at most, and the sigmoid rises by 1/4."""
    k = len(NGRAMS.indices(text))
    step = learner.export()["tasks"]["sentiment"]["step"]
    return k * step / 2 / (k + 1) ** 0.5 / 4 + 1e-5 + SHOWN_TO


async def test_the_models_know_some_of_these_words(learner: Learner) -> None:
    """Else the test above would compare nothing."""
    world = World(MemoryStore())
    world.scores.scorer = Scorer.load(learner.export())
    await world.take(mixed())
    profiles = {customer: await world.store.profile(customer) for customer in WROTE}
    assert float(profiles["zh"]["sentiment.score"]) > 0.8
    assert float(profiles["both"]["sentiment.score"]) < 0.2
    assert "topics.name" in profiles["zh"]
    assert "topics.name" not in profiles["unknown"]


async def test_without_an_export_there_are_no_such_fields() -> None:
    world = World(MemoryStore())
    await world.take(mixed())
    for customer in WROTE:
        profile = await world.store.profile(customer)
        assert profile["events"]
        assert not profile.keys() & set(FIELDS)


async def test_no_words_are_left_in_redis_or_in_a_log(
    learner: Learner, redis_url: str, capfd: pytest.CaptureFixture[str]
) -> None:
    async with Redis.from_url(redis_url) as client:
        world = World(RedisStore(client))
        world.scores.scorer = Scorer.load(learner.export())
        await world.take(mixed())
        keys = [key async for key in client.scan_iter()]
        values = [await (client.hgetall(k) if b":{" in k else client.get(k)) for k in keys]
    shown = repr((keys, values)).encode() + "".join(capfd.readouterr()).encode()
    assert b"sentiment.score" in shown
    for text in (*WROTE.values(), "elsewhere", "not JSON"):
        for word in (text, text[:8], text[-8:]):
            as_bytes, as_json = repr(word.encode())[2:-1], json.dumps(word)[1:-1]
            assert not [each for each in (word, as_bytes, as_json) if each.encode() in shown]
