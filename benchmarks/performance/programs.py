"""The programs that are compared: how each is started, and how its result is read."""

import os
import sys
from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

from redis import Redis

from benchmarks.peers.job import FIELDS, MONEY_SCALE, decode, key
from profiles.keyspace import profile_key
from profiles.settings import Settings
from schemas.topics import event_topic

ROOT = Path(__file__).parents[2]
PEERS = ROOT / "benchmarks" / "peers"
PEERS_PYTHON = ROOT / ".venv-bench" / "bin" / "python"
PUBLIC = ("lines", "items", "revenue", "first_purchase", "last_purchase")
"""Fields of a public profile that hold what `FIELDS` are."""

State = dict[str, int] | None
Read = Callable[[Redis, Sequence[str]], list[State]]


class Program(NamedTuple):
    """`beside` runs too, and its CPU is told apart; it reads one event of `slower`.

    Who does not read `committed` events only is sent them when the clock starts: a slow one. Before
    that it `settles` for so many seconds: two workers share partitions a while after they are up.
    """

    name: str
    command: list[str]
    read: Read
    environment: dict[str, str]
    beside: list[str]
    slower: int = 1
    committed: bool = True
    settles: float = 0.0


def read_values(redis: Redis, customers: Sequence[str]) -> list[State]:
    """Read values of JSON."""
    values: Any = redis.mget([key(customer) for customer in customers])
    return [value and decode(value) for value in values]


def read_hashes(redis: Redis, customers: Sequence[str]) -> list[State]:
    """Read hashes with the fields of the job."""
    rows = _rows(redis, [key(customer) for customer in customers], FIELDS)
    return [row and dict(zip(FIELDS, map(int, row), strict=True)) for row in rows]


def read_profiles(redis: Redis, customers: Sequence[str]) -> list[State]:
    """Read Portrait's public profiles."""
    rows = _rows(redis, [profile_key(customer) for customer in customers], PUBLIC)
    return [row and _state(*(value.decode() for value in row)) for row in rows]


def _rows(redis: Redis, keys: list[str], fields: Sequence[str]) -> list[Any]:
    """Return the fields of each hash, None where one is missing: it is being made."""
    pipe = redis.pipeline(transaction=False)
    for each in keys:
        pipe.hmget(each, fields)
    return [None if None in row else row for row in pipe.execute()]


def _state(lines: str, items: str, revenue: str, first: str, last: str) -> State:
    money = int(Decimal(revenue) * MONEY_SCALE)
    numbers = (int(lines), int(items), money, _ms(first), _ms(last))
    return dict(zip(FIELDS, numbers, strict=True))


def _ms(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp()) * 1000


def environment(settings: Settings, directory: Path) -> dict[str, str]:
    """Return what a program is told: Portrait by its settings, peers by variables of their own."""
    told = {
        "KAFKA": settings.kafka,
        "REDIS": settings.redis_url,
        "TOPIC": event_topic("purchase", settings.topic_prefix),
        "STATE": str(directory),
        "PYTHONPATH": str(PEERS),
    }
    return os.environ | settings.environment() | told


def _portrait(role: str) -> list[str]:
    return [sys.executable, "-m", "streams.cli", role]


FEW = {
    "PORTRAIT_TRAITS": ",".join(PUBLIC),
    "PORTRAIT_KEEP": "traits",
    "PORTRAIT_LEARNING": "false",
    "PORTRAIT_POPULATION_SECONDS": "0",
    "PORTRAIT_REFRESH_SECONDS": "0",
}

RAW, FAUST, BYTEWAX, QUIX, PATHWAY = (
    "raw limit",
    "stock Faust",
    "Bytewax",
    "Quix Streams",
    "Pathway",
)
JOB, EVERYTHING = "Portrait, peers' job", "Portrait, everything"
TWO = "Portrait, peers' job, two workers"

COMPILED = ROOT / "build" / "compiled"
"""Where `make compiled` puts the compiled core; Portrait is measured on it too where it is."""

_ON_COMPILED = {"PYTHONPATH": str(COMPILED), "PYTHONSAFEPATH": "1"}


def compiled(name: str) -> str:
    """Return the name of a program of Portrait as it runs on the compiled core."""
    return f"{name}, compiled" if name in (JOB, EVERYTHING) else name


_FLOW = ["-m", "bytewax.run", "bytewax_flow:flow"]
_STOCK = [sys.executable, str(PEERS / "stock_faust.py"), "worker", "--without-web", "-l", "warn"]
PROGRAMS = [
    Program(RAW, [sys.executable, str(PEERS / "raw_limit.py")], read_values, {}, []),
    Program(FAUST, _STOCK, read_hashes, {}, [], 10, committed=False),
    Program(BYTEWAX, [str(PEERS_PYTHON), *_FLOW], read_values, {}, []),
    Program(QUIX, [str(PEERS_PYTHON), str(PEERS / "quix_flow.py")], read_values, {}, [], 2),
    Program(PATHWAY, [str(PEERS_PYTHON), str(PEERS / "pathway_flow.py")], read_values, {}, []),
    Program(JOB, _portrait("worker"), read_profiles, FEW, []),
    Program(EVERYTHING, _portrait("worker"), read_profiles, {}, _portrait("learner"), 2),
    Program(TWO, _portrait("worker"), read_profiles, FEW, _portrait("worker"), settles=20.0),
]
if any(COMPILED.glob("portrait__mypyc*")):  # it is whole
    PROGRAMS += [
        each._replace(name=compiled(each.name), environment=each.environment | _ON_COMPILED)
        for each in PROGRAMS
        if each.name in (JOB, EVERYTHING)
    ]
