"""Dead letters as a receiver reads them: by id, each source in order, what it has it skips."""

from collections.abc import Iterator

from tests.faults.counted import Coordinates
from tests.faults.log import Log

PREFIX = "portrait."


class Letters:
    """Every letter counted once, by the coordinates of its source."""

    def __init__(self, brokers: str, topic: str) -> None:
        self._brokers = brokers
        self._log = Log(brokers, topic)
        self._watermarks: dict[tuple[object, ...], int] = {}
        self._counted: set[Coordinates] = set()

    def read(self) -> None:
        """Take in what is new."""
        for message in self._log.read():
            named = {name: text for name, text in message.headers() if name.startswith(PREFIX)}
            kind, epoch, partition, offset = (
                named[PREFIX + name].decode() for name in ("topic", "epoch", "partition", "offset")
            )
            source = (kind, epoch, partition, message.partition())
            if int(offset) > self._watermarks.get(source, -1):
                self._watermarks[source] = int(offset)
                kind = kind.rpartition(".")[2]
                self._counted.add((kind, int(epoch, 16), int(partition), int(offset)))

    def recreated(self) -> None:
        """Read from the beginning: the topic is another one of the same name."""
        self._log = Log(self._brokers, self._log.topic)

    def differences(self, rejected: set[Coordinates]) -> Iterator[str]:
        """Say which rejected records have no letter, and which letters no rejected record."""
        for place in sorted(rejected - self._counted):
            yield f"no dead letter of {place}"
        for place in sorted(self._counted - rejected):
            yield f"a dead letter of {place}, which is good"
