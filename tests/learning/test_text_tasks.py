"""Sentiment and topics as tasks: asked at feedback with words in it."""

from profiles.learning import snapshot
from profiles.learning.features import FEATURE_VERSION
from profiles.learning.learner import Learner
from profiles.learning.sentiment import Sentiment
from profiles.learning.talk import Topics
from profiles.learning.text.packed import TextScorer
from schemas.examples import ExampleId, Question
from tests.learning.shop import features
from tests.learning.test_text_models import said

KEY = b"a key for tests"


def questions(count: int = 400) -> list[Question]:
    """Praise with five stars, complaints with one."""
    return [
        asked(number, text=text, rating=5.0 if good else 1.0)
        for number, (text, good) in enumerate(said(count))
    ]


def asked(number: int, **about: object) -> Question:
    place = ExampleId("feedback@1", 0, number, 1)
    return Question("feedback", f"c{number}", number, features(), FEATURE_VERSION, about, place)


def test_sentiment_is_learnt_from_ratings() -> None:
    learner = Learner([Sentiment()])
    learner.learn(questions())
    card = learner.cards()[0]
    assert set(card["contestants"]) == {"bayes_logistic", "arow"}
    assert all(figures["accuracy"] > 0.95 for figures in card["contestants"].values())
    scorer = TextScorer(learner.export()["tasks"]["sentiment"])
    good, bad = scorer.score(["很好", "退货"])
    assert good > 0.5 > bad


def test_ratings_in_between_or_on_another_scale_teach_nothing() -> None:
    learner = Learner([Sentiment()])
    learner.learn([asked(0, text="好", rating=3.0), asked(1, text="好"), asked(2, rating=5.0)])
    learner.learn([asked(3, text="好", rating=9.0)])
    assert learner.cards()[0]["n_examples"] == 0


def test_a_restored_learner_goes_on_alike() -> None:
    first, rest = questions()[:250], questions()[250:]
    learner = Learner([Sentiment(), Topics()])
    learner.learn(first)
    record = snapshot.take(learner, 250, KEY)
    restored = snapshot.restore(record, KEY, Learner([Sentiment(), Topics()])).learner
    learner.learn(rest)
    restored.learn(rest)
    assert restored.parameters() == learner.parameters()
