"""Texts as sets of hashed n-grams: the features of the text models, in any language."""

import numpy as np
import numpy.typing as npt

from profiles.learning.text.tokens import Hashes, mixed, tokenize

Indices = npt.NDArray[np.int64]

EDGE = "│"  # how the beginning and the end of a text are shown
EDGE_HASH = np.uint64(0x5245474E41524F)
_EDGES = np.array([EDGE_HASH])
_PRIME = np.uint64(0xD6E8FEB86659FD93)
_SALTS = np.array([0x243F6A8885A308D3, 0x13198A2E03707344, 0xA4093822299F31D1], np.uint64)
LONGEST_N = len(_SALTS)


class NGrams:
    """n-grams of 1 to `n` tokens, edges of the text included, as indices below 2**`bits`.

    Presence, not counts: for sentiment that is better (Pang, Lee and Vaithyanathan, 2002). The
    hashing trick (Weinberger et al., 2009) bounds memory; collisions cost accuracy, see
    docs/learning-text.md.

    >>> NGrams(bits=20).indices("不好").shape  # 4 tokens with the edges, less one edge's double
    (8,)
    """

    def __init__(self, bits: int = 20, n: int = 3) -> None:
        self.bits = bits
        self.n = n
        self._shift = np.uint64(64 - bits)

    @property
    def size(self) -> int:
        """How many indices there are."""
        return 1 << self.bits

    def indices(self, text: str) -> Indices:
        """Distinct indices (k,) of a text, ascending."""
        orders = padded_orders(tokenize(text).hashes, self.n)
        return np.unique(self.of(np.concatenate(orders)))

    def of(self, hashes: Hashes) -> Indices:
        """Indices (m,) of hashed n-grams (m,)."""
        return (hashes >> self._shift).astype(np.int64)

    def named(self, text: str) -> dict[int, str]:
        """Index → the n-gram as people read it; of colliding ones the first and shortest.

        >>> sorted(NGrams(n=2).named("很 Good").values())
        ['good', 'good│', '│', '│很', '很', '很good']
        """
        tokens = tokenize(text)
        words = [EDGE, *tokens.words(), EDGE]
        named: dict[int, str] = {}
        for order, hashes in enumerate(padded_orders(tokens.hashes, self.n), start=1):
            for place, index in enumerate(self.of(hashes).tolist()):
                named.setdefault(index, _spelt(words[place : place + order]))
        return named


def padded_orders(tokens: Hashes, n: int) -> list[Hashes]:
    """As `orders`, of the tokens of one text and its edges."""
    return orders(np.concatenate([_EDGES, tokens, _EDGES]), n)


def orders(tokens: Hashes, n: int) -> list[Hashes]:
    """Hashes of the 1-grams, of the 2-grams, ..., each where its first token is."""
    found, running = [tokens], tokens
    for order in range(1, min(n, len(tokens))):
        running = running[:-1] * _PRIME + tokens[order:]
        found.append(mixed(running + _SALTS[order]))
    return found


def _spelt(words: list[str]) -> str:
    """Words apart, all else together.

    >>> _spelt(["not", "good"]), _spelt(["不", "好"])
    ('not good', '不好')
    """
    spelt = words[0]
    for word in words[1:]:
        apart = spelt[-1].isascii() and spelt[-1].isalnum() and word[0].isascii()
        spelt += f" {word}" if apart and word[0].isalnum() else word
    return spelt
