"""What people talk about: topics with their words, names and coherence, from a stream of texts."""

import base64
import hashlib
import math
import zlib
from collections import deque
from typing import Any, NamedTuple

import numpy as np

from profiles.learning.model import Model, Numbers, State
from profiles.learning.models.online_lda import Floats, OnlineLDA
from profiles.learning.text.many import Texts
from profiles.learning.text.tokens import Hashes
from profiles.learning.text.vocabulary import Slots, Vocabulary, candidates, is_pair

TOPICS = 12
WORDS = 4_096
BATCH = 128  # texts of one step
EXPECTED = 20_000  # texts that the topics stand for: what they remember
WINDOW = 2_000  # texts that coherence is measured over
SHOWN = 10  # words of a topic that are shown, and measured
RELEVANCE = 0.6  # weight of frequent against peculiar words: Sievert and Shirley, 2014


class Topic(NamedTuple):
    """One topic: its most relevant words, its share of the words read, its coherence."""

    name: str  # its first three words
    words: list[str]
    share: float
    coherence: float | None  # mean NPMI of pairs of its words, -1..1; None while nothing is known


class TopicModel(Model):
    """Online LDA over a vocabulary that it learns itself.

    Texts are learnt BATCH at a time; the first of a stream, until the vocabulary is chosen, only
    teach it words. A word that is new to the vocabulary belongs to no topic until it is learnt.
    """

    def __init__(self, topics: int = TOPICS, words: int = WORDS) -> None:
        self.vocabulary = Vocabulary(words)
        self.lda = OnlineLDA(topics, words)
        self._batch: list[Slots] = []
        self._window: deque[Slots] = deque(maxlen=WINDOW)

    def predict(self, x: str) -> dict[str, float] | None:
        """Shares of the topics of a text by their numbers; None where it says nothing known."""
        slots = self.vocabulary.slots(candidates(x))
        if not len(slots) or not self.lda.batches:
            return None
        (shares,) = self.lda.mixtures([slots]).tolist()
        return {str(number): share for number, share in enumerate(shares)}

    def learn(self, x: str, label: object = None) -> None:
        """Take one text."""
        found = candidates(x)
        slots = self.vocabulary.slots(found)
        if len(slots):
            self._window.append(slots)
            self._batch.append(slots)
        if len(self._batch) == BATCH:
            self._learn_batch()
        if renewed := self.vocabulary.learn(found):
            self._learn_batch()  # while its slots still mean what they meant
            self.lda.forget(renewed)
            stays = np.ones(self.vocabulary.size, bool)
            stays[renewed] = False
            kept = [slots[stays[slots]] for slots in self._window]
            self._window = deque(kept, WINDOW)

    def mixtures(self, texts: list[str]) -> Floats:
        """Shares of the topics (len(texts), topics); equal ones where no word is known."""
        return self.lda.mixtures([self.vocabulary.slots(candidates(text)) for text in texts])

    def topics(self) -> list[Topic]:
        """Every topic, in the order of `mixtures`; none before the first batch."""
        if not self.lda.batches:
            return []
        known = np.array([bool(word) for word in self.vocabulary.words])
        sizes = self.lda.strengths[:, known].sum(axis=1)
        tops = [_top(row, known) for row in _relevances(self.lda.distributions())]
        shares = sizes / sizes.sum()
        return [self._topic(top, float(share)) for top, share in zip(tops, shares, strict=True)]

    def state(self) -> State:
        """Plain containers and bytes."""
        return {
            "vocabulary": self.vocabulary.state(),
            "strengths": self.lda.strengths.astype("<f8").tobytes(),
            "batches": self.lda.batches,
            "batch": [slots.tolist() for slots in self._batch],
            "window": [slots.tolist() for slots in self._window],
        }

    def restore(self, state: State) -> None:
        """The inverse of `state`, on a model of the same size."""
        self.vocabulary.restore(state["vocabulary"])
        shape = self.lda.strengths.shape
        self.lda.strengths = np.frombuffer(state["strengths"], "<f8").reshape(shape).copy()
        self.lda.batches = state["batches"]
        self._batch = [np.array(slots, np.int64) for slots in state["batch"]]
        self._window = deque((np.array(each, np.int64) for each in state["window"]), WINDOW)

    def digest(self) -> str:
        """SHA-256 of all parameters: equal when two models have learnt the same."""
        waiting = [slots.tolist() for slots in self._batch]
        own = repr((self.lda.digest(), self.vocabulary.words, self.vocabulary.read, waiting))
        return hashlib.sha256(own.encode()).hexdigest()

    def parameters(self) -> Numbers:
        """The digest, and how many texts were read."""
        return {"kind": "topics", "digest": self.digest(), "texts": self.vocabulary.read}

    def describe(self, features: tuple[str, ...]) -> Numbers:
        """The topics, each with its number, words, share and coherence."""
        shown = (topic._asdict() for topic in self.topics())
        return {"topics": [{"number": number, **each} for number, each in enumerate(shown)]}

    def export(self) -> Numbers | None:
        """JSON for `TopicScorer`: words, and the topics' strengths as 32-bit floats."""
        if not self.lda.batches:
            return None
        strengths = zlib.compress(self.lda.strengths.astype("<f4").tobytes())
        return {
            "kind": "topics",
            "words": list(self.vocabulary.words),
            "strengths": base64.b64encode(strengths).decode(),
            "names": [topic.name for topic in self.topics()],
        }

    def _learn_batch(self) -> None:
        if self._batch:
            self.lda.learn(self._batch, EXPECTED)
            self._batch = []

    def _topic(self, top: list[int], share: float) -> Topic:
        words = [self.vocabulary.words[slot] for slot in top]
        return Topic(" ".join(words[:3]), words, share, coherence(top, self._window))


class TopicScorer:
    """Mixtures of topics from what `TopicModel.export` gave; words are found by their hashes."""

    def __init__(self, numbers: Numbers) -> None:
        self.names: list[str] = numbers["names"]
        words: list[str] = numbers["words"]
        self._lda = OnlineLDA(len(self.names), len(words))
        strengths = np.frombuffer(zlib.decompress(base64.b64decode(numbers["strengths"])), "<f4")
        self._lda.strengths = strengths.reshape(self._lda.strengths.shape).astype(np.float64)
        self._size = len(words)
        self._hashes, self._slots = _table(words)

    def mixtures(self, texts: list[str]) -> Floats:
        """Shares of the topics (len(texts), topics)."""
        return self._lda.mixtures(self.slots(Texts.read(texts)))

    def slots(self, texts: Texts) -> list[Slots]:
        """The slots of each text's words, ascending."""
        ours = texts.orders[:2]
        hashes = np.concatenate([each.hashes for each in ours])
        owners = np.concatenate([each.texts for each in ours])
        places = np.searchsorted(self._hashes[:-1], hashes)
        known = self._hashes[places] == hashes
        keys = np.unique(owners[known] * self._size + self._slots[places[known]])
        ends = np.searchsorted(keys, np.arange(1, texts.count) * self._size)
        return np.split(keys % self._size, ends)

    def score(self, texts: Texts) -> Floats:
        """Shares of the topics (texts.count, topics); zeros where no word is known."""
        slots = self.slots(texts)
        shares = self._lda.mixtures(slots)
        shares[[not len(each) for each in slots]] = 0.0
        return shares


def _table(words: list[str]) -> tuple[Hashes, Slots]:
    """Hashes of the known words, ascending, and their slots; the last is no word's."""
    slots = [slot for slot, word in enumerate(words) if word]
    known = [words[slot] for slot in slots]
    alone, pairs = (  # an edge is before each of them
        each.hashes[np.searchsorted(each.texts, np.arange(len(known))) + 1]
        for each in Texts(known).orders[:2]
    )
    hashes = np.where([is_pair(word) for word in known], pairs, alone)
    order = np.argsort(hashes)
    end = np.array([np.iinfo(np.uint64).max], np.uint64)
    return np.append(hashes[order], end), np.append(np.array(slots, np.int64)[order], 0)


def coherence(top: list[int], window: "deque[Slots]") -> float | None:
    """Mean NPMI of the pairs of a topic's words over a window of texts (Röder et al., 2015).

    -1 never together, 0 as often as by chance, 1 only together. None for an empty window.

    >>> coherence([0, 1], deque([np.array([0, 1]), np.array([2])]))
    1.0
    """
    if not window or len(top) < 2:
        return None
    words = np.concatenate(window)
    texts = np.repeat(np.arange(len(window)), list(map(len, window)))
    present = np.zeros((len(window), len(top)))
    for place, slot in enumerate(top):
        present[texts[words == slot], place] = 1.0
    together = present.T @ present / len(window)
    pairs = [(i, j) for i in range(len(top)) for j in range(i)]
    own = np.diag(together)
    return math.fsum(_npmi(together[i, j], own[i], own[j]) for i, j in pairs) / len(pairs)


def _npmi(together: float, one: float, other: float) -> float:
    if together == 0.0:
        return -1.0
    return 1.0 if together == 1.0 else math.log(together / (one * other)) / -math.log(together)


def _relevances(distributions: Floats) -> Floats:
    overall = distributions.mean(axis=0)
    lift = np.log(distributions / overall)
    relevances: Floats = RELEVANCE * np.log(distributions) + (1.0 - RELEVANCE) * lift
    return relevances


def _top(relevances: Floats, known: Any) -> list[int]:
    order = np.argsort(-np.where(known, relevances, -np.inf), kind="stable")
    top: list[int] = order[: min(SHOWN, int(known.sum()))].tolist()
    return top
