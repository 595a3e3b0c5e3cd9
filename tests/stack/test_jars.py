"""What is missing is named, with what to install; half a download is never used."""

import pytest

from streams.stack import ArtifactsError, MissingToolError
from streams.stack.jars import java, kafka_libraries, version


@pytest.fixture
def maven(tmp_path, monkeypatch):
    """Make `mvn` a script of ours, and nothing else a command."""

    def pretend(script: str) -> None:
        tool = tmp_path / "bin" / "mvn"
        tool.parent.mkdir(exist_ok=True)
        tool.write_text(f"#!/bin/sh\n{script}\n")
        tool.chmod(0o755)

    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    return pretend


COPY = 'for word; do case $word in -DoutputDirectory=*) /bin/mkdir "${word#*=}";; esac; done'


def test_missing_tools_are_named_with_their_packages(tmp_path, maven):
    with pytest.raises(MissingToolError, match="openjdk-17-jre-headless"):
        java()
    with pytest.raises(MissingToolError, match="apt-get install maven"):
        kafka_libraries(tmp_path / "cache")


def test_the_libraries_are_fetched_once(tmp_path, maven):
    maven(COPY)
    libraries = kafka_libraries(tmp_path / "cache")
    assert libraries == tmp_path / "cache" / f"kafka-{version()}"
    maven("exit 1")
    assert kafka_libraries(tmp_path / "cache") == libraries


def test_a_failed_download_leaves_nothing_and_says_why(tmp_path, maven):
    maven(f"{COPY}; echo no network; exit 1")
    with pytest.raises(ArtifactsError, match="no network"):
        kafka_libraries(tmp_path / "cache")
    assert not list((tmp_path / "cache").iterdir())


def test_a_cache_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(ArtifactsError, match="cannot be kept") as caught:
        kafka_libraries(tmp_path / "file")
    assert caught.value.path == str(tmp_path / "file")
