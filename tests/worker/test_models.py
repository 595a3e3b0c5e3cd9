"""Models on their way to the worker: only what our learner signed is used."""

import asyncio
import contextlib
from collections.abc import Iterator

import confluent_kafka
import pytest

from profiles.learning.features import FEATURE_VERSION
from profiles.scores import LiveScores
from streams.embedded import EmbeddedBroker
from streams.patience import Outages
from streams.pieces import pieces
from streams.worker.models import SCORES_KEY, ForgedScoresError, follow, seal, unseal

KEY, OTHER_KEY = b"k" * 32, b"o" * 32
TOPIC = "learning.models"
WAIT_SECONDS = 120  # a bound, not an expectation
POLL_SECONDS = 0.02


def exported(version: int, feature_version: int = FEATURE_VERSION) -> dict[str, object]:
    """What a learner exports: a churn model without features."""
    numbers = {
        "kind": "linear", "features": [], "means": [], "variances": [], "weights": [],
        "intercept": 0.0, "version": version,
    }  # fmt: skip
    return {"feature_version": feature_version, "tasks": {"churn": numbers}}


class Models:
    """The models topic of a broker of its own."""

    def __init__(self, brokers: str) -> None:
        self.brokers = brokers
        self._producer = confluent_kafka.Producer({"bootstrap.servers": brokers})
        self._producer.list_topics(TOPIC, timeout=WAIT_SECONDS)

    def publish(self, value: bytes, key: bytes = SCORES_KEY) -> None:
        for piece in pieces(key, value, stamp=1, turn=0):
            self._producer.produce(TOPIC, piece.value, piece.key, partition=0)
        assert self._producer.flush(WAIT_SECONDS) == 0


@pytest.fixture
def models() -> Iterator[Models]:
    with EmbeddedBroker() as broker:
        yield Models(broker.bootstrap)


@contextlib.asynccontextmanager
async def following(models: Models):
    """Scores kept up to date as a worker does."""
    scores = LiveScores()
    task = asyncio.create_task(follow([models.brokers], TOPIC, KEY, scores, Outages()))
    try:
        yield scores
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def until_version(scores: LiveScores, version: int) -> None:
    async with asyncio.timeout(WAIT_SECONDS):
        while not scores.scorer.models or scores.scorer.models["churn"].version != version:
            await asyncio.sleep(POLL_SECONDS)


async def test_the_newest_scores_are_used(models: Models) -> None:
    async with following(models) as scores:
        for version in (1, 2):
            models.publish(seal(exported(version), KEY))
            await until_version(scores, version)


@pytest.mark.parametrize(
    "bad",
    [
        seal(exported(66), OTHER_KEY),
        seal(exported(66), KEY)[:-1],
        seal(exported(66), KEY)[:31],
        b"",
        seal(exported(66, feature_version=FEATURE_VERSION + 1), KEY),
    ],
    ids=["forged", "damaged", "cut off", "empty", "other features"],
)
async def test_bad_scores_are_refused_and_the_last_good_ones_kept(
    models: Models, bad: bytes
) -> None:
    """What follows on the topic is read on, so the order shows that the bad ones were seen."""
    async with following(models) as scores:
        models.publish(seal(exported(1), KEY))
        await until_version(scores, 1)
        seen = spy(scores)
        models.publish(bad)
        models.publish(seal(exported(2), KEY))
        await until_version(scores, 2)
        assert seen == [2]


def spy(scores: LiveScores) -> list[int]:
    """Note the version of every model that comes into use."""
    seen: list[int] = []

    class Spying(LiveScores):
        def __setattr__(self, name: str, value: object) -> None:
            seen.append(value.models["churn"].version)
            super().__setattr__(name, value)

    scores.__class__ = Spying
    return seen


async def test_snapshots_on_the_same_topic_are_passed_over(models: Models) -> None:
    async with following(models) as scores:
        models.publish(b"a learner's own", b"snapshot")
        models.publish(seal(exported(3), KEY))
        await until_version(scores, 3)


def test_a_forged_seal_is_an_error_with_evidence() -> None:
    with pytest.raises(ForgedScoresError, match=r"foreign signature.*PORTRAIT_MODEL_KEY"):
        unseal(seal({}, OTHER_KEY), KEY)
