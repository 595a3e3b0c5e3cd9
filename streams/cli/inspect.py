"""`portrait profile get`, `portrait dead list`: look at what there is."""

from collections import deque
from collections.abc import Iterator
from typing import Any

import orjson
import typer
from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition
from rich.text import Text

from profiles.learning.reasons import words
from profiles.reader import ProfileReader
from profiles.scores import REASONS
from profiles.settings import Settings
from profiles.stores.client import connect_sync
from schemas.errors import PortraitError
from streams.cli.settings import Language, load_settings
from streams.cli.tables import FoldingTable, screen
from streams.dead import DeadLetter, NoDeadLetterError, dead_topic, read_dead_letter
from streams.patience import text_of

REQUEST_SECONDS = 10.0
EXIT_NOT_FOUND = 4
SHOWN_BYTES = 60


class ServerUnavailableError(PortraitError):
    """Redis or Kafka does not answer, or answers with an error; evidence: `error`."""


def profile_command(customer: str, json: bool, language: Language = "en") -> int:
    """Print one profile; return the exit code, 4 where there is none."""
    settings = load_settings()
    with connect_sync(settings.redis_url) as client:
        profile = ProfileReader(client).get(customer)
    if not profile:
        typer.echo(f"portrait: no profile of customer {customer!r}", err=True)
        return EXIT_NOT_FOUND
    if json:
        typer.echo(orjson.dumps({"customer_id": customer} | profile).decode())
    else:
        screen().print(profile_table(customer, profile, language))
    return 0


def profile_table(
    customer: str, profile: dict[str, str], language: Language = "en"
) -> FoldingTable:
    """Return a profile as a table for people, reasons in words."""
    title = Text(f"customer {customer}", style="table.title")
    table = FoldingTable(title=title, show_header=False, title_justify="left")
    for name, value in profile.items():
        shown = "\n".join(words(value, language)) if name.endswith(REASONS) else value
        table.add_row(Text(name), Text(shown))  # what customers send is no markup
    return table


def dead_command(limit: int, json: bool) -> None:
    """Print the newest dead letters, the newest last."""
    try:
        letters = deque(_letters(load_settings()), maxlen=limit)
    except KafkaException as error:
        raise ServerUnavailableError("no dead letters from Kafka", error=text_of(error)) from error
    if json:
        for letter in letters:
            typer.echo(orjson.dumps(_plain(letter)).decode())
        return
    table = FoldingTable("from", "reason", "record", title_justify="left")
    for letter in letters:
        place = f"{letter.topic}/{letter.partition}@{letter.offset}"
        table.add_row(Text(place), Text(letter.message), Text(_shown(letter.value)))
    screen().print(table if letters else "no dead letters")


def _letters(settings: Settings) -> Iterator[DeadLetter]:
    """Yield every dead letter once, partition by partition."""
    topic = dead_topic(settings.topic_prefix)
    consumer: Any = Consumer(
        {
            "bootstrap.servers": settings.kafka,
            "group.id": "portrait-dead",
            "enable.partition.eof": True,  # tells the end of a log from a broker that is silent
            "log_level": 2,
        }
    )
    try:
        known = consumer.list_topics(topic, timeout=REQUEST_SECONDS).topics[topic]
        if known.error is not None:
            raise KafkaException(known.error)
        for number in known.partitions:
            yield from _partition(consumer, topic, number)
    finally:
        consumer.close()


def _partition(consumer: Any, topic: str, number: int) -> Iterator[DeadLetter]:
    place = TopicPartition(topic, number)
    position, end = consumer.get_watermark_offsets(place, timeout=REQUEST_SECONDS)
    consumer.assign([TopicPartition(topic, number, position)])
    seen: dict[tuple[str, str, int], int] = {}
    while position < end:
        message = consumer.poll(REQUEST_SECONDS)
        if message is None:
            raise KafkaException(KafkaError(KafkaError._TIMED_OUT))
        if message.error() is not None:
            if message.error().code() == KafkaError._PARTITION_EOF:
                return
            raise KafkaException(message.error())
        position = message.offset() + 1
        try:
            letter = read_dead_letter(message.key(), message.value(), message.headers())
        except NoDeadLetterError as error:
            typer.echo(f"portrait: {topic}/{number}@{message.offset()}: {error}", err=True)
            continue
        source = (letter.topic, letter.epoch, letter.partition)
        if letter.offset > seen.get(source, -1):  # else sent twice around a crash
            seen[source] = letter.offset
            yield letter


def _plain(letter: DeadLetter) -> dict[str, Any]:
    fields = letter._asdict()
    fields["key"] = None if letter.key is None else letter.key.decode(errors="replace")
    fields["value"] = None if letter.value is None else letter.value.decode(errors="replace")
    fields["headers"] = [
        [name, None if text is None else text.decode(errors="replace")]
        for name, text in letter.headers
    ]
    return fields


def _shown(value: bytes | None) -> str:
    text = repr((value or b"")[:SHOWN_BYTES])[2:-1]
    return text + ("…" if len(value or b"") > SHOWN_BYTES else "")
