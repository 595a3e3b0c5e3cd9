"""The project's rules about itself; every exception stands here, with its reason."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("schemas", "profiles", "streams")  # each may import those before it
SOURCES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
CHECKED = [
    *SOURCES,
    *sorted(path for at in ("tests", "benchmarks") for path in (ROOT / at).rglob("*.py")),
]
MOST_LINES = 500

TRANSPORTS = {"faust", "mode", "aiokafka", "confluent_kafka"}
IO = {"asyncio", "http", "multiprocessing", "os", "pathlib", "redis", "selectors", "shutil"} | {
    "signal", "socket", "sqlite3", "ssl", "subprocess", "tempfile", "threading", "urllib",
}  # fmt: skip
CLOCKS = {
    "time.time", "time.time_ns", "time.monotonic", "time.monotonic_ns", "time.perf_counter",
    "time.perf_counter_ns", "time.process_time", "time.sleep", "datetime.now", "datetime.utcnow",
    "datetime.today", "date.today", "datetime.datetime.now", "datetime.datetime.utcnow",
    "datetime.datetime.today", "datetime.date.today",
}  # fmt: skip

READS_THE_ENVIRONMENT = {"profiles/settings.py"}  # the one settings class
DOES_IO: dict[str, str] = {}  # path in schemas/: reason
READS_A_CLOCK: dict[str, str] = {}  # path in schemas/ or profiles/: reason


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def package_of(path: Path) -> list[str]:
    return list(path.relative_to(ROOT).with_suffix("").parts[:-1])


def imported(path: Path) -> set[str]:
    """Every module that a file imports, wherever in it; relative imports as absolute ones."""
    modules = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            modules |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            package = package_of(path)
            base = package[: len(package) - node.level + 1] if node.level else []
            modules.add(".".join([*base, *filter(None, [node.module])]))
    return modules


def tops(path: Path) -> set[str]:
    return {module.split(".")[0] for module in imported(path)}


def aliases(tree: ast.AST) -> dict[str, str]:
    """What the names brought in by imports stand for, as dotted paths."""
    known = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            known |= {alias.asname or alias.name.split(".")[0]: alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            known |= {a.asname or a.name: f"{node.module}.{a.name}" for a in node.names}
    return known


def dotted(node: ast.AST) -> str:
    if isinstance(node, ast.Name):
        return node.id
    return f"{dotted(node.value)}.{node.attr}" if isinstance(node, ast.Attribute) else ""


def used(path: Path) -> set[str]:
    """Every dotted name that a file uses, with imported names spelt out."""
    tree = ast.parse(path.read_text())
    known = aliases(tree)
    found = {dotted(node) for node in ast.walk(tree) if isinstance(node, ast.Attribute | ast.Name)}
    return {
        ".".join([known.get(head, head), *rest]) for head, *rest in (f.split(".") for f in found)
    }


def in_package(*packages: str) -> list[Path]:
    return [path for path in SOURCES if path.relative_to(ROOT).parts[0] in packages]


def test_the_rules_see_what_they_look_for(tmp_path, monkeypatch):
    """Imports inside functions and relative ones, names imported under another name."""
    monkeypatch.setattr("tests.project.test_structure.ROOT", tmp_path)
    (tmp_path / "a" / "b").mkdir(parents=True)
    file = tmp_path / "a" / "b" / "c.py"
    file.write_text(
        "from . import d\nfrom ..e import f\nfrom os import environ as env\nfrom time import time\n"
        "def late():\n    import streams.cli\n    return env['X'], time()\n"
    )
    assert imported(file) == {"a.b", "a.e", "os", "time", "streams.cli"}
    assert {"os.environ", "time.time"} <= used(file)


def test_imports_point_one_way():
    """schemas <- profiles <- streams."""
    wrong = {
        name(path): forbidden
        for level, package in enumerate(PACKAGES)
        for path in in_package(package)
        if (forbidden := tops(path) & set(PACKAGES[level + 1 :]))
    }
    assert not wrong


def test_nothing_in_the_packages_imports_tests_or_benchmarks():
    assert not [name(path) for path in SOURCES if tops(path) & {"tests", "benchmarks"}]


def test_only_streams_knows_kafka_and_faust():
    wrong = {name(path): tops(path) & TRANSPORTS for path in in_package("schemas", "profiles")}
    assert not {path: found for path, found in wrong.items() if found}


def test_schemas_do_no_io():
    found = {name(path): tops(path) & IO for path in in_package("schemas")}
    assert {path for path, modules in found.items() if modules} == set(DOES_IO)


def test_the_environment_is_read_in_one_place():
    readers = {
        name(path)
        for path in SOURCES
        if any(use.startswith(("os.environ", "os.getenv", "os.putenv")) for use in used(path))
    }
    assert readers == READS_THE_ENVIRONMENT


def test_schemas_and_profiles_read_no_clock():
    """Replay gives the same only where time comes from the events."""
    readers = {name(path) for path in in_package("schemas", "profiles") if used(path) & CLOCKS}
    assert readers == set(READS_A_CLOCK)


def test_nothing_is_left_for_later():
    marker = re.compile(r"#.*\b(TO[D]O|FIX[M]E|XX[X]|HAC[K])\b")  # this line is none of them
    assert not [name(path) for path in CHECKED if marker.search(path.read_text())]


def test_every_exception_to_a_tool_has_its_code_and_its_reason():
    """`# noqa: S311 - a simulation`; the first of a code in a file says why, for all of them."""
    exception = re.compile(r"# (noqa|type: ignore)(?:: |\[)?([A-Z]+\d+|[a-z-]+)?[^\w\n]*(\w?)")
    unexplained = set()
    for path in SOURCES:
        explained = set()
        for tool, code, reason in exception.findall(path.read_text()):
            if code and reason:
                explained.add((tool, code))
            if (tool, code) not in explained:
                unexplained.add((name(path), tool, code))
    assert not unexplained


def test_files_are_small():
    sizes = {name(path): len(path.read_text().splitlines()) for path in SOURCES}
    assert not {path: size for path, size in sizes.items() if size >= MOST_LINES}


def test_the_changelog_begins_with_what_is_unreleased():
    headings = re.findall(r"^## (.+)$", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert headings[0] == "Unreleased"


@pytest.mark.parametrize("document", ["README.md", "README.zh-CN.md", "CONTRIBUTING.md"])
def test_every_make_target_that_is_spoken_of_exists(document):
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    text = (ROOT / document).read_text()
    # a command stands alone in its line of a block, or in backticks; prose may "make" anything
    asked = set(re.findall(r"(?:^\s*(?:\$ )?|`)make ([a-z]+)", text, re.MULTILINE))
    assert asked
    assert asked <= targets


@pytest.mark.parametrize(
    "document", sorted(ROOT.glob("*.md")) + sorted((ROOT / "docs").rglob("*.md")), ids=name
)
def test_links_between_documents_lead_somewhere(document):
    links = re.findall(r"\]\((?!https?:|#)([^)#\s]+)", document.read_text())
    assert not [link for link in links if not (document.parent / link).exists()]
