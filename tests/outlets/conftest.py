"""What the tests of outlets share: the program, annotations, a folder of tables, a PostgreSQL server.

They run the release binary, or what $DEMARCHE names.
"""

import glob
import json
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DEMARCHE = os.environ.get("DEMARCHE", str(ROOT / "target/release/demarche"))


def run(*args, status=0, cwd=ROOT, env=None, **more):
    """Runs the program; gives its standard output. What it says on standard error is in the failure."""
    done = subprocess.run(
        [DEMARCHE, *map(str, args)], cwd=cwd, env={**os.environ, **(env or {})}, capture_output=True, text=True, **more
    )
    assert done.returncode == status, f"exit {done.returncode}: {done.stderr}"
    return done.stdout


@pytest.fixture(scope="session")
def demarche():
    """The program as a function of its arguments."""
    return run


@pytest.fixture(scope="session")
def work(tmp_path_factory):
    """A folder for the session."""
    return tmp_path_factory.mktemp("outlets")


@pytest.fixture(scope="session")
def annotations(work):
    """Annotations of the sample articles with everything in them: bodies, countries, watched targets, claims."""
    output = work / "annotations.jsonl"
    run("annotate", "corpus/articles", "-o", output, "--include", "text", "--roll-up", "country", "--targets", "corpus/targets.toml")
    return output


@pytest.fixture(scope="session")
def records(annotations):
    """The same, read."""
    return [json.loads(line) for line in annotations.read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="session")
def tables(work, annotations):
    """The folder of their Parquet files."""
    output = work / "tables"
    run("export", "parquet", annotations, "-o", output)
    return output


class Server:
    """A PostgreSQL server of this session: a folder and a port of its own, a user with a password."""

    user, password, name = "reader", "s3cret pass/word", "news"

    def __init__(self):
        found = sorted(glob.glob("/usr/lib/postgresql/*/bin/initdb")) or [shutil.which("initdb") or ""]
        if not os.path.exists(found[-1]):
            pytest.fail("PostgreSQL is missing: tests/outlets/setup.sh installs it")
        self.programs = Path(found[-1]).parent
        self.folder = Path(tempfile.mkdtemp(prefix="outlets-"))
        # The server refuses root.
        self.root = os.getuid() == 0
        if self.root:
            owner = pwd.getpwnam("postgres")
            os.chown(self.folder, owner.pw_uid, owner.pw_gid)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        secret = self.folder / "password"
        secret.write_text(self.password)
        if self.root:
            os.chown(secret, owner.pw_uid, owner.pw_gid)
        self.run("initdb", "-D", "data", "-U", self.user, "-A", "scram-sha-256", "--pwfile", "password", "-E", "UTF8", "--no-sync")
        # Neither its log nor its socket stands where others look.
        options = f"-p {self.port} -k {self.folder} -c listen_addresses=127.0.0.1 -c fsync=off -c log_statement=all"
        self.run("pg_ctl", "-D", "data", "-w", "-l", "log", "-o", options, "start")
        self.query(f"CREATE DATABASE {self.name}", database="postgres")

    def run(self, program, *args):
        command = [str(self.programs / program), *args]
        if self.root:
            command = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", *command]
        subprocess.run(command, cwd=self.folder, check=True, stdout=subprocess.DEVNULL)

    def stop(self):
        self.run("pg_ctl", "-D", "data", "-m", "immediate", "stop")
        shutil.rmtree(self.folder, ignore_errors=True)

    def connect(self, database=None):
        import psycopg

        return psycopg.connect(
            host="127.0.0.1", port=self.port, user=self.user, password=self.password, dbname=database or self.name, autocommit=True
        )

    def query(self, sql, *values, database=None):
        """The rows of a statement; of one that has none, an empty list."""
        with self.connect(database) as connection:
            cursor = connection.execute(sql, values or None)
            return cursor.fetchall() if cursor.description else []

    def environment(self):
        """The server, as the variables that every client of PostgreSQL knows."""
        place = {"PGHOST": "127.0.0.1", "PGPORT": str(self.port), "PGDATABASE": self.name}
        return {**place, "PGUSER": self.user, "PGPASSWORD": self.password}


@pytest.fixture(scope="session")
def server():
    server = Server()
    yield server
    server.stop()
