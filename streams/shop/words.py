"""What customers write, in English or Chinese, in the tone of their rating."""

from random import Random
from typing import Final

_PRAISE: Final = {
    "en": (
        "Great quality, exactly as described.",
        "Fast delivery, well packed.",
        "Friendly service, I will order again.",
        "Good value for the money.",
        "My family loves it.",
        "Better than expected.",
    ),
    "zh": (
        "质量很好，和描述一致。",
        "物流很快，包装完好。",
        "客服态度很好，下次还会来。",
        "性价比很高，值得购买。",
        "家人都很喜欢。",
        "比想象中好。",
    ),
}
_COMPLAINT: Final = {
    "en": (
        "Poor quality, it broke after two days.",
        "Delivery took far too long.",
        "Nobody answered my messages.",
        "Too expensive for what it is.",
        "The box was damaged.",
        "Not as described, disappointing.",
    ),
    "zh": (
        "质量太差，用两天就坏了。",
        "物流太慢，等了很久。",
        "客服一直不回复。",
        "价格太贵，不值。",
        "包装破损，很失望。",
        "和描述不符，不推荐。",
    ),
}
_MIXED_RATING: Final = 3


def write(rng: Random, language: str, rating: int) -> str:
    """Say two things that fit a rating of 1 to 5; a middling one praises and complains.

    >>> from random import Random
    >>> write(Random(1), "en", 5)
    'Fast delivery, well packed. My family loves it.'
    """
    first = _COMPLAINT if rating < _MIXED_RATING else _PRAISE
    second = _PRAISE if rating > _MIXED_RATING else _COMPLAINT
    space = " " if language == "en" else ""
    return rng.choice(first[language]) + space + rng.choice(second[language])
