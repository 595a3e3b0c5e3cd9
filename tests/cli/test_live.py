"""What the command shows of a Portrait that runs."""

import json
from collections.abc import Iterator

import orjson
import pytest

from profiles.learning.tasks import all_tasks
from profiles.settings import Settings
from streams.feed import Feed
from streams.run.stack import RunningStack
from tests.cli.conftest import Portrait

CUSTOMERS, ORDERS = 40, 10
SETTLED = 4  # of those orders are at least 60 days after the first
MOST_LOOKS = 30  # each takes a while of its own
DAY_MS = 86_400_000
MALFORMED = (b"not JSON", b"[]", b'{"type": "purchase"}')


def order(number: int) -> bytes:
    event = {
        "type": "purchase",
        "event_id": f"e{number}",
        "customer_id": f"c{number % CUSTOMERS}",
        "order_id": f"o{number}",
        "ts": 1_600_000_000_000 + number // CUSTOMERS * 10 * DAY_MS,
        "price": 9.5,
    }
    return orjson.dumps(event)


@pytest.fixture(scope="module")
def settings(redis_server: object) -> Iterator[dict[str, str]]:
    """A stack that has taken all there was to take."""
    with RunningStack(Settings(base_currency="EUR")) as stack:
        feed = Feed(stack.settings.brokers, "", stack.brake.add)
        for number in range(CUSTOMERS * ORDERS):
            feed.send("purchase", f"c{number % CUSTOMERS}", order(number))
        for value in MALFORMED:
            feed.send("purchase", "the same partition", value)
        feed.flush()
        stack.brake.wait_until_done()
        yield {
            "kafka": stack.settings.kafka,
            "redis_url": stack.settings.redis_url,
            "epoch": stack.settings.epoch or "",
        }


def test_dead_letters_say_what_was_wrong_and_where(
    portrait: Portrait, settings: dict[str, str]
) -> None:
    answer = portrait("dead", "list", "--json", **settings)
    assert answer.returncode == 0, answer.stderr
    letters = [json.loads(line) for line in answer.stdout.splitlines()]
    assert [(x["value"], x["error_type"], x["field"]) for x in letters] == [
        ("not JSON", "not_json", ""),
        ("[]", "not_an_object", ""),
        ('{"type": "purchase"}', "missing", letters[2]["field"]),
    ]
    assert {(x["topic"], x["key"]) for x in letters} == {("events.purchase", "the same partition")}
    offsets = [x["offset"] for x in letters]
    assert offsets == list(range(offsets[0], offsets[0] + 3))


def test_the_newest_dead_letters_come_last(portrait: Portrait, settings: dict[str, str]) -> None:
    answer = portrait("dead", "list", "--limit", "1", "--json", **settings)
    assert [json.loads(line)["error_type"] for line in answer.stdout.splitlines()] == ["missing"]


def test_dead_letters_are_a_table_for_people(portrait: Portrait, settings: dict[str, str]) -> None:
    answer = portrait("dead", "list", **settings)
    assert answer.returncode == 0
    assert "events.purchase/" in answer.stdout


def test_models_show_what_they_have_learnt(portrait: Portrait, settings: dict[str, str]) -> None:
    answer = portrait("models", "--json", **settings)
    assert answer.returncode == 0, answer.stderr
    cards = json.loads(answer.stdout)
    assert cards.keys() == {task.name for task in all_tasks()}
    assert cards["segment"]["n_examples"] == CUSTOMERS * SETTLED
    assert 0 < cards["churn"]["n_examples"] <= CUSTOMERS * ORDERS
    assert {"auc", "log_loss", "f1"} <= cards["churn"]["metrics"].keys()
    assert "churn" in portrait("models", **settings).stdout


def test_contestants_stand_side_by_side(portrait: Portrait, settings: dict[str, str]) -> None:
    answer = portrait("models", "compare", "churn", "--json", **settings)
    assert answer.returncode == 0, answer.stderr
    assert {"rule", "steady"} <= json.loads(answer.stdout).keys()
    assert "steady" in portrait("models", "compare", "churn", **settings).stdout.lower()


def test_the_learner_obeys_and_what_nobody_can_obey_is_refused(
    portrait: Portrait, settings: dict[str, str]
) -> None:
    for wrong in (("promote", "churn", "rule"), ("rollback", "horoscope")):
        assert portrait("models", *wrong, **settings).returncode == 1
    assert portrait("models", "promote", "churn", "steady", **settings).returncode == 0
    for _ in range(MOST_LOOKS):
        card = json.loads(portrait("models", "show", "churn", "--json", **settings).stdout)
        if card["pinned"]:
            break
    assert card["pinned"]
    assert card["champion"] == "steady"
    assert [change["after"] for change in card["changes"]][-1:] in ([], ["steady"])


def test_a_profile_is_what_was_sent(portrait: Portrait, settings: dict[str, str]) -> None:
    answer = portrait("profile", "get", "c7", "--json", **settings)
    assert answer.returncode == 0, answer.stderr
    profile = json.loads(answer.stdout)
    assert (profile["customer_id"], profile["orders"]) == ("c7", str(ORDERS))
    assert profile["revenue"] == "95.00"
    assert "95.00" in portrait("profile", "get", "c7", **settings).stdout
