"""Counting the population, one worker at a time; all read what was found."""

import asyncio

import structlog

from profiles.population.columns import Columns
from profiles.population.edges import rfm_edges
from profiles.population.figures import Population
from profiles.population.store import PopulationStore
from profiles.population.summary import population_of
from profiles.traits import Catalogue
from profiles.traits.edges import RfmEdges
from streams.worker.turns import Turns

log = structlog.get_logger()

LOOK_SECONDS = 5.0
"""Seconds between two looks for newer edges, or for a turn to compute them."""

CHUNK = 50
"""Profiles read at once: events wait for a millisecond or two."""


class Census:
    """Computes figures and RFM edges when it is this worker's turn, and reads the newest edges."""

    def __init__(
        self, store: PopulationStore, catalogue: Catalogue, turns: Turns, *, limit: int
    ) -> None:
        self._store = store
        self._catalogue = catalogue
        self._turns = turns
        self._limit = limit

    async def edges(self) -> RfmEdges | None:
        """Count if it is our turn, then return the newest edges, whoever computed them."""
        await self._turns.work(self.count)
        return await self._store.edges()

    async def count(self) -> None:
        """Sample the profiles, sum them up, publish."""
        sample = await self._store.sample(self._limit)
        columns = Columns(self._catalogue)
        customers = sample.customers
        for start in range(0, len(customers), CHUNK):
            columns.add(await self._store.profiles(customers[start : start + CHUNK]))
        population, edges = await asyncio.to_thread(_sum_up, columns, sample.estimate)
        await self._store.publish(population, edges)
        log.debug("population counted", customers=population.customers, sampled=columns.rows)


def _sum_up(columns: Columns, customers: int) -> tuple[Population, RfmEdges | None]:
    return population_of(columns, customers), rfm_edges(columns)
