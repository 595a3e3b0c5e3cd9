"""The text classifier: learns fast, the same each time, and travels small."""

import random

import numpy as np
import pytest

from profiles.learning.models.bayes_logistic import BayesLogistic
from profiles.learning.models.text_classifier import TextClassifier
from profiles.learning.text.ngrams import NGrams
from profiles.learning.text.packed import TextScorer, pack

GOOD, BAD, NEUTRAL = ["很好", "喜欢", "great"], ["很差", "退货", "awful"], ["的", "了", "it is"]


def said(count: int, share: float = 0.5, seed: int = 7) -> list[tuple[str, bool]]:
    rng = random.Random(seed)
    labels = [rng.random() < share for _ in range(count)]
    return [
        (
            " ".join([rng.choice(NEUTRAL), rng.choice(GOOD if good else BAD), rng.choice(NEUTRAL)]),
            good,
        )
        for good in labels
    ]


def trained(texts: list[tuple[str, bool]], bits: int = 14) -> tuple[NGrams, BayesLogistic]:
    ngrams = NGrams(bits)
    model = BayesLogistic(ngrams)
    for text, good in texts:
        model.learn(ngrams.indices(text), good)
    return ngrams, model


def test_it_learns_from_a_few_dozen_texts() -> None:
    ngrams, model = trained(said(60))
    assert model.predict(ngrams.indices("喜欢")) > 0.8
    assert model.predict(ngrams.indices("退货")) < 0.2


def test_an_unseen_text_is_undecided_even_where_one_class_is_rare() -> None:
    ngrams, model = trained(said(500, share=0.95))
    assert model.predict(np.array([ngrams.size - 1])) == pytest.approx(0.5)


def test_same_texts_same_digest_and_another_order_another() -> None:
    texts = said(50)
    assert trained(texts)[1].digest() == trained(texts)[1].digest()
    assert trained(texts)[1].digest() != trained(texts[::-1])[1].digest()


def test_packed_weights_score_like_the_model() -> None:
    ngrams, model = trained(said(200))
    scorer = TextScorer(pack(model.weights(), ngrams))
    texts = [text for text, _ in said(50, seed=8)]
    own = [model.predict(ngrams.indices(text)) for text in texts]
    assert scorer.score(texts) == pytest.approx(own, abs=0.02)


def test_only_the_strongest_weights_travel() -> None:
    ngrams, model = trained(said(200))
    scorer = TextScorer(pack(model.weights(), ngrams, kept=20))
    assert 0 < np.count_nonzero(scorer.weights) <= 25  # ties travel together


def test_reasons_are_words_of_the_text_with_their_direction() -> None:
    ngrams, model = trained(said(200))
    scorer = TextScorer(pack(model.weights(), ngrams))
    (word, weight), *_ = scorer.reasons("了 退货 的")
    assert "退货" in word
    assert weight < 0


def test_river_can_clone_it_and_drive_it() -> None:
    model = TextClassifier(bits=12, n=2)
    model.learn_one("great", True)
    fresh = model.clone()
    assert fresh.predict_proba_one("great")[True] == 0.5
    assert model.predict_proba_one("great")[True] > 0.5


def test_a_model_goes_on_from_its_state_as_if_nothing_had_happened() -> None:
    first, second = said(60), said(60, seed=9)
    ngrams, model = trained(first)
    restored = BayesLogistic(ngrams)
    restored.restore(model.state())
    for text, good in second:
        for each in (model, restored):
            each.learn(ngrams.indices(text), good)
    assert restored.digest() == model.digest()
