"""Goes on with the judge's own layers on pairs in which a pronoun or nominal stands for one side or both, beside what it has learnt.

    python train_referring.py --data DATA --tagger FOLDER/tagger.pt --judge FOLDER/judge.pt --out FOLDER      # -> FOLDER/judge.pt

Rows are labels/references.jsonl (pairs with a reference) and labels/articles/ (all pairs), with --taught mixed with a teacher's answers.
The tagger and the layers that both share stay as they are. Of what was learnt before, directed stance and PLOVER pairs are kept by the judge's own answers of
before ("learning without forgetting", Li and Hoiem 2016), our labels of names by these.
"""

import argparse
import json
import random
from pathlib import Path

import torch

from labels import referring
from pairs import world_scores
from stance_rows import directed, labelled, marked, read_told
from subwords import Subwords
from train_joint import directions, load_both, read_devs, results_of, save_judge
from train_relations import train

NEW = ("referring", "articles")


def referring_scores(model, rows, none_weight):
    """F1 of support and of oppose over the directions of pairs with a reference."""
    return world_scores(*directions(model, rows), none_weight)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("data", "tagger", "judge", "out"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--taught", type=Path, help="rows with a teacher's answers (teach.py); without it, labels alone")
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--kept", type=int, default=6000, help="rows of directed stance and as many of our own labels in an epoch")
    parser.add_argument("--rate", type=float, default=6e-5)
    parser.add_argument("--budget", type=int, default=1536)
    parser.add_argument("--none-weight", type=float, default=0.5, help="that calibrate.py chose, for the scores")
    parser.add_argument("--seed", type=int, default=7)
    args = parser.parse_args()
    torch.manual_seed(args.seed)
    subwords, rng = Subwords(), random.Random(args.seed)
    model, _ = load_both(args.tagger, args.judge)
    rows = read_told(args.taught) if args.taught else labelled(args.data)
    of = lambda *kinds: marked([row for row in rows if row.kind in kinds], subwords, rng)
    _, relations = directed(args.data / "stance/plover-pairs/train.jsonl", subwords)
    dev = marked(referring(args.data / "articles/worldwide.jsonl", "dev"), subwords)
    scores = lambda: {"referring": {weight: referring_scores(model, dev, weight) for weight in (1.0, args.none_weight)}, **results_of(model, devs)}
    devs = read_devs(args.data, subwords)
    print(json.dumps({"before": scores()}), flush=True)
    train(model, of(*NEW), [of("crowd") + relations, of("world", "own", "unlabelled")], args)
    results = scores()
    print(json.dumps(results))
    save_judge(model, results, args, "referring.json")


if __name__ == "__main__":
    main()
