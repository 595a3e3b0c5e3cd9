"""What the command says and answers to a shell: exit codes, one line for what is wrong, JSON."""

import json
import time
from pathlib import Path

import pytest
from confluent_kafka import KafkaException

from streams.cli import inspect
from streams.cli.settings import SettingsError, load_settings
from streams.topics import REQUEST_SECONDS
from tests.cli.conftest import Portrait, Servers

NOBODY_KAFKA, NOBODY_REDIS = "127.0.0.1:1", "redis://127.0.0.1:1/0"
MAPPING = """
currency = "EUR"

[fields]
customer_id = "who"
item_id = "what"
price = "price"
ts = "at"

[[event]]
type = "purchase"
"""
TABLE = """who,what,price,at
anna,tea,2.50,2024-01-02T03:04:05Z
bert,cup,4.00,2024-01-02T04:04:05Z
anna,pot,19.99,2024-01-03T03:04:05Z
"""


@pytest.fixture
def table(tmp_path: Path) -> tuple[str, str]:
    """A small source and its mapping."""
    source, mapping = tmp_path / "orders.csv", tmp_path / "orders.toml"
    source.write_text(TABLE)
    mapping.write_text(MAPPING)
    return str(source), str(mapping)


def test_help_lists_the_commands(portrait: Portrait) -> None:
    shown = portrait("--help")
    assert shown.returncode == 0
    commands = ("run", "shop", "worker", "learner", "ingest", "models", "doctor", "profile", "dead")
    listed = {line.split()[0] for line in shown.stdout.splitlines() if line.startswith("  ")}
    assert listed.issuperset(commands)


def test_a_command_that_is_none_is_a_wrong_use(portrait: Portrait) -> None:
    assert portrait("rn").returncode == 2


def one_line(text: str) -> str:
    """The only line of standard error, which names the command and holds no traceback."""
    (line,) = text.strip().splitlines()
    assert line.startswith("portrait: ")
    return line


@pytest.mark.parametrize("command", ["run", "ingest"])
def test_an_unknown_mapping_is_named_with_those_there_are(portrait: Portrait, command: str) -> None:
    answer = portrait(command, "orders.csv", "--mapping", "no_such_mapping")
    assert answer.returncode == 1
    line = one_line(answer.stderr)
    assert "no_such_mapping" in line
    assert "online_retail" in line


def test_a_missing_source_is_named(portrait: Portrait, table: tuple[str, str]) -> None:
    answer = portrait("run", "nowhere.csv", "--mapping", table[1])
    assert answer.returncode == 1
    assert "nowhere.csv" in one_line(answer.stderr)


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("batch_records", "0", "greater than or equal to 1"),
        ("batch_records", "many", "integer"),
        ("base_currency", "euro", "[A-Z]{3}"),
        ("kafka", "a:9092,http://b:9092", "'http://b:9092' is no host:port"),
        ("kafka", "127.0.0.1:99999", "no host:port"),
        ("kafka", ",", "no broker is named"),
        ("redis_url", "redis://127.0.0.1:abc/0", "host:port"),
        ("redis_url", "redis://127.0.0.1:6379/zero", "no number"),
        ("on_truncated_log", "ignore", "count_gap"),
    ],
)
def test_a_wrong_setting_is_named_with_its_value_and_what_was_expected(
    portrait: Portrait, name: str, value: str, expected: str
) -> None:
    answer = portrait("models", **{name: value})
    assert answer.returncode == 1
    line = one_line(answer.stderr)
    assert f"PORTRAIT_{name.upper()}" in line
    assert f"value='{value}'" in line
    assert expected in line


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("batch_records", "many", "a whole number from 1 to 50000"),
        ("snapshot_seconds", "0", "a number above 0"),
        ("stuck_seconds", "-1", "a number from 0"),
        ("health_port", "99999", "a whole number from 0 to 65535"),
        ("learning", "perhaps", "true or false"),
        ("base_currency", "euro", "an ISO 4217 code, three capital letters"),
        ("topic_prefix", "a b", "at most 100 of the letters"),
        ("snapshot_directory", "/nowhere/at/all", "a directory that there is"),
        ("log_level", "loud", "'debug', 'info', 'warning' or 'error'"),
    ],
)
def test_what_a_setting_expects_is_told_in_words(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, expected: str
) -> None:
    monkeypatch.setenv(f"PORTRAIT_{name.upper()}", value)
    with pytest.raises(SettingsError, match=f"PORTRAIT_{name.upper()}") as caught:
        load_settings()
    assert caught.value.value == value
    assert str(caught.value.expected).startswith(expected)


def test_keeping_few_traits_with_models_is_told_of_the_setting_that_was_set(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("PORTRAIT_LEARNING", raising=False)
    monkeypatch.setenv("PORTRAIT_KEEP", "traits")
    with pytest.raises(SettingsError, match=r"^PORTRAIT_KEEP: ") as caught:
        load_settings()
    assert caught.value.value == "traits"
    assert "PORTRAIT_LEARNING=false" in str(caught.value.expected)
    monkeypatch.setenv("PORTRAIT_LEARNING", "false")
    assert load_settings().keep == "traits"


@pytest.mark.parametrize("role", ["worker", "learner"])
def test_without_a_model_key_a_process_does_not_start(portrait: Portrait, role: str) -> None:
    answer = portrait(role)
    assert answer.returncode == 1
    assert "PORTRAIT_MODEL_KEY is not set" in one_line(answer.stderr)


@pytest.mark.parametrize(("name", "value"), [("reasons", "churn,valu"), ("traits", "ordrs")])
def test_a_worker_refuses_what_it_cannot_choose_before_it_waits_for_servers(
    portrait: Portrait, name: str, value: str
) -> None:
    answer = portrait(
        "worker", model_key="k", kafka=NOBODY_KAFKA, redis_url=NOBODY_REDIS, **{name: value}
    )
    assert answer.returncode == 1
    line = one_line(answer.stderr)
    assert name in line.lower()
    assert value.split(",")[-1] in line
    assert "perhaps" in line


def test_without_redis_a_reader_says_so_in_a_line(portrait: Portrait) -> None:
    answer = portrait("profile", "get", "anna", redis_url=NOBODY_REDIS)
    assert answer.returncode == 1
    assert "127.0.0.1:1" in one_line(answer.stderr)


def test_a_customer_without_a_profile_is_exit_code_4(portrait: Portrait, servers: Servers) -> None:
    answer = portrait("profile", "get", "nobody", **servers.settings)
    assert answer.returncode == 4
    assert answer.stdout == ""
    assert "'nobody'" in one_line(answer.stderr)


def test_the_doctor_says_what_to_mend(portrait: Portrait) -> None:
    answer = portrait("doctor", "--json", kafka=NOBODY_KAFKA, redis_url=NOBODY_REDIS)
    assert answer.returncode == 3
    unwell = {f["subject"]: f["mend"] for f in json.loads(answer.stdout) if not f["well"]}
    assert unwell.keys() == {"model key", "redis", "kafka"}
    assert "PORTRAIT_MODEL_KEY" in unwell["model key"]
    assert "PORTRAIT_REDIS_URL" in unwell["redis"]
    assert "PORTRAIT_KAFKA" in unwell["kafka"]


def test_kafka_that_is_away_is_told_in_words(portrait: Portrait) -> None:
    looked = portrait("doctor", "--json", kafka=NOBODY_KAFKA, redis_url=NOBODY_REDIS)
    (kafka,) = (each for each in json.loads(looked.stdout) if each["subject"] == "kafka")
    for told in (kafka["found"], one_line(portrait("dead", "list", kafka=NOBODY_KAFKA).stderr)):
        assert "Broker transport failure" in told
        assert "KafkaError{" not in told


def test_the_doctor_of_a_shop_without_models_misses_no_key(portrait: Portrait) -> None:
    answer = portrait(
        "doctor", "--json", learning="false", kafka=NOBODY_KAFKA, redis_url=NOBODY_REDIS
    )
    assert "model key" not in {finding["subject"] for finding in json.loads(answer.stdout)}


def test_the_doctor_names_a_wrong_setting(portrait: Portrait) -> None:
    answer = portrait("doctor", "--json", batch_records="0")
    assert answer.returncode == 3
    (finding,) = json.loads(answer.stdout)
    assert "PORTRAIT_BATCH_RECORDS" in finding["found"]


def test_the_doctor_names_what_is_misspelt_and_what_may_have_been_meant(
    portrait: Portrait,
) -> None:
    misspelt = {"traits": "ordrs,revenue", "reasons": "chrun", "batch_record": "5"}
    answer = portrait("doctor", "--json", kafka=NOBODY_KAFKA, redis_url=NOBODY_REDIS, **misspelt)
    assert answer.returncode == 3
    unwell = {f["subject"]: f["found"] for f in json.loads(answer.stdout) if not f["well"]}
    assert unwell.keys() == {"environment", "traits", "reasons", "model key", "redis", "kafka"}
    assert "'ordrs'" in unwell["traits"]
    assert "perhaps orders" in unwell["traits"]
    assert "no task chrun: perhaps churn" in unwell["reasons"]
    assert (
        unwell["environment"] == "no setting PORTRAIT_BATCH_RECORD: perhaps PORTRAIT_BATCH_RECORDS"
    )


def test_the_doctor_finds_servers_that_are_well(portrait: Portrait, servers: Servers) -> None:
    answer = portrait("doctor", "--json", **servers.settings)
    assert answer.returncode == 0, answer.stdout
    advice = {finding["subject"]: finding["mend"] for finding in json.loads(answer.stdout)}
    assert advice["redis"] == advice["kafka"] == advice["topics"] == ""
    assert portrait("doctor", **servers.settings).returncode == 0


def test_ingest_sends_each_row_as_an_event(
    portrait: Portrait, servers: Servers, table: tuple[str, str]
) -> None:
    source, mapping = table
    answer = portrait("ingest", source, "--mapping", mapping, "--json", **servers.settings)
    assert answer.returncode == 0, answer.stderr
    summary = json.loads(answer.stdout)
    assert (summary["rows_read"], summary["events_sent"]) == (3, 3)
    assert servers.events() == 3


def test_ingest_without_kafka_says_so_in_a_line(portrait: Portrait, table: tuple[str, str]) -> None:
    answer = portrait("ingest", table[0], "--mapping", table[1], kafka=NOBODY_KAFKA)
    assert answer.returncode == 1
    line = one_line(answer.stderr)
    assert "PORTRAIT_KAFKA" in line
    assert NOBODY_KAFKA in line
    assert "refused" in line


def test_topics_cannot_be_created_without_kafka_and_that_is_said_soon(portrait: Portrait) -> None:
    started = time.monotonic()
    answer = portrait("topics", "create", kafka=NOBODY_KAFKA)
    assert answer.returncode == 1
    line = one_line(answer.stderr)
    assert "PORTRAIT_KAFKA" in line
    assert NOBODY_KAFKA in line
    assert time.monotonic() - started < REQUEST_SECONDS


@pytest.mark.parametrize("command", ["shop", "load"])
def test_no_command_can_stop_before_it_begins(portrait: Portrait, command: str) -> None:
    answer = portrait(command, "--seconds", "-1")
    assert (answer.returncode, answer.stdout) == (2, "")
    assert "--seconds" in answer.stderr


def test_ingest_goes_on_after_a_row_that_kafka_would_not_take(
    portrait: Portrait, servers: Servers, table: tuple[str, str]
) -> None:
    source, mapping = Path(table[0]), Path(table[1])
    source.write_text(f"{TABLE.rstrip()}{'0' * 950_000}\nbert,cup,4.00,2024-01-03T04:04:05Z\n")
    answer = portrait(
        "ingest", str(source), "--mapping", str(mapping), "--json", **servers.settings
    )
    assert answer.returncode == 0, answer.stderr
    summary = json.loads(answer.stdout)
    assert (summary["events_sent"], summary["rows"]) == (4, {"too_large": 1})
    assert servers.events() == 4


@pytest.mark.parametrize("path", ["nowhere/profiles.ndjson", "."])
def test_an_export_that_cannot_be_written_is_named_before_anything_starts(
    portrait: Portrait, table: tuple[str, str], path: str
) -> None:
    answer = portrait("run", table[0], "--mapping", table[1], "--export", path, "--json")
    assert (answer.returncode, answer.stdout) == (1, "")
    line = one_line(answer.stderr)
    assert "--export" in line
    assert repr(path) in line


def test_a_run_exports_its_profiles(
    portrait: Portrait, redis_server: object, table: tuple[str, str], tmp_path: Path
) -> None:
    path = tmp_path / "profiles.ndjson"
    answer = portrait("run", table[0], "--mapping", table[1], "--export", str(path))
    assert answer.returncode == 0, answer.stderr
    profiles = [json.loads(line) for line in path.read_text().splitlines()]
    assert [profile["customer_id"] for profile in profiles] == ["anna", "bert"]
    assert not list(tmp_path.glob("*.unfinished"))


def test_no_dead_letters_are_an_empty_list(portrait: Portrait, servers: Servers) -> None:
    answer = portrait("dead", "list", "--json", **servers.settings)
    assert (answer.returncode, answer.stdout) == (0, "")


def test_what_somebody_else_wrote_among_the_dead_letters_is_named_and_passed_over(
    portrait: Portrait, servers: Servers
) -> None:
    servers.send("events.dead", b"no letter", b"anna")
    answer = portrait("dead", "list", "--json", **servers.settings)
    assert (answer.returncode, answer.stdout) == (0, "")
    line = one_line(answer.stderr)
    assert "events.dead/0@0: no dead letter" in line
    assert "portrait." in line


def test_a_kafka_that_falls_silent_is_no_end_of_the_dead_letters() -> None:
    class Silent:
        def get_watermark_offsets(self, _place: object, timeout: float) -> tuple[int, int]:
            return (0, 5)

        def assign(self, _places: object) -> None:
            pass

        def poll(self, _seconds: float) -> None:
            return None

    with pytest.raises(KafkaException, match="_TIMED_OUT"):
        list(inspect._partition(Silent(), "events.dead", 0))


def test_no_models_yet_are_an_empty_object(portrait: Portrait, servers: Servers) -> None:
    answer = portrait("models", "--json", **servers.settings)
    assert (answer.returncode, json.loads(answer.stdout)) == (0, {})


def test_a_mapping_that_fits_no_row_fails_after_the_summary(
    portrait: Portrait, table: tuple[str, str], tmp_path: Path
) -> None:
    wrong = tmp_path / "wrong.toml"
    wrong.write_text(MAPPING.replace('"at"', '"what"'))
    ran = portrait("run", table[0], "--mapping", str(wrong), "--json")
    assert ran.returncode == 1
    assert json.loads(ran.stdout)["rejected"] == 3
    assert "no event was accepted" in one_line(ran.stderr)
