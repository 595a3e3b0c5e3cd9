"""The how-to pages of docs/, followed to the letter: their files, installed as a package."""

import re
import tomllib
from pathlib import Path

DOCS = Path(__file__).parents[1] / "docs"
FILE = re.compile(r"^`([\w.]+)`:\n\n```\w+\n(.*?)^```", re.MULTILINE | re.DOTALL)


def files_of(page: str) -> dict[str, str]:
    """What a page says to write, by file."""
    return dict(FILE.findall((DOCS / page).read_text()))


def install(files: dict[str, str], site: Path) -> None:
    """Do as pip does: modules as they are, entry points in the package's metadata."""
    project = tomllib.loads(files["pyproject.toml"])["project"]
    name = project["name"].replace("-", "_")
    info = site / f"{name}-{project['version']}.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Name: {project['name']}\nVersion: {project['version']}\n")
    lines = [
        f"[{group}]\n" + "".join(f"{name} = {target}\n" for name, target in points.items())
        for group, points in project["entry-points"].items()
    ]
    (info / "entry_points.txt").write_text("\n".join(lines))
    for file, text in files.items():
        (site / file).write_text(text)
