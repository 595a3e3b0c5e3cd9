"""Every Redis key of Portrait: its name, type, content and lifetime.

| key | type | content |
|---|---|---|
| `profile:{<customer>}` | hash | the public profile: field -> text of at most 64 bytes |
| `state:{<customer>}` | hash | internal: `<kind>/<partition>` -> encoded section; `stale` |
| `mark:<kind>/<partition>` | string | resume mark `<epoch>:<position>`: the next offset to read |
| `gap:<kind>/<partition>` | string | offsets that the log had lost before they were read |
| `mark:<kind>/<partition>:{<tag>}` | string | the same on a Redis Cluster; `gap` likewise |
| `model:<task>` | hash | `card` -> JSON for people; newest snapshot's `version`, `position` |
| `population` | hash | `version`, `figures` (JSON), `edges` (JSON: the fifths of RFM scores) |
| `segment:<name>` | set | the customers of a segment: an audience |
| `{segment:<name>}:<build>` | set | the same while it is being built |
| `segments` | hash | `days` -> JSON: sizes of the segments and moves between them, day by day |
| `population:turn`, `segments:turn` | string | empty; while it lives, nobody else does that work |

Turns and what is being built have lifetimes, of minutes; profiles and states live as long as their
customer, marks as their topic, model cards as their task. `state` and `profile` of one customer
share the hash tag `{<customer>}`, so that one script can write both on a Redis Cluster, whose
every range of 128 slots has marks of its own (docs/decisions/cluster-marks.md). Only the learner
writes `model`, only the worker all others.
"""

from typing import NamedTuple

from schemas.topics import Kind

STALE_FIELD = "stale"
"""Present in a state while its public fields lag behind its sections (docs/protocol.md)."""

PROFILE_PREFIX = "profile:{"
STATE_PREFIX = "state:{"
POPULATION_KEY = "population"
POPULATION_TURN_KEY = "population:turn"
SEGMENTS_KEY = "segments"
SEGMENTS_TURN_KEY = "segments:turn"


class Partition(NamedTuple):
    """One partition of one kind of event topic; its text names the section and the mark.

    >>> str(Partition("purchase", 3))
    'purchase/3'
    """

    kind: Kind
    number: int

    def __str__(self) -> str:
        return f"{self.kind}/{self.number}"


def profile_key(customer: str) -> str:
    """Return the key of a public profile.

    >>> profile_key("17850")
    'profile:{17850}'
    """
    return f"{PROFILE_PREFIX}{customer}}}"


def state_key(customer: str) -> str:
    """Return the key of a customer's sections."""
    return f"{STATE_PREFIX}{customer}}}"


def mark_key(partition: Partition, tag: str = "") -> str:
    """Return the key of a partition's resume mark, on a cluster that with the hash tag `tag`.

    >>> mark_key(Partition("purchase", 3)), mark_key(Partition("purchase", 3), "17")
    ('mark:purchase/3', 'mark:purchase/3:{17}')
    """
    return f"mark:{partition}{_tagged(tag)}"


def gap_key(partition: Partition, tag: str = "") -> str:
    """Return the key of a partition's gap counter, on a cluster that with the hash tag `tag`."""
    return f"gap:{partition}{_tagged(tag)}"


def model_key(task: str) -> str:
    """Return the key of a task's model card."""
    return f"model:{task}"


def audience_key(segment: str) -> str:
    """Return the key of the set of a segment's customers."""
    return f"segment:{segment}"


def built_audience_key(segment: str, build: str) -> str:
    """Return the key under which one build collects it, on a cluster in the same slot.

    >>> built_audience_key("loyal", "3f2a")
    '{segment:loyal}:3f2a'
    """
    return f"{{{audience_key(segment)}}}:{build}"


def customer_of(key: str) -> str:
    """Return the customer of a `profile` or `state` key.

    >>> customer_of("state:{17850}")
    '17850'
    """
    return key[key.index("{") + 1 : -1]


def _tagged(tag: str) -> str:
    return f":{{{tag}}}" if tag else ""
