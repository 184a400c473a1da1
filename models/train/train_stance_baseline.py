"""The plain baseline that the shipped judge is held against: four marker tokens around the two mentions, a classifier over
[CLS] and the two start markers, cross-entropy over the five pair classes, 4 epochs, no case input.

    python train_stance_baseline.py --data DATA --out FOLDER
"""

import argparse
import json
import random
import time
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import nn

from encoder import Encoder
from pairs import CLASSES, covering, read_pairs, report
from subwords import CLS, SEP, Subwords
from train_ner import batches

MARKERS = (1, 2, 3, 4)  # [unused0] .. [unused3]: open a, close a, open b, close b
LIMIT = 192


class Baseline(Encoder):
    def __init__(self):
        super().__init__()
        self.head = nn.Sequential(nn.Dropout(0.1), nn.Linear(3 * self.shape.width, len(CLASSES)))

    def forward(self, ids, mask, opens):
        x = self.lower(ids, torch.zeros_like(ids), mask, len(self.layers))
        rows = torch.arange(len(ids))
        return self.head(torch.cat([x[:, 0], x[rows, opens[:, 0]], x[rows, opens[:, 1]]], -1))


def encode(pairs, subwords):
    out = []
    for pair, row in zip(pairs, subwords.rows([p.text for p in pairs])):
        spans = [covering(row, pair.a), covering(row, pair.b)]
        before, after = {}, {}
        for k, span in enumerate(spans):
            first, last = span or (0, 0)
            before.setdefault(first, []).append(MARKERS[2 * k])
            after.setdefault(last, []).insert(0, MARKERS[2 * k + 1])
        ids = [CLS]
        for i, subword in enumerate(row.ids):
            ids += [*before.get(i, []), subword, *after.get(i, [])]
        opens = [ids.index(MARKERS[0]), ids.index(MARKERS[2])]
        ids = ids[: LIMIT - 1] + [SEP]
        out.append((ids, [min(o, len(ids) - 1) for o in opens], pair.five()))
    return out


def tensors(encoded, group):
    longest = max(len(encoded[i][0]) for i in group)
    ids, mask = (torch.zeros(len(group), longest, dtype=torch.long) for _ in range(2))
    for r, i in enumerate(group):
        n = len(encoded[i][0])
        ids[r, :n], mask[r, :n] = torch.tensor(encoded[i][0]), 1
    return ids, mask, torch.tensor([encoded[i][1] for i in group]), torch.tensor([encoded[i][2] for i in group])


def evaluate(model, encoded):
    model.eval()
    found = [0] * len(encoded)
    with torch.no_grad():
        for group in batches(encoded, 2048, random.Random(0)):
            ids, mask, opens, _ = tensors(encoded, group)
            for i, best in zip(group, model(ids, mask, opens).argmax(-1).tolist()):
                found[i] = best
    return report([e[2] for e in encoded], found)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--rate", type=float, default=1e-4)
    parser.add_argument("--seed", type=int, default=7)
    args = parser.parse_args()
    rng = random.Random(args.seed)
    torch.manual_seed(args.seed)
    subwords = Subwords()
    train = encode(read_pairs(args.data / "stance/directed/train.jsonl"), subwords)
    dev = encode(read_pairs(args.data / "stance/directed/dev.jsonl"), subwords)
    model = Baseline()
    optimizer = torch.optim.AdamW(model.parameters(), lr=args.rate, weight_decay=0.01)
    total = args.epochs * len(batches(train, 1536, random.Random(0))) + 5
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda s: min((s + 1) / (0.1 * total), max(0.0, (total - s) / (0.9 * total))))
    args.out.mkdir(parents=True, exist_ok=True)
    began = time.time()
    for epoch in range(args.epochs):
        model.train()
        for group in batches(train, 1536, rng):
            ids, mask, opens, gold = tensors(train, group)
            with torch.autocast("cpu", dtype=torch.bfloat16):
                logits = model(ids, mask, opens)
            F.cross_entropy(logits.float(), gold).backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            optimizer.zero_grad()
        results = evaluate(model, dev)
        print(f"epoch {epoch} {time.time() - began:.0f}s dev {json.dumps(results)}", flush=True)
    torch.save(model.state_dict(), args.out / "baseline.pt")
    (args.out / "baseline.json").write_text(json.dumps({"dev_fp32": results}, indent=1))


if __name__ == "__main__":
    main()
