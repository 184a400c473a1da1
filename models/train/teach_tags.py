"""Lets the teacher of tags tell its labels, for train_joint.py to learn from.

    python train_ner.py --data DATA --shape mpnet --rate 6e-5 --epochs 2 --out TEACHER
    python teach_tags.py --data DATA --teacher TEACHER/tagger.pt --out FOLDER/told_tags.pt

Every tagged row gets the probabilities of its subwords; sentences of the stance sets, which nobody has tagged, have them alone.
The file holds text and is not for the repository.
"""

import argparse
import json
import random
from pathlib import Path

import torch

from encoder import SHAPES
from learn import DEVICE, autocast, load, moved
from stance_rows import stance_texts
from subwords import Subwords
from train_ner import LIMIT, WORD, Tagger, TagRow, batches, encode, tag_rows, tensors


def untagged(data):
    """The sentences of the stance sets' train parts."""
    words = [WORD.findall(text) for text in stance_texts(data)]
    return [TagRow(tokens, ["O"] * len(tokens), "told") for tokens in words if len(tokens) > 4]


def probabilities(models, encoded):
    """For every row those of its subwords, the mean of the models', [subwords, labels], in half precision; what was cut off is plain text."""
    out = [None] * len(encoded)
    with torch.no_grad(), autocast():
        for group in batches(encoded, 4096, random.Random(0)):
            ids, cases, mask, _ = moved(tensors(encoded, group))
            told = sum(model(ids, cases, mask).float().softmax(-1) for model in models) / len(models)
            for i, row in zip(group, told.cpu()):
                out[i] = row[1 : len(encoded[i][0]) - 1].half()
    return out


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("data", "out"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--teacher", type=Path, nargs="+", required=True)
    parser.add_argument("--shape", choices=SHAPES, default="mpnet")
    args = parser.parse_args()
    models = [Tagger(SHAPES[args.shape]).to(DEVICE).eval() for _ in args.teacher]
    for model, path in zip(models, args.teacher):
        model.load_state_dict(load(path))
    encoded_rows = tag_rows(args.data) + untagged(args.data)
    encoded = encode(encoded_rows, Subwords())
    kept = [(row, told) for row, e, told in zip(encoded_rows, encoded, probabilities(models, encoded)) if len(e[0]) < LIMIT]
    torch.save([row._replace(told=told) for row, told in kept], args.out)
    print(json.dumps({"rows": len(kept), "left out as too long": len(encoded) - len(kept)}))


if __name__ == "__main__":
    main()
