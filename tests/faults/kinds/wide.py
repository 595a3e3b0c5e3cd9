"""One of several servers: a master of a cluster, a broker of three."""

import random

from redis.exceptions import RedisError

from tests.faults.faults import fault
from tests.faults.stage import Stage

SETTLED_SECONDS = 60.0


@fault(5, wide=True)
def one_broker_of_three(stage: Stage, chance: random.Random) -> None:
    """Kill one broker of three; the others go on without it, until it is back."""
    broker = chance.choice(stage.servers.kafka.nodes)
    broker.kill()
    stage.notes["without_it"] = stage.until_moving()
    broker.start()


@fault(10, wide=True)
def two_brokers_of_three(stage: Stage, chance: random.Random) -> None:
    """Kill two brokers of three: nothing can be sent onward until one is back."""
    first, second = chance.sample(stage.servers.kafka.nodes, 2)
    first.kill()
    second.kill()
    stage.pass_time(chance.uniform(5, 15))
    first.launch()
    second.start()
    first.wait_until_ready()


@fault(9, wide=True)
def master_killed(stage: Stage, chance: random.Random) -> None:
    """Kill a master of the cluster with writes in flight; its replica takes over."""
    master = chance.choice(stage.servers.redis.serving())
    master.kill()
    stage.notes["failover"] = stage.until_moving()
    master.start()
    _settle(stage)


@fault(9, wide=True)
def master_frozen(stage: Stage, chance: random.Random) -> None:
    """Freeze a master until its replica has taken over; it comes back believing it is one."""
    master = chance.choice(stage.servers.redis.serving())
    master.pause()
    stage.pass_time(chance.uniform(1, 12))
    master.resume()
    stage.notes["failover"] = stage.until_moving()
    _settle(stage)


def _settle(stage: Stage) -> None:
    """Wait until every node serves, or knows who does; one that comes back loads its file first."""

    def settled() -> bool:
        try:
            infos = [node.ask("CLUSTER INFO") for node in stage.servers.redis.nodes]
        except RedisError:
            return False
        return all(info["cluster_state"] == "ok" for info in infos)

    stage.until(settled, SETTLED_SECONDS, "a cluster that does not settle")
