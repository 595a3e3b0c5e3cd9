"""Many texts at once: the hashed n-grams of a batch, in one pass of numpy."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from profiles.learning.text.ngrams import EDGE_HASH, LONGEST_N, orders
from profiles.learning.text.tokens import Hashes, codes_of, fold, tokens_of

Owners = npt.NDArray[np.intp]


class Grams(NamedTuple):
    """n-grams of one order: their hashes (m,), and the text (m,) that each is of, ascending."""

    hashes: Hashes
    texts: Owners


class Texts:
    """A batch of texts as the models that score words read it: read once for all of them.

    `orders` are the 1-grams, the 2-grams, ..., the edges of the texts among them.

    >>> Texts(["不好", "好"]).orders[1].texts.tolist()
    [0, 0, 0, 1, 1]
    """

    def __init__(self, folded: Sequence[str]) -> None:
        self.count = len(folded)
        hashes, owners = _padded(*_tokens(folded), self.count)
        self.orders = [
            Grams(each[within], owners[: len(each)][within])
            for order, each in enumerate(orders(hashes, LONGEST_N))
            for within in [owners[order:] == owners[: len(each)]]
        ]

    @classmethod
    def read(cls, texts: Sequence[str]) -> "Texts":
        """Texts as customers wrote them."""
        return cls([fold(text) for text in texts])


def _tokens(folded: Sequence[str]) -> tuple[Hashes, Owners]:
    """Hashes (n,) of all tokens, and whose they are (n,)."""
    widths = np.array([len(each) + 1 for each in folded], np.intp)
    begins = np.cumsum(widths) - widths
    codes = codes_of(" ".join([*folded, ""]))  # a space keeps neighbours apart
    places = np.arange(len(codes)) - np.repeat(begins, widths)
    starts, hashes = tokens_of(codes, places)
    return hashes, np.searchsorted(begins, starts, "right") - 1


def _padded(hashes: Hashes, owners: Owners, count: int) -> tuple[Hashes, Owners]:
    """The same with an edge before the tokens of each text, and one behind them."""
    lengths = np.bincount(owners, minlength=count) + 2
    padded = np.full(len(hashes) + 2 * count, EDGE_HASH)
    padded[np.arange(len(hashes)) + 2 * owners + 1] = hashes
    return padded, np.repeat(np.arange(count), lengths)
