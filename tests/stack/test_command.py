"""`portrait stack` says where its servers are, and takes them with it; topics are made on them."""

import signal
import subprocess

import psutil
import pytest
import redis
from confluent_kafka.admin import ConfigResource, ResourceType

from schemas.topics import DEAD, EXAMPLES, KINDS, MODELS, event_topic
from streams.stack.kafka import admin
from streams.topics import TopicError, create_missing
from tests.cli.conftest import environment
from tests.journey.command import PORTRAIT

STOP_SECONDS = 30  # a bound, not an expectation


@pytest.mark.usefixtures("libraries", "redis_server")
def test_the_stack_names_its_servers_and_ends_them_with_itself(tmp_path):
    command = [PORTRAIT, "stack", "--directory", str(tmp_path)]
    with subprocess.Popen(  # noqa: S603 - our own command
        command, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        exports = dict(
            process.stdout.readline().removeprefix("export ").strip().split("=", 1)
            for _ in range(3)
        )
        children = psutil.Process(process.pid).children()
        assert len(admin(exports["PORTRAIT_KAFKA"]).list_topics(timeout=5).brokers) == 1
        with redis.Redis.from_url(exports["PORTRAIT_REDIS_URL"]) as client:
            assert client.config_get("appendonly") == {"appendonly": "yes"}
        assert len(exports["PORTRAIT_MODEL_KEY"]) == 64
        process.send_signal(signal.SIGTERM)
        assert process.wait(STOP_SECONDS) == 0
    assert len(children) == 2
    assert not any(child.is_running() for child in children)


def test_missing_topics_are_created_and_others_left_as_they_are(kafka, topic_prefix):
    names = {event_topic(kind, topic_prefix) for kind in KINDS}
    others = {topic_prefix + name for name in (DEAD, EXAMPLES, MODELS)}
    assert set(create_missing(kafka, topic_prefix, partitions=3)) == names | others
    assert create_missing(kafka, topic_prefix, partitions=4) == []
    client = admin(kafka)
    found = client.list_topics(timeout=5).topics
    assert {len(found[name].partitions) for name in names} == {3}
    assert {len(found[name].partitions) for name in others} == {1}
    models = ConfigResource(ResourceType.TOPIC, topic_prefix + MODELS)
    configuration = client.describe_configs([models])[models].result(STOP_SECONDS)
    assert configuration["cleanup.policy"].value == "compact"


def test_more_copies_than_brokers_are_refused_with_the_brokers_reason(kafka, topic_prefix):
    with pytest.raises(TopicError, match="replication"):
        create_missing(kafka, topic_prefix, replicas=100)


@pytest.mark.parametrize("directory", ["file", "file/below", "/proc/nowhere"])
def test_a_directory_that_cannot_be_used_is_told_in_a_line(tmp_path, directory):
    (tmp_path / "file").touch()
    done = subprocess.run(  # noqa: S603 - our own command
        [PORTRAIT, "stack", "--directory", directory],
        env=environment(),
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=STOP_SECONDS,
    )
    assert (done.returncode, done.stdout) == (1, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith("portrait: --directory cannot be used")
    assert directory in line
