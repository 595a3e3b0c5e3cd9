"""The end of a batch in two steps, for stores that have no script for both."""

from collections.abc import Sequence

from profiles.keyspace import Partition
from profiles.store import Footing, Mark, Outcome, Store, Write, are_stored


class WritesThenAdvances(Store):
    """A store that writes the last chunk first, and moves the mark by another call."""

    async def finish(
        self, partition: Partition, footing: Footing, writes: Sequence[Write], to: Mark
    ) -> tuple[list[Outcome], Footing]:
        """Apply the last chunk of a batch; where all of it is stored, move the mark to `to`."""
        outcomes = await self.write(partition, footing, writes)
        if are_stored(outcomes):
            footing = await self.advance(partition, footing, to)
        return outcomes, footing
