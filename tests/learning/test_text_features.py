"""Tokens and n-grams: the same in every process, bounded, readable."""

import os
import subprocess
import sys

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from profiles.learning.text.ngrams import NGrams
from profiles.learning.text.tokens import LONGEST, tokenize


def test_words_and_characters_in_one_text() -> None:
    assert tokenize("手机的Screen很好…OK").words() == [
        *"手机的",
        "screen",
        *"很好...",
        "ok",
    ]


def test_full_width_and_case_do_not_matter() -> None:
    assert NGrams().indices("ＧＯＯＤ！").tolist() == NGrams().indices("good!").tolist()


def test_a_token_has_the_same_hash_wherever_it_stands() -> None:
    first, *_, last = tokenize("good or very good").hashes
    assert first == last


@given(st.text(max_size=200))
def test_any_text_has_indices_and_a_name_for_each(text: str) -> None:
    ngrams = NGrams(bits=16)
    indices = ngrams.indices(text)
    assert np.all(np.diff(indices) > 0)
    assert set(indices.tolist()) == set(ngrams.named(text))
    assert all(0 <= index < ngrams.size for index in indices)


def test_work_on_a_long_text_is_bounded() -> None:
    assert len(tokenize("ﷺ" * 10_000).text) == LONGEST


def test_indices_do_not_depend_on_the_hash_seed() -> None:
    code = (
        "from profiles.learning.text.ngrams import NGrams; "
        "print(NGrams().indices('不 so good 😀').tolist())"
    )
    outputs = {
        subprocess.check_output(  # noqa: S603  (our own interpreter)
            [sys.executable, "-c", code], env={**os.environ, "PYTHONHASHSEED": seed}
        )
        for seed in ("1", "2")
    }
    assert len(outputs) == 1
