"""`portrait worker` and `portrait learner`: long-running processes, ended by a signal."""

from streams.cli.logs import set_up_logging
from streams.cli.settings import load_settings, model_key
from streams.learn.app import learner_app
from streams.transport import run_apps
from streams.worker.app import worker_app


def worker_command() -> int:
    """Run a worker until SIGTERM or SIGINT; return the exit code."""
    settings = load_settings()
    set_up_logging(settings)
    return run_apps(worker_app(settings, model_key(settings)))


def learner_command() -> int:
    """Run the learner until SIGTERM or SIGINT; return the exit code."""
    settings = load_settings()
    set_up_logging(settings)
    return run_apps(learner_app(settings, model_key(settings)))
