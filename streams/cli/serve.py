"""`portrait worker` and `portrait learner`: long-running processes, ended by a signal.

Each imports its own app only: the learner's libraries take seconds, and memory.
"""

from collections.abc import Awaitable, Callable
from functools import partial

import structlog

from profiles.chosen import reasons_of, traits_of
from profiles.settings import Settings, unknown_variables
from streams.cli.logs import set_up_logging
from streams.cli.settings import load_settings, model_key
from streams.patience import Outages
from streams.service.serve import Service
from streams.topics import topics_of_learner, topics_of_worker
from streams.transport import RecordBatchApp, run_until_crash

log = structlog.get_logger()

MakeApp = Callable[[Outages], Awaitable[RecordBatchApp]]


def worker_command() -> int:
    """Run a worker until SIGTERM or SIGINT; return the exit code."""
    settings = load_settings()
    key = model_key(settings) if settings.learning else b""  # who asks models nothing reads none
    _look_at_choices(settings)
    from streams.worker.app import worker_app

    topics = topics_of_worker(settings.topic_prefix, learning=settings.learning)
    return _serve(settings, partial(worker_app, settings, key), topics)


def learner_command() -> int:
    """Run the learner until SIGTERM or SIGINT; return the exit code."""
    settings = load_settings()
    key = model_key(settings)
    from streams.learn.app import learner_app

    topics = topics_of_learner(settings.topic_prefix)
    return _serve(settings, partial(learner_app, settings, key), topics)


def _look_at_choices(settings: Settings) -> None:
    """Refuse what cannot be chosen, before a worker waits for its servers."""
    traits_of(settings)
    if settings.learning:
        reasons_of(settings)


def _serve(settings: Settings, make_app: MakeApp, topics: list[str]) -> int:
    set_up_logging(settings)
    for variable in unknown_variables():
        log.warning("no such setting: `portrait doctor` says what may be meant", variable=variable)

    async def run() -> int:
        return await Service(settings).run(make_app, topics)

    return run_until_crash(run())
