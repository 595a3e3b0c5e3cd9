"""`portrait models promote|rollback|release` tell the learner, or say why it was not told."""

import pytest

from streams import outbox
from streams.cli import models
from streams.cli.models import LearnerNotToldError

NOBODY = "127.0.0.1:1"


def test_a_command_that_kafka_does_not_take_names_kafka_and_topic(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PORTRAIT_KAFKA", NOBODY)
    monkeypatch.setattr(models, "_cards", lambda: {"churn": {"contestants": {}}})
    monkeypatch.setattr(outbox, "DELIVERY_SECONDS", 0.2)
    with pytest.raises(LearnerNotToldError, match="not acknowledged") as caught:
        models.command("rollback", "churn", "")
    assert (caught.value.kafka, caught.value.topic) == (NOBODY, "learning.examples")
