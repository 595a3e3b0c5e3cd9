"""Brokers come back with what they have acknowledged, and three outlive the loss of one."""

import pytest
from confluent_kafka import KafkaException

from streams.stack import KafkaCluster, ServerError
from streams.stack.kafka import admin
from tests.stack.conftest import create, read, write

pytestmark = pytest.mark.usefixtures("libraries")


def test_a_killed_broker_comes_back_at_its_address_with_its_records(tmp_path):
    with KafkaCluster(tmp_path, quick_start=True) as first:
        create(first.bootstrap, "topic")
        write(first.bootstrap, "topic", b"1", b"2")
        first.nodes[0].pause()
        with pytest.raises(KafkaException):
            admin(first.bootstrap).list_topics(timeout=0.5)
        first.kill()
        with pytest.raises(ServerError, match="ended"):
            first.check()
    with KafkaCluster(tmp_path, quick_start=True) as later:
        assert later.bootstrap == first.bootstrap
        write(later.bootstrap, "topic", b"3")
        assert read(later.bootstrap, "topic", 3) == [b"1", b"2", b"3"]


def test_three_brokers_outlive_a_kill_and_take_the_lost_one_back(tmp_path):
    with KafkaCluster(tmp_path, brokers=3, quick_start=True) as cluster:
        create(cluster.bootstrap, "topic")
        write(cluster.bootstrap, "topic", b"1")
        cluster.nodes[1].kill()
        write(cluster.bootstrap, "topic", b"2")  # needs two of three
        cluster.nodes[1].start()
        cluster.nodes[2].kill()
        write(cluster.bootstrap, "topic", b"3")  # needs the one that came back
        assert read(cluster.bootstrap, "topic", 3) == [b"1", b"2", b"3"]
        cluster.kill()  # quicker than in order


def test_a_broker_that_cannot_start_shows_its_last_words(tmp_path):
    cluster = KafkaCluster(tmp_path, settings={"num.io.threads": "none"}, quick_start=True)
    with pytest.raises(ServerError, match=r"num\.io\.threads"):
        cluster.start()
