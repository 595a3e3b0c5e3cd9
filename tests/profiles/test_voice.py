"""What a customer says, computed by hand and with pandas."""

from pathlib import Path

import pandas as pd
import pytest

from profiles.keyspace import Partition
from profiles.sections.feedback import FeedbackFacts
from profiles.sketches.lately import HALF_LIFE_MS
from profiles.stores.memory import MemoryStore
from profiles.traits import Fields

from .owners import Owner
from .strategies import DAY_MS, Event
from .test_traits import MIDNIGHT_MS, profile


def said(day: int = 0, what: str = "feedback", **more: object) -> Event:
    return {"type": what, "ts": MIDNIGHT_MS + day * DAY_MS} | more


def rated(*ratings: float) -> Fields:
    return profile(*[said(day, rating=rating) for day, rating in enumerate(ratings)])


def test_ratings_have_a_mean_and_a_sample_deviation() -> None:
    fields = rated(2, 4, 4, 5, 5)
    assert (fields["rating.n"], fields["rating.mean"]) == ("5", "4")
    assert float(fields["rating.sd"]) == pytest.approx(1.5**0.5, rel=1e-3)
    assert {"rating.sd", "rating.trend"}.isdisjoint(rated(4))


def test_the_trend_is_what_was_said_lately_against_all() -> None:
    apart = [said(rating=5.0), said(HALF_LIFE_MS // DAY_MS, rating=2.0)]
    assert profile(*apart)["rating.trend"] == "-0.5"  # (5 / 2 + 2) / 1.5 - 3.5
    assert profile(said(rating=4.1), said(rating=4.4), said(rating=3.3))["rating.trend"] == "0"


def test_up_to_two_of_five_is_negative() -> None:
    assert rated(1, 2, 2.01, 5)["negative_share"] == "0.5"
    assert rated(4, 5)["negative_share"] == "0"
    assert "negative_share" not in profile(said(text="好"))


def test_up_to_four_is_negative_for_those_who_rate_up_to_ten() -> None:
    fields = rated(9, 4, 1, 5)
    assert (fields["negative_share"], fields["complaint_at"][:10]) == ("0.5", "2020-09-16")
    fields = rated(9, 1, 4, 5)
    assert fields["complaint_at"][:10] == "2020-09-16"
    assert "complaint_at" not in rated(4, 5)


@pytest.mark.parametrize(
    "complaint",
    [
        said(3, rating=1.0),
        said(3, "service", resolved=False),
        said(3, "mention", sentiment="negative"),
    ],
)
def test_a_complaint_is_a_bad_rating_an_open_question_or_a_bad_word(complaint: Event) -> None:
    content = [
        said(5, rating=4.0), said(5, text="..."), said(5, "service", resolved=True),
        said(5, "service"), said(5, "mention", sentiment="positive"), said(5, "mention"),
        said(5, "referral"),
    ]  # fmt: skip
    assert "complaint_at" not in profile(*content)
    earlier = complaint | {"ts": MIDNIGHT_MS}
    assert profile(complaint, *content, earlier)["complaint_at"] == "2020-09-17T00:00:00Z"


def test_texts_have_a_mean_length_in_characters() -> None:
    fields = profile(said(text="很好😀"), said(text="ok", rating=5.0), said(rating=5.0))
    assert fields["review_chars"] == "2.5"
    assert "review_chars" not in rated(5)


def test_service_is_counted_and_judged() -> None:
    fields = profile(
        said(2, "service", resolved=True, score=4.0),
        said(1, "service", resolved=False, score=1.0),
        said(0, "service", resolved=True),
        said(0, "service"),
    )
    assert fields["service.n"] == "4"
    assert float(fields["service.resolved"]) == pytest.approx(2 / 3, rel=1e-3)
    assert fields["service.score"] == "2.5"
    assert {"service.resolved", "service.score"}.isdisjoint(profile(said(0, "service")))
    assert "rating.n" not in fields


def test_mentions_balance_praise_and_blame() -> None:
    words = ["positive", "positive", "neutral", "negative"]
    fields = profile(*[said(0, "mention", sentiment=word) for word in words], said(0, "mention"))
    assert (fields["mention.n"], fields["mention.balance"]) == ("5", "0.2")
    assert "mention.n" not in rated(5)


def test_referrals_are_counted() -> None:
    assert profile(said(0, "referral"), said(1, "referral"))["referrals"] == "2"
    assert "referrals" not in rated(5)


def test_sums_of_ratings_are_exact_in_any_order() -> None:
    """As floats, tenths add up to another sum in another order."""
    one, other = FeedbackFacts(), FeedbackFacts()
    ratings = [0.1, 0.2, 0.3]
    assert sum(ratings) != sum(reversed(ratings))
    for rating in ratings:
        one.fold(said(rating=rating))
    for rating in reversed(ratings):
        other.fold(said(rating=rating))
    assert (one.rating_sum, one.rating_squares) == (other.rating_sum, other.rating_squares)
    assert one.rating_sum == 60


@pytest.fixture(scope="module")
def reviews(data: Path) -> pd.DataFrame:
    """Return the reviews in file order, duplicates included."""
    table = pd.read_json(data / "amazon_all_beauty.json.gz", lines=True)
    table = table[["reviewerID", "asin", "overall", "reviewText", "summary", "unixReviewTime"]]
    return table.assign(text=table.reviewText.str.strip(), ts=table.unixReviewTime * 1000)


def review(row: tuple[object, ...]) -> Event:
    customer, asin, overall, _, _, _, text, ts = row
    event = {
        "type": "feedback", "event_id": repr(row), "customer_id": customer, "ts": ts,
        "item_id": asin, "rating": float(str(overall)),
    }  # fmt: skip
    return event | ({"text": text} if isinstance(text, str) and text else {})


async def test_reviews_equal_pandas(reviews: pd.DataFrame) -> None:
    store = MemoryStore()
    owner = Owner(store, Partition("feedback", 0), cache_bytes=1 << 24)
    await owner.follow([review(row) for row in reviews.itertuples(index=False, name=None)], 500)
    unique = reviews.drop_duplicates()
    assert (owner.counted, owner.duplicates) == (len(unique), len(reviews) - len(unique))
    assert store.profiles.keys() == set(unique.reviewerID)
    for customer, rows in unique.groupby("reviewerID"):
        hold(store.profiles[str(customer)], rows.sort_values(["ts", "overall"]))


def hold(fields: Fields, rows: pd.DataFrame) -> None:
    ratings, texts = rows.overall, rows.text[rows.text.str.len() > 0]
    assert fields["rating.n"] == str(len(rows))
    figures = {"rating.mean": ratings.mean(), "negative_share": (ratings <= 2).mean()}
    if len(rows) > 1:
        figures["rating.sd"] = ratings.std()
        weights = 0.5 ** ((rows.ts.max() - rows.ts) / (90 * DAY_MS))
        trend = (ratings * weights).sum() / weights.sum() - ratings.mean()
        assert float(fields["rating.trend"]) == pytest.approx(trend, abs=0.005001)
    if len(texts):
        figures["review_chars"] = texts.str.len().mean()
    for name, expected in figures.items():
        assert float(fields[name]) == pytest.approx(expected, rel=1e-3, abs=1e-9), name
    bad = rows.ts[ratings <= 2]
    assert ("complaint_at" in fields) == bool(len(bad))
    if len(bad):
        assert pd.Timestamp(fields["complaint_at"]) == pd.Timestamp(bad.max(), unit="ms", tz="UTC")
