"""`portrait models`: what was learnt, how good the contestants are, and who is the champion."""

import asyncio
import time
from typing import Any

import orjson
import typer
from confluent_kafka import KafkaException

from profiles.errors import REDIS_ERRORS
from schemas.errors import PortraitError
from schemas.examples import PARTITION, Action, Command, encode, records
from schemas.topics import EXAMPLES
from streams.cli.settings import load_settings
from streams.cli.tables import FoldingTable, screen
from streams.outbox import Message, NotAcknowledgedError, Outbox
from streams.patience import text_of
from streams.run.accounts import model_cards

Card = dict[str, Any]


class ModelsUnavailableError(PortraitError):
    """Redis does not answer; evidence: `error`."""


class LearnerNotToldError(PortraitError):
    """Kafka does not take what the learner is told; evidence: `kafka`, `topic`, `error`."""


class UnknownNameError(PortraitError):
    """No such task, or no such model takes part in it; evidence: `value`, `expected`."""


def list_command(json: bool) -> None:
    """Print every task's card."""
    cards = _cards()
    if json:
        _print_json(cards)
        return
    if not cards:
        typer.echo("no models yet: a learner publishes them after its first examples")
    for task, card in cards.items():
        screen().print(card_table(task, card))


def show_command(task: str, json: bool) -> None:
    """Print one task's card, with its changes of champion."""
    card = _card(task)
    if json:
        _print_json(card)
        return
    screen().print(card_table(task, card))
    for change in card["changes"]:
        typer.echo("after {learnt:,} examples: {before} -> {after}, by {by}".format(**change))


def compare_command(task: str, json: bool) -> None:
    """Print the figures of all contestants side by side."""
    card = _card(task)
    if json:
        _print_json(card["contestants"])
    else:
        screen().print(contest_table(task, card))


def command(action: Action, task: str, model: str) -> None:
    """Tell the learner who is to be champion; it obeys in the order of the examples."""
    contestants = _card(task)["contestants"]
    if model and (model not in contestants or model == "rule"):
        expected = sorted(contestants.keys() - {"rule"})
        raise UnknownNameError("no such model takes part", value=model, expected=expected)
    settings = load_settings()
    order = Command(action, task, model, int(time.time() * 1000))
    topic = settings.topic_prefix + EXAMPLES
    sent = [Message(topic, None, each, None, PARTITION) for each in records([encode(order)])]
    try:
        asyncio.run(Outbox(settings.brokers).send(sent))
    except (NotAcknowledgedError, KafkaException) as error:
        raise LearnerNotToldError(
            "not acknowledged: `portrait models show` tells whether the learner has obeyed",
            kafka=settings.kafka,
            topic=topic,
            error=text_of(error),
        ) from error
    typer.echo(f"told the learner: {action} {task} {model}".rstrip())


def card_table(task: str, card: Card) -> FoldingTable:
    """Return a model card as a table for people."""
    table = FoldingTable(title=f"{task}, version {card['version']}", title_justify="left")
    table.add_column("figure")
    table.add_column("value", justify="right")
    chosen = ", chosen by hand" if card.get("pinned") else ""
    table.add_row("champion", card.get("champion", "-") + chosen)
    table.add_row("examples learnt", f"{card['n_examples']:,}")
    for name, value in _figures(card["metrics"]).items():
        table.add_row(name, _text(value))
    for name, size in card.get("sizes", {}).items():
        table.add_row(f"in {name}", f"{size:,}")
    for topic in card.get("topics", ()):
        table.add_row(f"topic {topic['number']}: {topic['name']}", f"{topic['share']:.1%} of words")
    return table


def contest_table(task: str, card: Card) -> FoldingTable:
    """Return the contestants' figures side by side, the champion's name in capitals."""
    contestants = {name: _figures(metrics) for name, metrics in card["contestants"].items()}
    table = FoldingTable("figure", title=f"{task}, version {card['version']}", title_justify="left")
    for name in contestants:
        table.add_column(name.upper() if name == card["champion"] else name, justify="right")
    names = dict.fromkeys(name for metrics in contestants.values() for name in metrics)
    for name in names:
        table.add_row(name, *(_text(metrics.get(name)) for metrics in contestants.values()))
    return table


def _figures(metrics: Card) -> dict[str, float | int | None]:
    """The plain numbers among the figures; curves and tables are for programs."""
    return {name: value for name, value in metrics.items() if isinstance(value, int | float | None)}


def _text(value: float | None) -> str:
    return "-" if value is None else f"{value:.4g}"


def _card(task: str) -> Card:
    cards = _cards()
    if task not in cards:
        raise UnknownNameError("no such task has been learnt", value=task, expected=sorted(cards))
    return cards[task]


def _cards() -> dict[str, Card]:
    try:
        return asyncio.run(model_cards(load_settings().redis_url))
    except REDIS_ERRORS as error:
        raise ModelsUnavailableError("no models from Redis", error=str(error)) from error


def _print_json(value: object) -> None:
    typer.echo(orjson.dumps(value, option=orjson.OPT_INDENT_2).decode())
