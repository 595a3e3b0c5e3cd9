"""Dead letters, read back from a topic as they are there."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from confluent_kafka import Consumer, TopicPartition

from streams.dead import DeadLetter, dead_topic, read_dead_letter

WAIT_SECONDS = 60  # a bound, not an expectation


def dead_letters(brokers: str, prefix: str = "") -> Iterator[DeadLetter]:
    """Every letter, also one that came twice; its topic is named without the prefix."""
    consumer: Any = Consumer({"bootstrap.servers": brokers, "group.id": "test", "log_level": 2})
    topic = dead_topic(prefix)
    for number in consumer.list_topics(topic, WAIT_SECONDS).topics[topic].partitions:
        begin, end = consumer.get_watermark_offsets(TopicPartition(topic, number), WAIT_SECONDS)
        assert begin == 0  # the broker has kept all of them
        consumer.assign([TopicPartition(topic, number, 0)])
        for _ in range(end):
            message = consumer.poll(WAIT_SECONDS)
            letter = read_dead_letter(message.key(), message.value(), message.headers())
            yield letter._replace(topic=letter.topic.removeprefix(prefix))
    consumer.close()


def each_once(letters: Iterable[DeadLetter]) -> list[DeadLetter]:
    """Letters by where their records came from: one that was sent again around a crash is one."""
    return list({(each.topic, each.partition, each.offset): each for each in letters}.values())


def reasons(letters: Iterable[DeadLetter]) -> dict[str, int]:
    """How many there are of each reason, in the words of the command's summary."""
    return dict(Counter(f"{each.field or 'record'}: {each.error_type}" for each in letters))
