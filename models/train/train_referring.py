"""Goes on with the judge's own layers on all labels: pairs of names, and pairs in which a pronoun or nominal stands for one side or both.

    python train_referring.py --data DATA --tagger FOLDER/tagger.pt --judge FOLDER/judge.pt --out FOLDER      # -> FOLDER/judge.pt

Rows are our own labels (labels.py), with --taught mixed with a teacher's answers, varied at random (vary.py). The tagger and the layers that both share
stay as they are. Directed stance and PLOVER pairs are learnt by their labels and, for the most part, kept by the judge's own answers of before ("learning
without forgetting", Li and Hoiem 2016). What is saved lies --part of the way from the weights of before to those learnt, which forgets less (Wortsman et
al. 2022, "Robust fine-tuning of zero-shot models"). With --onto, that part of what was learnt is added to another run's judge, which began from the same
weights (Wortsman et al. 2022, "Model soups").
"""

import argparse
import json
import random
from pathlib import Path

import torch

from labels import referring
from learn import load
from pairs import world_scores
from stance_rows import directed, labelled, marked, read_told
from subwords import Subwords
from train_joint import directions, load_both, read_devs, results_of, save_judge
from train_ner import tag_rows
from train_relations import train
from vary import Names, hidden, varied

NEW = ("referring", "articles")  # seen whole in every epoch


def referring_scores(model, rows, none_weight):
    """F1 of support and of oppose over the directions of pairs with a reference."""
    return world_scores(*directions(model, rows), none_weight)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("data", "tagger", "judge", "out"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--taught", type=Path, help="rows with a teacher's answers (teach.py); without it, labels alone")
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--kept", type=int, default=40000, help="rows of names alone in an epoch")
    parser.add_argument("--crowd", type=int, default=8000, help="rows of directed stance in an epoch")
    parser.add_argument("--share", type=float, default=0.4, help="how much labels of directed stance and of PLOVER pairs count beside the answers of before")
    parser.add_argument("--hidden", type=float, default=0.1, help="share of words that are hidden")
    parser.add_argument("--part", type=float, default=0.6, help="how far to go from the weights of before to those learnt")
    parser.add_argument("--onto", type=Path, help="what another run of these weights of before has saved: the part learnt is added to it")
    parser.add_argument("--rate", type=float, default=1.2e-4)
    parser.add_argument("--budget", type=int, default=1536)
    parser.add_argument("--none-weight", type=float, default=0.5, help="that calibrate.py chose, for the scores")
    parser.add_argument("--seed", type=int, default=7)
    args = parser.parse_args()
    torch.manual_seed(args.seed)
    subwords = Subwords()
    model, _ = load_both(args.tagger, args.judge)
    rows = read_told(args.taught) if args.taught else labelled(args.data)
    new, crowd = ([row for row in rows if row.kind in kinds] for kinds in (NEW, ("crowd",)))
    ours = [row for row in rows if row.kind in ("world", "own", "unlabelled")]
    _, relations = directed(args.data / "stance/plover-pairs/train.jsonl", subwords)
    names = Names(tag_rows(args.data))
    dev = marked(referring(args.data / "articles/worldwide.jsonl", "dev"), subwords)
    devs = read_devs(args.data, subwords)

    def draw(rng):
        some = new + rng.sample(ours, min(len(ours), args.kept))
        kept = marked(rng.sample(crowd, min(len(crowd), args.crowd)), subwords, rng)
        return [(hidden(marked(varied(some, names, rng), subwords, rng), args.hidden, rng), 1.0), (kept + relations, args.share)]

    def scores(model):
        results = {"referring": {weight: referring_scores(model, dev, weight) for weight in (1.0, args.none_weight)}, **results_of(model, devs)}
        print(json.dumps(results), flush=True)
        return results

    def after_epoch(model):
        save_judge(model, scores(model), args, "referring.json")

    scores(model)
    before = {name: weights.clone() for name, weights in model.judge.state_dict().items()}
    learnt = train(model, draw, args, after_epoch, 0.998)
    onto = load(args.onto)["judge"] if args.onto else before
    learnt.judge.load_state_dict({name: onto[name] + args.part * (weights - before[name]) for name, weights in learnt.judge.state_dict().items()})
    after_epoch(learnt)


if __name__ == "__main__":
    main()
