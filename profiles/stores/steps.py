"""The end of a batch in two steps, for stores that have no script for both."""

from collections.abc import Sequence

from profiles.keyspace import Partition
from profiles.store import Footing, Mark, Outcome, Store, Write, are_stored


async def write_then_advance(
    store: Store, partition: Partition, footing: Footing, writes: Sequence[Write], to: Mark
) -> tuple[list[Outcome], Footing]:
    """Apply the last chunk of a batch; where all of it is stored, move the mark to `to`."""
    outcomes = await store.write(partition, footing, writes)
    if are_stored(outcomes):
        footing = await store.advance(partition, footing, to)
    return outcomes, footing
