"""Goes on with the judge's own layers on coded political relations (stance/plover-pairs), beside some of our own labels.

    python train_relations.py --data DATA --tagger FOLDER/tagger.pt --judge FOLDER/judge.pt --out FOLDER      # -> FOLDER/judge.pt
    python train_relations.py --data DATA --tagger FOLDER/tagger.pt --judge FOLDER/judge.pt --folds 5         # scores only

The tagger and the layers that both share stay as they are, so that this takes minutes. Directed stance is kept as it was: on some
of its sentences the judge is held to its own answers of before ("learning without forgetting", Li and Hoiem 2016), as its noisy
labels would be learnt by heart if they were seen once more. With --folds every relation is judged by
a judge that has not seen its sentence: the rows are shared out by a hash of the sentence.
"""

import argparse
import copy
import hashlib
import json
import random
import time
from pathlib import Path

import torch

from learn import Learner, autocast, epochs
from pairs import weighed
from stance_rows import directed, distributions, labelled, loss_of, marked, tensors
from subwords import Subwords
from train_joint import Both, load_both, read_devs, results_of, save_judge
from train_ner import batches


def trunk_states(model, inputs):
    """The shared layers' states, which nothing here changes."""
    ids, cases, mask, *_ = inputs
    with torch.no_grad():
        return model.tagger.lower(ids, cases, mask, model.depth)


def train(model, draw, args, after_epoch=lambda model: None, steadiness=0.99):
    """The judge after some epochs on the rows that `draw(rng)` gives for each: encoded rows, and how much their labels count beside what the judge
    had answered before. The mean of its weights, of which `after_epoch` is told too."""
    torch.manual_seed(args.seed)
    before = copy.deepcopy(model.judge).eval()
    learner = Learner(model.judge, [{"params": list(model.judge.parameters()), "lr": args.rate}], steadiness, 0.0)
    mean, began, last = Both(model.tagger, model.depth, learner.mean).eval(), time.time(), 0

    def make(epoch):
        rng = random.Random(f"{args.seed} {epoch}")
        steps = [(rows, group, share) for rows, share in draw(rng) for group in batches(rows, args.budget, rng)]
        rng.shuffle(steps)
        return [lambda rows=rows, group=group, share=share: (*tensors(rows, group), torch.tensor([share])) for rows, group, share in steps]

    model.eval()
    model.judge.train()
    for epoch, progress, (inputs, targets, share) in epochs(make, args.epochs):
        if epoch != last:
            after_epoch(mean)
            last = epoch
        with autocast():
            seen = trunk_states(model, inputs), inputs[4], inputs[3]
            logits = model.judge(*seen)
            if share < 1:
                with torch.no_grad():
                    targets = share * targets + (1 - share) * targets.sum(-1, keepdim=True) * before(*seen).float().softmax(-1)
        learner.step(progress, loss_of(logits, targets))
        if learner.steps % 100 == 0:
            print(f"epoch {epoch} step {learner.steps}, {progress:.3f} of all, {time.time() - began:.0f}s", flush=True)
    return mean


def drawn(relations, kept, count):
    """What an epoch of relations sees: these and `count` of our own rows by their labels, and as many of the crowd's as they were judged before."""

    def draw(rng):
        crowd, ours = (rng.sample(rows, min(len(rows), count)) for rows in kept)
        return [(crowd, 0.0), (relations + ours, 1.0)]

    return draw


def fold_of(text, folds):
    return int(hashlib.sha256(text.encode()).hexdigest(), 16) % folds


def told(model, rows, none_weight):
    """The stance of the first way of every row's pair: the most probable one, none weighed."""
    return weighed(torch.cat(distributions(model, rows))[:, 0], none_weight).argmax(-1).tolist()


def cross(model, pairs, encoded, kept, args):
    """Share of relations that are given a stance, and share of those with the right one, each judged by a fold's own judge."""
    found = {weight: {} for weight in (1.0, args.none_weight)}
    for fold in range(args.folds):
        held = [i for i, pair in enumerate(pairs) if fold_of(pair.text, args.folds) == fold]
        rest = [encoded[i] for i in range(len(pairs)) if i not in set(held)]
        judge, rows = train(copy.deepcopy(model), drawn(rest, kept, args.kept), args), [encoded[i] for i in held]
        for weight in found:
            found[weight] |= dict(zip(held, told(judge, rows, weight)))
            given = [stance == pairs[i].a_to_b for i, stance in found[weight].items() if stance]
            share, right = len(given) / len(found[weight]), sum(given) / max(1, len(given))
            print(json.dumps({"folds": fold + 1, "weight of none": weight, "given": round(share, 3), "polarity": round(right, 3)}), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--tagger", type=Path, required=True)
    parser.add_argument("--judge", type=Path, required=True)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--folds", type=int, default=0)
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--kept", type=int, default=6000, help="rows of directed stance and as many of our own labels in an epoch")
    parser.add_argument("--rate", type=float, default=6e-5)
    parser.add_argument("--budget", type=int, default=1536)
    parser.add_argument("--none-weight", type=float, default=0.5, help="that calibrate.py chose, for the scores of folds")
    parser.add_argument("--seed", type=int, default=7)
    args = parser.parse_args()
    subwords = Subwords()
    model, _ = load_both(args.tagger, args.judge)
    rng = random.Random(args.seed)
    pairs, relations = directed(args.data / "stance/plover-pairs/train.jsonl", subwords)
    rows = labelled(args.data)
    kept = [marked([row for row in rows if (row.kind == "crowd") == crowd], subwords, rng) for crowd in (True, False)]
    if args.folds:
        return cross(model, pairs, relations, kept, args)
    model = train(model, drawn(relations, kept, args.kept), args)
    results = results_of(model, read_devs(args.data, subwords))
    print(json.dumps(results))
    save_judge(model, results, args, "relations.json")


if __name__ == "__main__":
    main()
