"""The tables in a real PostgreSQL: made, migrated, filled; done again, broken off, annotated anew."""

import json
import os
import signal
import subprocess
import time

import polars
import pytest
from conftest import DEMARCHE, ROOT
from test_tables import names


def count(server, table, schema="demarche"):
    return server.query(f'SELECT count(*) FROM "{schema}".{table}')[0][0]


def url(server):
    return f"postgres://{server.user}:s3cret%20pass%2Fword@127.0.0.1:{server.port}/{server.name}"


def test_tables_are_filled_once_however_often(server, annotations, tables, demarche):
    for _ in range(2):
        demarche("export", "postgres", annotations, env=server.environment())
    for name, columns in names().items():
        frame = polars.read_parquet(tables / f"{name}.parquet")
        assert count(server, name) == frame.height, name
        found = server.query(
            "SELECT column_name, is_nullable = 'YES' FROM information_schema.columns WHERE table_schema = 'demarche' "
            "AND table_name = %s AND column_name <> 'digest' ORDER BY ordinal_position",
            name,
        )
        assert found == [(column, null) for column, _, null in columns], name
        # The values too, row by row.
        told = ", ".join(column for column, *_ in columns)
        rows = server.query(f"SELECT {told} FROM demarche.{name}")
        by_key = lambda row: repr(row[:3])
        assert sorted(rows, key=by_key) == sorted(frame.iter_rows(), key=by_key), name


def test_an_article_that_was_annotated_anew_is_replaced(server, work, records, demarche):
    schema = "anew"
    to = ["--url", url(server), "--schema", schema]
    first = [json.dumps(record) for record in records]
    (work / "first.jsonl").write_text("\n".join(first))
    demarche("export", "postgres", work / "first.jsonl", *to)
    before = {table: count(server, table, schema) for table in names()}
    changed = json.loads(first[0])
    assert changed["positions"]
    changed["positions"] = []
    changed["roll_up"] = []
    changed["watch"] = []
    (work / "second.jsonl").write_text(json.dumps(changed))
    done = subprocess.run(
        [DEMARCHE, "export", "postgres", work / "second.jsonl", *to], capture_output=True, text=True, check=True
    )
    assert "0 articles new, 1 replaced, 0 there already" in done.stderr
    after = {table: count(server, table, schema) for table in names()}
    assert after["articles"] == before["articles"] and after["mentions"] == before["mentions"]
    assert after["positions"] == before["positions"] - len(records[0]["positions"])
    # Back again, with the two of them in one run: the later one counts, as of two runs.
    (work / "both.jsonl").write_text(json.dumps(changed) + "\n" + first[0] + "\n")
    demarche("export", "postgres", work / "both.jsonl", *to)
    assert {table: count(server, table, schema) for table in names()} == before


def test_a_text_that_is_there_stays(server, work, demarche):
    to = ["--url", url(server), "--schema", "texts"]
    subprocess.run([DEMARCHE, "annotate", "corpus/articles/bagram-statement.txt", "-o", work / "bare.jsonl"], cwd=ROOT, check=True)
    texts = lambda: server.query("SELECT count(*) FROM texts.sentences WHERE text IS NOT NULL")[0][0]
    demarche("export", "postgres", work / "bare.jsonl", *to)
    assert texts() == 0
    demarche("export", "postgres", work / "bare.jsonl", *to, "--articles", "corpus/articles/bagram-statement.txt")
    assert texts() > 0
    demarche("export", "postgres", work / "bare.jsonl", *to)
    assert texts() > 0


def test_a_run_that_is_killed_is_ended_by_the_next(server, work, records):
    # Many articles, each with a number of its own.
    path, many = work / "many.jsonl", 6000
    line = json.dumps(records[0])
    with open(path, "w", encoding="utf-8") as file:
        for number in range(many):
            file.write(line.replace('"record": 0', f'"record": {number}', 1) + "\n")
    command = [DEMARCHE, "export", "postgres", path, "--schema", "killed"]
    environment = {**os.environ, **server.environment()}
    there = lambda: server.query("SELECT to_regclass('killed.dated_evidence')")[0][0] and count(server, "articles", "killed")
    child = subprocess.Popen(command, env=environment)
    while not there() and child.poll() is None:
        time.sleep(0.02)
    child.send_signal(signal.SIGKILL)
    child.wait()
    first = there()
    assert 0 < first < many, "it was killed too early or too late"
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert f"{many - first} articles new, 0 replaced, {first} there already" in done.stderr
    assert count(server, "articles", "killed") == many
    assert count(server, "positions", "killed") == many * len(records[0]["positions"])


def test_two_runs_at_once_write_each_article_once(server, work, annotations, records):
    command = [DEMARCHE, "export", "postgres", annotations, "--schema", "twice"]
    runs = [subprocess.Popen(command, env={**os.environ, **server.environment()}) for _ in range(3)]
    assert [run.wait() for run in runs] == [0, 0, 0]
    assert count(server, "articles", "twice") == len(records)


def test_texts_that_no_database_likes(server, work, records, demarche):
    record = json.loads(json.dumps(records[0]))
    record["title"] = "\\.\n\\.\n\\N \u0000 'x'; DROP TABLE articles; -- \"\r\n,👩‍👩‍👧"
    record["outlet"] = ""
    record["published"] = "0000-00-00"
    (work / "odd.jsonl").write_text(json.dumps(record))
    demarche("export", "postgres", work / "odd.jsonl", "--url", url(server), "--schema", 'odd "schema"')
    row = server.query('SELECT title, outlet, published, published_at, url FROM "odd ""schema""".articles')[0]
    assert row == (record["title"].replace("\u0000", "\ufffd"), "", "0000-00-00", None, record["url"])


def test_older_tables_are_migrated_and_newer_ones_left_alone(server, annotations, tables, demarche):
    first = (ROOT / "src/export/tables/postgres/1.sql").read_text(encoding="utf-8")
    with server.connect() as connection:
        connection.execute("CREATE SCHEMA old")
        connection.execute("SET search_path TO old")
        connection.execute(
            "CREATE TABLE schema_version (version integer PRIMARY KEY, tool text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())"
        )
        connection.execute("INSERT INTO schema_version VALUES (1, 'demarche 0.0')")
        connection.execute(first)
    demarche("export", "postgres", annotations, "--schema", "old", env=server.environment())
    versions = [version for version, in server.query("SELECT version FROM old.schema_version ORDER BY 1")]
    assert versions == list(range(1, len(versions) + 1)) and len(versions) >= 2
    assert count(server, "dated_positions", "old") == count(server, "positions", "old") > 0
    server.query("INSERT INTO old.schema_version VALUES (999, 'demarche 99')")
    done = subprocess.run(
        [DEMARCHE, "export", "postgres", annotations, "--schema", "old", "--url", url(server)], capture_output=True, text=True
    )
    assert done.returncode == 1 and "version 999" in done.stderr


@pytest.mark.parametrize("bad", ["postgres://u:HIDDEN@127.0.0.1:1/x", "postgres://u:HIDDEN@127.0.0.1:x/x", "post gres://u:HIDDEN"])
def test_a_password_is_never_told(annotations, bad):
    done = subprocess.run([DEMARCHE, "export", "postgres", annotations, "--url", bad], capture_output=True, text=True)
    assert done.returncode == 1 and done.stderr
    assert "HIDDEN" not in done.stderr + done.stdout


def test_a_wrong_password_is_told_as_such(server, annotations):
    environment = {**os.environ, **server.environment(), "PGPASSWORD": "HIDDEN"}
    done = subprocess.run([DEMARCHE, "export", "postgres", annotations], env=environment, capture_output=True, text=True)
    assert done.returncode == 1 and "password authentication failed" in done.stderr and "HIDDEN" not in done.stderr
    assert f"port {server.port}" in done.stderr
