"""A Kafka that is away, or that does not take what the workers send onward."""

import random

from tests.faults.faults import fault
from tests.faults.stage import Stage

REFUSING = "1"  # bytes of a message, at most
ACCEPTING = "1048588"  # Kafka's default


@fault(5)
def broker_down_5(stage: Stage, chance: random.Random) -> None:
    """Kill the broker; it is back after 5 s."""
    _down(stage, 5, chance)


@fault(5)
def broker_down_25(stage: Stage, chance: random.Random) -> None:
    """Kill the broker or end it in order; it is back after 25 s."""
    _down(stage, 25, chance)


@fault(5)
def broker_down_40(stage: Stage, chance: random.Random) -> None:
    """The same, for longer than a message waits for its acknowledgement (30 s)."""
    _down(stage, 40, chance)


@fault(5)
def broker_frozen(stage: Stage, chance: random.Random) -> None:
    """Freeze the broker: connections stay open, and nothing answers."""
    broker = chance.choice(stage.servers.kafka.nodes)
    broker.pause()
    stage.pass_time(chance.uniform(3, 15))
    broker.resume()


@fault(10)
def dead_letters_refused(stage: Stage, chance: random.Random) -> None:
    """Let the dead letters' topic take nothing for a while: the worker waits, and skips nothing."""
    _refused(stage, stage.topics.dead, chance)


@fault(10)
def examples_refused(stage: Stage, chance: random.Random) -> None:
    """Let the examples' topic take nothing for a while."""
    _refused(stage, stage.topics.examples, chance)


@fault(10)
def dead_letters_deleted(stage: Stage, chance: random.Random) -> None:
    """Delete the dead letters' topic; it is made again some seconds later."""
    stage.rest()
    stage.audit.read()
    stage.topics.delete(stage.topics.dead)
    stage.audit.letters_recreated()
    stage.sender.flow()
    stage.pass_time(chance.uniform(5, 15))
    stage.topics.make(stage.topics.dead)


def _down(stage: Stage, seconds: float, chance: random.Random) -> None:
    broker = chance.choice(stage.servers.kafka.nodes)
    if chance.random() < 0.5:
        broker.kill()
    else:
        broker.stop()
    stage.pass_time(seconds)
    broker.start()


def _refused(stage: Stage, topic: str, chance: random.Random) -> None:
    stage.topics.configure(topic, max_message_bytes=REFUSING)
    stage.pass_time(chance.uniform(5, 15))
    stage.topics.configure(topic, max_message_bytes=ACCEPTING)
