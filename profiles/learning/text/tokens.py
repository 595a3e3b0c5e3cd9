"""Text as tokens: a word in scripts that write words apart, a character in those that do not.

Everything is one pass of numpy over code points, so the hash of a token depends on its letters
only: not on the process, its hash seed, or the machine's byte order.
"""

import unicodedata
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Hashes = npt.NDArray[np.uint64]
Starts = npt.NDArray[np.intp]
Places = slice | npt.NDArray[np.intp]

LONGEST = 2_000  # characters of a text that are read: bounds the work on a pasted book
SPACE, SINGLE, LETTER = 0, 1, 2  # kinds of characters; SINGLE stands for itself

# Han, kana, Hangul and their compatibility forms: written without spaces, or agglutinated
_UNSPACED = ((0x2E80, 0xA4D0), (0xAC00, 0xD7B0), (0xF900, 0xFB00))
_PRIME = 0x9E3779B97F4A7C15  # odd, so it has an inverse modulo 2**64


def _kind(code: int) -> int:
    character = chr(code)
    if character.isspace():
        return SPACE
    unspaced = any(low <= code < high for low, high in _UNSPACED)
    return LETTER if character.isalnum() and not unspaced else SINGLE


# beyond the basic plane are emoji and rare Han: each stands for itself
_KINDS = np.array([*map(_kind, range(0xFFFF)), SINGLE], np.uint8)
_POWERS = np.cumprod(np.full(LONGEST + 1, _PRIME, np.uint64), dtype=np.uint64)
_INVERSES = np.cumprod(np.full(LONGEST + 1, pow(_PRIME, -1, 2**64), np.uint64), dtype=np.uint64)


class Tokens(NamedTuple):
    """The tokens of one text: `text` normalized, `starts` (n,) in it, `hashes` (n,)."""

    text: str
    starts: Starts
    hashes: Hashes

    def words(self) -> list[str]:
        """The tokens themselves.

        >>> tokenize("质量好, VERY good!").words()
        ['质', '量', '好', ',', 'very', 'good', '!']
        """
        pairs = pairwise([*self.starts.tolist(), len(self.text)])
        return [self.text[start:end].rstrip() for start, end in pairs]


def tokenize(text: str) -> Tokens:
    """Tokens of the first LONGEST characters, compatibility forms and case folded."""
    folded = fold(text)
    return Tokens(folded, *tokens_of(codes_of(folded), slice(0, len(folded))))


def fold(text: str) -> str:
    """What is read of a text.

    >>> fold("ＶＥＲＹ Good")
    'very good'
    """
    return unicodedata.normalize("NFKC", text[:LONGEST]).lower()[:LONGEST]


def codes_of(folded: str) -> npt.NDArray[np.uint32]:
    """Code points (characters,); halves of surrogate pairs are question marks."""
    return np.frombuffer(folded.encode("utf-32-le", "replace"), "<u4")


def tokens_of(codes: npt.NDArray[np.uint32], places: Places) -> tuple[Starts, Hashes]:
    """Starts and hashes (n,) of the tokens; `places` are the characters' in their own text.

    A token's hash is that of its letters by a polynomial in a prime (Karp and Rabin, 1987): of all
    tokens at once, as differences of prefix sums, moved to the same origin by inverse powers.
    """
    kinds = _KINDS[np.minimum(codes, 0xFFFF)]
    begins = kinds != SPACE
    begins[1:] &= (kinds[1:] != LETTER) | (kinds[:-1] != LETTER)
    starts = np.flatnonzero(begins)
    if not len(starts):
        return starts, np.empty(0, np.uint64)
    terms: Hashes = codes * (kinds != SPACE) * _POWERS[places]
    sums: Hashes = np.add.reduceat(terms, starts)
    hashes: Hashes = sums * _INVERSES[places][starts]
    return starts, mixed(hashes)


def mixed(hashes: Hashes) -> Hashes:
    """Spread the bits of 64-bit hashes: the finalizer of SplitMix64 (Steele, Lea, Flood, 2014)."""
    hashes = (hashes ^ (hashes >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    hashes = (hashes ^ (hashes >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return hashes ^ (hashes >> np.uint64(31))
