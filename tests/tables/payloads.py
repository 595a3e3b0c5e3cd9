"""What a producer writes: a table's rows through its shipped mapping, as bytes by kind of event."""

from collections import defaultdict
from pathlib import Path

from streams.sources import load_mapping, open_source, source_name


def payloads(mapping_name: str, path: Path) -> dict[str, list[bytes]]:
    mapping = load_mapping(mapping_name)
    to_events = mapping.compile(source_name(str(path)))
    found: dict[str, list[bytes]] = defaultdict(list)
    for chunk in open_source(str(path), mapping.source):
        for event in to_events(chunk):
            found[event.kind].append(event.payload)
    return found
