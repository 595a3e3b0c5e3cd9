"""A sample of customers by the hash of their ids, whose share adapts to how many there are."""

from collections.abc import Iterable

from xxhash import xxh3_64_intdigest

SEED = 0x706F70  # other uses of a customer's hash must not go together with being sampled


class Sample:
    """Keeps every customer until there are more than `limit`, then half of them, then a quarter...

    Adaptive sampling (Flajolet, On adaptive sampling, Computing 43, 1990): a customer is in it
    while the last `depth` bits of the hash are 0, so whoever comes twice counts once, and the same
    customers are chosen every time. The estimate of all customers has a standard error of at most
    1.2 / sqrt(limit), and is exact up to `limit`.

    >>> sample = Sample(limit=100)
    >>> sample.add(["anna", "bert", "anna"])
    >>> sorted(sample.customers), sample.estimate
    (['anna', 'bert'], 2)
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._depth = 0
        self._hashes: dict[str, int] = {}

    @property
    def customers(self) -> list[str]:
        """The customers in the sample, in no order."""
        return list(self._hashes)

    @property
    def estimate(self) -> int:
        """How many customers there are altogether."""
        return len(self._hashes) << self._depth

    def add(self, customers: Iterable[str]) -> None:
        """Take in customers that are there; any of them may come again."""
        mask = self._mask
        for customer in customers:
            hashed = xxh3_64_intdigest(customer.encode(), SEED)
            if not hashed & mask:
                self._hashes[customer] = hashed
        while len(self._hashes) > self._limit:
            self._thin()

    @property
    def _mask(self) -> int:
        return (1 << self._depth) - 1

    def _thin(self) -> None:
        self._depth += 1
        mask = self._mask
        self._hashes = {name: hashed for name, hashed in self._hashes.items() if not hashed & mask}
