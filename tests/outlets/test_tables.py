"""The tables in their consumers: DuckDB, pyarrow, pandas, Polars, and CSV in pandas and Python's own reader."""

import csv
import datetime
import json
import re

import duckdb
import pandas
import polars
import pyarrow.parquet
import pytest
from conftest import ROOT

COUNTED = {
    "sentences": "sentences",
    "mentions": "mentions",
    "entities": "entities",
    "text_references": "references",
    "quotes": "quotes",
    "positions": "positions",
    "roll_up": "roll_up",
    "watch": "watch",
}


def names():
    """The tables, as docs/tables.md tells them: name -> [(column, type, nullable)]."""
    text = (ROOT / "docs/tables.md").read_text(encoding="utf-8")
    told = {}
    for section in re.split(r"^### ", text, flags=re.M)[1:]:
        rows = re.findall(r"^\| `(\w+)`(\*?) \| (\w[\w ]*\w)(\??) \|", section, flags=re.M)
        told[re.match(r"`(\w+)`", section).group(1)] = [(name, kind, bool(null)) for name, _, kind, null in rows]
    return told


def test_the_page_tells_every_table_and_column(tables):
    kinds = {
        "text": "string", "integer": "int32", "big integer": "int64", "score": "double", "boolean": "bool",
        "date": "date32[day]", "timestamp": "timestamp[us, tz=UTC]",
    }  # fmt: skip
    told = names()
    assert sorted(told) == sorted(path.stem for path in tables.iterdir())
    for name, columns in told.items():
        schema = pyarrow.parquet.read_schema(tables / f"{name}.parquet")
        assert [(field.name, str(field.type), field.nullable) for field in schema] == [
            (column, kinds[kind], null) for column, kind, null in columns
        ], name


def test_counts_are_those_of_the_annotations_in_every_reader(tables, records):
    expected = {table: sum(len(record.get(field) or []) for record in records) for table, field in COUNTED.items()}
    expected["articles"] = len(records)
    expected["evidence"] = sum(len(position["evidence"]) for record in records for position in record["positions"])
    assert all(count > 0 for count in expected.values()), expected
    for table, count in expected.items():
        path = str(tables / f"{table}.parquet")
        assert duckdb.sql(f"SELECT count(*) FROM '{path}'").fetchall() == [(count,)], table
        assert pyarrow.parquet.read_table(path).num_rows == count
        assert len(pandas.read_parquet(path)) == count
        assert polars.read_parquet(path).height == count


def test_places_slice_the_text(tables):
    articles = polars.read_parquet(tables / "articles.parquet")
    text = dict(zip(articles["article"], articles["text"]))
    for table in ["sentences", "mentions", "text_references", "quotes"]:
        rows = polars.read_parquet(tables / f"{table}.parquet").to_dicts()
        assert rows
        for row in rows:
            assert text[row["article"]][row["start_char"] : row["end_char"]] == row["text"], table
    for row in polars.read_parquet(tables / "evidence.parquet").to_dicts():
        body = text[row["article"]]
        assert body[row["sentence_start"] : row["sentence_end"]] == row["text"]
        assert body[row["actor_start"] : row["actor_end"]] == row["actor_text"]
        assert body[row["target_start"] : row["target_end"]] == row["target_text"]
        assert row["cue"] is None or body[row["cue_start"] : row["cue_end"]] == row["cue"]


def test_keys_join_and_tell_rows_apart(tables):
    of = lambda table: f"'{tables / table}.parquet'"
    told = {name: [column for column, *_ in columns] for name, columns in names().items()}
    for table in told:
        keys = re.search(rf"^### `{table}`\n.*?Key: (.*?)\.$", (ROOT / "docs/tables.md").read_text(), flags=re.M | re.S).group(1)
        keys = keys.replace("`", "")
        rows, apart = duckdb.sql(f"SELECT count(*), count(DISTINCT ({keys})) FROM {of(table)}").fetchall()[0]
        assert rows == apart, table
        orphans = f"SELECT count(*) FROM {of(table)} WHERE article NOT IN (SELECT article FROM {of('articles')})"
        assert duckdb.sql(orphans).fetchall() == [(0,)], table
    links = [
        ("mentions", "entity", "entities", "entity"),
        ("mentions", "sentence", "sentences", "sentence"),
        ("positions", "actor_entity", "entities", "entity"),
        ("evidence", "position", "positions", "position"),
        ("evidence", "sentence", "sentences", "sentence"),
        ("evidence", "actor_mention", "mentions", "mention"),
        ("evidence", "target_reference", "text_references", "reference"),
        ("quotes", "speaker_entity", "entities", "entity"),
        ("roll_up_positions", "position", "positions", "position"),
        ("watch_mentions", "mention", "mentions", "mention"),
        ("claim_stances", "actor_entity", "entities", "entity"),
    ]
    for table, column, other, key in links:
        lost = duckdb.sql(
            f"SELECT count(*) FROM {of(table)} a ANTI JOIN {of(other)} b ON a.article = b.article AND a.{column} = b.{key} "
            f"WHERE a.{column} IS NOT NULL"
        )
        assert lost.fetchall() == [(0,)], (table, column)


def test_values_are_those_of_the_annotations(tables, records):
    rows = duckdb.sql(
        f"SELECT a.id, p.actor, p.stance, p.target, p.score FROM '{tables}/positions.parquet' p JOIN '{tables}/articles.parquet' a "
        "USING (article) ORDER BY a.source_path, a.source_record, p.position"
    ).fetchall()
    expected = [
        (record["id"], position["actor"], position["stance"], position["target"], position["score"])
        for record in sorted(records, key=lambda record: (record["source"]["path"], record["source"]["record"]))
        for position in record["positions"]
    ]
    assert rows == expected


@pytest.fixture(scope="module")
def odd(work, records):
    """An annotation whose texts are a trial for every format."""
    record = json.loads(json.dumps(next(record for record in records if record["positions"])))
    record["id"] = "=cmd|' /C calc'!A0"
    record["title"] = "“quoted”, \"doubly\"\r\nand 👩‍👩‍👧 e\u0301 \u202e RTL"
    record["outlet"] = ""
    record["url"] = None
    record["published"] = "2026-01-31T23:30:00-05:00"
    path = work / "odd.jsonl"
    path.write_text(json.dumps(record) + "\n")
    return path, record


def test_dates_are_typed(work, odd, demarche):
    demarche("export", "parquet", odd[0], "-o", work / "odd")
    row = polars.read_parquet(work / "odd/articles.parquet").to_dicts()[0]
    assert row["published"] == "2026-01-31T23:30:00-05:00"
    assert row["published_on"] == datetime.date(2026, 1, 31)
    assert row["published_at"] == datetime.datetime(2026, 2, 1, 4, 30, tzinfo=datetime.timezone.utc)
    assert row["title"] == odd[1]["title"] and row["outlet"] == "" and row["url"] is None
    assert pandas.read_parquet(work / "odd/articles.parquet")["published_at"][0] == pandas.Timestamp("2026-02-01 04:30", tz="UTC")


def test_csv_is_read_alike_by_others(work, odd, demarche):
    demarche("export", "csv", odd[0], "-o", work / "csv")
    demarche("export", "csv", odd[0], "-o", work / "plain", "--verbatim", "--compress", "zst")
    with open(work / "csv/articles.csv", newline="", encoding="utf-8") as file:
        row = next(csv.DictReader(file))
    assert row["id"] == "'" + odd[1]["id"] and row["title"] == odd[1]["title"]
    (verbatim,) = duckdb.sql(f"SELECT id FROM '{work}/plain/articles.csv.zst'").fetchall()
    assert verbatim == (odd[1]["id"],)
    (read,) = duckdb.sql(
        f"SELECT title, outlet, url, published_on, text FROM read_csv('{work}/plain/articles.csv.zst', allow_quoted_nulls = false)"
    ).fetchall()
    assert read == (odd[1]["title"], "", None, datetime.date(2026, 1, 31), odd[1]["text"])


def test_csv_has_the_rows_of_parquet(work, annotations, tables, demarche):
    demarche("export", "csv", annotations, "-o", work / "all", "--verbatim")
    for name in names():
        parquet = polars.read_parquet(tables / f"{name}.parquet").select(polars.all().cast(polars.String, strict=False))
        text = pandas.read_csv(work / f"all/{name}.csv", dtype=str, keep_default_na=False)
        assert list(text.columns) == parquet.columns and len(text) == parquet.height, name
        for column in {"id", "name", "text", "title", "actor_text", "cue"} & set(parquet.columns):
            assert text[column].tolist() == [value or "" for value in parquet[column]], (name, column)


def test_no_annotations_give_empty_tables(work, demarche):
    (work / "none.jsonl").write_text("")
    demarche("export", "parquet", work / "none.jsonl", "-o", work / "none")
    for name, columns in names().items():
        frame = polars.read_parquet(work / f"none/{name}.parquet")
        assert frame.height == 0 and frame.columns == [column for column, *_ in columns]
        assert duckdb.sql(f"SELECT count(*) FROM '{work}/none/{name}.parquet'").fetchall() == [(0,)]
        assert len(pandas.read_parquet(work / f"none/{name}.parquet")) == 0
