"""Learners that are killed, and models that are not theirs."""

import random

from confluent_kafka import Producer

from profiles.learning.snapshot import take
from streams.learn.tasks import learner_of
from streams.pieces import pieces
from streams.worker.models import SCORES_KEY, SNAPSHOT_KEY, seal
from tests.faults.faults import fault
from tests.faults.sender import producer_settings
from tests.faults.stage import Stage

FOREIGN_KEY = b"another key than ours"
FAR_VERSION = 10**12


@fault(14)
def snapshots_forged(stage: Stage, chance: random.Random) -> None:
    """Publish snapshots that are damaged or another's; the learner starts from a good one."""
    forged = take(learner_of(stage.settings), FAR_VERSION, FOREIGN_KEY)
    damaged = bytes(255 - byte for byte in forged[:50]) + forged[50:]
    _publish(
        stage, SNAPSHOT_KEY, [b"", b"PLS3", forged, damaged, forged[:100], chance.randbytes(999)]
    )
    stage.fleet.learner.kill()


@fault(14)
def scores_forged(stage: Stage, chance: random.Random) -> None:
    """Publish scores that are damaged or another's; workers keep the last good ones."""
    exported = {"feature_version": 1, "tasks": {"segment": {"version": FAR_VERSION}}}
    _publish(
        stage, SCORES_KEY, [b"", seal(exported, FOREIGN_KEY), chance.randbytes(31), b"{}" * 40]
    )
    stage.pass_time(1)
    stage.worker(chance).kill()  # it reads them again from the beginning


@fault(15)
def learner_killed(stage: Stage, chance: random.Random) -> None:
    """Kill the learner at random moments; it is started again."""
    for _ in range(chance.randrange(1, 4)):
        stage.fleet.learner.kill()
        stage.until(lambda: stage.fleet.learner.pid is not None, 10)
        stage.pass_time(chance.uniform(0, 10))


@fault(15)
def learner_ended(stage: Stage, chance: random.Random) -> None:
    """End the learner in order; it is away for a while."""
    code, seconds = stage.fleet.learner.stop()
    stage.notes |= {"exit_code": code, "seconds_to_end": round(seconds, 2)}
    stage.pass_time(chance.uniform(0, 8))
    stage.fleet.learner.start()


@fault(15)
def learner_frozen(stage: Stage, chance: random.Random) -> None:
    """Freeze the learner past its session."""
    stage.fleet.learner.freeze()
    stage.pass_time(stage.settings.session_timeout_seconds + chance.uniform(1, 5))
    stage.fleet.learner.thaw()


def _publish(stage: Stage, key: bytes, values: list[bytes]) -> None:
    producer = Producer(producer_settings(stage.settings.kafka))
    for value in values:
        for piece in pieces(key, value, FAR_VERSION, turn=0):
            producer.produce(stage.topics.models, piece.value, piece.key, 0)
    assert producer.flush(30) == 0
