"""Sources: every row of a table arrives, and a bad one says where it was."""

import gzip
import io
import sys
import tracemalloc
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from schemas.mapping import Chunk, MappingError
from schemas.mapping.spec import SourceSpec
from streams.sources import SourceError, load_mapping, open_source, shipped_mappings

CSV = 'id,name,price\n1,"a ""b"", c",2.5\n2,,\n3,多肉,4\n'


def rows(chunks: list[Chunk]) -> list[tuple[Any, ...]]:
    return [row for chunk in chunks for row in zip(*chunk.columns.values(), strict=True)]


def read(path: Path, rows_per_chunk: int = 2, **spec: Any) -> list[Chunk]:
    return list(open_source(str(path), SourceSpec(**spec), rows_per_chunk))


def written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


EXPECTED = [("1", 'a "b", c', "2.5"), ("2", "", ""), ("3", "多肉", "4")]


def test_csv_arrives_in_chunks_with_its_row_numbers(tmp_path: Path) -> None:
    chunks = read(written(tmp_path / "t.csv", CSV.encode()))
    assert rows(chunks) == EXPECTED
    assert [list(chunk.numbers) for chunk in chunks] == [[0, 1], [2]]
    assert list(chunks[0].columns) == ["id", "name", "price"]


def test_packed_files_are_unpacked(tmp_path: Path) -> None:
    assert rows(read(written(tmp_path / "t.csv.gz", gzip.compress(CSV.encode())))) == EXPECTED
    with zipfile.ZipFile(tmp_path / "t.csv.zip", "w") as archive:
        archive.writestr("inside.csv", CSV)
    assert rows(read(tmp_path / "t.csv.zip")) == EXPECTED


def test_standard_input_is_a_source(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(CSV.encode())))
    assert rows(list(open_source("-", SourceSpec(format="csv")))) == EXPECTED


def test_a_byte_order_mark_and_other_encodings_are_understood(tmp_path: Path) -> None:
    assert rows(read(written(tmp_path / "a.csv", CSV.encode("utf-8-sig")))) == EXPECTED
    gbk = written(tmp_path / "b.csv", CSV.encode("gb18030"))
    assert rows(read(gbk, encoding="gb18030")) == EXPECTED


def test_tabs_other_delimiters_white_space_and_missing_headers(tmp_path: Path) -> None:
    tsv = written(tmp_path / "a.tsv", b"x\ty\n1\t2\n")
    semicolon = written(tmp_path / "b.csv", b"x;y\n1;2\n")
    spaced = written(tmp_path / "c.txt", b" 1   2\r\n\r\n 3\t4\r\n")
    assert rows(read(tsv)) == rows(read(semicolon, delimiter=";")) == [("1", "2")]
    assert rows(read(spaced, columns=["x", "y"])) == [("1", "2"), ("3", "4")]


def test_a_row_of_the_wrong_width_is_reported_in_its_place(tmp_path: Path) -> None:
    chunks = read(written(tmp_path / "t.csv", b"x,y\n1,2\n3\n4,5,6\n7,8\n"), rows_per_chunk=10)
    assert rows(chunks) == [("1", "2"), ("7", "8")]
    assert list(chunks[0].numbers) == [0, 3]
    assert [(b.row, b.reason, b.content) for b in chunks[0].broken] == [
        (1, "1 columns, expected 2", ["3"]),
        (2, "3 columns, expected 2", ["4", "5", "6"]),
    ]


def test_json_lines_may_lack_columns_and_broken_ones_are_reported(tmp_path: Path) -> None:
    lines = b'{"a": 1}\n\n{"b": [2]}\nnonsense\n[3]\n{"a": null}'
    (chunk,) = read(written(tmp_path / "t.ndjson", lines), rows_per_chunk=10)
    assert (chunk.columns, chunk.loose) == ({"a": [1, None, None], "b": [None, [2], None]}, True)
    assert [(b.row, b.content) for b in chunk.broken] == [(2, "nonsense\n"), (3, "[3]\n")]


def test_row_numbers_that_pandas_adds_to_a_parquet_table_are_no_column(tmp_path: Path) -> None:
    table = pa.table({"id": [1, 1], "__index_level_0__": [0, 1]})
    pq.write_table(table, tmp_path / "t.parquet")
    (chunk,) = read(tmp_path / "t.parquet")
    assert list(chunk.columns) == ["id"]


def test_parquet_times_keep_their_zone_and_gaps_stay_gaps(tmp_path: Path) -> None:
    moment = datetime(2011, 7, 1, 12, tzinfo=UTC)
    table = pa.table({
        "naive": pa.array([moment.replace(tzinfo=None), None], pa.timestamp("ns")),
        "aware": pa.array([moment, None], pa.timestamp("ms", "Asia/Shanghai")),
        "id": pa.array([1, None], pa.int64()),
        "name": pa.array(["a", None]),
    })  # fmt: skip
    pq.write_table(table, tmp_path / "t.parquet")
    assert rows(read(tmp_path / "t.parquet", rows_per_chunk=1)) == [
        (moment.replace(tzinfo=None), moment, 1, "a"),
        (None, None, None, None),
    ]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("absent.csv", None, "no such file"),
        ("t.xlsx", b"", "unknown format"),
        ("t", b"", "unknown format.*source.format"),
        ("absent", None, "no such file"),
        ("empty.csv", b"", "no usable header"),
        ("twice.csv", b"x,x\n1,2\n", "no usable header"),
        ("cut.csv.gz", gzip.compress(CSV.encode() * 99)[:-20], "cannot be read to its end"),
        ("plain.csv.gz", b"x,y\n1,2\n", "cannot be read to its end"),
        ("plain.csv.zip", b"x,y\n1,2\n", "cannot be read to its end"),
        ("quote.csv", b'x,y\n1,"' + b"z,\n" * 500_000, "cannot be read to its end"),
        ("t.parquet", b"PAR2", "cannot be read as Parquet"),
    ],
)
def test_what_cannot_be_read_is_an_error_that_names_the_source(
    tmp_path: Path, name: str, content: bytes | None, message: str
) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(SourceError, match=message) as caught:
        read(path)
    assert caught.value.source == str(path)


@pytest.mark.parametrize(
    ("content", "columns", "row"),
    [
        (b'x,y\n1,2\n\n3,"a\n4,5\n', None, 1),
        (b'1,2\n3,"a""\n', ["x", "y"], 1),
        (b'x,y\n1,"', None, 0),
        (b'x,"y\n1,2\n', None, "header"),
    ],
)
def test_a_quote_that_is_never_closed_is_an_error_that_names_its_row(
    tmp_path: Path, content: bytes, columns: list[str] | None, row: object
) -> None:
    path = written(tmp_path / "t.csv", content)
    with pytest.raises(SourceError, match="never closed") as caught:
        read(path, rows_per_chunk=10, columns=columns)
    assert (caught.value.source, caught.value.row) == (str(path), row)


@pytest.mark.parametrize(
    ("last", "cell"), [('"a"b\n', "ab"), ('"a"', "a"), ('"a\nb"', "a\nb"), ('a"b', 'a"b')]
)
def test_quotes_that_are_closed_somehow_are_taken_as_before(
    tmp_path: Path, last: str, cell: str
) -> None:
    assert rows(read(written(tmp_path / "t.csv", f"x,y\n1,{last}".encode()))) == [("1", cell)]


def test_bytes_that_are_not_of_the_stated_encoding_are_an_error_that_names_it(
    tmp_path: Path,
) -> None:
    path = written(tmp_path / "t.csv", b"x,y\n1,2\n")
    with pytest.raises(SourceError, match="cannot be read to its end") as caught:
        read(path, encoding="utf-16")
    assert (caught.value.source, caught.value.expected) == (str(path), "csv in utf-16")


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    def peak(lines: int) -> int:
        path = written(tmp_path / "t.csv", b"x,y\n" + b"1234567,abcdefgh\n" * lines)
        tracemalloc.start()
        for _ in open_source(str(path), rows_per_chunk=500):
            pass
        _, highest = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return highest

    assert peak(20_000) < 2 * peak(2_000)


def test_mappings_are_found_by_name_and_by_file(tmp_path: Path) -> None:
    assert load_mapping("online_retail").base_currency == "GBP"
    path = written(tmp_path / "mine.toml", b'[[event]]\ntype = "browse"\n')
    assert load_mapping(str(path)).name == "mine"
    with pytest.raises(MappingError, match=r"tmall2014") as caught:
        load_mapping("nowhere")
    assert all(name in str(caught.value) for name in shipped_mappings())


def test_a_standard_input_that_is_closed_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", None)
    with pytest.raises(SourceError, match="standard input is closed"):
        open_source("-", SourceSpec(format="csv"))
