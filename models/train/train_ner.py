"""Trains the tagger: tokens -> BIO over PER ORG LOC NORP FAC MISC.

    python train_ner.py --data DATA --out FOLDER

DATA holds ner/worldwide and ner/conllpp as {"tokens", "tags"} rows. CoNLL's MISC mixes what we call NORP and MISC, and its
LOC holds our FAC, so those labels count as "one of": the loss is minus the log of the probability of the allowed set.
"""

import argparse
import json
import random
import re
import time
from pathlib import Path
from typing import NamedTuple

import torch
from torch import nn

from encoder import MINILM, SHAPES, Encoder
from labels import corrected, written
from learn import DEVICE, Learner, autocast, epochs, moved
from subwords import CLS, SEP, Subwords

TYPES = ("PER", "ORG", "LOC", "NORP", "FAC", "MISC")
LABELS = ["O"] + [f"{p}-{t}" for t in TYPES for p in "BI"]
IDS = {label: i for i, label in enumerate(LABELS)}
ONE_OF = {"worldwide": {}, "written": {}, "corrected": {}, "told": {}, "conllpp": {"MISC": ("MISC", "NORP"), "LOC": ("LOC", "FAC")}}
WORD = re.compile(r"\w+|[^\w\s]")  # a token of text that is not cut into tokens
SHARE = 0.5  # the labels', where a teacher has told its answer too
LIMIT = 192  # subwords of a training row; longer ones are cut


class Tagger(Encoder):
    """The encoder and one linear head: [rows, positions] -> [rows, positions, labels]."""

    def __init__(self, shape=MINILM):
        super().__init__(shape)
        self.dropout = nn.Dropout(0.1)
        self.head = nn.Linear(shape.width, len(LABELS))

    def forward(self, ids, cases, mask):
        return self.head(self.dropout(self.lower(ids, cases, mask, len(self.layers))))


class TagRow(NamedTuple):
    """Tokens with their tags; `told` are a teacher's probabilities, [subwords, labels]. The tags of source "told" are no labels."""

    tokens: list
    tags: list
    source: str
    doc: str = ""
    told: torch.Tensor | None = None


def read_rows(path, source):
    rows = []
    for line in open(path, encoding="utf-8"):
        row = json.loads(line)
        tags = [t if t[2:] in TYPES else "O" for t in row["tags"]]
        rows.append(TagRow(row["tokens"], tags, source, row.get("doc", "")))
    return rows


def written_rows():
    """The rows of the news items that were written for training."""
    rows = []
    for number, row, types in ((number, *sentence) for number, item in enumerate(written()) for sentence in item):
        tokens, tags = [], []
        at, ends = 0, [(start, end, kind) for (start, end, _), kind in zip(row.mentions, types)]
        for start, end, kind in [*ends, (len(row.text), len(row.text), "")]:
            for piece, labels in ((row.text[at:start], ("O", "O")), (row.text[start:end], (f"B-{kind}", f"I-{kind}"))):
                words = WORD.findall(piece)
                tokens += words
                tags += [labels[number > 0] for number in range(len(words))]
            at = end
        rows.append(TagRow(tokens, tags, "written", number))
    return rows


def corrected_rows(path):
    """The rows of articles that people have corrected; none without a path."""
    return [TagRow(tokens, tags, "corrected", doc) for doc, tokens, tags, _ in corrected(path)] if path else []


def tag_rows(data, extra=None):
    """All rows that have labels, those of a file of corrections among them."""
    public = [r for s in ("worldwide", "conllpp") for r in read_rows(data / "ner" / s / "train.jsonl", s)]
    return public + written_rows() + corrected_rows(extra)


def joined(rows, rng, limits=(0, 0, 48, 72, 96, 120)):
    """Neighbouring rows of one document joined up to a number of tokens drawn anew each time: a window of several sentences."""
    out, limit = [], 0
    for row in rows:
        if out and out[-1][2:4] == row[2:4] and len(out[-1].tokens) + len(row.tokens) <= limit:
            told = None if row.told is None else torch.cat([out[-1].told, row.told])
            out[-1] = TagRow(out[-1].tokens + row.tokens, out[-1].tags + row.tags, row.source, row.doc, told)
        else:
            out.append(row)
            limit = rng.choice(limits)
    return out


def allowed(tag, source):
    """The labels that a gold tag of a source allows: of label k the bit 2^k."""
    if tag == "O":
        return 1
    return sum(1 << IDS[f"{tag[:2]}{t}"] for t in ONE_OF[source].get(tag[2:], (tag[2:],)))


def encode(rows, subwords):
    """Rows -> (ids, cases, allowed labels per subword, first-subword place per token, the teacher's probabilities, the share of the
    labels in the loss), [CLS]/[SEP] included."""
    out = []
    texts = [" ".join(tokens) for tokens, *_ in rows]
    for (tokens, tags, source, _, told), text, row in zip(rows, texts, subwords.rows(texts)):
        starts, place = [], 0
        for token in tokens:
            starts.append(place)
            place += len(token) + 1
        labels, first, at = [], [None] * len(tokens), 0
        for number, start in enumerate(row.starts):
            while at + 1 < len(tokens) and starts[at + 1] <= start:
                at += 1
            tag = tags[at]
            if first[at] is None:
                first[at] = number + 1
            elif tag[0] == "B":
                tag = "I" + tag[1:]
            labels.append(allowed(tag, source))
        share = 1.0 if told is None else 0.0 if source == "told" else SHARE
        out.append(([CLS, *row.ids[: LIMIT - 2], SEP], [0, *row.cases[: LIMIT - 2], 0], [1, *labels[: LIMIT - 2], 1], first, told, share))
    return out


def batches(encoded, budget, rng):
    """Batches of rows of like length, at most `budget` padded subwords each, in random order."""
    order = sorted(range(len(encoded)), key=lambda i: len(encoded[i][0]) + rng.random() * 8)
    groups, group, longest = [], [], 0
    for i in order:
        longest = max(longest, len(encoded[i][0]))
        if group and longest * (len(group) + 1) > budget:
            groups.append(group)
            group, longest = [], len(encoded[i][0])
        group.append(i)
    groups.append(group)
    rng.shuffle(groups)
    return groups


def tensors(encoded, group):
    longest = max(len(encoded[i][0]) for i in group)
    ids, cases, mask, codes = (torch.zeros(len(group), longest, dtype=torch.long) for _ in range(4))
    answers, share = torch.zeros(len(group), longest, len(LABELS)), torch.ones(len(group), 1)
    answers[:, :, 0] = 1
    for r, i in enumerate(group):
        n = len(encoded[i][0])
        ids[r, :n], cases[r, :n], mask[r, :n] = torch.tensor(encoded[i][0]), torch.tensor(encoded[i][1]), 1
        codes[r, :n] = torch.tensor(encoded[i][2])
        share[r] = encoded[i][5]
        if encoded[i][4] is not None:
            answers[r, 1 : n - 1] = encoded[i][4][: n - 2].float()
    return ids, cases, mask, (codes, answers, share)


def tag_loss(logits, mask, targets):
    """A mean over subwords: minus the log probability of the allowed labels, and cross-entropy with the teacher's answers."""
    codes, answers, share = targets
    logp = logits.float().log_softmax(-1)
    barred = (codes[..., None] >> torch.arange(len(LABELS), device=codes.device)) & 1 == 0
    labels = logp.masked_fill(barred, -1e9).logsumexp(-1)
    return -((share * labels + (1 - share) * (answers * logp).sum(-1)) * mask).sum() / mask.sum()


def spans(labels):
    """BIO -> set of (start, end, type); an I that continues nothing opens a mention."""
    found, open_at, kind = set(), None, None
    for i, label in enumerate([*labels, "O"]):
        if open_at is not None and label != f"I-{kind}":
            found.add((open_at, i, kind))
            open_at = None
        if label != "O" and open_at is None:
            open_at, kind = i, label[2:]
    return found


def predict(model, encoded):
    """The label of every token, read at its first subword (O where the row was cut)."""
    model.eval()
    out = [None] * len(encoded)
    order = sorted(range(len(encoded)), key=lambda i: len(encoded[i][0]))
    with torch.no_grad():
        for at in range(0, len(order), 32):
            group = order[at : at + 32]
            ids, cases, mask, _ = moved(tensors(encoded, group))
            best = model(ids, cases, mask).argmax(-1).tolist()
            for r, i in enumerate(group):
                n = len(encoded[i][0])
                out[i] = [LABELS[best[r][p]] if p is not None and p < n else "O" for p in encoded[i][3]]
    return out


def score(model, rows, encoded, types=TYPES):
    """Exact-span F1: micro and per type."""
    counts = {t: [0, 0, 0] for t in types}
    for (_, tags, *_), labels in zip(rows, predict(model, encoded)):
        gold, found = ({s for s in spans(x) if s[2] in types} for x in (tags, labels))
        for t in types:
            g, f = ({s for s in x if s[2] == t} for x in (gold, found))
            counts[t] = [a + b for a, b in zip(counts[t], (len(g & f), len(f), len(g)))]
    f1 = lambda c: round(2 * c[0] / max(1, c[1] + c[2]), 4)
    return {"micro": f1([sum(c[i] for c in counts.values()) for i in range(3)]), **{t: f1(c) for t, c in counts.items()}}


def vary(rows, rng):
    """A few rows in capitals or lower case, so that headlines and careless text are read too."""
    out = []
    for row in rows:
        draw = 1.0 if row.source == "told" else rng.random()  # without labels, a row has nothing but the answers to it as it is
        if draw < 0.03:
            row = row._replace(tokens=[t.upper() for t in row.tokens], told=None)
        elif draw < 0.05:
            row = row._replace(tokens=[t.lower() for t in row.tokens], told=None)
        out.append(row)
    return out


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--extra", type=Path, help="corrected sentences to learn from too (demarche import --rows)")
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--rate", type=float, default=2e-4)
    parser.add_argument("--budget", type=int, default=1536, help="padded subwords a batch")
    parser.add_argument("--shape", choices=SHAPES, default="minilm")
    parser.add_argument("--windows", action="store_true", help="also learn from windows of several sentences")
    parser.add_argument("--seed", type=int, default=7)
    args = parser.parse_args()
    torch.manual_seed(args.seed)
    subwords = Subwords()
    train = tag_rows(args.data, args.extra)
    devs = {s: read_rows(args.data / "ner" / s / "dev.jsonl", s) for s in ("worldwide", "conllpp")}
    dev_encoded = {s: encode(rows, subwords) for s, rows in devs.items()}
    model = Tagger(SHAPES[args.shape]).to(DEVICE)
    plain = [p for n, p in model.named_parameters() if p.ndim < 2]
    heavy = [p for n, p in model.named_parameters() if p.ndim >= 2]
    learner = Learner(model, [{"params": heavy, "lr": args.rate}, {"params": plain, "lr": args.rate, "weight_decay": 0.0}], floor=0.0)
    args.out.mkdir(parents=True, exist_ok=True)

    def make(epoch):
        rng = random.Random(f"{args.seed} {epoch}")
        encoded = encode(vary(joined(train, rng) if args.windows else train, rng), subwords)
        return [lambda group=group: tensors(encoded, group) for group in batches(encoded, args.budget, rng)]

    def after_epoch(epoch):
        torch.save(learner.mean.state_dict(), args.out / "tagger.pt")
        scored = lambda name, *types: score(learner.mean, devs[name], dev_encoded[name], *types)
        results = {"worldwide": scored("worldwide"), "conllpp": scored("conllpp", ("PER", "ORG", "LOC"))}
        print(f"epoch {epoch} {time.time() - began:.0f}s dev {json.dumps(results)}", flush=True)
        return results

    began, last = time.time(), 0
    for epoch, progress, (ids, cases, mask, targets) in epochs(make, args.epochs):
        if epoch != last:
            after_epoch(last)
            last = epoch
        model.train()
        with autocast():
            logits = model(ids, cases, mask)
        loss = tag_loss(logits, mask, targets)
        learner.step(progress, loss)
        if learner.steps % 100 == 0:
            print(f"epoch {epoch} step {learner.steps} loss {loss.item():.4f} {time.time() - began:.0f}s", flush=True)
    results = after_epoch(last)
    (args.out / "ner.json").write_text(json.dumps({"dev_fp32": results, "args": {k: str(v) for k, v in vars(args).items()}}, indent=1))


if __name__ == "__main__":
    main()
