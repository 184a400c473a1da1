"""Trains the teacher of stance: the judge on a larger encoder, MPNet, on the same pairs as the shipped one.

    python train_teacher.py --data DATA --out FOLDER      # -> FOLDER/teacher.pt

It is never shipped: train_joint.py learns from its answers. The lowest layers and the embeddings stay as they are, to save
time. PLOVER pairs are left out, as they are scored by folds later on.
"""

import argparse
import json
import random
import time
from dataclasses import replace
from pathlib import Path

import torch

from encoder import SHAPES
from learn import DEVICE, Learner, autocast, epochs
from stance_rows import directed, labelled, loss_of, marked, newsmtsc, tensors
from subwords import Subwords
from train_joint import Both, read_devs, results_of
from train_ner import Tagger, batches


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--shape", choices=SHAPES, default="mpnet")
    parser.add_argument("--depth", type=int, default=5, help="layers below those that see the pairs")
    parser.add_argument("--frozen", type=int, default=3, help="layers that do not learn")
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--rate", type=float, default=4e-5)
    parser.add_argument("--budget", type=int, default=1536)
    parser.add_argument("--seed", type=int, default=7)
    args = parser.parse_args()
    torch.manual_seed(args.seed)
    subwords = Subwords()
    tagger = Tagger(SHAPES[args.shape])
    model = Both(tagger, args.depth).to(DEVICE)
    for part in (tagger.embeddings, *tagger.layers[: args.frozen], *tagger.layers[args.depth :], tagger.head):
        part.requires_grad_(False)
    stance = args.data / "stance"
    _, train = directed(stance / "directed/train.jsonl", subwords)
    mtsc = newsmtsc(stance / "newsmtsc/train.jsonl", subwords)
    # Of our own the sentence alone: the judge sees no more of it.
    ours = [replace(row, before="", after="") for row in labelled(args.data) if row.kind != "crowd"]
    devs = read_devs(args.data, subwords)
    fresh = [p for n, p in model.judge.named_parameters() if p.requires_grad and not n.startswith("layers.")]
    taken = {id(p) for p in fresh}
    base = [p for p in model.parameters() if p.requires_grad and id(p) not in taken]
    learner = Learner(model, [{"params": base, "lr": args.rate}, {"params": fresh, "lr": args.rate * 5}])
    args.out.mkdir(parents=True, exist_ok=True)

    def make(epoch):
        rng = random.Random(f"{args.seed} {epoch}")
        pools = [train + rng.sample(mtsc, len(mtsc) // 5), marked(ours, subwords, rng)]
        drawn = [(pool, group) for pool in pools for group in batches(pool, args.budget, rng)]
        rng.shuffle(drawn)
        return [lambda pool=pool, group=group: tensors(pool, group) for pool, group in drawn]

    def after_epoch(epoch):
        with autocast():
            results = results_of(learner.mean, devs)
        print(f"epoch {epoch} {time.time() - began:.0f}s mean {json.dumps(results)}", flush=True)
        torch.save({"model": learner.mean.state_dict(), "shape": args.shape, "depth": args.depth, "dev": results}, args.out / "teacher.pt")

    began, last = time.time(), 0
    for epoch, progress, (inputs, targets) in epochs(make, args.epochs):
        if epoch != last:
            after_epoch(last)
            last = epoch
        model.train()
        with autocast():
            logits = model.stances(*inputs)
        loss = loss_of(logits, targets)
        learner.step(progress, loss)
        if learner.steps % 50 == 0:
            print(f"epoch {epoch} step {learner.steps} loss {loss.item():.3f} {time.time() - began:.0f}s", flush=True)
    after_epoch(last)


if __name__ == "__main__":
    main()
