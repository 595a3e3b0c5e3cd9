"""Kafka's libraries, brought by Maven once and kept for later."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from streams.stack.errors import ArtifactsError, MissingToolError

POM = Path(__file__).with_name("pom.xml")
INSTALL = {
    "java": "Java 17 or newer (Debian, Ubuntu: apt-get install openjdk-17-jre-headless)",
    "mvn": "Maven (Debian, Ubuntu: apt-get install maven)",
}
FETCH_SECONDS = 600
LAST_WORDS = 2000


def java() -> str:
    """Return the path of `java`, or raise MissingToolError."""
    return _tool("java")


def kafka_libraries(cache: Path | None = None) -> Path:
    """Return the directory of Kafka's libraries, filled at the first call.

    `cache` is by default ~/.cache/portrait, which all checkouts share. A directory under its final
    name is complete: it is filled under another one.

    Raises:
        MissingToolError: Maven is needed and not there.
        ArtifactsError: Maven failed, for instance without a network, or `cache` cannot be written.
    """
    cache = cache or Path.home() / ".cache" / "portrait"
    libraries = cache / f"kafka-{version()}"
    try:
        if not libraries.is_dir():
            _fill(cache, libraries)
    except OSError as error:
        raise ArtifactsError(
            "Kafka's libraries cannot be kept", path=str(cache), error=error.strerror
        ) from error
    return libraries


def _fill(cache: Path, libraries: Path) -> None:
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache) as scratch:
        filled = Path(scratch) / "libraries"
        _fetch(filled)
        _keep(filled, libraries)


def version() -> str:
    """Return the version of Kafka that the POM names.

    >>> int(version().split(".")[0]) >= 4
    True
    """
    found = re.search(r"<version>([\d.]+)</version>", POM.read_text())
    if found is None:
        raise ArtifactsError("no version in the POM", path=str(POM))
    return found.group(1)


def _fetch(target: Path) -> None:
    """Copy what the POM names and what that depends on; Maven checks every checksum."""
    goal = ["dependency:copy-dependencies", f"-DoutputDirectory={target}"]
    options = ["--batch-mode", "--quiet", "--strict-checksums", f"--file={POM}"]
    try:
        done = subprocess.run(  # noqa: S603 - our own POM
            [_tool("mvn"), *options, *goal],
            capture_output=True,
            text=True,
            timeout=FETCH_SECONDS,
        )
    except subprocess.TimeoutExpired as error:
        raise ArtifactsError("Maven took too long", seconds=FETCH_SECONDS) from error
    if done.returncode:
        raise ArtifactsError(f"Maven brought no Kafka {version()}:\n{done.stdout[-LAST_WORDS:]}")


def _keep(filled: Path, libraries: Path) -> None:
    try:
        filled.rename(libraries)
    except OSError:
        if not libraries.is_dir():  # else another process was quicker, with the same files
            raise


def _tool(name: str) -> str:
    if found := shutil.which(name):
        return found
    raise MissingToolError(f"no {name} on the PATH: install {INSTALL[name]}")
