"""Where Kafka is: what can be wrong with a list of brokers, before anybody is asked."""

import re

_BROKER = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[\w.-]+)(?::(\d{1,5}))?", re.ASCII)
_LAST_PORT = 65_535


def fault_of_brokers(brokers: list[str]) -> str | None:
    """Say what is wrong with brokers, None where nothing is.

    >>> fault_of_brokers(["kafka:9092", "[::1]:9092"])
    >>> fault_of_brokers(["kafka:9092", "http://b"]), fault_of_brokers([])
    ("'http://b' is no host:port", 'no broker is named')
    """
    if not brokers:
        return "no broker is named"
    wrong = next((each for each in brokers if not _is_address(each)), None)
    return None if wrong is None else f"{wrong!r} is no host:port"


def _is_address(broker: str) -> bool:
    match = _BROKER.fullmatch(broker)
    return match is not None and (match[2] is None or 0 < int(match[2]) <= _LAST_PORT)
