"""Proposing mappings for files: real ones give events, and odd ones are found out."""

import gzip
from collections import Counter
from pathlib import Path

import orjson
import pytest

from schemas.decode import decode
from schemas.mapping import MappingError, TableMapping
from streams.cli.mapping import guess_command, list_command, show_command
from streams.sources import SourceError, open_source, shipped_mappings
from streams.sources.sampling import propose_mapping

from .test_real_tables import Written, table_path

ROWS = 4_000
CSV = "用户,时间,价格\n甲,2024-05-01 10:00,9.5\n乙,2024-05-02 11:00,3\n"


def outcomes(path: Path) -> Counter[str]:
    """What becomes of a file's first rows under its own proposal: types, or fields at fault."""
    mapping = TableMapping.parse(propose_mapping(str(path), ROWS), "guessed")
    found: Counter[str] = Counter()
    for event in mapping.compile(path.name)(next(open_source(str(path), mapping.source, ROWS))):
        result = decode(event.kind, [Written(event.payload)], 2**53)
        found.update(event["type"] for _, event in result.accepted)
        found.update(f"not {rejected.field}" for rejected in result.rejected)
    return found


@pytest.mark.parametrize(
    ("file", "expected"),
    [
        ("cdnow_sample.txt.gz", {"purchase"}),
        ("tmall2014.csv.gz", {"purchase", "browse"}),
        ("amazon_all_beauty.json.gz", {"feedback"}),
        ("completejourney.csv.gz", {"purchase", "not quantity"}),
        ("completejourney_demographics.csv.gz", {"customer"}),
        ("online_retail.parquet", {"purchase", "return", "not customer_id", "not price"}),
    ],
)
def test_rows_that_have_what_an_event_needs_become_events(file: str, expected: set[str]) -> None:
    found = outcomes(table_path(file))
    assert found.keys() <= expected
    whole = found.total() - found["not customer_id"]
    assert sum(n for kind, n in found.items() if not kind.startswith("not ")) >= 0.98 * whole


@pytest.mark.parametrize(
    "file", ["womens_clothing_reviews.csv.gz", "cn_online_shopping_10_cats.csv.gz"]
)
def test_reviews_of_nobody_lack_nothing_but_their_customer(file: str) -> None:
    assert outcomes(table_path(file)).keys() == {"not customer_id"}


def test_delimiter_encoding_and_missing_header_are_found_out(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(CSV.encode("gb18030"))
    (tmp_path / "b.csv").write_text(CSV.replace(",", ";"), "utf-8")
    (tmp_path / "c.csv").write_text("7,2024-05-01,9.5\n7,2024-05-02,3.5\n8,2024-05-02,4\n")
    assert outcomes(tmp_path / "a.csv") == outcomes(tmp_path / "b.csv") == {"purchase": 2}
    assert outcomes(tmp_path / "c.csv") == {"purchase": 3}


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_a_mark_of_utf_16_is_found_out(tmp_path: Path, encoding: str) -> None:
    content = "\ufeff" + CSV
    (tmp_path / "a.csv").write_bytes(content.encode(encoding))
    (tmp_path / "b.csv.gz").write_bytes(gzip.compress(content.replace(",", ";").encode(encoding)))
    assert 'encoding = "utf-16"' in propose_mapping(str(tmp_path / "a.csv"), ROWS)
    assert outcomes(tmp_path / "a.csv") == outcomes(tmp_path / "b.csv.gz") == {"purchase": 2}


def test_what_is_no_table_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "empty.csv").write_text("")
    (tmp_path / "header.csv").write_text("a,b\n")
    (tmp_path / "odd.csv").write_bytes(b"\xff\xfea")
    (tmp_path / "no.csv.zip").write_bytes(b"no archive")
    for name in ("empty.csv", "header.csv", "odd.csv", "no.csv.zip", "missing.csv", "strange.xyz"):
        with pytest.raises(SourceError):
            propose_mapping(str(tmp_path / name), ROWS)
    with pytest.raises(SourceError):
        propose_mapping("-", ROWS)


def test_rows_that_cannot_be_read_are_told_at_the_head_of_the_proposal(tmp_path: Path) -> None:
    row = '{"customer": "a", "time": "2024-05-01T10:00:00Z", "price": 3}\n'
    (tmp_path / "a.ndjson").write_text(row * 3 + "{nonsense\n" + row + "7\n")
    text = propose_mapping(str(tmp_path / "a.ndjson"), ROWS)
    told = next(line for line in text.splitlines() if "COULD NOT BE READ" in line)
    assert told.startswith("# 2 MORE")
    assert "row 3 (from 0) the first of them: unexpected character" in told
    assert outcomes(tmp_path / "a.ndjson") == {"purchase": 4, "not ": 2}
    (tmp_path / "a.ndjson").write_text(row * 3)
    assert "COULD NOT BE READ" not in propose_mapping(str(tmp_path / "a.ndjson"), ROWS)


@pytest.mark.parametrize(
    ("content", "evidence"),
    [
        ('[{"a": 1}, {"a": 2}]', "1 of 1 rows cannot be read"),
        ('[\n  {"a": 1},\n  {"a": 2}\n]\n', "one object a line, no JSON array"),
        ("[" + "\n ".join(['{"a": 1},'] * 9) + '{"a": 2}]', "one object a line, no JSON array"),
        ("a b\nc d\n" + '{"a": 1}\n', "2 of 3 rows cannot be read"),
    ],
)
def test_a_file_that_for_the_most_part_cannot_be_read_gets_no_proposal(
    tmp_path: Path, content: str, evidence: str
) -> None:
    (tmp_path / "a.json").write_text(content)
    with pytest.raises(SourceError, match=evidence) as caught:
        propose_mapping(str(tmp_path / "a.json"), ROWS)
    assert caught.value.source == str(tmp_path / "a.json")


def test_the_commands_print_what_can_be_read_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.csv").write_text(CSV, "utf-8")
    guess_command(str(tmp_path / "a.csv"), ROWS)
    TableMapping.parse(capsys.readouterr().out, "guessed")
    for name in shipped_mappings():
        show_command(name)
        TableMapping.parse(capsys.readouterr().out, name)
    list_command(json=True)
    assert orjson.loads(capsys.readouterr().out)["tmall2014"] == ["purchase", "browse"]
    list_command(json=False)
    assert "online_retail" in capsys.readouterr().out
    with pytest.raises(MappingError):
        show_command("nonsense")
