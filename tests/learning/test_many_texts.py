"""A batch of texts is read as each of them alone."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiles.learning.text.many import Texts
from profiles.learning.text.ngrams import NGrams
from profiles.learning.text.packed import TextScorer, pack
from profiles.learning.text.topics import TopicModel, TopicScorer
from profiles.learning.text.vocabulary import RENEWAL
from tests.learning.test_text_models import said as judged
from tests.learning.test_text_models import trained
from tests.learning.test_topics import said as about

ANY_TEXTS = st.lists(st.text(st.sampled_from("很好 ab,ÄＡ😀\n\ud800"), max_size=20), min_size=1)
NGRAMS, MODEL = trained(judged(200))
SCORER = TextScorer(pack(MODEL.weights(), NGRAMS))


@given(ANY_TEXTS)
def test_its_ngrams_are_those_of_the_texts(texts: list[str]) -> None:
    ngrams = NGrams()
    read = Texts.read(texts)
    for number, text in enumerate(texts):
        hashes = [each.hashes[each.texts == number] for each in read.orders]
        assert np.array_equal(np.unique(ngrams.of(np.concatenate(hashes))), ngrams.indices(text))


@given(ANY_TEXTS)
def test_log_odds_do_not_depend_on_the_batch(texts: list[str]) -> None:
    alone = [SCORER.log_odds(Texts.read([text]))[0] for text in texts]
    assert SCORER.log_odds(Texts.read(texts)).tolist() == alone


@given(ANY_TEXTS)
def test_log_odds_are_the_models_within_half_a_level_a_weight(texts: list[str]) -> None:
    step = pack(MODEL.weights(), NGRAMS)["step"]
    for text, odds in zip(texts, SCORER.log_odds(Texts.read(texts)), strict=True):
        k = len(NGRAMS.indices(text))
        bound = k * step / 2 / np.sqrt(k + 1) + 1e-5  # sums of the model are of 32 bits
        assert abs(odds - MODEL.log_odds(NGRAMS.indices(text))) <= bound


@pytest.fixture(scope="module")
def model() -> TopicModel:
    model = TopicModel(topics=4, words=64)
    for _, text in about(RENEWAL + 1_000):
        model.learn(text)
    return model


def test_topics_are_those_of_the_model(model: TopicModel) -> None:
    """To 32 bits of the strengths; a text of unknown words has none."""
    numbers = model.export()
    assert numbers is not None
    scorer = TopicScorer(numbers)
    texts = ["", "酒 店", "zzz", *(text for _, text in about(50, seed=5)), "Fabric, SLEEVE 酒店"]
    shares = scorer.score(Texts.read(texts))
    for text, row in zip(texts, shares.tolist(), strict=True):
        own = model.predict(text)
        assert row == pytest.approx(list(own.values()), abs=1e-6) if own else not any(row)


def test_topics_do_not_depend_on_the_batch(model: TopicModel) -> None:
    numbers = model.export()
    assert numbers is not None
    scorer = TopicScorer(numbers)
    texts = [text for _, text in about(50, seed=5)]
    alone = [scorer.score(Texts.read([text]))[0].tolist() for text in texts]
    assert np.allclose(scorer.score(Texts.read(texts)), alone, atol=1e-12)
