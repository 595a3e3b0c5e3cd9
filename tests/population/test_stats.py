"""`portrait stats` shows the population to people, and gives it to programs."""

import asyncio
import json
from collections.abc import Callable

import pytest
from click.testing import Result
from redis.asyncio import Redis
from typer.testing import CliRunner

from profiles.population.store import PopulationStore
from profiles.population.summary import summarize
from profiles.traits import catalogue
from streams.cli.main import app

from .test_summary import PROFILES

Stats = Callable[..., Result]


@pytest.fixture
def stats(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> Stats:
    """Run the command against a Redis that holds a population, unless `empty`."""
    monkeypatch.setenv("PORTRAIT_REDIS_URL", redis_url)
    monkeypatch.setenv("COLUMNS", "120")

    async def publish() -> None:
        odd = {"fact.city": "[red]北京[/red]"}
        async with Redis.from_url(redis_url) as client:
            population = summarize([*PROFILES, odd], catalogue())
            await PopulationStore(client).publish(population, None)

    def run(*arguments: str, empty: bool = False) -> Result:
        if not empty:
            asyncio.run(publish())
        return CliRunner().invoke(app, ["stats", *arguments])

    return run


def test_every_trait_has_a_row(stats: Stats) -> None:
    answer = stats()
    assert answer.exit_code == 0
    assert "501 customers, all looked at, as of 2011-12-09T12:00:00Z, version 1" in answer.stdout
    for field in ("orders", "revenue", "rating.mean", "consent.ads", "fact.city", "last_seen"):
        assert field in answer.stdout


def test_a_trait_has_a_histogram_and_what_it_goes_together_with(stats: Stats) -> None:
    shown = stats("revenue").stdout
    assert "p95" in shown
    assert "█" in shown
    assert "orders" in shown.partition("goes together with")[2]


def test_texts_and_flags_have_bars_too(stats: Stats) -> None:
    assert "北京" in stats("fact.city").stdout
    assert "[red]" in stats("fact.city").stdout  # what customers send is no markup
    assert "true" in stats("consent.ads").stdout
    assert "others" in stats("top_category.1").stdout


def test_programs_get_json(stats: Stats) -> None:
    whole = json.loads(stats("--json").stdout)
    assert (whole["version"], whole["sampled"], whole["customers"]) == (1, 501, 501)
    one = json.loads(stats("orders", "--json").stdout)
    assert (one["field"], one["type"], one["n"]) == ("orders", "count", 500)
    assert one["numbers"] == whole["figures"]["orders"]["numbers"]
    assert {c["a"] for c in one["correlations"]} | {c["b"] for c in one["correlations"]} > {
        "orders"
    }


def test_before_anything_is_counted_the_answer_is_exit_code_4(stats: Stats) -> None:
    answer = stats(empty=True)
    assert (answer.exit_code, answer.stdout) == (4, "")
    assert answer.stderr.startswith("portrait: no population yet")


def test_a_trait_that_nobody_has_is_exit_code_4(stats: Stats) -> None:
    answer = stats("shoe_size")
    assert answer.exit_code == 4
    assert "'shoe_size'" in answer.stderr
    assert "orders" in answer.stderr
