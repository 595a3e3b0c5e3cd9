"""Questions to Kafka: who has not answered is not asked again, and nobody waits for ever."""

import asyncio
from typing import Any

import pytest
from confluent_kafka import KafkaError, KafkaException

from streams.service import admin as admin_module
from streams.service.admin import Admin


@pytest.fixture
def admin() -> Admin:
    return Admin(["127.0.0.1:1"])


async def answers(client: Any) -> Any:
    return client


async def fails(client: Any) -> Any:
    raise KafkaException(KafkaError(KafkaError._TRANSPORT))


async def hangs(client: Any) -> Any:
    await asyncio.Event().wait()


async def test_a_client_that_answers_is_asked_again(admin: Admin) -> None:
    before = await admin.ask(answers)
    assert await admin.ask(answers) is before


async def test_a_client_that_has_failed_is_asked_no_more(admin: Admin) -> None:
    before = await admin.ask(answers)
    with pytest.raises(KafkaException, match="_TRANSPORT"):
        await admin.ask(fails)
    assert await admin.ask(answers) is not before


async def test_a_question_that_is_never_answered_ends(
    admin: Admin, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a server that is away, so that it is put again."""
    monkeypatch.setattr(admin_module, "BOUND_SECONDS", 0.05)
    before = await admin.ask(answers)
    with pytest.raises(KafkaException, match="_TIMED_OUT"):
        await admin.ask(hangs)
    assert await admin.ask(answers) is not before


async def test_of_two_that_fail_one_client_is_left(admin: Admin) -> None:
    before = await admin.ask(answers)
    failed = await asyncio.gather(admin.ask(fails), admin.ask(fails), return_exceptions=True)
    assert [type(each) for each in failed] == [KafkaException, KafkaException]
    after = await admin.ask(answers)
    assert before is not after is await admin.ask(answers)
