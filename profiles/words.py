"""What models say of a customer's latest words: public fields that no section can give back.

Words are scored once, while their event is in hand, and kept nowhere: what was said of them stays
in the public profile until something later is written. So these fields are carried on from the
profile as it was, which is safe, since no profile is written but over the sections that it was
read with (docs/protocol.md, rule 3).
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from profiles.learning.scorers.answers import Classes, Probabilities
from profiles.learning.scoring import Scorer
from profiles.learning.text.many import Texts
from profiles.traits.models import OF_WORDS
from profiles.traits.parts import Fields
from profiles.traits.text import name_text, time_text
from schemas.examples import MOST_TEXT

AT = "review_at"
"""When the words were written that the other fields speak of."""

VERSION = "review.version"
"""Of the models that said it; one export holds them all, so they are of one version."""

FIELDS = tuple(declared.name for declared in OF_WORDS.traits)


class Words(NamedTuple):
    """The words of a review, and when they were written: event time, ms."""

    at: int
    text: str


ScoreWords = Callable[[Sequence[Words]], list[Fields]]
"""Words to the public fields that speak of them, none where no model does."""


def latest_words(events: Iterable[tuple[int, Any]]) -> Words | None:
    """Return the words of one customer's latest review that has some; of equals the last.

    >>> latest_words([(7, {"type": "feedback", "ts": 5, "text": "很好"}), (8, {"type": "mention"})])
    Words(at=5, text='很好')
    """
    written = [
        (event["ts"], offset, event["text"])
        for offset, event in events
        if event["type"] == "feedback" and "text" in event
    ]
    if not written:
        return None
    at, _, text = max(written)
    return Words(at, text)


def said_of(fields: Fields) -> Fields:
    """Return the fields of a profile that speak of words.

    >>> said_of({"orders": "3", "sentiment.score": "0.9312"})
    {'sentiment.score': '0.9312'}
    """
    return {name: fields[name] for name in FIELDS if name in fields}


def is_news(words: Words | None, said: Fields) -> bool:
    """Tell whether words were written later than those that `said` speaks of."""
    return words is not None and time_text(words.at) > said.get(AT, "")


def said_now(
    before: Sequence[Fields], words: Sequence[Words | None], score: ScoreWords
) -> list[Fields]:
    """Return what is said of each customer: of their `words`, unless `before` speaks of later ones.

    Where no model speaks of the new words, what was said before stays, with its time.
    """
    said = list(before)
    late = [
        (place, each)
        for place, (each, old) in enumerate(zip(words, before, strict=True))
        if each is not None and time_text(each.at) >= old.get(AT, "")
    ]
    scored = score([each for _, each in late])
    for (place, _), fields in zip(late, scored, strict=True):
        said[place] = fields or said[place]
    return said


def score_words(scorer: Scorer, words: Sequence[Words]) -> list[Fields]:
    """Return what the models of a scorer say of words, cut as what they learnt from.

    >>> score_words(Scorer({}), [Words(5, "很好")])
    [{}]
    """
    if not words or not scorer.of_texts:
        return [{} for _ in words]
    rows: list[Fields] = [{AT: time_text(each.at)} for each in words]
    texts = Texts.read([each.text[:MOST_TEXT] for each in words])
    for task, answers in scorer.score_texts(texts).items():
        for row, fields in zip(rows, _fields(task, answers), strict=True):
            row |= fields | {VERSION: str(answers.version)}
    return [said_of(row) for row in rows]


def _fields(task: str, answers: Probabilities | Classes) -> list[Fields]:
    """Return the answer for every text; none where the models know none of its words."""
    if isinstance(answers, Probabilities):
        return [{f"{task}.score": f"{value:.4f}"} for value in answers.values.tolist()]
    first, known = answers.values.argmax(axis=1), answers.values.sum(axis=1)
    return [
        {f"{task}.name": name_text(answers.names[place])} if share else {}
        for place, share in zip(first.tolist(), known.tolist(), strict=True)
    ]
