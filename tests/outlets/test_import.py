"""The correction loop: exported, changed as a person would, imported, scored; and docs/training-data.md, run."""

import contextlib
import copy
import io
import json
import os
import re
import shlex
import subprocess
import sys

import hard
import pytest
from conftest import ROOT
from test_formats import annotated, brat_read, brat_types, lines, records  # noqa: F401

sys.path.insert(0, str(ROOT / "models/train"))

PERFECT = {"p": 1.0, "r": 1.0, "f1": 1.0}


def scores(demarche, annotations, gold):
    report = json.loads(demarche("eval", "articles", annotations, gold, "--json"))
    assert report["missing"] == []
    return {part: {key: report[part][key] for key in ("p", "r", "f1")} for part in ("mentions", "positions")}


def share(part, whole):
    return round(part / whole, 4)


class Change:
    """What a person changes in the first article that has all of it: takes a mention away that no position needs, gives another type to a second one,
    turns a stance round, takes another away."""

    def __init__(self, records):
        self.records = records
        for record in records:
            used = {number for actor, target, _ in hard.stances(record) for number in (actor, target)}
            free = [number for number in range(len(record["mentions"])) if number not in used]
            by_pair = [p for p in record["positions"] if p["stance"] != "none" and len(p["evidence"]) == 1]
            if len(free) >= 2 and len(by_pair) >= 2:
                self.record, self.removed, self.typed, (self.turned, self.dropped) = record, free[0], free[1], by_pair[:2]
                self.type = "MISC" if record["mentions"][free[1]]["type"] != "MISC" else "ORG"
                return
        pytest.fail("no article has enough to change")

    def expected(self, positions=True):
        """The scores of the annotations against what the person made of them."""
        mentions = sum(len(record["mentions"]) for record in self.records)
        held = sum(position["stance"] != "none" for record in self.records for position in record["positions"])
        right = held - 2 if positions else held
        return (
            (share(mentions - 2, mentions), share(mentions - 2, mentions - 1)),
            (share(right, held), share(right, held - 1 if positions else held)),
        )

    def ends(self, position):
        evidence = position["evidence"][0]
        return evidence["actor_mention"], evidence["target_mention"]


@pytest.fixture(scope="module")
def change(records):
    return Change(records)


def check(found, expected):
    for part, (p, r) in zip(("mentions", "positions"), expected):
        assert (found[part]["p"], found[part]["r"]) == (p, r), part


def turned(stance):
    return "oppose" if stance == "support" else "support"


# Label Studio


@pytest.fixture(scope="module")
def tasks(annotated, work, demarche):
    demarche("export", "label-studio", annotated, "-o", work / "loop-tasks")
    tasks = json.loads((work / "loop-tasks/tasks.json").read_text(encoding="utf-8"))
    # What Label Studio exports when somebody has submitted each task as it was.
    for number, task in enumerate(tasks):
        task.update(id=number, annotations=[{"id": number, "was_cancelled": False, "result": copy.deepcopy(task["predictions"][0]["result"])}])
    return tasks


def imported(demarche, work, name, tasks, *options):
    path = work / f"{name}.json"
    path.write_text(json.dumps(tasks, ensure_ascii=False), encoding="utf-8")
    demarche("import", "label-studio", path, "-o", work / f"{name}.gold.jsonl", *options)
    return work / f"{name}.gold.jsonl"


def test_what_nobody_changed_comes_back_from_label_studio(tasks, annotated, work, demarche):
    found = scores(demarche, annotated, imported(demarche, work, "same", tasks))
    assert found == {"mentions": PERFECT, "positions": PERFECT}


def test_label_studio_brings_back_just_the_change(tasks, change, annotated, work, demarche):
    tasks = copy.deepcopy(tasks)
    task = next(task for task in tasks if task["data"]["id"] == change.record["id"])
    result = task["annotations"][0]["result"]
    result[:] = [region for region in result if region.get("id") != f"m{change.removed}"]
    next(region for region in result if region.get("id") == f"m{change.typed}")["value"]["labels"] = [change.type]
    relation = lambda position: next(
        r for r in result if r["type"] == "relation" and (r["from_id"], r["to_id"]) == tuple(f"m{n}" for n in change.ends(position))
    )
    relation(change.turned)["labels"] = [turned(change.turned["stance"])]
    result.remove(relation(change.dropped))
    check(scores(demarche, annotated, imported(demarche, work, "changed", tasks)), change.expected())


def test_tasks_that_nobody_has_worked_on_are_no_gold(tasks, work, demarche):
    some = [{**task, "annotations": []} if number else task for number, task in enumerate(tasks)]
    gold = lines(imported(demarche, work, "some", some))
    assert [row["id"] for row in gold] == [tasks[0]["data"]["id"]]
    (work / "none.json").write_text(json.dumps(some[1:]), encoding="utf-8")
    demarche("import", "label-studio", work / "none.json", "-o", work / "none.jsonl", status=1)
    assert not (work / "none.jsonl").exists()


# brat


@pytest.fixture
def brat(annotated, tmp_path, demarche):
    demarche("export", "brat", annotated, "-o", tmp_path / "brat")
    return tmp_path / "brat"


def test_what_nobody_changed_comes_back_from_brat(brat, annotated, records, work, demarche):
    demarche("import", "brat", brat, "-o", work / "brat.jsonl")
    assert scores(demarche, annotated, work / "brat.jsonl") == {"mentions": PERFECT, "positions": PERFECT}
    assert sorted(row["id"] for row in lines(work / "brat.jsonl")) == sorted(record["id"] for record in records)


def test_brat_brings_back_just_the_change(brat, change, annotated, work, demarche):
    names = dict(reversed(line.split("\t")) for line in (brat / "documents.tsv").read_text(encoding="utf-8").splitlines())
    path = brat / f"{names[change.record['id']]}.ann"
    rows = path.read_bytes().decode("utf-8").split("\n")
    gone, typed = (f"T{number + 1}" for number in (change.removed, change.typed))
    args = lambda position: " Arg1:T{} Arg2:T{}".format(*(number + 1 for number in change.ends(position)))
    out = []
    for row in rows:
        name, _, rest = row.partition("\t")
        if name == gone or row.endswith(args(change.dropped)):
            # brat takes the note away with what it notes; a note that is left does no harm.
            continue
        if name == typed:
            row = f"{name}\t{change.type} {rest.split(' ', 1)[1]}"
        if row.endswith(args(change.turned)):
            row = f"{name}\t{turned(rest.split(' ')[0])}{args(change.turned)}"
        if name == "*":
            members = [member for member in rest.split(" ") if member != gone]
            row = f"*\t{' '.join(members)}"
            if len(members) < 3:
                continue
        out.append(row)
    path.write_bytes("\n".join(out).encode("utf-8"))
    demarche("import", "brat", brat, "-o", work / "brat-changed.jsonl")
    check(scores(demarche, annotated, work / "brat-changed.jsonl"), change.expected())


# CoNLL


def test_columns_bring_back_just_the_change(annotated, change, work, demarche):
    demarche("export", "conll", annotated, "-o", work / "loop.conll")
    demarche("import", "conll", work / "loop.conll", "-o", work / "conll.jsonl", "--annotations", annotated)
    assert scores(demarche, annotated, work / "conll.jsonl") == {"mentions": PERFECT, "positions": PERFECT}
    from urllib.parse import unquote

    place = lambda number: (change.record["mentions"][number]["start"], change.record["mentions"][number]["end"])
    (gone, gone_end), (typed, typed_end) = place(change.removed), place(change.typed)
    out = []
    for row in (work / "loop.conll").read_text(encoding="utf-8").split("\n"):
        if row and not row.startswith("-DOCSTART-"):
            token, _, place, tag = row.split()
            name, start = place.rsplit(":", 1)
            if unquote(name) == change.record["id"]:
                if gone <= int(start) < gone_end:
                    tag = "O"
                if typed <= int(start) < typed_end:
                    tag = tag[:2] + change.type
            row = f"{token} -X- {place} {tag}"
        out.append(row)
    (work / "loop-changed.conll").write_text("\n".join(out), encoding="utf-8")
    demarche("import", "conll", work / "loop-changed.conll", "-o", work / "conll-changed.jsonl", "--annotations", annotated)
    check(scores(demarche, annotated, work / "conll-changed.jsonl"), change.expected(positions=False))


# Training


def test_rows_are_what_training_reads(tasks, records, work, demarche):
    import labels

    imported(demarche, work, "rows", tasks, "--rows", work / "rows.jsonl")
    rows = labels.corrected(work / "rows.jsonl")
    assert len(rows) == sum(len(record["sentences"]) for record in records)
    begun = sum(tag[0] == "B" for _, _, tags, _ in rows for tag in tags)
    assert begun == sum(len(record["mentions"]) for record in records)
    by_id = {record["id"]: record for record in records}
    told = 0
    for doc, tokens, tags, row in rows:
        body = by_id[doc]["text"]
        assert row.before + row.text + row.after in body
        assert "".join(row.text.split()) == "".join("".join(token.split()) for token in tokens)
        assert len(row.mentions) == sum(tag[0] == "B" for tag in tags)
        told += sum(any(stances) for *_, stances in row.pairs())
    assert told > 50


def test_columns_tell_nothing_of_stances(annotated, work, demarche):
    import labels

    demarche("export", "conll", annotated, "-o", work / "tags.conll")
    demarche("import", "conll", work / "tags.conll", "-o", work / "tags.gold.jsonl", "--rows", work / "tags.jsonl")
    assert {row for *_, row in labels.corrected(work / "tags.jsonl")} == {None}


@pytest.mark.parametrize("row", [{"text": "a"}, {"doc": "a", "text": "ab", "tokens": ["ab"], "tags": ["O"], "mentions": [[0, 9, 0]]}])
def test_rows_that_are_none_are_told(row, tmp_path):
    import labels

    (tmp_path / "rows.jsonl").write_text(json.dumps(row) + "\n", encoding="utf-8")
    with pytest.raises(SystemExit, match="line 1"):
        labels.corrected(tmp_path / "rows.jsonl")


def test_make_train_hands_the_rows_on(tmp_path):
    (tmp_path / "ner").mkdir()
    extra = tmp_path / "rows.jsonl"
    extra.write_text("", encoding="utf-8")
    told = subprocess.run(["make", "-n", "train", f"DATA={tmp_path}", f"EXTRA={extra}"], cwd=ROOT, capture_output=True, text=True, check=True)
    steps = [line for line in told.stdout.splitlines() if f'--extra "{extra}"' in line]
    assert len(steps) == 4 and all("train_ner.py" in line or "train_joint.py" in line for line in steps)
    bare = subprocess.run(["make", "-n", "train", f"DATA={tmp_path}"], cwd=ROOT, capture_output=True, text=True, check=True)
    assert "--extra" not in bare.stdout


# The page

PAGE = (ROOT / "docs/training-data.md").read_text(encoding="utf-8")
FENCES = re.findall(r"^```(\w*)\n(.*?)^```$", PAGE, flags=re.M | re.S)


def submitted(folder):
    """What Label Studio exports when somebody has submitted the page's tasks."""
    tasks = json.loads((folder / "round-1/tasks.json").read_text(encoding="utf-8"))
    for task in tasks:
        task["annotations"] = [{"was_cancelled": False, "result": task["predictions"][0]["result"]}]
    (folder / "export.json").write_text(json.dumps(tasks), encoding="utf-8")


def test_the_page_runs(work, tmp_path, monkeypatch):
    """Every command and every script of the page in the order in which they stand, in one folder; `#` behind a line of a script tells what it prints."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "corpus").symlink_to(ROOT / "corpus")
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf-cache"))
    program = tmp_path / "bin/demarche"
    program.parent.mkdir()
    from conftest import DEMARCHE

    program.symlink_to(os.path.abspath(ROOT / DEMARCHE))
    monkeypatch.setenv("PATH", os.pathsep.join([str(program.parent), os.path.dirname(sys.executable), os.environ["PATH"]]))
    assert {language for language, _ in FENCES} == {"console", "python", "json"}
    ran = 0
    for language, text in FENCES:
        if language == "console":
            for line in text.splitlines():
                assert line.startswith("$ "), line
                if line.startswith("$ make"):
                    continue
                if "export.json" in line:
                    submitted(tmp_path)
                done = subprocess.run(shlex.split(line[2:], comments=True), capture_output=True, text=True)
                assert done.returncode == 0, f"{line}: {done.stderr}"
                ran += 1
        elif language == "python":
            printed = io.StringIO()
            with contextlib.redirect_stdout(printed):
                exec(compile(text, "training-data.md", "exec"), {})
            told = [line.partition("  # ")[2] for line in text.splitlines() if "print(" in line]
            assert printed.getvalue().splitlines() == told
            ran += 1
        else:
            json.loads(text)
    assert ran > 15
