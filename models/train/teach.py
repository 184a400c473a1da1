"""Lets one teacher or several tell their stances, for train_joint.py to learn from.

    python teach.py --data DATA --teacher FOLDER/teacher.pt --tagger FOLDER/tagger.pt --out FOLDER/taught.jsonl

Labelled pairs get a mixture of their label and the teacher's answer. Sentences of the NER sets and of the stance sets whose pairs
nobody has labelled get the teacher's answer alone: those in which it sees a stance, and some of the others. Names come from the
sets' own tags or from a trained tagger. The file holds text and is not for the repository.
"""

import argparse
import json
import random
import re
from dataclasses import asdict
from itertools import combinations
from pathlib import Path

import torch

from encoder import SHAPES
from learn import DEVICE, autocast, load
from pairs import read_pairs
from stance_rows import UNTOLD, Told, distributions, labelled, marked, stance_texts
from subwords import Subwords
from train_joint import Both
from train_ner import WORD, Tagger, TagRow, encode as encode_tags, predict, read_rows, spans

SHARE = {"world": 0.65, "own": 0.65, "referring": 0.65, "articles": 0.65, "crowd": 0.5, "unlabelled": 0}  # the label's, in the mixture with the answer
SEEN = 0.15  # an unlabelled sentence is kept if some stance is as probable, or by a draw
DRAWN = 0.15


def unlabelled(data, tagger, subwords, known):
    """The sentences of public sets that stand in no labelled row, with all pairs of their names; those of the crowd's sentences too."""
    tagged = [r for s in ("worldwide", "conllpp") for r in read_rows(data / "ner" / s / "train.jsonl", s)]
    texts = stance_texts(data)
    known |= {bare(p.text) for p in read_pairs(data / "stance/directed/dev.jsonl")}
    words = [[(m.start(), m.end()) for m in WORD.finditer(text)] for text in texts]
    found = predict(tagger, encode_tags([TagRow([t[s:e] for s, e in w], ["O"] * len(w), "told") for t, w in zip(texts, words)], subwords))
    rows = [(text, [(w[s][0], w[e - 1][1]) for s, e, _ in sorted(spans(labels))]) for text, w, labels in zip(texts, words, found)]
    for tokens, tags, *_ in tagged:
        at = [0]
        for token in tokens:
            at.append(at[-1] + len(token) + 1)
        rows.append((" ".join(tokens), [(at[s], at[e] - 1) for s, e, _ in sorted(spans(tags))]))
    for text, names in rows:
        pairs = [(a, b, (UNTOLD, UNTOLD)) for a, b in combinations(names, 2) if text[slice(*a)].lower() != text[slice(*b)].lower()]
        if pairs and len(names) <= 10 and 40 <= len(text) <= 500 and bare(text) not in known:
            yield Told(text, pairs, "unlabelled")


def bare(text):
    """A text without its spaces and marks, to tell whether two sets hold the same."""
    return re.sub(r"\W", "", text)


def mixed(stance, answer, share):
    """The label of a direction, a stance or a distribution, with an answer; the answer alone where nothing is told."""
    if stance == UNTOLD:
        return [round(p, 4) for p in answer]
    label = stance if isinstance(stance, list) else [float(number == stance) for number in range(len(answer))]
    return [round(share * told + (1 - share) * p, 4) for told, p in zip(label, answer)]


def teach(models, rows, subwords):
    """The rows with the teachers' answers mixed in, the mean of their probabilities. They read the sentence alone."""
    encoded = marked([Told(row.text, row.asked, row.kind) for row in rows if row.asked], subwords)
    with autocast():
        answers = [distributions(model, encoded) for model in models]
    for row, *ways in zip((row for row in rows if row.asked), *answers):
        told = torch.stack(ways).exp().mean(0).tolist()
        row.asked = [(a, b, [mixed(s, t, SHARE[row.kind]) for s, t in zip(stances, both)]) for (a, b, stances), both in zip(row.asked, told)]
        yield row


def load_teacher(path):
    saved = load(path)
    model = Both(Tagger(SHAPES[saved["shape"]]), saved["depth"]).to(DEVICE)
    model.load_state_dict(saved["model"])
    return model.eval()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("data", "tagger", "out"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--teacher", type=Path, nargs="+", required=True)
    parser.add_argument("--part", default="0/1", help="of the rows every n-th from the k-th, as k/n: parts may be told at a time, and their files joined")
    args = parser.parse_args()
    rng = random.Random(7)
    subwords = Subwords()
    models = [load_teacher(path) for path in args.teacher]
    tagger = Tagger().to(DEVICE)
    tagger.load_state_dict(load(args.tagger))
    rows = labelled(args.data)
    known = {bare(row.text) for row in rows if row.kind != "crowd"}
    more = list(unlabelled(args.data, tagger, subwords, known))
    part, parts = map(int, args.part.split("/"))
    with open(args.out, "w", encoding="utf-8") as out:
        counts = {}
        for row in teach(models, (rows + more)[part::parts], subwords):
            if row.kind == "unlabelled" and max(sum(way[1:]) for *_, ways in row.asked for way in ways) < SEEN and rng.random() > DRAWN:
                continue
            counts[row.kind] = counts.get(row.kind, 0) + 1
            out.write(json.dumps(asdict(row), ensure_ascii=False) + "\n")
    print(json.dumps(counts))


if __name__ == "__main__":
    main()
