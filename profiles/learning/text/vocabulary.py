"""Which words topics are made of: learnt from the stream, bounded, without a dictionary."""

import math
from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt

from profiles.learning.text.tokens import tokenize

Slots = npt.NDArray[np.int64]

CANDIDATES = 60_000  # words that are counted: the rarest are forgotten beyond
KNOWN_FROM = 5.0  # texts that a word must have been in
COMMON = 0.3  # share of the texts from which a word says nothing about any
COHESION = 0.1  # NPMI from which two characters are a word
SHORTEST_WORD = 3  # letters, where words are written apart
FIRST_HAN = 0x2E80  # code point of the first radical; kana and Hangul are beyond it too
RENEWAL = 2_000  # texts from one choice of words to the next


class Vocabulary:
    """The `size` most frequent words of what has been read, with a slot each.

    Candidates are words of three letters and more, and pairs of neighbouring Han characters: most
    Chinese words are two characters long. A pair is a word if its characters attract each other:
    normalized pointwise mutual information (Bouma, 2009) over texts. The words are chosen anew
    after every RENEWAL texts, and there are none before; a word that stays keeps its slot.
    """

    def __init__(self, size: int) -> None:
        self.size = size
        self.read = 0  # texts, ever
        self.texts = 0.0  # texts that `counts` stands for
        self.counts: dict[str, float] = {}  # texts with that candidate or character
        self.words = [""] * size  # by slot; "" where nothing is known
        self._slots: dict[str, int] = {}

    def learn(self, candidates: Iterable[str]) -> list[int]:
        """Count a text's `candidates`; returns the slots that mean another word from now on."""
        for each in candidates:
            self.counts[each] = self.counts.get(each, 0.0) + 1.0
        self.texts += 1.0
        self.read += 1
        return [] if self.read % RENEWAL else self._renew()

    def slots(self, candidates: Iterable[str]) -> Slots:
        """Slots (k,) of the known ones among a text's `candidates`."""
        known = (self._slots[word] for word in candidates if word in self._slots)
        return np.fromiter(known, np.int64)

    def state(self) -> dict[str, Any]:
        """Plain containers."""
        return {
            "read": self.read,
            "texts": self.texts,
            "counts": self.counts,
            "words": self.words,
        }

    def restore(self, state: dict[str, Any]) -> None:
        """The inverse of `state`, on a vocabulary of that size."""
        self.read, self.texts, self.counts = state["read"], state["texts"], state["counts"]
        self.use(state["words"])

    def use(self, words: list[str]) -> None:
        """Take these words (size,) for the known ones."""
        self.words = list(words)
        self._slots = {word: slot for slot, word in enumerate(words) if word}

    def _renew(self) -> list[int]:
        chosen = self._chosen()
        words = [word if word in chosen else "" for word in self.words]
        free = (slot for slot, word in enumerate(words) if not word)
        newcomers = [word for word in chosen if word not in self._slots]
        given = dict(zip(free, newcomers, strict=False))
        for slot, word in given.items():
            words[slot] = word
        self.use(words)
        self._forget()
        return list(given)

    def _chosen(self) -> dict[str, None]:
        """The most frequent words, in a fixed order: counts, then letters."""
        words = [word for word, count in self.counts.items() if self._is_word(word, count)]
        words.sort(key=lambda word: (-self.counts[word], word))
        return dict.fromkeys(words[: self.size])

    def _is_word(self, word: str, count: float) -> bool:
        if len(word) == 1 or not KNOWN_FROM <= count <= COMMON * self.texts:
            return False
        return not is_pair(word) or self._cohesion(word, count) >= COHESION

    def _cohesion(self, pair: str, count: float) -> float:
        apart = self.counts[pair[0]] * self.counts[pair[1]]
        return math.log(count * self.texts / apart) / math.log(self.texts / count)

    def _forget(self) -> None:
        """Halve all counts when there are too many, and let go of what was counted once."""
        if len(self.counts) > CANDIDATES:
            self.texts /= 2
            # a character lives at least as long as its pairs: it is counted whenever they are
            self.counts = {word: count / 2 for word, count in self.counts.items() if count > 1.0}


def candidates(text: str) -> list[str]:
    """Distinct words, Han characters and pairs of them, in the order of the text.

    >>> candidates("酒店 is nice")
    ['酒', '店', '酒店', 'nice']
    """
    found: dict[str, None] = {}
    before = ""
    for word in tokenize(text).words():
        if _is_han(word):
            found[word] = None
            if _is_han(before):
                found[before + word] = None
        elif len(word) >= SHORTEST_WORD and word[0].isalpha():
            found[word] = None
        before = word
    return list(found)


def _is_han(word: str) -> bool:
    return len(word) == 1 and word.isalpha() and ord(word) >= FIRST_HAN


def is_pair(word: str) -> bool:
    """Whether it is two characters that make a word."""
    return len(word) == 2
