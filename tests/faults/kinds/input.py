"""Topics and records that are not as a worker would like them."""

import random
import time

from confluent_kafka import Producer

from schemas.topics import KINDS, Kind, event_topic
from tests.faults.faults import fault
from tests.faults.sender import producer_settings
from tests.faults.stage import Stage
from tests.faults.topics import PARTITIONS
from tests.faults.traffic import Mix

MORE_PARTITIONS = 12
FOUND_SECONDS = 180.0  # clients ask for partitions once a minute
BURST = 3_000
OFTEN: tuple[Kind, ...] = ("purchase", "browse")  # kinds of most events
TRANSACTION = 200
COMPACTING = {
    "cleanup_policy": "compact", "segment_bytes": "1048576", "segment_ms": "200",
    "min_cleanable_dirty_ratio": "0.0", "max_compaction_lag_ms": "100",
}  # fmt: skip


@fault(11)
def duplicates_and_disorder(stage: Stage, chance: random.Random) -> None:
    """Send many events twice, late, or from the future, and kill a worker on the way."""
    _mixed(stage, chance, Mix(duplicate=0.3, late=0.2, early=0.15, future=0.05, malformed=0.05))


@fault(12)
def customers_in_two_partitions(stage: Stage, chance: random.Random) -> None:
    """Send half of the events to another partition than the customer's, and kill a worker."""
    _mixed(stage, chance, Mix(elsewhere=0.5))


@fault(13)
def topics_grown(stage: Stage, chance: random.Random) -> None:
    """Give the topics of events 12 partitions instead of 4 while events flow."""
    for topic in stage.topics.events.values():
        stage.topics.grow(topic, MORE_PARTITIONS)
        stage.pass_time(chance.uniform(0, 1))
    known = stage.watcher.known
    stage.notes["found"] = stage.until(
        lambda: len(known) == len(KINDS) * MORE_PARTITIONS, FOUND_SECONDS, "partitions not found"
    )


@fault(13)
def topic_recreated(stage: Stage, chance: random.Random) -> None:
    """Stop the workers, delete a topic and make it again; its events go on in the same profiles."""
    stage.rest()
    stage.audit.read()
    stage.fleet.stop_workers()
    kind = chance.choice(KINDS)
    topic = stage.topics.events[kind]
    stage.topics.delete(topic)
    stage.topics.make(topic)
    stage.audit.recreated(kind)
    stage.watcher.forgive()
    stage.fleet.start_workers()
    stage.ends = True


@fault(13)
def log_truncated(stage: Stage, chance: random.Random) -> None:
    """Let a log lose what the workers have not read; they count the gap and go on."""
    stage.rest()
    stage.fleet.stop_workers()
    kind = chance.choice(OFTEN)
    topic = stage.topics.events[kind]
    marks = [stage.topics.bounds(topic, n)[1] for n in range(PARTITIONS)]
    stage.audit.read()
    stage.sender.burst(BURST)
    ends = [stage.topics.bounds(topic, n)[1] for n in range(PARTITIONS)]
    beginnings = {n: chance.randint(marks[n], ends[n]) for n in range(PARTITIONS)}
    stage.topics.truncate(topic, beginnings)
    for n, beginning in beginnings.items():
        stage.audit.gaps[f"{kind}/{n}"] = beginning - marks[n]
    stage.fleet.start_workers()
    stage.ends = True


@fault(13)
def transactional_input(stage: Stage, chance: random.Random) -> None:
    """Send events in transactions; some are aborted, and none of theirs may count."""
    stage.sender.pause()
    producer = Producer(
        producer_settings(stage.settings.kafka)
        | {"transactional.id": stage.topics.prefix}
        | {"message.timeout.ms": 60_000}
    )
    producer.init_transactions(30)
    for _ in range(chance.randrange(10, 20)):
        producer.begin_transaction()
        for _ in range(chance.randrange(1, TRANSACTION)):
            sent = next(stage.sender.traffic)
            producer.produce(
                event_topic(sent.kind, stage.topics.prefix), sent.value, sent.key,
                sent.partition, timestamp=sent.timestamp, headers=sent.headers,
            )  # fmt: skip
        if chance.random() < 0.4:
            producer.flush(30)
            producer.abort_transaction(30)
        else:
            producer.commit_transaction(30)
    if chance.random() < 0.5:
        stage.worker(chance).kill()


@fault(13)
def compacted_input(stage: Stage, chance: random.Random) -> None:
    """Let a log be compacted before it is read: its offsets have holes."""
    stage.rest()
    stage.audit.read()
    stage.fleet.stop_workers()
    kind = chance.choice(OFTEN)
    topic = stage.topics.events[kind]
    stage.topics.configure(topic, **COMPACTING)
    stage.sender.burst(BURST)
    time.sleep(1)
    stage.sender.burst(BURST)
    stage.notes["holes"] = stage.topics.until_compacted(topic)
    stage.topics.configure(topic, cleanup_policy="delete", retention_ms="-1")
    stage.fleet.start_workers()
    stage.ends = True


def _mixed(stage: Stage, chance: random.Random, mix: Mix) -> None:
    usual, stage.sender.traffic.mix = stage.sender.traffic.mix, mix
    stage.pass_time(chance.uniform(3, 6))
    stage.worker(chance).kill()
    stage.pass_time(chance.uniform(3, 6))
    stage.sender.traffic.mix = usual
