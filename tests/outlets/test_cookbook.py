"""docs/cookbook.md, run: its questions to DuckDB against `demarche query`, pandas and Polars, its SQL in a real PostgreSQL."""

import collections
import contextlib
import io
import json
import re
import shlex

import duckdb
import pytest
from conftest import ROOT

PAGE = (ROOT / "docs/cookbook.md").read_text(encoding="utf-8")
FENCES = re.findall(r"^```(\w+)(?: (\w+))?\n(.*?)^```$", PAGE, flags=re.M | re.S)


def snippets(kind):
    return [text for _, told, text in FENCES if told == kind]


def test_every_snippet_is_of_a_kind_that_is_run():
    assert {(language, kind) for language, kind, _ in FENCES} == {
        ("console", ""), ("sql", "duckdb"), ("sql", "postgres"), ("python", "pandas"), ("python", "polars"),
    }  # fmt: skip


@pytest.fixture(scope="module")
def folder(work, demarche):
    """What the first commands of the page leave behind."""
    folder = work / "cookbook"
    folder.mkdir()
    commands = [shlex.split(line[2:]) for line in FENCES[0][2].splitlines()]
    assert [command[:2] for command in commands] == [["demarche", "annotate"], ["demarche", "export"]]
    (folder / "corpus").symlink_to(ROOT / "corpus")
    for _, *arguments in commands:
        demarche(*arguments, cwd=folder)
    return folder


def questions():
    """The questions to DuckDB: SQL and the arguments of the command that finds the same."""
    found = re.findall(r"^### (\d\..*?)\n.*?^```sql duckdb\n(.*?)^```\n+```console\n\$ demarche (.*?)\n```$", PAGE, flags=re.M | re.S)
    return [pytest.param(sql, shlex.split(command), id=title) for title, sql, command in found]


def test_there_are_five_questions():
    assert len(questions()) == 5


@pytest.mark.parametrize("sql, command", questions())
def test_duckdb_and_query_find_the_same(folder, demarche, monkeypatch, sql, command):
    monkeypatch.chdir(folder)
    found = [json.loads(line) for line in demarche(*command, cwd=folder).splitlines()]
    relation = duckdb.connect().sql(sql)
    names, rows = relation.columns, relation.fetchall()
    assert rows and sum(row[names.index("sentences")] for row in rows) == len(found)
    # What it is counted by is in the lines of the command too, where it is a column of them.
    by = [name for name in names if name in found[0] and name != "text"]
    counted = collections.Counter()
    for row in rows:
        counted[tuple(row[names.index(name)] for name in by)] += row[names.index("sentences")]
    assert by and counted == collections.Counter(tuple(line[name] for name in by) for line in found)


def test_views_answer(folder, monkeypatch):
    monkeypatch.chdir(folder)
    database = duckdb.connect(folder / "news.duckdb")
    database.execute(snippets("duckdb")[-1])
    assert database.execute("SELECT count(*) FROM dated_evidence WHERE published_on IS NOT NULL").fetchall()[0][0] > 0


def python(kind, number, folder, monkeypatch):
    monkeypatch.chdir(folder)
    names = {}
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        exec(snippets(kind)[number], names)
    assert printed.getvalue()
    return names


def test_pandas_makes_a_matrix(folder, monkeypatch):
    names = python("pandas", 0, folder, monkeypatch)
    support, oppose = ((names["positions"]["stance"] == stance).sum() for stance in ["support", "oppose"])
    assert support and oppose and names["matrix"].to_numpy().sum() == support - oppose


def test_pandas_marks_sentences(folder, monkeypatch):
    names = python("pandas", 1, folder, monkeypatch)
    for row, sentence in zip(names["evidence"].to_dict("records"), names["sentences"]):
        assert f"[{row['actor_text']}]" in sentence and f"[{row['target_text']}]" in sentence


def test_polars_gathers(folder, monkeypatch):
    answer = python("polars", 0, folder, monkeypatch)["answer"]
    expected = duckdb.sql("SELECT count(*) FROM 'tables/positions.parquet' WHERE target_country IS NOT NULL AND score >= 0.5")
    assert answer["positions"].sum() == expected.fetchall()[0][0] > 0


def test_sql_of_dashboards_runs(folder, server, demarche):
    demarche("export", "postgres", folder / "annotations.jsonl", "--schema", "demarche", env=server.environment())
    # What Grafana and Metabase put for their own signs.
    filled = lambda sql, target: re.sub(
        r"\[\[(.*?)\]\]", r"\1" if target else "", sql.replace("{{target}}", f"'{target}'")
    ).replace("$__timeFilter(published_at)", "published_at BETWEEN '2025-01-01' AND '2026-12-31'")
    role, *sqls = snippets("postgres")
    server.query(role)
    assert server.query("SELECT has_table_privilege('dashboards', 'demarche.dated_evidence', 'SELECT')") == [(True,)]
    for sql in sqls:
        for target in ["", "USA"]:
            rows = server.query(filled(sql, target))
            assert rows or "changed" in sql, sql
