"""Latent Dirichlet allocation, one small batch of texts at a time."""

import hashlib

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Slots = npt.NDArray[np.int64]

DELAY = 64.0  # τ0: slows the first, poorest batches down
FORGETTING = 0.7  # κ in (0.5, 1]: how fast a batch's weight falls
SLOWEST = 0.005  # a batch's least weight, so that topics follow a shop that changes
ROUNDS = 10  # of the inner fixed point: short texts have settled
TINY = 1e-100  # a word that no topic knows is shared by all
SEED = 20101206


class OnlineLDA:
    """`topics` topics over `size` words: Hoffman, Blei and Bach, NIPS 2010.

    `strengths` (topics, size) is their λ: about how many words of each slot a topic has taken. The
    names in comments are the paper's. Where it has exp E[log θ] and exp E[log β], here are the
    means, as in collapsed inference (CVB0: Asuncion et al., UAI 2009; of streams: Foulds et al.,
    KDD 2013): cheaper, and on short texts the topics are better.
    """

    def __init__(self, topics: int, size: int, alpha: float = 0.1, eta: float = 0.05) -> None:
        self.alpha = alpha  # low: a review is about one thing or two
        self.eta = eta
        self.batches = 0
        self.strengths: Floats = np.empty((topics, size))  # λ
        self.forget(list(range(size)))

    def learn(self, texts: list[Slots], expected: float) -> None:
        """One step for a batch of texts, of a stream of about `expected` texts."""
        words = _Words(texts)
        emitted = self._emitted(words.slots)
        taken = _taken(emitted, self._shares(words, emitted), words)
        target = np.full_like(self.strengths.T, self.eta)
        np.add.at(target, words.slots, taken * (expected / max(len(texts), 1)))
        weight = max((DELAY + self.batches) ** -FORGETTING, SLOWEST)  # ρ
        self.strengths += weight * (target.T - self.strengths)
        self.batches += 1

    def mixtures(self, texts: list[Slots]) -> Floats:
        """Shares of the topics (len(texts), topics), each row summing to 1."""
        words = _Words(texts)
        shares = self._shares(words, self._emitted(words.slots))
        mixtures: Floats = shares / shares.sum(axis=1, keepdims=True)
        return mixtures

    def forget(self, slots: list[int]) -> None:
        """These slots mean other words from now on: each topic has about one of each, by chance.

        Were they equal, the topics would stay so, and the largest would take every newcomer.
        """
        rng = np.random.default_rng([SEED, self.batches])
        self.strengths[:, slots] = rng.gamma(100.0, 0.01, (len(self.strengths), len(slots)))

    def distributions(self) -> Floats:
        """P(word | topic), (topics, size)."""
        shares: Floats = self.strengths / self.strengths.sum(axis=1, keepdims=True)
        return shares

    def digest(self) -> str:
        """SHA-256 of all parameters."""
        own = f"{self.batches}".encode() + self.strengths.astype("<f8").tobytes()
        return hashlib.sha256(own).hexdigest()

    def _emitted(self, slots: Slots) -> Floats:
        """E[β] of the words in `slots` (n, topics)."""
        emitted: Floats = self.strengths[:, slots].T / self.strengths.sum(axis=1)
        return emitted

    def _shares(self, words: "_Words", emitted: Floats) -> Floats:
        """γ (texts, topics): the paper's inner loop, for all texts of the batch at once."""
        shares = np.ones((words.count, len(self.strengths)))
        for _ in range(ROUNDS):
            shares = self.alpha + words.sums(_taken(emitted, shares, words))
        return shares


def _taken(emitted: Floats, shares: Floats, words: "_Words") -> Floats:
    """φ: how much of each word each topic takes (n, topics), rows summing to 1."""
    taken: Floats = emitted * shares[words.text] + TINY
    taken /= taken.sum(axis=1, keepdims=True)
    return taken


class _Words:
    """The words of some texts in one row: slots (n,) and whose they are (n,)."""

    def __init__(self, texts: list[Slots]) -> None:
        lengths = [len(text) for text in texts]
        self.count = len(texts)
        self.slots: Slots = np.concatenate([*texts, np.empty(0, np.int64)])
        self.text = np.repeat(np.arange(self.count), lengths)
        self._filled = np.flatnonzero(lengths)
        self._starts = np.cumsum([0, *lengths])[self._filled]

    def sums(self, rows: Floats) -> Floats:
        """Sums of rows (n, topics) by text (texts, topics)."""
        sums = np.zeros((self.count, rows.shape[1]))
        if len(self._filled):
            sums[self._filled] = np.add.reduceat(rows, self._starts)
        return sums
