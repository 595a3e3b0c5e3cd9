"""`portrait doctor`: is everything there that a worker needs, and what to mend."""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import orjson
import typer
from confluent_kafka import KafkaException, Producer
from redis import Redis, RedisCluster
from rich.text import Text

from profiles.chosen import reasons_of, traits_of
from profiles.errors import REDIS_ERRORS
from profiles.nearest import perhaps
from profiles.settings import PREFIX, Settings, unknown_variables
from profiles.stores.client import connect_sync
from schemas.errors import PortraitError
from schemas.topics import DEAD, EXAMPLES, KINDS, MODELS, event_topic
from streams.cli.settings import load_settings, model_key
from streams.cli.tables import FoldingTable, screen
from streams.patience import text_of

REQUEST_SECONDS = 5.0
EXIT_UNWELL = 3
OLDEST_REDIS = (6, 2)
WRONG_TRAITS = "correct PORTRAIT_TRAITS (docs/traits.md), or PORTRAIT_RFM_TIERS (docs/rfm.md)"


class Finding(NamedTuple):
    """One thing looked at; `mend` says what to do where it is not well."""

    subject: str
    well: bool
    found: str
    mend: str = ""


def doctor_command(json: bool) -> int:
    """Print all findings; return 0 where everything is well, else 3."""
    findings = list(_findings())
    if json:
        typer.echo(orjson.dumps([finding._asdict() for finding in findings]).decode())
    else:
        table = FoldingTable("", "looked at", "found", "what to do")
        for finding in findings:
            told = map(Text, (finding.subject, finding.found, finding.mend))  # no markup
            table.add_row("✓" if finding.well else "✗", *told)
        screen().print(table)
    return 0 if all(finding.well for finding in findings) else EXIT_UNWELL


def _findings() -> Iterator[Finding]:
    yield from _variables()
    try:
        settings = load_settings()
    except PortraitError as error:
        yield Finding("settings", False, str(error), "correct the variable")
        return
    yield Finding("settings", True, f"Kafka {settings.kafka}, base {settings.base_currency}")
    yield from _attempt("traits", lambda: _traits(settings), WRONG_TRAITS)
    if settings.learning:
        yield from _attempt("reasons", lambda: _reasons(settings), "correct PORTRAIT_REASONS")
        yield from _attempt("model key", lambda: _model_key(settings), "set PORTRAIT_MODEL_KEY")
    yield from _attempt("redis", lambda: _redis(settings), "start it, or set PORTRAIT_REDIS_URL")
    yield from _attempt("kafka", lambda: _kafka(settings), "start it, or set PORTRAIT_KAFKA")


def _attempt(subject: str, look: Callable[[], list[Finding]], mend: str) -> Iterator[Finding]:
    try:
        yield from look()
    except (PortraitError, *REDIS_ERRORS, KafkaException, OSError) as error:
        yield Finding(subject, False, text_of(error), mend)


def _variables() -> Iterator[Finding]:
    known = [name.upper() for name in Settings.model_fields]
    for variable in unknown_variables():
        near = perhaps([variable.upper().removeprefix(PREFIX)], known, PREFIX)
        yield Finding("environment", False, f"no setting {variable}{near}", "correct the variable")


def _traits(settings: Settings) -> list[Finding]:
    return [Finding("traits", True, f"{len(traits_of(settings).traits)} to derive")]


def _reasons(settings: Settings) -> list[Finding]:
    return [Finding("reasons", True, f"of {', '.join(reasons_of(settings)) or 'no task'}")]


def _model_key(settings: Settings) -> list[Finding]:
    model_key(settings)
    return [Finding("model key", True, "set")]


def _redis(settings: Settings) -> list[Finding]:
    with connect_sync(
        settings.redis_url,
        socket_timeout=REQUEST_SECONDS,
        socket_connect_timeout=REQUEST_SECONDS,
        decode_responses=True,
    ) as client:
        if not isinstance(client, RedisCluster):
            return _server(client)
        masters: list[Any] = client.get_primaries()  # type: ignore[no-untyped-call]  # redis-py's
        servers = [(node.name, node.redis_connection) for node in masters]
        findings = [(name, finding) for name, server in servers for finding in _server(server)]
    return [finding._replace(subject=f"{finding.subject} {name}") for name, finding in findings]


def _server(client: Redis) -> list[Finding]:
    info: dict[str, Any] = client.info()
    client.eval("return redis.call('INFO', 'replication')", 0)  # the write script needs it
    version = str(info["redis_version"])
    recent = tuple(int(part) for part in version.split(".")[:2]) >= OLDEST_REDIS
    policy, durable = str(info["maxmemory_policy"]), bool(info["aof_enabled"])
    return [
        Finding("redis", recent, version, "" if recent else "use Redis 6.2 or newer"),
        Finding(
            "redis memory policy",
            policy == "noeviction",
            policy,
            "" if policy == "noeviction" else "set maxmemory-policy noeviction",
        ),
        Finding(
            "redis durability",
            True,
            "append-only file" if durable else "none",
            "" if durable else "appendonly yes keeps profiles over a restart",
        ),
    ]


def _kafka(settings: Settings) -> list[Finding]:
    producer = Producer({"bootstrap.servers": settings.kafka, "log_level": 2})
    topics = producer.list_topics(timeout=REQUEST_SECONDS).topics
    names = [settings.topic_prefix + name for name in (DEAD, EXAMPLES, MODELS)]
    names += [event_topic(kind, settings.topic_prefix) for kind in KINDS]
    missing = sorted(set(names) - set(topics))
    mend = f"portrait topics create: {', '.join(missing)}" if missing else ""
    found = f"{len(names) - len(missing)} of {len(names)} topics"
    return [Finding("kafka", True, settings.kafka), Finding("topics", not missing, found, mend)]
