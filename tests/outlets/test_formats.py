"""Training data, opened by what reads it: spaCy, Hugging Face datasets, Label Studio's own interface, the rules of brat, our training's reader."""

import collections
import contextlib
import json
import random
import re
import subprocess
import sys

import hard
import pytest
from conftest import ROOT

sys.path.insert(0, str(ROOT / "models/train"))

SPLIT = "train:0.6,dev:0.2,test:0.2"
FORMATS = ("conll", "spacy", "brat", "label-studio", "prodigy", "hf", "pairs")


@pytest.fixture(scope="module")
def annotated(work, demarche):
    """Annotations of the sample articles and of the hard ones, with their texts."""
    output = work / "training.jsonl"
    articles = hard.write(work / "hard.jsonl")
    demarche("annotate", "corpus/articles", articles, "-o", output, "--include", "text")
    return output


@pytest.fixture(scope="module")
def records(annotated):
    records = [json.loads(line) for line in annotated.read_text(encoding="utf-8").splitlines()]
    told = [record for record in records if record["id"] in hard.TEXTS]
    # The hard articles are hard only if something is found in them, behind the characters that make them so.
    assert len(told) == 4 and all(hard.body(record) == hard.TEXTS[record["id"]] for record in told)
    for record in told[:3]:
        assert len(record["mentions"]) > 4 and hard.stances(record), record["id"]
        assert any(ord(c) > 127 or c in "\r\t" for c in record["text"][: record["mentions"][-1]["start"]])
    return records


@pytest.fixture(scope="module")
def exported(work, annotated, demarche):
    """What is exported, by format."""
    folder = work / "training"
    folder.mkdir()
    for name in FORMATS:
        demarche("export", name, annotated, "-o", folder / name)
    return folder


def lines(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line]


# spaCy


@pytest.fixture(scope="module")
def vocab():
    import spacy

    return spacy.blank("en").vocab


def same(doc, record):
    assert doc.text == hard.body(record)
    assert [(span.start_char, span.end_char, span.label_) for span in doc.ents] == hard.names(record)


def converted(path, folder, *options):
    folder.mkdir(exist_ok=True)
    subprocess.run([sys.executable, "-m", "spacy", "convert", path, folder, *options], check=True, capture_output=True)
    from spacy.tokens import DocBin

    return DocBin().from_disk(next(folder.glob("*.spacy")))


def test_spacy_converts_to_docs_with_the_same_text_and_spans(exported, records, vocab, work):
    (work / "news.json").write_bytes((exported / "spacy").read_bytes())
    docs = list(converted(work / "news.json", work / "convert").get_docs(vocab))
    assert len(docs) == len(records)
    for doc, record in zip(docs, records):
        same(doc, record)
        # Sentences begin where ours do; white space between two belongs to the first.
        starts = [next(token for token in sentence if not token.is_space).idx for sentence in doc.sents]
        assert starts == [sentence["start"] for sentence in record["sentences"]]


def test_spacy_makes_docs_of_the_same_objects(exported, records, vocab):
    from spacy.tokens import Doc

    for value, record in zip(json.loads((exported / "spacy").read_text(encoding="utf-8")), records, strict=True):
        doc = Doc(vocab).from_json(value, validate=True)
        same(doc, record)
        assert [span.kb_id_ for span in doc.spans["mentions"]] == [record["entities"][m["entity"]]["key"] for m in record["mentions"]]
        told = {(position["actor"], position["target"], position["stance"]) for position in value["positions"]}
        assert (value["id"], told) == (record["id"], hard.stances(record))


def test_spacy_trains_on_it(exported, records, vocab, work):
    """One step of a tagger: no misaligned or crossing entity, as these would be told here."""
    import spacy
    from spacy.training import Example

    nlp = spacy.blank("en")
    nlp.add_pipe("ner")
    docs = list(converted(work / "news.json", work / "convert").get_docs(nlp.vocab))
    examples = [Example(nlp.make_doc(doc.text), doc) for doc in docs]
    nlp.initialize(lambda: examples)
    assert nlp.update(examples[:2])["ner"] > 0
    assert set(nlp.get_pipe("ner").labels) == {label for record in records for *_, label in hard.names(record)}


def test_spacy_reads_the_columns(exported, records, vocab, work):
    docs = list(converted(exported / "conll", work / "columns", "-c", "ner").get_docs(vocab))
    assert len(docs) == len(records)
    for doc, record in zip(docs, records):
        found = [("".join(span.text.split()), span.label_) for span in doc.ents]
        assert found == [("".join(mention["text"].split()), mention["type"]) for mention in record["mentions"]]
        assert len(list(doc.sents)) == len(record["sentences"])


def test_columns_give_places(exported, records):
    bodies = {record["id"]: hard.body(record) for record in records}
    from urllib.parse import unquote

    rows = [line.split() for line in (exported / "conll").read_text(encoding="utf-8").split("\n") if line]
    for token, _, place, _ in (row for row in rows if row[0] != "-DOCSTART-"):
        name, start = place.rsplit(":", 1)
        assert bodies[unquote(name)][int(start) :].startswith(token)


# Prodigy


def test_prodigy_tasks_have_tokens_that_spacy_takes(exported, records, vocab):
    from spacy.tokens import Doc

    for task, record in zip(lines(exported / "prodigy"), records, strict=True):
        tokens = task["tokens"]
        doc = Doc(vocab, words=[token["text"] for token in tokens], spaces=[token["ws"] for token in tokens])
        assert doc.text == task["text"] == hard.body(record)
        assert [token["id"] for token in tokens] == list(range(len(tokens)))
        spans = [doc[span["token_start"] : span["token_end"] + 1] for span in task["spans"]]
        assert [(span.start_char, span.end_char) for span in spans] == [(s["start"], s["end"]) for s in task["spans"]]
        assert [(s["start"], s["end"], s["label"]) for s in task["spans"]] == hard.names(record)
        places = {(mention["start"], mention["end"]): number for number, mention in enumerate(record["mentions"])}
        told = set()
        for relation in task["relations"]:
            head, child = relation["head_span"], relation["child_span"]
            assert (relation["head"], relation["child"]) == (head["token_end"], child["token_end"])
            told.add((places[head["start"], head["end"]], places[child["start"], child["end"]], relation["label"]))
        assert told == hard.stances(record)


# Label Studio


def test_label_studio_takes_configuration_and_tasks(exported, records):
    from label_studio_sdk.label_interface import LabelInterface

    interface = LabelInterface((exported / "label-studio/config.xml").read_text(encoding="utf-8"))
    interface.validate()
    tasks = json.loads((exported / "label-studio/tasks.json").read_text(encoding="utf-8"))
    assert len(tasks) == len(records)
    for task, record in zip(tasks, records):
        (prediction,) = task["predictions"]
        assert interface.validate_prediction(prediction, return_errors=True) == []
        assert task["data"]["text"] == hard.body(record)
        regions = [region for region in prediction["result"] if region["type"] == "labels"]
        values = [region["value"] for region in regions]
        assert [(value["start"], value["end"], *value["labels"]) for value in values] == hard.names(record)
        assert all(task["data"]["text"][value["start"] : value["end"]] == value["text"] for value in values)
        assert [region["score"] for region in regions] == [mention["score"] for mention in record["mentions"]]
        relations = [region for region in prediction["result"] if region["type"] == "relation"]
        told = {(int(r["from_id"][1:]), int(r["to_id"][1:]), *r["labels"]) for r in relations}
        assert told == hard.stances(record)


def test_label_studio_refuses_what_is_wrong(exported):
    """The check above can fail."""
    from label_studio_sdk.label_interface import LabelInterface

    interface = LabelInterface((exported / "label-studio/config.xml").read_text(encoding="utf-8"))
    task = json.loads((exported / "label-studio/tasks.json").read_text(encoding="utf-8"))[0]
    task["predictions"][0]["result"][0]["value"]["labels"] = ["PLANET"]
    assert interface.validate_prediction(task["predictions"][0], return_errors=True)


# brat


def brat_types(folder):
    """The types that annotation.conf declares, by section."""
    types, section = collections.defaultdict(set), None
    for line in (folder / "annotation.conf").read_text(encoding="utf-8").splitlines():
        if match := re.fullmatch(r"\[(\w+)\]", line):
            section = match[1]
        elif line.strip():
            types[section].add(line.split()[0])
    return types


def brat_read(path, types):
    """Text, mentions, relations and sets of a document, by the rules of brat's standoff format; what breaks one fails."""
    # brat reads the bytes as UTF-8 and no more: line ends count as they are.
    text = path.with_suffix(".txt").read_bytes().decode("utf-8")
    mentions, relations, sets, seen = {}, [], [], set()
    # It parts lines where Python does, which is at more than line feeds.
    for line in path.read_bytes().decode("utf-8").splitlines():
        name, rest = line.split("\t", 1)
        assert name == "*" or re.fullmatch(r"[TR#]\d+", name) and name not in seen
        seen.add(name)
        if name[0] == "T":
            where, told = rest.split("\t")
            kind, spans = where.split(" ", 1)
            spans = [tuple(map(int, span.split(" "))) for span in spans.split(";")]
            assert kind in types["entities"]
            assert all(0 <= start < end <= len(text) for start, end in spans)
            assert all(before[1] < after[0] for before, after in zip(spans, spans[1:]))
            assert " ".join(text[start:end] for start, end in spans) == told
            mentions[name] = (spans[0][0], spans[-1][1], kind)
        elif name[0] == "R":
            kind, *ends = rest.rstrip().split(" ")
            assert kind in types["relations"] and [end.split(":")[0] for end in ends] == ["Arg1", "Arg2"]
            relations.append((kind, *(end.split(":")[1] for end in ends)))
        elif name == "*":
            kind, *members = rest.split(" ")
            assert kind in types["relations"] and len(members) > 1
            sets.append(members)
    assert {end for _, *ends in relations for end in ends} | {name for names in sets for name in names} <= mentions.keys()
    return text, mentions, relations, sets


def test_brat_documents_keep_its_rules(exported, records):
    folder = exported / "brat"
    types = brat_types(folder)
    names = dict(line.split("\t") for line in (folder / "documents.tsv").read_text(encoding="utf-8").splitlines())
    from urllib.parse import unquote

    by_id = {unquote(name): path for path, name in names.items()}
    assert len(list(folder.glob("*.ann"))) == len(records)
    for record in records:
        text, mentions, relations, sets = brat_read(folder / f"{by_id[record['id']]}.ann", types)
        assert text == hard.body(record)
        assert list(mentions.values()) == hard.names(record)
        number = lambda name: int(name[1:]) - 1
        assert {(number(actor), number(target), kind) for kind, actor, target in relations} == hard.stances(record)
        entities = {tuple(entity["mentions"]) for entity in record["entities"] if len(entity["mentions"]) > 1}
        assert {tuple(map(number, names)) for names in sets} == entities


# Hugging Face


def load(folder, name, cache):
    import datasets

    datasets.disable_progress_bars()
    return datasets.load_dataset(str(folder), name, cache_dir=str(cache))


def test_datasets_loads_articles_sentences_and_pairs(exported, records, work):
    articles = load(exported / "hf", "articles", work / "cache")["train"]
    assert load(exported / "hf", None, work / "cache")["train"].features == articles.features
    for row, record in zip(articles, records, strict=True):
        assert (row["id"], row["text"], row["outlet"]) == (record["id"], hard.body(record), record["outlet"])
        assert [(m["start"], m["end"], m["type"]) for m in row["mentions"]] == hard.names(record)
        assert [m["score"] for m in row["mentions"]] == [m["score"] for m in record["mentions"]]
        assert {(p["actor_mention"], p["target_mention"], p["stance"]) for p in row["positions"]} == hard.stances(record)
        assert row["sentences"] == record["sentences"]
    sentences = load(exported / "hf", "sentences", work / "cache")["train"]
    label = sentences.features["ner_tags"].feature.int2str
    found = collections.Counter(label(tag)[2:] for row in sentences for tag in row["ner_tags"] if label(tag)[0] == "B")
    assert found == collections.Counter(kind for record in records for *_, kind in hard.names(record))
    assert sum(len(record["sentences"]) for record in records) == len(sentences)
    pairs = load(exported / "hf", "pairs", work / "cache")["train"]
    kept = [{key: value for key, value in row.items() if value is not None} for row in pairs]
    assert kept == lines(exported / "pairs")


def test_datasets_loads_parts(annotated, work, demarche, records):
    folder = work / "hf-parts"
    demarche("export", "hf", annotated, "-o", folder, "--split", "train:0.8,validation:0.1,test:0.1,rest:0.0001")
    loaded = load(folder, "articles", work / "cache")
    assert "rest" not in loaded and sum(len(part) for part in loaded.values()) == len(records)


# Our own training


def test_pairs_are_what_training_and_eval_read(exported, records, demarche, work):
    from pairs import STANCES, read_pairs

    rows, bodies = lines(exported / "pairs"), {record["id"]: hard.body(record) for record in records}
    pairs = read_pairs(exported / "pairs")
    assert len(pairs) == len(rows) > 300
    told = collections.Counter()
    for row, pair in zip(rows, pairs):
        assert pair.text == row["text"] and pair.text in bodies[row["doc"]]
        assert 0 <= pair.a[0] < pair.a[1] <= pair.b[0] < pair.b[1] <= len(pair.text)
        told[STANCES[pair.a_to_b]] += 1
    # Every stance that one sentence tells of two names is in a row.
    for record in records:
        own = [row for row in rows if row["doc"] == record["id"]]
        for actor, target, stance in hard.stances(record):
            ends = [record["mentions"][number] for number in (actor, target)]
            inside = [s for s in record["sentences"] if all(s["start"] <= end["start"] and end["end"] <= s["end"] for end in ends)]
            if inside:
                start = inside[0]["start"]
                places = [[end["start"] - start, end["end"] - start] for end in ends]
                wanted = [(*places, "a_to_b"), (*reversed(places), "b_to_a")]
                assert any(row["a"] == a and row["b"] == b and row[way] == stance for row in own for a, b, way in wanted)
    assert told["support"] > 10 and told["oppose"] > 20 and told["none"] > 100
    (work / "some.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows[:60]), encoding="utf-8")
    report = json.loads(demarche("eval", "stance", work / "some.jsonl", "--json"))
    # The judge's own rows, asked of it once more.
    assert report["rows"] == 60 and report["accuracy"] > 0.9


# Options


@pytest.fixture(scope="module")
def shuffled(annotated, work):
    """The same annotations in another order."""
    rows = annotated.read_text(encoding="utf-8").splitlines(keepends=True)
    random.Random(3).shuffle(rows)
    path = work / "shuffled.jsonl"
    path.write_text("".join(rows), encoding="utf-8")
    return path


def ids(path):
    return sorted({task["meta"]["id"] for task in lines(path)})


def test_parts_are_the_same_in_any_order_and_beside_other_articles(annotated, shuffled, records, work, demarche):
    parts = {}
    for name, path in (("one", annotated), ("two", shuffled)):
        demarche("export", "prodigy", path, "-o", work / f"{name}.jsonl", "--split", SPLIT)
        parts[name] = [ids(work / f"{name}.{part}.jsonl") for part in ("train", "dev", "test")]
    assert parts["one"] == parts["two"] and all(parts["one"])
    assert sorted(sum(parts["one"], [])) == sorted(record["id"] for record in records)
    few = work / "few.jsonl"
    few.write_text("".join(annotated.read_text(encoding="utf-8").splitlines(keepends=True)[:7]), encoding="utf-8")
    demarche("export", "prodigy", few, "-o", work / "few.out.jsonl", "--split", SPLIT)
    for part, whole in zip(("train", "dev", "test"), parts["one"]):
        assert set(ids(work / f"few.out.{part}.jsonl")) <= set(whole)
    # Every format parts them alike.
    demarche("export", "brat", annotated, "-o", work / "brat-parts", "--split", SPLIT)
    assert len(list((work / "brat-parts/train").glob("*.ann"))) == len(parts["one"][0])
    demarche("export", "label-studio", annotated, "-o", work / "tasks-parts", "--split", SPLIT)
    tasks = json.loads((work / "tasks-parts/dev.json").read_text(encoding="utf-8"))
    assert sorted(task["data"]["id"] for task in tasks) == parts["one"][1]


@pytest.mark.parametrize("how", ["uncertain", "random", "diverse"])
def test_samples_are_the_same_in_any_order(how, annotated, shuffled, work, demarche):
    found = []
    for name, path in (("one", annotated), ("two", shuffled)):
        demarche("export", "prodigy", path, "-o", work / f"{how}.{name}.jsonl", "--sample", how, 5)
        found.append(ids(work / f"{how}.{name}.jsonl"))
    assert found[0] == found[1] and len(found[0]) == 5


def test_scores_that_are_too_low_are_left_out(annotated, records, work, demarche):
    demarche("export", "prodigy", annotated, "-o", work / "sure.jsonl", "--min-score", 0.9)
    tasks = lines(work / "sure.jsonl")
    sure = [[m for m in record["mentions"] if m["score"] >= 0.9] for record in records]
    assert [len(task["spans"]) for task in tasks] == [len(mentions) for mentions in sure]
    assert 0 < sum(len(task["relations"]) for task in tasks) < sum(len(hard.stances(record)) for record in records)


def test_copies_are_left_out(annotated, records, work, demarche):
    copies = work / "copies.jsonl"
    copies.write_text("".join(json.dumps({**record, "id": f"copy {record['id']}"}) + "\n" for record in records), encoding="utf-8")
    demarche("export", "prodigy", annotated, copies, "-o", work / "once.jsonl", "--drop-duplicates")
    assert ids(work / "once.jsonl") == sorted(record["id"] for record in records)
    demarche("export", "prodigy", annotated, copies, "-o", work / "twice.jsonl")
    assert len(lines(work / "twice.jsonl")) == 2 * len(records)


def test_texts_come_from_the_articles_too(annotated, records, exported, work, demarche):
    bare = work / "bare.jsonl"
    with bare.open("w", encoding="utf-8") as out:
        for record in records:
            out.write(json.dumps({key: value for key, value in record.items() if key != "text"}) + "\n")
    demarche("export", "conll", bare, "-o", work / "bare.conll")
    demarche("export", "conll", bare, "-o", work / "named.conll", "--articles", "corpus/articles", work / "hard.jsonl")
    for name in ("bare.conll", "named.conll"):
        assert (work / name).read_bytes() == (exported / "conll").read_bytes()


def test_a_text_that_has_changed_is_told_and_the_rest_is_done(records, work, demarche):
    other = work / "other.jsonl"
    other.write_text("no annotation\n" + json.dumps({**records[0], "text": "Another."}) + "\n" + json.dumps(records[1]) + "\n", encoding="utf-8")
    demarche("export", "prodigy", other, "-o", work / "rest.jsonl", status=2)
    assert ids(work / "rest.jsonl") == [records[1]["id"]]
    other.write_text(json.dumps({**records[0], "text": "Another."}) + "\n", encoding="utf-8")
    demarche("export", "prodigy", other, "-o", work / "nothing.jsonl", status=1)
    assert not (work / "nothing.jsonl").exists()


def test_a_folder_in_which_somebody_may_have_worked_is_kept(exported, annotated, demarche):
    before = sorted(path.name for path in (exported / "brat").iterdir())
    with contextlib.suppress(FileNotFoundError):
        demarche("export", "brat", annotated, "-o", exported / "brat", status=1)
    assert sorted(path.name for path in (exported / "brat").iterdir()) == before
