"""Apache Kafka (KRaft) as child processes: one broker, or three that stand in for each other."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from streams.stack.errors import ServerError
from streams.stack.jars import java, kafka_libraries
from streams.stack.kafka_settings import CLUSTER_ID, properties
from streams.stack.node import Cluster, Node
from streams.stack.ports import PEER_OFFSET, kept_port

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

LOGGING = Path(__file__).with_name("log4j2.properties")
HEAP = "-Xmx512m"
# half the CPU of a start, 2.4 s instead of 4.1 s, and slower code after that
QUICK_START = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")
REQUEST_SECONDS = 1.0
FORMAT_SECONDS = 60


class KafkaNode(Node):
    """One broker, which is a controller too.

    `voters` are the controllers of its cluster, `host:port` by node id; `settings` are Kafka's own
    and go before ours; `options` are Java's.
    """

    def __init__(
        self,
        directory: Path,
        node_id: int,
        voters: Mapping[int, str],
        settings: Mapping[str, str],
        options: Sequence[str] = (),
    ) -> None:
        super().__init__(directory)
        self.node_id = node_id
        self._voters = voters
        self._settings = settings
        self._options = options
        self._admin = admin(self.address)

    def command(self) -> list[str]:
        """Write the settings, format the data directory if it is new; return the command."""
        self._admin = admin(self.address)  # a client of the last life would ask its neighbours
        data = self.directory / "data"
        file = self.directory / "server.properties"
        own = properties(self.node_id, self.port, self._voters, data)
        lines = (f"{name}={value}\n" for name, value in {**own, **self._settings}.items())
        file.write_text("".join(lines))
        if not (data / "meta.properties").exists():
            self._format(file)
        return [*_java(HEAP, *self._options), "kafka.Kafka", str(file)]

    def ready(self) -> bool:
        """Whether this broker answers, and is one that its cluster gives work to."""
        try:
            return self.node_id in self._admin.list_topics(timeout=REQUEST_SECONDS).brokers
        except KafkaException:
            return False

    def _format(self, file: Path) -> None:
        options = ["format", "--cluster-id", CLUSTER_ID, "--config", str(file)]
        done = subprocess.run(  # noqa: S603 - our own command
            [*_java(*QUICK_START), "kafka.tools.StorageTool", *options],
            capture_output=True,
            text=True,
            timeout=FORMAT_SECONDS,
        )
        if done.returncode:
            raise ServerError(f"{self} could not format its directory:\n{done.stdout}{done.stderr}")


class KafkaCluster(Cluster):
    """Brokers that know each other; inside a `with` block they run, and `bootstrap` is theirs.

    With three, every topic has three replicas, and a write needs two of them. `directory` keeps
    data and ports, also for a later KafkaCluster of as many brokers. `quick_start` is for brokers
    that live as long as a few tests.
    Raises MissingToolError, ArtifactsError or ServerError at the start.
    """

    def __init__(
        self,
        directory: Path,
        brokers: int = 1,
        settings: Mapping[str, str] | None = None,
        *,
        quick_start: bool = False,
    ) -> None:
        homes = {node_id: directory / f"kafka-{node_id}" for node_id in range(1, brokers + 1)}
        voters = {
            node_id: f"127.0.0.1:{kept_port(home / 'port') + PEER_OFFSET}"
            for node_id, home in homes.items()
        }
        self.nodes: list[KafkaNode] = [
            KafkaNode(home, node_id, voters, settings or {}, QUICK_START if quick_start else ())
            for node_id, home in homes.items()
        ]

    @property
    def bootstrap(self) -> str:
        """All brokers, `host:port` separated by commas."""
        return ",".join(node.address for node in self.nodes)

    def start(self) -> None:
        """Launch all brokers that do not run, and wait until each serves."""
        for node in self.nodes:
            node.launch()
        for node in self.nodes:
            node.wait_until_ready()

    def stop(self) -> None:
        """End all brokers in order, at once: one by one, the last would miss their quorum."""
        for node in self.nodes:
            node.terminate()
        for node in self.nodes:
            node.stop()

    def kill(self) -> None:
        """End all brokers without a warning; what they have acknowledged stays."""
        for node in self.nodes:
            node.kill()


def admin(bootstrap: str) -> AdminClient:
    """Return a client that says nothing while a broker is away, and soon sees it come back."""
    return AdminClient(
        {"bootstrap.servers": bootstrap, "log_level": 0, "reconnect.backoff.max.ms": 100}
    )


def _java(*options: str) -> list[str]:
    """Begin a command that runs a class of Kafka's libraries."""
    logging = f"-Dlog4j2.configurationFile={LOGGING}"
    return [java(), *options, logging, "-cp", f"{kafka_libraries()}/*"]
