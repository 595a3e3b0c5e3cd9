"""Models on their way back: the newest exported scores, read by every worker."""

import asyncio
import hashlib
import hmac

import orjson
import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition

from profiles.learning.scoring import Scorer
from profiles.scores import LiveScores
from schemas.errors import PortraitError
from streams.patience import SERVER_ERRORS, Outages, Patience
from streams.pieces import Assembly

log = structlog.get_logger()

SCORES_KEY = b"scores"
SNAPSHOT_KEY = b"snapshot"
"""Keys on the compacted models topic: numbers to score with, and the learner's own snapshot."""

PARTITION = 0
SIGNATURE_BYTES = 32


class ForgedScoresError(PortraitError):
    """Exported scores whose signature does not fit the model key."""


def seal(exported: object, key: bytes) -> bytes:
    """Return exported numbers as signed JSON.

    >>> unseal(seal({"a": 1}, b"key"), b"key")
    {'a': 1}
    """
    body = orjson.dumps(exported)
    return hmac.digest(key, SCORES_KEY + body, hashlib.sha256) + body


def unseal(sealed: bytes, key: bytes) -> dict[str, object]:
    """Read what `seal` wrote.

    Raises:
        ForgedScoresError: the signature does not fit.
    """
    signature, body = sealed[:SIGNATURE_BYTES], sealed[SIGNATURE_BYTES:]
    if not hmac.compare_digest(signature, hmac.digest(key, SCORES_KEY + body, hashlib.sha256)):
        raise ForgedScoresError(
            "scores with a foreign signature",
            value=signature.hex(),
            expected="HMAC-SHA256 by PORTRAIT_MODEL_KEY, the same for all processes",
        )
    exported: dict[str, object] = orjson.loads(body)
    return exported


async def follow(
    brokers: list[str], topic: str, key: bytes, scores: LiveScores, outages: Outages
) -> None:
    """Keep `scores` at the newest export, from the topic's beginning on, until cancelled."""
    patience = Patience(outages)
    while True:
        consumer = AIOKafkaConsumer(
            bootstrap_servers=brokers, auto_offset_reset="earliest", enable_auto_commit=False
        )
        try:
            await consumer.start()
            consumer.assign([TopicPartition(topic, PARTITION)])
            patience.succeeded()
            assembly = Assembly(SCORES_KEY)
            async for record in consumer:
                sealed = assembly.add(record.key, record.value)
                if sealed is not None:
                    _take(sealed, key, scores)
        except SERVER_ERRORS as error:
            await asyncio.sleep(patience.failed(error))
        finally:
            await consumer.stop()


def _take(sealed: bytes, key: bytes, scores: LiveScores) -> None:
    """Score with these numbers from now on; what is forged or foreign leaves the last good ones."""
    try:
        scores.scorer = Scorer.load(unseal(sealed, key))
    except PortraitError as error:
        log.error("scores refused", error=str(error))
