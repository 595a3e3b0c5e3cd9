"""The compiled core is the core: from the same events come the same bytes."""

import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BUILD_SECONDS = 900
HEADER = Path(sysconfig.get_paths()["include"]) / "Python.h"

pytestmark = pytest.mark.skipif(
    not (shutil.which("cc") or shutil.which("gcc")) or not HEADER.exists(),
    reason="compiling needs a C compiler and Python's headers (apt: gcc python3-dev)",
)


def run(*arguments: object, **environment: str) -> str:
    done = subprocess.run(  # noqa: S603 - our own interpreter and files
        [sys.executable, *map(str, arguments)],
        env=os.environ | environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=BUILD_SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def folded(*path: Path) -> tuple[str, str]:
    """File of the core that was used, and the digest of what it made of a shop's events."""
    places = os.pathsep.join(map(str, [*path, ROOT]))
    said = run("-m", "tests.project.folded", PYTHONPATH=places, PYTHONSAFEPATH="1")
    file, digest = said.rsplit(maxsplit=1)
    return file, digest


def test_a_shop_folded_by_compiled_code_gives_the_same_bytes(tmp_path: Path) -> None:
    """Rejections, sections, public fields and examples; quickly compiled, the code is the same."""
    run(ROOT / "deploy" / "compiled.py", tmp_path, "--optimize", "0")
    (slow, expected), (fast, got) = folded(), folded(tmp_path)
    assert Path(slow).suffix == ".py"
    assert Path(fast).suffix in {".so", ".pyd"}
    assert got == expected
