"""Finds the channels of the inputs of products that go much farther than the others, for graph.py to deal with in int8.

    python outliers.py --tagger FOLDER/tagger.pt --judge FOLDER/judge.pt --claims FOLDER/claims.pt --out FOLDER/outliers.pt

They would make the steps coarse for all: before a layer's `up`, one channel in 384 goes ten times as far as most. Those before a layer's `down` go far for a
few words and not for others, and are kept apart; the others are divided by how far they go, to the power EASE. What is read for it are claims and texts of train topics. Heads and the entry stay as they are: their inputs have none.
"""

import random
from pathlib import Path

import torch
from torch import nn

from graph import input_of
from learn import moved
from stance_rows import tensors
from subwords import Subwords
from train_claims import FOLDER, encode, part_of, read_topics
from train_joint import load_both
from train_ner import batches
from widen import load_wide, of_checkpoints

TOPICS = 16
RANK, KEPT, EASED, EASE = 32, 2.5, 1.5, 0.75  # a channel is kept or eased that goes so many times as far as that of this rank


def dealt(most):
    """What graph.py does with the inputs of products, by their names: channels `apart`, and divisors of all channels that are `eased`."""
    out = {"apart": {}, "eased": {}}
    for name, far in most.items():
        ratio = far / far.sort(descending=True).values[RANK]
        kept, eased = (ratio > KEPT).nonzero().flatten(), torch.where(ratio > EASED, ratio**EASE, 1.0)
        if name.endswith("down") and len(kept):
            out["apart"][input_of(name)] = kept.cpu()
        elif name.endswith(("query", "key", "value", "up")) and (eased > 1).any():
            out["eased"][input_of(name)] = eased.cpu()
    return out


def outliers(module, run):
    """The same for the products in a module's layers, from how far their inputs go while `run` asks the module."""
    most, handles = {}, []

    def note(name):
        def hook(_, given):
            found = given[0].detach().abs().flatten(0, -2).amax(0)
            most[name] = torch.maximum(most.get(name, found), found)

        return hook

    for name, part in module.named_modules():
        if isinstance(part, nn.Linear) and name.startswith("layers."):
            handles.append(part.register_forward_pre_hook(note(name)))
    run()
    for handle in handles:
        handle.remove()
    return dealt(most)


def main():
    parser = of_checkpoints(__doc__, ("tagger", "judge"))
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    both = load_both(args.tagger, args.judge)[0]
    topics = [topic for path in sorted(FOLDER.glob("*.txt")) for topic in read_topics(path) if part_of(topic) == "train"]
    rows = encode(random.Random(7).sample(topics, TOPICS), Subwords())

    def asking(ask):
        def run():
            with torch.no_grad():
                for group in batches(rows, 2048, random.Random(0)):
                    ask(*moved(tensors(rows, group)[0]))

        return run

    found = {
        "tagger": outliers(both.tagger, asking(lambda ids, cases, mask, *_: both.tagger(ids, cases, mask))),
        "judge": outliers(both.judge, asking(both.stances)),
    }
    if args.claims:
        wide = load_wide(args.tagger, args.judge, args.claims)
        found["claims"] = outliers(wide.judge, asking(wide.stances))
    for model, of in found.items():
        print(model, {name: far.tolist() for name, far in of["apart"].items()}, {name: (by > 1).sum().item() for name, by in of["eased"].items()})
    torch.save(found, args.out)


if __name__ == "__main__":
    main()
