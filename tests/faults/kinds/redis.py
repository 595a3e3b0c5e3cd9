"""A Redis that is away, frozen, restarted, older than it was, empty, full, or read-only."""

import random
import shutil
from functools import partial
from typing import Any

from tests.faults.faults import fault
from tests.faults.stage import Stage

REWRITTEN_SECONDS = 60.0
OTHER_MASTER = ("127.0.0.1", "9")  # nobody is there: a replica that never hears from its master


@fault(7)
def redis_down_5(stage: Stage, chance: random.Random) -> None:
    """Kill Redis; it is back after 5 s with what its append-only file holds."""
    _down(stage, 5, chance)


@fault(7)
def redis_down_30(stage: Stage, chance: random.Random) -> None:
    """Kill Redis or end it in order; it is back after 30 s."""
    _down(stage, 30, chance)


@fault(7)
def redis_frozen(stage: Stage, chance: random.Random) -> None:
    """Freeze Redis: connections stay open, and nothing answers."""
    redis = stage.servers.redis
    redis.pause()
    stage.pass_time(chance.uniform(3, 12))
    redis.resume()


@fault(7)
def redis_restarted(stage: Stage, _chance: random.Random) -> None:
    """Restart Redis in order, twice in a row."""
    for _ in range(2):
        stage.servers.redis.restart()
        stage.pass_time(1)


@fault(7)
def redis_older(stage: Stage, chance: random.Random) -> None:
    """Bring back a copy of Redis's files from some seconds before."""
    redis = stage.servers.redis
    data = redis.directory / "data"
    older = redis.directory / "older"
    shutil.rmtree(older, ignore_errors=True)
    _keep_files(stage)
    shutil.copytree(data, older)
    stage.pass_time(chance.uniform(1, 8))
    redis.kill()
    shutil.rmtree(data)
    older.rename(data)
    redis.start()


def _keep_files(stage: Stage) -> None:
    """Let Redis rewrite its append-only file no more: a copy taken meanwhile would not be whole."""
    with stage.servers.redis.client() as client:
        client.config_set("auto-aof-rewrite-percentage", 0)  # until it is started again
        persistence = partial(client.info, "persistence")
        stage.until(lambda: not _rewrites(persistence()), REWRITTEN_SECONDS, "still rewriting")


def _rewrites(persistence: dict[str, Any]) -> bool:
    return bool(persistence["aof_rewrite_in_progress"] or persistence["aof_rewrite_scheduled"])


@fault(7)
def redis_lost(stage: Stage, _chance: random.Random) -> None:
    """Lose Redis's files: it comes back empty, and all is built from the log again."""
    redis = stage.servers.redis
    redis.kill()
    shutil.rmtree(redis.directory / "data")
    redis.start()


@fault(7)
def redis_flushed(stage: Stage, _chance: random.Random) -> None:
    """Empty Redis while nothing is in flight, as the protocol wants it."""
    stage.sender.pause()
    stage.until_caught_up()
    stage.servers.empty()
    stage.watcher.forgive()


@fault(8)
def redis_full(stage: Stage, chance: random.Random) -> None:
    """Give Redis less memory than it has in use: it refuses to write."""
    with stage.servers.redis.client() as client:
        client.config_set("maxmemory", 1)
        stage.pass_time(chance.uniform(2, 10))
        client.config_set("maxmemory", 0)


@fault(8)
def redis_read_only(stage: Stage, chance: random.Random) -> None:
    """Make Redis a replica, which refuses to write, and a master again."""
    with stage.servers.redis.client() as client:
        client.replicaof(*OTHER_MASTER)
        stage.pass_time(chance.uniform(2, 10))
        client.replicaof("NO", "ONE")


@fault(8)
def scripts_flushed(stage: Stage, chance: random.Random) -> None:
    """Make Redis forget the scripts, again and again."""
    with stage.servers.redis.client() as client:
        for _ in range(chance.randrange(3, 9)):
            client.script_flush()
            stage.pass_time(chance.uniform(0.1, 1))


def _down(stage: Stage, seconds: float, chance: random.Random) -> None:
    redis = stage.servers.redis
    if chance.random() < 0.5:
        redis.kill()
    else:
        redis.stop()
    stage.pass_time(seconds)
    redis.start()
