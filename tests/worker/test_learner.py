"""The learner's loop: each example once, in order, and what it knows survives it."""

import asyncio
from collections.abc import Iterator, Sequence
from itertools import chain, pairwise, repeat
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import structlog
from confluent_kafka import KafkaException, Producer
from pydantic import SecretStr
from redis.asyncio import Redis
from redis.exceptions import ConnectionError as RedisAwayError

from profiles.keyspace import model_key
from profiles.learning.learner import Learner
from profiles.settings import Settings
from schemas.examples import Example, encode
from schemas.topics import EXAMPLES, MODELS
from streams.embedded import EmbeddedStack
from streams.embedded.broker import PARTITION_BYTES
from streams.learn import shelf
from streams.learn.loop import LearnerLoop
from streams.learn.restore import Beginning, _published, newer_learner, restore_learner
from streams.learn.tasks import learner_of
from streams.outbox import NotAcknowledgedError, Outbox
from streams.patience import Outages
from streams.pieces import pieces
from streams.transport import RecordBatch
from streams.worker.models import SNAPSHOT_KEY
from tests.learning.shop import examples
from tests.worker.stubs import StubOutbox, batches

KEY = b"k" * 32
SIZE = 100  # records of a batch
WAIT_SECONDS = 120  # a bound, not an expectation
NO_WAIT_SECONDS = 1e-9  # between two attempts to publish
STREAM = examples(900)  # beyond the warm-up of churn and segments


def log_of(stream: Sequence[Example]) -> list[RecordBatch]:
    return list(batches(EXAMPLES, 0, [bundled(example) for example in stream], SIZE))


def bundled(example: Example) -> bytes:
    return b"[" + encode(example) + b"]"


def undisturbed(settings: Settings) -> Learner:
    learner = learner_of(settings)
    learner.learn(STREAM)
    return learner


class StubRedis:
    """Takes model cards; `away` says that the server is not there."""

    def __init__(self) -> None:
        self.cards: dict[str, dict[str, object]] = {}
        self.away = False

    async def hset(self, key: str, mapping: dict[str, object]) -> None:
        if self.away:
            raise RedisAwayError("away")
        self.cards[key] = mapping


class Stubbed:
    """A loop with nothing real around it; it publishes after each example."""

    def __init__(self) -> None:
        self.settings = Settings(snapshot_examples=1, snapshot_seconds=NO_WAIT_SECONDS)
        self.learner, self.outbox = learner_of(self.settings), StubOutbox()
        self.redis = StubRedis()
        self.owned: Iterator[bool] = repeat(True)  # what the group says, whenever it is asked
        self.loop = self.loop_of(self.settings)

    def loop_of(self, settings: Settings) -> LearnerLoop:
        beginning = Beginning(self.learner, 0, 0)
        return LearnerLoop(
            beginning, self.is_owned, self.outbox, self.redis, settings, KEY, Outages()
        )

    async def is_owned(self, _position: int) -> bool:
        return next(self.owned)


@pytest.fixture
def stubbed() -> Stubbed:
    return Stubbed()


async def test_a_batch_out_of_order_makes_it_go_back(stubbed: Stubbed) -> None:
    first, second, third = log_of(STREAM)[:3]
    assert await stubbed.loop.learn(first)
    assert not await stubbed.loop.learn(third)
    assert not await stubbed.loop.learn(first)
    assert (stubbed.loop.position, stubbed.learner.version) == (SIZE, SIZE)
    assert await stubbed.loop.learn(second)
    assert await stubbed.loop.learn(third)
    assert stubbed.learner.version == 3 * SIZE


async def test_what_is_no_example_stops_nothing(stubbed: Stubbed) -> None:
    values = [b"[[]]", bundled(STREAM[0]), b"", b"\xff"]
    (batch,) = batches(EXAMPLES, 0, values, size=4)
    assert await stubbed.loop.learn(batch)
    assert (stubbed.loop.position, stubbed.learner.version) == (4, 1)


async def test_what_customers_said_is_not_in_the_log(stubbed: Stubbed) -> None:
    words = b'[["q","feedback","anna@example.org",1,[1.0],2,{"text":"5 Elm Road"}]]'
    (batch,) = batches(EXAMPLES, 0, [words], size=1)
    with structlog.testing.capture_logs() as lines:
        assert await stubbed.loop.learn(batch)
    (line,) = lines
    assert (line["offset"], line["row"], line["error"]) == (0, 0, "no example")
    assert "Elm Road" not in str(line) and "anna" not in str(line)


async def test_models_that_kafka_did_not_take_are_published_later(stubbed: Stubbed) -> None:
    first, second = log_of(STREAM)[:2]
    stubbed.outbox.refusals = 1
    assert await stubbed.loop.learn(first)
    await stubbed.loop.published()
    assert (stubbed.outbox.sent, stubbed.redis.cards) == ([], {})
    assert await stubbed.loop.learn(second)
    await stubbed.loop.publish()
    assert stubbed.redis.cards[model_key("churn")]["position"] == 2 * SIZE


async def test_a_server_that_is_away_is_not_asked_with_every_batch(stubbed: Stubbed) -> None:
    patient = Settings(snapshot_examples=1, snapshot_seconds=3600)
    loop = stubbed.loop_of(patient)
    stubbed.outbox.refusals = 1
    for batch in log_of(STREAM)[:3]:
        assert await loop.learn(batch)
        await loop.published()
    await loop.publish_if_due()
    assert stubbed.outbox.sent == []


async def test_a_long_wait_for_kafka_is_not_followed_by_a_longer_rest(
    stubbed: Stubbed, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 0.0  # s

    async def wait_in_vain(messages: object) -> None:
        nonlocal now
        now += 30
        raise NotAcknowledgedError("messages were not acknowledged")

    monkeypatch.setattr("streams.learn.loop.time", SimpleNamespace(monotonic=lambda: now))
    with monkeypatch.context() as patched:
        patched.setattr(stubbed.outbox, "send", wait_in_vain)
        await stubbed.loop.publish()
    assert await stubbed.loop.learn(log_of(STREAM)[0])
    now += 1
    await stubbed.loop.publish_if_due()
    assert stubbed.redis.cards[model_key("churn")]["position"] == SIZE


async def test_cards_that_redis_did_not_take_are_published_later(stubbed: Stubbed) -> None:
    first, second = log_of(STREAM)[:2]
    stubbed.redis.away = True
    assert await stubbed.loop.learn(first)
    await stubbed.loop.published()
    stubbed.redis.away = False
    assert await stubbed.loop.learn(second)
    await stubbed.loop.publish()
    assert stubbed.redis.cards[model_key("segment")]["version"] == 2 * SIZE


async def always_owned(_position: int) -> bool:
    return True


def newer(records: int) -> Beginning:
    """What another learner has published that has learnt more."""
    learner = learner_of(Settings())
    learner.learn(STREAM[:records])
    return Beginning(learner, records, turn=1)


async def test_a_learner_that_does_not_own_the_examples_publishes_nothing(stubbed: Stubbed) -> None:
    """As one that waits beside another, or wakes up and goes on with what it had begun."""
    stubbed.owned = repeat(False)
    assert await stubbed.loop.learn(log_of(STREAM)[0])
    await stubbed.loop.published()
    await stubbed.loop.publish_if_due()
    assert (stubbed.outbox.sent, stubbed.redis.cards) == ([], {})


async def test_a_learner_that_loses_the_examples_while_it_is_written_down_publishes_nothing(
    stubbed: Stubbed,
) -> None:
    stubbed.owned = chain([True], repeat(False))
    await stubbed.loop.publish()
    assert (stubbed.outbox.sent, stubbed.redis.cards) == ([], {})


async def test_a_first_start_shows_its_cards_before_there_is_anything_to_learn(
    stubbed: Stubbed,
) -> None:
    stubbed.loop.take_over(None)
    await stubbed.loop.publish_if_due()
    assert stubbed.redis.cards[model_key("churn")]["position"] == 0


async def test_who_takes_over_goes_on_with_what_the_owner_before_has_published(
    stubbed: Stubbed,
) -> None:
    log = log_of(STREAM)
    assert await stubbed.loop.learn(log[0])
    stubbed.loop.take_over(newer(3 * SIZE))
    assert not await stubbed.loop.learn(log[1])
    await stubbed.loop.publish()
    assert stubbed.redis.cards[model_key("churn")]["version"] == 3 * SIZE
    assert await stubbed.loop.learn(log[3])
    assert stubbed.loop.version == 4 * SIZE


async def test_who_takes_over_publishes_also_where_nothing_is_new(
    stubbed: Stubbed, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody else, who knew less, may have published meanwhile."""
    monkeypatch.setattr("streams.learn.loop.PAUSE", 0)
    await stubbed.loop.publish()
    stubbed.redis.cards.clear()
    await stubbed.loop.publish_if_due()
    assert stubbed.redis.cards == {}
    stubbed.loop.take_over(None)
    await stubbed.loop.publish_if_due()
    assert stubbed.redis.cards


async def test_what_was_under_way_when_a_learner_takes_over_is_given_up(stubbed: Stubbed) -> None:
    """The rest of a batch, and a publication: both are of what it knew before."""
    learning = asyncio.create_task(stubbed.loop.learn(log_of(STREAM)[0]))
    publishing = asyncio.create_task(stubbed.loop.publish())
    await asyncio.sleep(0)
    stubbed.loop.take_over(newer(3 * SIZE))
    assert not await learning
    await publishing
    assert (stubbed.loop.position, stubbed.loop.version) == (3 * SIZE, 3 * SIZE)
    assert stubbed.outbox.sent == []


class Servers:
    """An embedded broker and Redis, and loops of learners that come and go on them."""

    def __init__(self, stack: EmbeddedStack, directory: Path | None = None) -> None:
        self.settings = Settings(
            kafka=stack.kafka,
            redis_url=stack.redis_url,
            model_key=SecretStr("k" * 32),
            snapshot_directory=directory,
        )
        self._outbox = Outbox(self.settings.brokers)
        self._producer = Producer({"bootstrap.servers": stack.kafka})
        self._producer.list_topics(MODELS, timeout=WAIT_SECONDS)

    def loop(self) -> LearnerLoop:
        """What a learner that starts now goes on with."""
        beginning = restore_learner(self.settings, KEY)
        redis = Redis.from_url(self.settings.redis_url)
        return LearnerLoop(
            beginning, always_owned, self._outbox, redis, self.settings, KEY, Outages()
        )

    def turns(self) -> list[int]:
        """The turns of the snapshots that were sent, oldest first."""
        return [found.turn for found in _published(self.settings)]

    def write_snapshot(self, record: bytes) -> None:
        for piece in pieces(SNAPSHOT_KEY, record, stamp=1, turn=0):
            self._producer.produce(MODELS, piece.value, piece.key, partition=0)
        assert self._producer.flush(WAIT_SECONDS) == 0

    def restored(self) -> Learner:
        return restore_learner(self.settings, KEY).learner


@pytest.fixture
def servers(redis_server: object) -> Iterator[Servers]:
    with EmbeddedStack() as stack:
        yield Servers(stack)


@pytest.fixture
def with_directory(redis_server: object, tmp_path: Path) -> Iterator[Servers]:
    """As one command runs them."""
    with EmbeddedStack() as stack:
        yield Servers(stack, tmp_path)


async def learn(loop: LearnerLoop, log: Sequence[RecordBatch]) -> None:
    """Learn those batches of the log that come next; the others are refused."""
    for batch in log:
        assert await loop.learn(batch) or batch.from_position < loop.position


class SilentConsumer:
    """A client of a broker that has frozen."""

    def __init__(self, _config: dict[str, object]) -> None:
        self.assign = self.close = lambda *_: None

    def get_watermark_offsets(self, _place: object, timeout: float) -> tuple[int, int]:
        return 0, int(timeout)

    def poll(self, _seconds: float) -> None:
        return None


def test_a_broker_that_falls_silent_while_a_learner_starts_is_no_end_of_its_topic(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Else it would start anew, and publish that over what was learnt."""
    monkeypatch.setattr("streams.learn.restore.Consumer", SilentConsumer)
    with pytest.raises(KafkaException, match="_TIMED_OUT"):
        restore_learner(Settings(), KEY)


@pytest.mark.parametrize("kept", ["servers", "with_directory"])
async def test_a_killed_learner_goes_on_with_the_same_parameters(
    request: pytest.FixtureRequest, kept: str
) -> None:
    """Killed after it had learnt more than it had published, twice."""
    servers: Servers = request.getfixturevalue(kept)
    log = log_of(STREAM)
    for published, lost in ((5, 8), (12, 15)):
        loop = servers.loop()
        await learn(loop, log[:published])
        await loop.publish()
        await learn(loop, log[:lost])  # ... and gone
    last = servers.loop()
    assert last.position == 12 * SIZE
    await learn(last, log)
    await last.publish()
    assert servers.restored().parameters() == undisturbed(servers.settings).parameters()


async def test_a_bad_snapshot_is_passed_over_for_the_one_before(servers: Servers) -> None:
    loop = servers.loop()
    await learn(loop, log_of(STREAM)[:2])
    await loop.publish()
    servers.write_snapshot(b"PLS3 forged")
    servers.write_snapshot(b"")
    assert servers.restored().version == 2 * SIZE


async def test_a_learner_that_starts_leaves_the_newest_snapshot_whole(servers: Servers) -> None:
    """Whenever it is killed: it writes over the one before."""
    for start in range(3):
        loop = servers.loop()
        for batch in log_of(STREAM)[3 * start : 3 * start + 3]:
            assert await loop.learn(batch)
            await loop.publish()
    turns = servers.turns()
    assert len(turns) >= 9
    assert all(one != other for one, other in pairwise(turns))


async def test_only_a_snapshot_of_more_examples_is_newer(servers: Servers) -> None:
    loop = servers.loop()
    await learn(loop, log_of(STREAM)[:2])
    await loop.publish()
    assert newer_learner(servers.settings, KEY, 2 * SIZE) is None
    found = newer_learner(servers.settings, KEY, 2 * SIZE - 1)
    assert found is not None
    assert (found.learner.version, found.next_position, found.turn) == (2 * SIZE, 2 * SIZE, 1)


def test_without_a_snapshot_it_begins_at_the_beginning(servers: Servers) -> None:
    restored = restore_learner(servers.settings, KEY)
    assert (restored.next_position, restored.learner.version) == (0, 0)


async def test_a_snapshot_larger_than_the_embedded_broker_keeps_is_there_after_a_kill(
    with_directory: Servers,
) -> None:
    """As large as it becomes after some sixty thousand reviews."""
    loop = with_directory.loop()
    await learn(loop, log_of(STREAM)[:1])
    model = loop._learner.tasks["sentiment"].contest.contestants["bayes_logistic"].model
    rng = np.random.default_rng(1)
    model.counts[:] = 1.0
    model.corrections[:] = rng.normal(size=model.ngrams.size)
    model.gradients[:] = rng.random(size=model.ngrams.size)
    await loop.publish()
    (record,) = shelf.kept(with_directory.settings.snapshot_directory)
    assert len(record) > PARTITION_BYTES
    assert with_directory.restored().parameters() == loop._learner.parameters()


def test_who_dies_while_putting_a_snapshot_leaves_the_one_before(tmp_path: Path) -> None:
    shelf.put(tmp_path, b"first")
    shelf.put(tmp_path, b"second")
    (tmp_path / shelf.UNFINISHED).write_bytes(b"thi")
    assert list(shelf.kept(tmp_path)) == [b"first", b"second"]
    (tmp_path / shelf.NEWEST).replace(tmp_path / shelf.BEFORE)
    assert list(shelf.kept(tmp_path)) == [b"second"]
