"""What only a real Kafka can show: several members of a group, transactions."""

from __future__ import annotations

import asyncio
from collections import defaultdict

import confluent_kafka
import pytest
from confluent_kafka.admin import AdminClient, NewTopic
from faust.types import TP

from streams.transport import batch_topic
from tests.transport.conftest import WAIT_SECONDS, Log, collect, running

PARTITIONS = 4
REBALANCE_WAIT_SECONDS = 120


@pytest.fixture
def log(kafka, topic_prefix):
    """A topic and a group that nobody has used before."""
    log = Log(kafka, f"{topic_prefix}events.test")
    log.group = f"{topic_prefix}group"
    create(log)
    return log


def create(log: Log) -> None:
    admin = AdminClient({"bootstrap.servers": log.bootstrap})
    admin.create_topics([NewTopic(log.topic, PARTITIONS, 1)])[log.topic].result(WAIT_SECONDS)


class Shared:
    """The marks of all members, as Redis would hold them, and what was counted under them."""

    def __init__(self, log: Log) -> None:
        self.log = log
        self.marks: dict[TP, int] = defaultdict(int)
        self.counted: dict[TP, list[int]] = defaultdict(list)

    async def resume(self, tps):
        return {tp: self.marks[tp] for tp in tps}

    def member(self):
        app = self.log.app(self.resume, max_records=20)

        @app.agent(batch_topic(app, self.log.topic))
        async def agent(stream):
            async for batch in stream:
                if self.marks[batch.tp] != batch.from_position:
                    await app.consumer.seek(batch.tp, self.marks[batch.tp])
                    continue
                self.marks[batch.tp] = batch.next_position  # no await since it was compared
                self.counted[batch.tp].extend(record.offset for record in batch)

        return app

    async def until_counted(self, count: int) -> None:
        async with asyncio.timeout(REBALANCE_WAIT_SECONDS):
            while len(self.counted) < PARTITIONS or min(map(len, self.counted.values())) < count:
                await asyncio.sleep(0.02)


async def until_assigned(app, partitions: int) -> None:
    async with asyncio.timeout(REBALANCE_WAIT_SECONDS):
        while len(app._assignment or ()) != partitions:
            await asyncio.sleep(0.02)


async def test_a_second_member_takes_its_share_and_gives_it_back(log):
    shared = Shared(log)
    first, second = shared.member(), shared.member()
    fill_all(log, 100)
    async with running(first):
        await shared.until_counted(100)
        async with running(second):
            await until_assigned(second, PARTITIONS // 2)
            fill_all(log, 100)
            await shared.until_counted(200)
        fill_all(log, 100)
        await shared.until_counted(300)
    assert all(offsets == list(range(300)) for offsets in shared.counted.values())


async def test_partitions_of_one_number_go_to_one_member(log):
    """So that all of a customer's topics are folded where the customer is cached."""
    log_b = Log(log.bootstrap, f"{log.topic}.b")
    create(log_b)
    apps = [log.app(), log.app()]
    for app in apps:
        collect(app, log.topic)
        collect(app, log_b.topic)
    async with running(apps[0]), running(apps[1]):
        for app in apps:
            await until_assigned(app, PARTITIONS)
            by_topic = defaultdict(set)
            for tp in app._assignment:
                by_topic[tp.topic].add(tp.partition)
            assert by_topic[log.topic] == by_topic[log_b.topic]


def fill_all(log: Log, count: int) -> None:
    for partition in range(PARTITIONS):
        log.fill(count, partition)


async def test_aborted_records_never_come_and_the_committed_offset_still_reaches_the_end(log):
    producer = confluent_kafka.Producer(
        {"bootstrap.servers": log.bootstrap, "transactional.id": log.group, "log_level": 0}
    )
    producer.init_transactions(WAIT_SECONDS)
    for value, commit in [(b"kept", True), (b"aborted", False), (b"kept", True), (b"no", False)]:
        producer.begin_transaction()
        for _ in range(10):
            producer.produce(log.topic, value, partition=0)
        producer.flush(WAIT_SECONDS)
        producer.commit_transaction() if commit else producer.abort_transaction()
    app = log.app()
    seen = collect(app, log.topic)
    async with running(app):
        await seen.until_position(44)  # 40 records and 4 markers
    assert [record.value for batch in seen.batches for record in batch] == [b"kept"] * 20
    assert seen.batches[0].from_position == 0
    assert log.committed() == log.bounds()[1] == 44
