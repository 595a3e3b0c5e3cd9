"""Which customers are waited for: all of them, or a share by their hash when there are too many."""

import xxhash


def customer_hash(customer: str) -> int:
    """64 bits that stand for a customer, the same in every process.

    >>> customer_hash("17850") == customer_hash("17850")
    True
    """
    return xxhash.xxh64_intdigest(customer.encode())


def in_share(customer: str, share: float) -> bool:
    """Whether a customer belongs to the `share` (0..1) of customers that models learn from.

    Those of a smaller share, and of a `Sample`, are among those of a larger one.

    >>> sum(in_share(str(number), 0.1) for number in range(10_000))
    1009
    """
    return share >= 1 or customer_hash(customer) < share * 2**64


class Sample:
    """A share of the customers, which halves and does not grow again.

    Whole customers by their hash, so that what remains is as it would be without the others.

    >>> sample = Sample()
    >>> sample.halve()
    >>> sample.admits(2**63), sample.admits(2**63 - 1), sample.rate
    (False, True, 0.5)
    """

    def __init__(self) -> None:
        self.halvings = 0

    def admits(self, customer: int) -> bool:
        """Whether a customer (by hash) is in the sample."""
        return customer >> (64 - self.halvings) == 0

    def halve(self) -> None:
        """Take half of the customers out."""
        self.halvings += 1

    @property
    def rate(self) -> float:
        """The share of all customers, 0..1."""
        return 0.5**self.halvings
