"""Trains the judge: three layers on top of the tagger's lower half, read by one query token a mention of a pair.

    python train_stance.py --data DATA --tagger FOLDER/tagger.pt --out FOLDER

The text rises through the branch without seeing the queries; a query sees the text, itself and its partner, and its position
is the text's own (the mean of its span's end states). The head is applied in both directions with the same weights, so that
exchanging the two mentions exchanges the two answers exactly: the direction flip is built in, not learnt.
"""

import argparse
import copy
import json
import math
import random
import time
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import nn

from encoder import HEADS, LAYERS, WIDTH, key_bias, load_base
from pairs import STANCES, covering, five_of, read_pairs, report
from subwords import CLS, SEP, Subwords
from train_ner import Tagger, batches

LIMIT = 256


class Judge(nn.Module):
    """Trunk states [rows, positions, width] and pairs [rows, pairs, 4] -> logits [rows, pairs, 2 ways, 3 stances].

    A pair is the first and last position of one mention, then of the other, each counted through all rows
    (row * positions + position). Way 0 is first -> second.
    """

    def __init__(self, layers):
        super().__init__()
        self.layers = layers
        self.mark = nn.Parameter(torch.zeros(WIDTH))
        self.partner_key, self.partner_value = (nn.Parameter(torch.randn(len(layers), WIDTH) * 0.02) for _ in range(2))
        self.norm = nn.LayerNorm(WIDTH)
        self.head = nn.Sequential(nn.Dropout(0.1), nn.Linear(3 * WIDTH, WIDTH), nn.GELU(), nn.Dropout(0.1), nn.Linear(WIDTH, len(STANCES)))

    def forward(self, states, mask, pairs):
        bias = key_bias(mask)
        rows, length, _ = states.shape
        count = pairs.shape[1]
        ends = states.flatten(0, 1)[pairs.flatten()].reshape(rows, count * 2, 2, WIDTH)
        queries = self.norm(ends[:, :, 0] + ends[:, :, 1]) + self.mark
        x = torch.cat([states, queries], 1)  # text first, then two queries a pair: every product is one product
        for number, layer in enumerate(self.layers):
            x = self.step(layer, number, x, length, bias)
        queries = x[:, length:].reshape(rows, count, 2, WIDTH)
        first, second = queries[:, :, 0], queries[:, :, 1]
        whole = x[:, :1].expand(-1, count, -1)
        ways = torch.stack([torch.cat([first, second, whole], -1), torch.cat([second, first, whole], -1)], 2)
        return self.head(ways)

    def step(self, layer, number, x, length, bias):
        """One layer. The text sees the text; a query sees the text of its row, itself and its partner."""
        q, k, v = layer.heads(layer.query(x)), layer.heads(layer.key(x)), layer.heads(layer.value(x))
        k_text, v_text = k[:, :, :length], v[:, :, :length]
        scores = q @ k_text.transpose(2, 3) * (1 / math.sqrt(WIDTH // HEADS)) + bias
        text = layer.dropout(F.softmax(scores[:, :, :length], -1)) @ v_text
        asked, k_own, v_own = q[:, :, length:], k[:, :, length:], v[:, :, length:]
        k_partner = self.swap(k_own) + self.partner_key[number].reshape(HEADS, 1, -1)
        v_partner = self.swap(v_own) + self.partner_value[number].reshape(HEADS, 1, -1)
        to_own = (asked * k_own).sum(-1, keepdim=True) * (1 / math.sqrt(WIDTH // HEADS))
        to_partner = (asked * k_partner).sum(-1, keepdim=True) * (1 / math.sqrt(WIDTH // HEADS))
        weights = layer.dropout(F.softmax(torch.cat([scores[:, :, length:], to_own, to_partner], -1), -1))
        query = weights[..., :length] @ v_text + weights[..., length : length + 1] * v_own + weights[..., length + 1 :] * v_partner
        mixed = torch.cat([text, query], 2).transpose(1, 2).flatten(2)
        x = layer.norm_attention(x + layer.dropout(layer.out(mixed)))
        return layer.norm_output(x + layer.dropout(layer.down(F.gelu(layer.up(x)))))

    @staticmethod
    def swap(x):
        """Each query's value at its partner's place: [rows, heads, 2 * pairs, width] with neighbours exchanged."""
        rows, heads, double, width = x.shape
        pairs = x.reshape(rows, heads, double // 2, 2, width)
        return torch.cat([pairs[:, :, :, 1:], pairs[:, :, :, :1]], 3).reshape(rows, heads, double, width)


def trunk_states(tagger, depth, rows):
    """The states that the tagger's lower `depth` layers give each row, as half floats: the trunk is not trained here."""
    tagger.eval()
    out = [None] * len(rows)
    order = sorted(range(len(rows)), key=lambda i: len(rows[i].ids))
    with torch.no_grad(), torch.autocast("cpu", dtype=torch.bfloat16):
        for at in range(0, len(order), 48):
            group = order[at : at + 48]
            longest = max(min(len(rows[i].ids), LIMIT - 2) for i in group) + 2
            ids, cases, mask = (torch.zeros(len(group), longest, dtype=torch.long) for _ in range(3))
            for r, i in enumerate(group):
                inner = rows[i].ids[: LIMIT - 2]
                n = len(inner) + 2
                ids[r, :n], mask[r, :n] = torch.tensor([CLS, *inner, SEP]), 1
                cases[r, 1 : n - 1] = torch.tensor(rows[i].cases[: LIMIT - 2])
            x = tagger.embeddings(ids, cases)
            for layer in tagger.layers[:depth]:
                x = layer(x, key_bias(mask))
            for r, i in enumerate(group):
                out[i] = x[r, : min(len(rows[i].ids), LIMIT - 2) + 2].to(torch.bfloat16).clone()
    return out


def encode(pairs, subwords, tagger, depth):
    """Pairs -> (positions as a range for the batcher, trunk states, [a first, a last, b first, b last], stances each way)."""
    rows = subwords.rows([p.text for p in pairs])
    out = []
    for pair, row, states in zip(pairs, rows, trunk_states(tagger, depth, rows)):
        spans = [covering(row, pair.a) or (0, 0), covering(row, pair.b) or (0, 0)]
        place = [min(p + 1, len(states) - 1) for span in spans for p in span]
        out.append((range(len(states)), states, place, (pair.a_to_b, -100 if pair.b_to_a is None else pair.b_to_a)))
    return out


def tensors(encoded, group):
    longest = max(len(encoded[i][0]) for i in group)
    states = torch.zeros(len(group), longest, WIDTH, dtype=torch.bfloat16)
    mask = torch.zeros(len(group), longest)
    for r, i in enumerate(group):
        n = len(encoded[i][0])
        states[r, :n], mask[r, :n] = encoded[i][1], 1
    pairs = torch.tensor([[r * longest + p for p in encoded[i][2]] for r, i in enumerate(group)]).unsqueeze(1)
    return states.float(), mask, pairs, torch.tensor([encoded[i][3] for i in group])


def distributions(model, encoded):
    """For every pair the log probabilities [2 ways, 3 stances]."""
    model.eval()
    out = [None] * len(encoded)
    with torch.no_grad():
        for group in batches(encoded, 2048, random.Random(0)):
            states, mask, pairs, _ = tensors(encoded, group)
            for i, row in zip(group, model(states, mask, pairs)[:, 0].log_softmax(-1)):
                out[i] = row
    return torch.stack(out)


def evaluate(logp, pairs):
    return report([p.five() for p in pairs], [five_of(row[0].tolist(), row[1].tolist()) for row in logp])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--tagger", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--depth", type=int, default=3, help="layers of the tagger that the judge stands on")
    parser.add_argument("--start", choices=("base", "tagger"), default="base", help="where the branch's layers come from")
    parser.add_argument("--epochs", type=int, default=6)
    parser.add_argument("--rate", type=float, default=2e-4)
    parser.add_argument("--budget", type=int, default=1536)
    parser.add_argument("--seed", type=int, default=7)
    args = parser.parse_args()
    rng = random.Random(args.seed)
    torch.manual_seed(args.seed)
    subwords = Subwords()
    tagger = Tagger()
    tagger.load_state_dict(torch.load(args.tagger))
    train_pairs = read_pairs(args.data / "stance/directed/train.jsonl")
    dev_pairs = read_pairs(args.data / "stance/directed/dev.jsonl")
    plover_pairs = read_pairs(args.data / "stance/plover-pairs/train.jsonl")
    began = time.time()
    train, dev, plover = (encode(p, subwords, tagger, args.depth) for p in (train_pairs, dev_pairs, plover_pairs))
    print(f"trunk states {time.time() - began:.0f}s", flush=True)
    source = tagger.layers if args.start == "tagger" else load_base()[1]
    model = Judge(copy.deepcopy(nn.ModuleList(list(source)[args.depth : LAYERS])))
    heavy = [p for p in model.parameters() if p.ndim >= 2]
    plain = [p for p in model.parameters() if p.ndim < 2]
    optimizer = torch.optim.AdamW([{"params": heavy, "weight_decay": 0.01}, {"params": plain, "weight_decay": 0.0}], lr=args.rate)
    total = args.epochs * len(batches(train, args.budget, random.Random(0))) + 5
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda s: min((s + 1) / (0.1 * total), max(0.0, (total - s) / (0.9 * total))))
    args.out.mkdir(parents=True, exist_ok=True)
    for epoch in range(args.epochs):
        model.train()
        for group in batches(train, args.budget, rng):
            states, mask, pairs, gold = tensors(train, group)
            with torch.autocast("cpu", dtype=torch.bfloat16):
                logits = model(states, mask, pairs)[:, 0]
            F.cross_entropy(logits.float().reshape(-1, 3), gold.reshape(-1)).backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            optimizer.zero_grad()
        logp = distributions(model, dev)
        results = evaluate(logp, dev_pairs)
        ways = distributions(model, plover)[:, 0]
        given = [(w.argmax().item(), p.a_to_b) for w, p in zip(ways, plover_pairs) if w.argmax() != 0]
        results["plover"] = {"given": round(len(given) / len(plover_pairs), 3), "polarity": round(sum(a == b for a, b in given) / max(1, len(given)), 3)}
        print(f"epoch {epoch} {time.time() - began:.0f}s dev {json.dumps(results)}", flush=True)
    torch.save({"judge": model.state_dict(), "depth": args.depth, "dev_logp": logp}, args.out / "judge.pt")
    (args.out / "stance.json").write_text(json.dumps({"dev_fp32": results, "args": {k: str(v) for k, v in vars(args).items()}}, indent=1))


if __name__ == "__main__":
    main()
