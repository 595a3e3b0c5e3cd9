"""Errors of sections and stores, each with the evidence that an operator needs."""

from redis.exceptions import RedisClusterException, RedisError

from schemas.errors import PortraitError

REDIS_ERRORS = (RedisError, RedisClusterException)
"""What a client raises when a server is away; that of a cluster also the second, no RedisError."""


class SectionError(PortraitError):
    """A stored section that cannot be gone on with; `header` begins with its version."""

    def __init__(self, message: str, header: bytes, version: int, **evidence: object) -> None:
        super().__init__(
            message, header=header.hex(), expected_version=f"{version:04x}", **evidence
        )


class OtherCodeError(SectionError):
    """It was folded by another version of the code, or is no section."""

    def __init__(self, kind: str, header: bytes, version: int) -> None:
        super().__init__(
            f"a stored {kind} section was written by other code: rebuild the profiles from the "
            "log, or run the version that wrote them",
            header,
            version,
        )


class HalfLifeError(SectionError):
    """It was folded by this code, but with another half-life (days) of tastes."""

    def __init__(self, kind: str, header: bytes, version: int, stored: int, own: int) -> None:
        super().__init__(
            f"a stored {kind} section was folded with PORTRAIT_TASTE_HALF_LIFE_DAYS={stored}, and "
            f"it is {own} here: set it back, or rebuild the profiles from the log",
            header,
            version,
            stored_days=stored,
            own_days=own,
        )


class OtherAspectsError(SectionError):
    """It keeps other aspects of its events than sections do here."""

    def __init__(
        self, kind: str, header: bytes, version: int, stored: list[str], own: list[str]
    ) -> None:
        super().__init__(
            f"a stored {kind} section keeps {_listed(stored)}, and sections here keep "
            f"{_listed(own)}: set PORTRAIT_KEEP and PORTRAIT_TRAITS back, or rebuild the profiles "
            "from the log",
            header,
            version,
            stored=stored,
            own=own,
        )


class WriteRefusedError(PortraitError):
    """The store holds a section of another version or topic epoch than the writer's."""

    def __init__(self, customer: str, field: str, base: str, new: str) -> None:
        super().__init__(
            f"section {field} of customer {customer!r} belongs to other code, to another "
            "half-life of tastes or to another life of the topic; nothing was written",
            base=base,
            new=new,
        )


class TopicRecreatedError(PortraitError):
    """The store's sections belong to an earlier life of the topic."""

    def __init__(self, partition: str, stored_epoch: int, epoch: int) -> None:
        super().__init__(
            f"the topic behind {partition} was recreated since the stored profiles were built: "
            "set PORTRAIT_ON_RECREATED_TOPIC=continue to add its events to them, or start with an "
            "empty Redis",
            stored_epoch=f"{stored_epoch:016x}",
            epoch=f"{epoch:016x}",
        )


class WriteConflictError(PortraitError):
    """A customer's section kept moving under the writer: more than one owner, or a broken store."""

    def __init__(self, partition: str, customers: list[str], rounds: int) -> None:
        super().__init__(
            f"sections of {partition} could not be written in {rounds} rounds",
            customers=customers[:5],
            count=len(customers),
        )


class StoreMovedError(PortraitError):
    """The store is not where the writer left it.

    Its mark or incarnation went back because Redis did (failover, old snapshot, emptied), or the
    mark moved because somebody else owns the partition now. Nothing was written; the writer
    resumes from what the store holds.
    """

    def __init__(self, partition: str, expected: object, current: object) -> None:
        super().__init__(
            f"the store of {partition} is not where it was left",
            expected=expected,
            current=current,
        )


class ClusterUnavailableError(PortraitError):
    """No node of the Redis Cluster could be asked which of them serves what."""


def _listed(aspects: list[str]) -> str:
    return ", ".join(["counts", *aspects])
