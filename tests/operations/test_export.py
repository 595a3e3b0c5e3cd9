"""An exported file is whole or what it was before, and its check leaves nothing behind."""

import os
from pathlib import Path

import pytest

from streams.run.export import ExportError, check_export, export_file


def test_what_stood_there_stays_until_the_new_file_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "profiles.ndjson"
    path.write_text("before")
    with pytest.raises(ExportError, match="full"), export_file(path) as file:
        file.write_text("half of")
        raise OSError("the disk is full")
    assert path.read_text() == "before"
    assert list(tmp_path.iterdir()) == [path]
    with export_file(path) as file:
        file.write_text("after")
    assert path.read_text() == "after"
    assert list(tmp_path.iterdir()) == [path]


def test_a_check_leaves_everything_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "profiles.ndjson"
    check_export(path)
    assert not list(tmp_path.iterdir())
    path.write_text("before")
    check_export(path)
    assert path.read_text() == "before"


def test_a_link_goes_on_leading_where_it_leads(tmp_path: Path) -> None:
    path, link = tmp_path / "profiles.ndjson", tmp_path / "newest"
    link.symlink_to(path)
    with export_file(link) as file:
        file.write_text("whole")
    assert link.is_symlink()
    assert path.read_text() == "whole"


def test_what_is_no_file_is_written_itself(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    check_export(pipe)
    with export_file(pipe) as file:
        assert file == pipe


@pytest.mark.parametrize("name", ["nowhere/profiles.ndjson", "."])
def test_a_path_that_cannot_be_written_is_an_error_that_names_it(tmp_path: Path, name: str) -> None:
    with pytest.raises(ExportError, match="--export") as caught:
        check_export(tmp_path / name)
    assert caught.value.path == str(tmp_path / name)
