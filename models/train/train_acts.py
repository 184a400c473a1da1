"""Fits the weights by which the finder of acts chooses among cues: coded political relations (stance/plover-pairs) and our own
evidences of worldwide news (labels/acts.jsonl) -> models/acts.tsv.

    python train_acts.py --program demarche --data DATA --out ../acts.tsv
    python train_acts.py --program demarche --data DATA --folds 5      # scores only

A row's cues are those that `demarche eval kinds --features` lists, each as each of its kinds, with the names of their features. A
feature weighs the same in all of them, silence scores 0, and a row is as probable as all its right cues are together: those of the
gold kind and, where the cue is labelled, on it; silence, where there is none. So no cue needs to be labelled in the coded relations.
Their kinds are not quite ours: praise is support there and agree here, promises to work together the other way round, and imposed
sanctions are coerce there. So of a row of agree or support both count as right, and of one of coerce also sanction. Weights start at
zero and nothing is drawn, so nothing depends on chance.

With --folds every row is answered by weights that have not seen its sentence (the relations: shared out by a hash of the text, as in
train_relations.py, with all of our evidences in training) or its document (our evidences, with all relations in training).
"""

import argparse
import hashlib
import json
import math
import subprocess
from collections import Counter
from pathlib import Path

import torch

LABELS = Path(__file__).parent / "labels/acts.jsonl"
EITHER = {"agree": {"agree", "support"}, "support": {"agree", "support"}, "coerce": {"coerce", "sanction"}}


def choices(program, gold, *more):
    """What the program chooses from in every row of a file."""
    told = subprocess.run([program, "eval", "kinds", str(gold), "--features", *more], check=True, capture_output=True, text=True)
    return [json.loads(line) for line in told.stdout.splitlines()]


def fit(rows, args):
    """Feature -> weight, the most probable under a normal prior. A row is (its choices, which of them are right, its weight)."""
    seen = Counter(name for cues, _, _ in rows for name in {name for cue in cues for name in cue["features"]})
    index = {name: at for at, name in enumerate(sorted(name for name, count in seen.items() if count >= args.least))}
    flat, starts, row, right = [], [], [], []
    for number, (cues, good, _) in enumerate(rows):
        for cue, ok in zip(cues, good):
            starts.append(len(flat))
            flat += [index[name] for name in cue["features"] if name in index]
            row.append(number)
            right.append(float(ok))
    flat, starts, row, right = torch.tensor(flat), torch.tensor(starts), torch.tensor(row), torch.tensor(right, dtype=torch.double)
    silent = torch.tensor([float(not any(good)) for _, good, _ in rows], dtype=torch.double)
    share = torch.tensor([weight for *_, weight in rows], dtype=torch.double)
    weights = torch.zeros(len(index), 1, dtype=torch.double, requires_grad=True)
    optimizer = torch.optim.LBFGS([weights], max_iter=args.steps, history_size=10, line_search_fn="strong_wolfe")

    def loss():
        optimizer.zero_grad()
        scores = torch.nn.functional.embedding_bag(flat, weights, starts, mode="sum").squeeze(1)
        most = torch.zeros(len(rows), dtype=torch.double).scatter_reduce(0, row, scores.detach(), "amax")
        raised, none = (scores - most[row]).exp(), (-most).exp()
        add = lambda values: torch.zeros(len(rows), dtype=torch.double).index_add(0, row, values)
        probable = (add(raised * right) + none * silent) / (add(raised) + none)
        value = -(share * probable.clamp_min(1e-12).log()).sum() + args.prior / 2 * (weights**2).sum()
        value.backward()
        return value

    optimizer.step(loss)
    return {name: round(weights[at].item(), 3) for name, at in index.items() if abs(weights[at].item()) >= 0.0005}


def best(cues, weights):
    """The likeliest kind, its probability and its best cue, as `src/act/scorer.rs` has it."""
    scored = [(sum(weights.get(name, 0.0) for name in cue["features"]), cue) for cue in cues]
    total, kinds = 1.0, Counter()
    for score, cue in scored:
        total += math.exp(score)
        kinds[cue["kind"]] += math.exp(score)
    if not kinds:
        return None, 0.0, None
    kind = max(kinds, key=kinds.get)
    return kind, kinds[kind] / total, max((score, cue["cue"]) for score, cue in scored if cue["kind"] == kind)[1]


def scores(rows, answers, clear):
    """Macro F1 over the gold kinds, share of rows answered, share of those right, and share of labelled cues that are overlapped."""
    counts, given, right, cues, met = {row["gold"]: Counter() for row in rows}, 0, 0, 0, 0
    for row, (kind, sure, cue) in zip(rows, answers):
        counts[row["gold"]]["gold"] += 1
        if kind is None or sure < clear:
            continue
        given += 1
        right += kind == row["gold"]
        counts[row["gold"]]["hits"] += kind == row["gold"]
        if kind in counts:
            counts[kind]["found"] += 1
        if row["cue"]:
            cues += 1
            met += cue[0] < row["cue"][1] and row["cue"][0] < cue[1]
    f1 = {kind: 2 * count["hits"] / (count["gold"] + count["found"]) for kind, count in sorted(counts.items())}
    mean = sum(f1.values()) / len(f1)
    told = {"clear": clear, "macro_f1": mean, "given": given / len(rows), "right": right / max(given, 1), "cue": met / cues if cues else None}
    return {name: value and round(value, 4) for name, value in told.items()} | {"f1": {kind: round(value, 3) for kind, value in f1.items()}}


def cross(name, keys, rows, trained, others, args):
    """Scores of rows that are answered by weights of the other folds of them and of all of the others."""
    answers = [None] * len(rows)
    for fold in range(args.folds):
        held = [int(hashlib.sha256(key.encode()).hexdigest(), 16) % args.folds == fold for key in keys]
        weights = fit([row for row, out in zip(trained, held) if not out] + others, args)
        for at, out in enumerate(held):
            if out:
                answers[at] = best(rows[at]["choices"], weights)
    for clear in (0.0, 0.5, args.clear):
        print(json.dumps({"rows": name} | scores(rows, answers, clear)), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default="demarche")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--folds", type=int, default=0)
    parser.add_argument("--clear", type=float, default=0.65, help="the probability below which nothing is answered, for the scores of folds")
    parser.add_argument("--ours", type=float, default=3.0, help="what a row of ours weighs, one of the relations 1")
    parser.add_argument("--prior", type=float, default=2.0)
    parser.add_argument("--least", type=int, default=3, help="rows that a feature has to be seen in")
    parser.add_argument("--steps", type=int, default=60)
    parser.add_argument("--apart", action="store_true", help="take the kinds of the relations as they are coded")
    args = parser.parse_args()
    torch.set_num_threads(1)
    read = lambda path: [json.loads(line) for line in path.read_text().splitlines()]
    pairs = args.data / "stance/plover-pairs/train.jsonl"
    relations = choices(args.program, pairs)
    ours = choices(args.program, LABELS, "--articles", str(args.data / "articles/worldwide.jsonl"))
    either = lambda row: {row["gold"]} if args.apart else EITHER.get(row["gold"], {row["gold"]})
    coded = [(row["choices"], [cue["kind"] in either(row) for cue in row["choices"]], 1.0) for row in relations]
    labelled = [(row["choices"], [cue["right"] for cue in row["choices"]], args.ours) for row in ours]
    if args.folds:
        cross("relations", [row["text"] for row in read(pairs)], relations, coded, labelled, args)
        cross("ours", [row["doc"] for row in read(LABELS)], ours, labelled, coded, args)
        return
    weights = fit(coded + labelled, args)
    args.out.write_text("".join(f"{name}\t{weight:.3f}\n" for name, weight in sorted(weights.items())))


if __name__ == "__main__":
    main()
