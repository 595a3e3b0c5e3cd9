"""Which customers are waited for: all of them, or a share by their hash when there are too many."""

import xxhash


def customer_hash(customer: str) -> int:
    """64 bits that stand for a customer, the same in every process.

    >>> customer_hash("17850") == customer_hash("17850")
    True
    """
    return xxhash.xxh64_intdigest(customer.encode())


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
