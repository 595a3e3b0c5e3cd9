"""`portrait stack` and `portrait topics create`: a real Kafka and Redis on this machine."""

import shlex
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import typer

from profiles.settings import PREFIX
from streams.cli.settings import load_settings
from streams.cli.signals import StopSignal
from streams.stack import DirectoryError, Stack
from streams.topics import create_missing

LOOK_SECONDS = 0.1


def stack_command(brokers: int, cluster: bool, directory: Path | None) -> None:
    """Run the servers until a signal, or until one of them ends, which is an error.

    Standard output is for a shell; what is for people goes to standard error.

    Raises:
        DirectoryError: the servers cannot keep their files in `directory`.
    """
    stop = StopSignal()
    with ExitStack() as parts:
        with _told(directory):
            home = directory or Path(
                parts.enter_context(tempfile.TemporaryDirectory(prefix="portrait-stack-"))
            )
            stack = parts.enter_context(Stack(home.absolute(), brokers, cluster=cluster))
            settings = stack.settings
        for name, value in settings.items():
            typer.echo(f"export {PREFIX}{name.upper()}={shlex.quote(value)}")
        typer.echo(f"Running in {home}; Ctrl-C stops.", err=True)
        typer.echo("With these exports: portrait topics create; portrait doctor", err=True)
        while not stop.asked:
            stack.check()
            time.sleep(LOOK_SECONDS)


@contextmanager
def _told(directory: Path | None) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise DirectoryError(
            "--directory cannot be used" if directory else "no directory for temporary files",
            path=str(error.filename or directory),
            value=error.strerror,
            expected="a directory that can be made and written",
        ) from error


def topics_command(partitions: int, replicas: int | None) -> None:
    """Create the topics that are missing, and name them."""
    settings = load_settings()
    created = create_missing(settings.kafka, settings.topic_prefix, partitions, replicas)
    for topic in created:
        typer.echo(topic)
    typer.echo(f"{len(created)} topics created", err=True)
