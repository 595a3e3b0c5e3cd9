"""`portrait worker` and `portrait learner`: long-running processes, ended by a signal.

Each imports its own app only: the learner's libraries take seconds, and memory.
"""

from collections.abc import Awaitable, Callable

import structlog

from profiles.settings import Settings, unknown_variables
from streams.cli.logs import set_up_logging
from streams.cli.settings import load_settings, model_key
from streams.patience import Outages
from streams.service.serve import Service
from streams.topics import topics_of_learner, topics_of_worker
from streams.transport import RecordBatchApp, run_until_crash

log = structlog.get_logger()

MakeApp = Callable[[Settings, bytes, Outages], Awaitable[RecordBatchApp]]


def worker_command() -> int:
    """Run a worker until SIGTERM or SIGINT; return the exit code."""
    from streams.worker.app import worker_app

    return _serve(worker_app, _key_to_follow, _topics_of_worker)


def learner_command() -> int:
    """Run the learner until SIGTERM or SIGINT; return the exit code."""
    from streams.learn.app import learner_app

    return _serve(learner_app, model_key, lambda settings: topics_of_learner(settings.topic_prefix))


def _key_to_follow(settings: Settings) -> bytes:
    """Return the key that models are checked with; who asks them nothing reads none."""
    return model_key(settings) if settings.learning else b""


def _topics_of_worker(settings: Settings) -> list[str]:
    return topics_of_worker(settings.topic_prefix, learning=settings.learning)


def _serve(
    make_app: MakeApp,
    key_of: Callable[[Settings], bytes],
    topics_of: Callable[[Settings], list[str]],
) -> int:
    settings = load_settings()
    key = key_of(settings)
    set_up_logging(settings)
    for variable in unknown_variables():
        log.warning("no such setting: `portrait doctor` says what may be meant", variable=variable)

    async def run() -> int:
        return await Service(settings).run(
            lambda outages: make_app(settings, key, outages), topics_of(settings)
        )

    return run_until_crash(run())
