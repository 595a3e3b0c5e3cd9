"""`portrait segments` shows sizes, growth and moves as they are kept."""

import orjson
import pytest

from profiles.audiences.history import Day, encode
from profiles.keyspace import SEGMENTS_KEY, model_key
from profiles.stores.client import connect_sync
from streams.cli.segments import EXIT_NOT_FOUND, segments_command

DAYS = [
    Day("2011-12-08", {"loyal": 3, "champions": 1}, {}),
    Day("2011-12-09", {"loyal": 1200, "champions": 4}, {"loyal": {"champions": 3}}),
]


@pytest.fixture
def redis(redis_url: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PORTRAIT_REDIS_URL", redis_url)
    with connect_sync(redis_url) as client:
        yield client


def test_sizes_growth_and_moves_are_shown(redis, capsys) -> None:
    redis.hset(SEGMENTS_KEY, "days", encode(DAYS))
    assert segments_command(json=False) == 0
    shown = capsys.readouterr().out
    rows = [line.replace("│", " ").split() for line in shown.splitlines()]
    assert ["loyal", "1,200", "99.7%", "+1,197", "-", "-"] in rows
    assert "loyal -> champions: 3 moved" in shown


def test_what_is_typical_of_a_segment_is_told_in_both_languages(redis, capsys) -> None:
    redis.hset(SEGMENTS_KEY, "days", encode(DAYS))
    card = {"task": "segment", "centres": {"loyal": {"views_30": 1.5, "items_per_order": 0.1}}}
    redis.hset(model_key("segment"), "card", orjson.dumps(card))
    segments_command(json=False)
    assert "loyal: high: views, half-life 30 days (+1.5 sd)" in capsys.readouterr().out
    segments_command(json=False, language="zh")
    assert "近一月浏览强度偏高" in capsys.readouterr().out


def test_json_holds_all_days(redis, capsys) -> None:
    redis.hset(SEGMENTS_KEY, "days", encode(DAYS))
    assert segments_command(json=True) == 0
    assert [day["date"] for day in orjson.loads(capsys.readouterr().out)] == [
        "2011-12-08",
        "2011-12-09",
    ]


def test_where_nobody_was_sorted_yet_it_says_so(redis, capsys) -> None:
    assert segments_command(json=False) == EXIT_NOT_FOUND
    assert "no segments yet" in capsys.readouterr().err
