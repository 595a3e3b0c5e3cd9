"""`portrait worker` and `portrait learner`: long-running processes, ended by a signal."""

import time
from collections.abc import Callable

import structlog
from confluent_kafka import KafkaException, Producer

from profiles.settings import Settings
from streams.cli.logs import set_up_logging
from streams.cli.settings import load_settings, model_key
from streams.cli.signals import StopSignal
from streams.learn.app import learner_app
from streams.transport import RecordBatchApp, run_apps
from streams.worker.app import worker_app

log = structlog.get_logger()

REQUEST_SECONDS = 1.0
RETRY_FIRST_SECONDS = 0.5
RETRY_LONGEST_SECONDS = 5.0
LOOK_SECONDS = 0.1


def worker_command() -> int:
    """Run a worker until SIGTERM or SIGINT; return the exit code."""
    return _serve(worker_app)


def learner_command() -> int:
    """Run the learner until SIGTERM or SIGINT; return the exit code."""
    return _serve(learner_app)


def _serve(make_app: Callable[[Settings, bytes], RecordBatchApp]) -> int:
    settings = load_settings()
    key = model_key(settings)
    set_up_logging(settings)
    stop = StopSignal()
    _wait_for_kafka(settings.kafka, stop)
    stop.release()
    return 0 if stop.asked else run_apps(make_app(settings, key))


def _wait_for_kafka(kafka: str, stop: StopSignal) -> None:
    """Wait until Kafka answers, or a signal: Faust's client gives up when it starts without it.

    Once it runs, it waits for a Kafka that is away by itself.
    """
    client = Producer({"bootstrap.servers": kafka, "log_level": 2})
    delay = RETRY_FIRST_SECONDS
    while not stop.asked:
        try:
            client.list_topics(timeout=REQUEST_SECONDS)
            return
        except KafkaException as error:
            reason = error.args[0].str()
            log.warning("kafka away, trying again", kafka=kafka, seconds=delay, error=reason)
            _sleep(delay, stop)
            delay = min(2 * delay, RETRY_LONGEST_SECONDS)


def _sleep(seconds: float, stop: StopSignal) -> None:
    """Sleep, unless asked to stop: a signal alone does not end a sleep."""
    end = time.monotonic() + seconds
    while not stop.asked and time.monotonic() < end:
        time.sleep(LOOK_SECONDS)
