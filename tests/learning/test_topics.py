"""Topics: found in a stream without a dictionary, the same each time, bounded."""

import random
from collections import deque

import numpy as np
import pytest

from profiles.learning.text.topics import TopicModel, TopicScorer, coherence
from profiles.learning.text.vocabulary import RENEWAL, Vocabulary

SUBJECTS = {
    "hotel": ["酒店", "房间", "前台", "早餐"],
    "fruit": ["苹果", "新鲜", "香甜", "果肉"],
    "clothes": ["trousers", "fabric", "sleeve", "colour"],
}


def said(count: int, seed: int = 3) -> list[tuple[str, str]]:
    """Texts about one subject each, with words that all share."""
    rng = random.Random(seed)
    subjects = [rng.choice(list(SUBJECTS)) for _ in range(count)]
    return [(each, " ".join([*rng.sample(SUBJECTS[each], 3), "the", "了"])) for each in subjects]


def taught(count: int) -> TopicModel:
    model = TopicModel(topics=4, words=64)
    for _, text in said(count):
        model.learn(text)
    return model


@pytest.fixture(scope="module")
def model() -> TopicModel:
    return taught(3 * RENEWAL)


def test_texts_about_the_same_thing_share_a_topic(model: TopicModel) -> None:
    texts = said(300, seed=4)
    leading = model.mixtures([text for _, text in texts]).argmax(axis=1).tolist()
    by_topic: dict[int, set[str]] = {}
    for (subject, _), topic in zip(texts, leading, strict=True):
        by_topic.setdefault(topic, set()).add(subject)
    assert all(len(subjects) == 1 for subjects in by_topic.values())
    assert set.union(*by_topic.values()) == set(SUBJECTS)


def test_topics_show_words_that_go_together(model: TopicModel) -> None:
    largest = sorted(model.topics(), key=lambda topic: -topic.share)[:3]
    assert sum(topic.share for topic in model.topics()) == pytest.approx(1)
    for topic in largest:
        assert any(set(topic.words[:4]) == set(words) for words in SUBJECTS.values())


def test_the_first_texts_only_teach_the_vocabulary() -> None:
    untaught = taught(RENEWAL - 1)
    assert untaught.predict("酒店 房间") is None
    assert untaught.export() is None
    assert untaught.topics() == []


def test_a_text_of_unknown_words_says_nothing(model: TopicModel) -> None:
    assert model.predict("zzz") is None
    assert model.mixtures([""])[0].tolist() == pytest.approx([0.25] * 4)


def test_exported_topics_mix_as_the_model_does(model: TopicModel) -> None:
    texts = [text for _, text in said(20, seed=5)]
    numbers = model.export()
    assert numbers is not None
    assert np.allclose(TopicScorer(numbers).mixtures(texts), model.mixtures(texts), atol=1e-4)


def test_a_model_goes_on_from_its_state_as_if_nothing_had_happened() -> None:
    model, restored = taught(RENEWAL + 200), TopicModel(topics=4, words=64)
    restored.restore(model.state())
    for _, text in said(RENEWAL, seed=6):
        model.learn(text)
        restored.learn(text)
    assert restored.digest() == model.digest()


def test_a_word_that_stays_keeps_its_slot_and_a_new_one_takes_a_free_one() -> None:
    vocabulary = Vocabulary(size=2)
    for _ in range(RENEWAL // 4):
        vocabulary.learn(["stays"])
        vocabulary.learn(["old"])
        vocabulary.learn([])
        given = vocabulary.learn([])
    assert given == [0, 1]
    slot = vocabulary.words.index("stays")
    for _ in range(RENEWAL // 4):
        for words in ["stays"], ["new"], ["new"], []:
            given = vocabulary.learn(words)
    assert given == [1 - slot]
    assert (vocabulary.words[slot], vocabulary.words[1 - slot]) == ("stays", "new")


def test_words_that_never_meet_are_incoherent() -> None:
    assert coherence([0, 1], deque([np.array([0]), np.array([1])])) == -1.0
    assert coherence([0, 1], deque()) is None
