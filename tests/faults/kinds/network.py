"""A network between workers and servers that is slow, cut, or swallows everything."""

import random
from collections.abc import Iterator
from contextlib import contextmanager

from tests.faults.faults import fault
from tests.faults.proxy import Proxies
from tests.faults.stage import Stage

DELAY_SECONDS = 0.5


@fault(6)
def network_slow(stage: Stage, chance: random.Random) -> None:
    """Hold back everything between the workers and the servers for half a second."""
    with _proxied(stage) as proxies:
        proxies.delay(DELAY_SECONDS)
        stage.pass_time(chance.uniform(15, 25))
        proxies.delay(0)
        stage.notes["moving"] = stage.until_moving()


@fault(6)
def network_cut(stage: Stage, chance: random.Random) -> None:
    """Cut every connection, to one server or both, and refuse new ones for a while."""
    with _proxied(stage) as proxies:
        proxies.cut(chance.choice(["kafka", "redis", "both"]))
        stage.pass_time(chance.uniform(3, 20))
        proxies.mend()
        stage.notes["moving"] = stage.until_moving()


@fault(6)
def network_silent(stage: Stage, chance: random.Random) -> None:
    """Swallow everything, to one server or both, past the session; connections stay open."""
    with _proxied(stage) as proxies:
        proxies.swallow(chance.choice(["kafka", "redis", "both"]))
        stage.pass_time(chance.uniform(3, 20))
        proxies.mend()
        stage.notes["moving"] = stage.until_moving()


@contextmanager
def _proxied(stage: Stage) -> Iterator[Proxies]:
    """Let one worker reach its servers by way of the proxies; the others go straight."""
    worker = stage.fleet.workers[0]
    with Proxies(stage.servers) as proxies:
        worker.end()
        worker.start(settings=proxies.settings(stage.settings))
        stage.notes["start"] = stage.until_moving()
        yield proxies
        worker.end()
    worker.start()
