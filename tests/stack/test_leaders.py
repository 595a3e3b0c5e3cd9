"""Who asks Kafka about itself hears of new leaders soon, not when a cache of minutes has aged."""

import pytest
from confluent_kafka import KafkaException, TopicPartition
from confluent_kafka.cimpl import NewTopic

from streams.service.admin import METADATA_AGE_MS, admin_client
from streams.service.watchdog import LATEST
from streams.stack import KafkaCluster
from tests.operations.process import until
from tests.stack.conftest import WAIT_SECONDS

PLACES = [TopicPartition("topic", number) for number in range(4)]

pytestmark = pytest.mark.usefixtures("libraries")


def test_the_end_of_a_log_is_heard_of_after_its_leaders_were_killed(tmp_path):
    with KafkaCluster(tmp_path, brokers=3, quick_start=True) as cluster:
        client = admin_client(cluster.bootstrap.split(","))
        client.create_topics([NewTopic("topic", len(PLACES))])["topic"].result(WAIT_SECONDS)

        def answered() -> bool:
            try:
                for each in client.list_offsets(dict.fromkeys(PLACES, LATEST)).values():
                    each.result(WAIT_SECONDS)
            except KafkaException:
                return False
            return True

        until(answered, WAIT_SECONDS)
        first, second, _ = cluster.nodes
        first.kill()
        second.kill()
        first.launch()
        second.start()
        first.wait_until_ready()
        until(answered, WAIT_SECONDS + METADATA_AGE_MS / 1000)
        cluster.kill()  # quicker than in order
