"""Compile the core with mypyc: the same code and the same bytes, with less time spent between them.

    python deploy/compiled.py DIRECTORY [--optimize LEVEL]

copies the three packages there and compiles what the worker spends its time in. Nothing needs it;
who finds `DIRECTORY` first (`PYTHONPATH=DIRECTORY PYTHONSAFEPATH=1`) uses it. It is a copy, since a
compiled module that lies beside its source goes on hiding it after the source has changed.
"""

import argparse
import os
import shutil
from pathlib import Path

from mypyc.build import mypycify
from setuptools import setup

ROOT = Path(__file__).parents[1]
PACKAGES = ("schemas", "profiles", "streams")

COMPILED = (
    "schemas/decode.py",
    "schemas/examples.py",
    "schemas/plain.py",
    "profiles/sketches/[!_]*.py",
    "profiles/sections/[!_]*.py",
    "profiles/traits/[!_]*.py",
    *(
        f"profiles/{name}.py"
        for name in (
            "cache", "changes", "decoded", "derive", "examples", "features", "keyspace", "store",
            "update", "view", "words",
        )
    ),
    "profiles/stores/scripts.py",
)  # fmt: skip
"""The pure core of the worker; the learner's models live in numpy and river already."""

LEFT_OUT = {"profiles/traits/document.py"}  # writes docs, and is run as a script
TYPES = ["--config-file=", "--ignore-missing-imports", "--follow-imports=silent"]
"""Strictness is `make lint`'s business; here types only have to be understood."""


def sources() -> list[str]:
    """Return the files to compile, relative to the root."""
    found = {path.relative_to(ROOT).as_posix() for each in COMPILED for path in ROOT.glob(each)}
    return sorted(found - LEFT_OUT)


def build(directory: Path, optimize: str) -> None:
    """Put the packages, compiled where it pays, into an empty or former `directory`."""
    directory.mkdir(parents=True, exist_ok=True)
    for former in directory.glob("portrait__mypyc*"):  # the last to be made: without it nothing is
        former.unlink()
    for package in PACKAGES:
        shutil.rmtree(directory / package, ignore_errors=True)
        shutil.copytree(
            ROOT / package, directory / package, ignore=shutil.ignore_patterns("__pycache__")
        )
    os.chdir(directory)
    setup(
        name="portrait-compiled",
        packages=[],
        ext_modules=mypycify([*TYPES, *sources()], group_name="portrait", opt_level=optimize),
        script_args=["--quiet", "build_ext", "--inplace"],
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("directory", type=Path)
    parser.add_argument("--optimize", default="3", choices="0123", help="of the C compiler")
    given = parser.parse_args()
    build(given.directory.resolve(), given.optimize)
