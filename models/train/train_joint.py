"""Trains the judge together with the tagger, so that the layers that both stand on serve both.

    python train_joint.py --data DATA --tagger FOLDER/tagger.pt --out FOLDER

Starts from a trained tagger (train_ner.py). Every step takes one batch of stance pairs and, for every second one, a batch of
tagged sentences, so that the tagger does not forget. Pairs come from stance/directed, from our own labels of worldwide news and
our own sentences (labels.py); as an auxiliary signal, sentences of stance/newsmtsc count as pairs of the whole text ([CLS])
towards the marked person. Both models learn to read windows of several sentences: neighbouring rows of tags are joined, and our
sentences are set into the text around them, of which the judge sees the sentence only. What is saved is the running mean of the weights, which is steadier than the last step's where labels
are noisy.
"""

import argparse
import copy
import json
import random
import re
import time
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import nn

from encoder import LAYERS, key_bias, load_base
from labels import public, sentences, worldwide
from pairs import covering, five_of, read_pairs, report, world_scores
from subwords import CLS, SEP, Subwords
from train_ner import Tagger, batches, encode as encode_tags, joined, read_rows, score, tensors as tag_tensors
from judge import Judge

LIMIT = 192
UNTOLD = -100  # a direction of which the data says nothing
TEXT = (-1, -1)  # the whole text as the holder of a stance


def encode_pairs(texts, asked, subwords, whole=None):
    """(ids, cases, [[a first, a last, b first, b last], ...], [[a -> b, b -> a], ...], judged) for every text with its asked
    pairs, each given as (span a, span b, (a -> b, b -> a)). `judged` is the run of places that the judge sees beside [CLS]:
    all of the text, or the sentence whose span in it `whole` gives."""
    out = []
    for number, (row, pairs) in enumerate(zip(subwords.rows(texts), asked)):
        places = []
        for a, b, _ in pairs:
            ends = [p for span in (a, b) for p in ((-1, -1) if span == TEXT else covering(row, span) or (0, 0))]
            places.append([min(p + 1, LIMIT - 2) for p in ends])
        ids, cases = [CLS, *row.ids[: LIMIT - 2], SEP], [0, *row.cases[: LIMIT - 2], 0]
        first, last = (covering(row, whole[number]) or (0, len(row.ids) - 1)) if whole else (0, len(row.ids) - 1)
        judged = (min(first + 1, LIMIT - 2), min(last + 2, len(ids) - 1))
        out.append((ids, cases, places, [stances for _, _, stances in pairs], judged))
    return out


def directed(path, subwords):
    pairs = read_pairs(path)
    asked = [[(p.a, p.b, (p.a_to_b, UNTOLD if p.b_to_a is None else p.b_to_a))] for p in pairs]
    return pairs, encode_pairs([p.text for p in pairs], asked, subwords)


def marked(rows, subwords, rng=None):
    """Rows of labels.py that have a pair. With `rng`, each is set into some of the text around it, drawn anew each time."""
    rows = [row for row in rows if any(row.pairs())]
    texts, asked, whole = [], [], []
    for row in rows:
        before, after = (some(row.before, rng, -1), some(row.after, rng, 0)) if rng else ("", "")
        at = len(before)
        shifted = lambda span: (span[0] + at, span[1] + at)
        texts.append(before + row.text + after)
        asked.append([(shifted(a), shifted(b), stances) for a, b, stances in row.pairs()])
        whole.append((at, at + len(row.text)))
    return encode_pairs(texts, asked, subwords, whole)


def some(text, rng, end):
    """None, one or all of the sentences of some text, counted from its end (-1) or its start (0); the outermost is cut off."""
    pieces = re.split(r"(?<=[.!?”\"])(?=\s)", text)
    pieces = pieces[1:] if end else pieces[:-1]
    kept = rng.choice((0, 0, 1, len(pieces)))
    return "".join(pieces[max(0, len(pieces) - kept) :] if end else pieces[:kept])


def newsmtsc(path, subwords):
    rows = [json.loads(line) for line in open(path, encoding="utf-8")]
    stance = {0: 0, 1: 1, -1: 2}
    asked = [[(TEXT, (r["from"], r["to"]), (stance[int(r["polarity"])], UNTOLD))] for r in rows]
    return encode_pairs([r["sentence"] for r in rows], asked, subwords)


def tensors(encoded, group):
    longest = max(len(encoded[i][0]) for i in group)
    ids, cases, mask = (torch.zeros(len(group), longest, dtype=torch.long) for _ in range(3))
    for r, i in enumerate(group):
        n = len(encoded[i][0])
        ids[r, :n], cases[r, :n], mask[r, :n] = torch.tensor(encoded[i][0]), torch.tensor(encoded[i][1]), 1
    most = max(len(encoded[i][2]) for i in group)
    places = torch.zeros(len(group), most, 4, dtype=torch.long)
    gold = torch.full((len(group), most, 2), UNTOLD)
    for r, i in enumerate(group):
        held = len(encoded[i][2])
        places[r, :held] = torch.tensor(encoded[i][2]).clamp(max=longest - 1)
        gold[r, :held] = torch.tensor(encoded[i][3])
    judged = torch.zeros(len(group), longest, dtype=torch.long)
    judged[:, 0] = 1
    for r, i in enumerate(group):
        judged[r, encoded[i][4][0] : encoded[i][4][1]] = 1
    return (ids, cases, mask, places + torch.arange(len(group))[:, None, None] * longest, judged), gold


class Both(nn.Module):
    """The tagger, and the judge on its lower `depth` layers."""

    def __init__(self, tagger, depth):
        super().__init__()
        self.tagger, self.depth = tagger, depth
        self.judge = Judge(copy.deepcopy(nn.ModuleList(list(load_base()[1])[depth:LAYERS])))

    def stances(self, ids, cases, mask, places, judged):
        x, bias = self.tagger.embeddings(ids, cases), key_bias(mask)
        for layer in self.tagger.layers[: self.depth]:
            x = layer(x, bias)
        return self.judge(x, judged, places)


def load_both(tagger_path, judge_path):
    """The two models of saved checkpoints, ready to answer, and all that the judge's checkpoint holds."""
    saved = torch.load(judge_path)
    tagger = Tagger()
    tagger.load_state_dict(torch.load(tagger_path))
    model = Both(tagger, saved["depth"]).eval()
    model.judge.load_state_dict(saved["judge"])
    return model, saved


def distributions(model, encoded):
    """For every row the log probabilities of its pairs, [pairs, 2 ways, 3 stances]."""
    model.eval()
    out = [None] * len(encoded)
    with torch.no_grad():
        for group in batches(encoded, 2048, random.Random(0)):
            inputs, _ = tensors(encoded, group)
            for i, row in zip(group, model.stances(*inputs).log_softmax(-1)):
                out[i] = row[: len(encoded[i][2])]
    return out


def log_probabilities(model, devs):
    """Of directed pairs [pairs, 2 ways, 3 stances], and of our own labels [directions, 3] with their stances."""
    (_, dev), _, world = devs
    world_logp = torch.cat(distributions(model, world)).reshape(-1, 3)
    world_gold = torch.tensor([way for row in world for pair in row[3] for way in pair])
    return torch.cat(distributions(model, dev)), (world_logp, world_gold)


def results_of(model, devs):
    (dev_pairs, _), (plover_pairs, plover), _ = devs
    logp, world = log_probabilities(model, devs)
    results = report([p.five() for p in dev_pairs], [five_of(row[0].tolist(), row[1].tolist()) for row in logp])
    best = torch.cat(distributions(model, plover))[:, 0].argmax(-1).tolist()
    given = [(found, p.a_to_b) for found, p in zip(best, plover_pairs) if found]
    results["plover"] = {"given": round(len(given) / len(best), 3), "polarity": round(sum(a == b for a, b in given) / max(1, len(given)), 3)}
    results["world"] = world_scores(*world)
    return results


def read_devs(data, subwords):
    """Directed dev, the PLOVER pairs and our own dev labels, each with its encoded rows."""
    pairs = [directed(data / "stance" / name, subwords) for name in ("directed/dev.jsonl", "plover-pairs/train.jsonl")]
    return (*pairs, marked(worldwide(data / "articles/worldwide.jsonl", "dev"), subwords))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--tagger", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--depth", type=int, default=2, help="layers that tagger and judge share")
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--rate", type=float, default=1.2e-4, help="of the judge; the shared layers learn at half, the tagger's own at a quarter")
    parser.add_argument("--budget", type=int, default=1536)
    parser.add_argument("--tag-every", type=int, default=1)
    parser.add_argument("--mtsc", type=float, default=0.2, help="share of stance/newsmtsc that is seen in an epoch")
    parser.add_argument("--world", type=int, default=2, help="how often our own labels are seen in an epoch")
    parser.add_argument("--seed", type=int, default=7)
    args = parser.parse_args()
    rng = random.Random(args.seed)
    torch.manual_seed(args.seed)
    subwords = Subwords()
    tagger = Tagger()
    tagger.load_state_dict(torch.load(args.tagger))
    model = Both(tagger, args.depth)
    stance = args.data / "stance"
    articles = args.data / "articles/worldwide.jsonl"
    _, train = directed(stance / "directed/train.jsonl", subwords)
    ours = worldwide(articles, "train") + sentences()
    devs = read_devs(args.data, subwords)
    more = marked(public(args.data), subwords)
    mtsc = newsmtsc(stance / "newsmtsc/train.jsonl", subwords)
    tags = [r for s in ("worldwide", "conllpp") for r in read_rows(args.data / "ner" / s / "train.jsonl", s)]
    tag_dev = read_rows(args.data / "ner/worldwide/dev.jsonl", "worldwide")
    tag_dev_encoded = encode_tags(tag_dev, subwords)
    shared = {id(p) for part in (tagger.embeddings, *tagger.layers[: args.depth]) for p in part.parameters()}
    groups = [
        {"params": [p for p in model.judge.parameters()], "lr": args.rate},
        {"params": [p for p in tagger.parameters() if id(p) in shared], "lr": args.rate / 2},
        {"params": [p for p in tagger.parameters() if id(p) not in shared], "lr": args.rate / 4},
    ]
    optimizer = torch.optim.AdamW(groups, weight_decay=0.01)
    mean = copy.deepcopy(model)
    own = lambda: [row for _ in range(args.world) for row in marked(ours, subwords, rng)]
    sample = lambda: [train + rng.sample(mtsc, int(len(mtsc) * args.mtsc)), own() + more]

    def shuffled(pools):
        groups = [(pool, group) for pool in pools for group in batches(pool, args.budget, rng)]
        rng.shuffle(groups)
        return groups

    total = args.epochs * (len(shuffled(sample())) + 5)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda s: min((s + 1) / (0.1 * total), max(0.02, (total - s) / (0.9 * total))))
    args.out.mkdir(parents=True, exist_ok=True)
    began, step, tag_groups = time.time(), 0, []
    for epoch in range(args.epochs):
        for data, group in shuffled(sample()):
            model.train()
            inputs, gold = tensors(data, group)
            with torch.autocast("cpu", dtype=torch.bfloat16):
                logits = model.stances(*inputs)
            F.cross_entropy(logits.float().reshape(-1, 3), gold.reshape(-1), label_smoothing=0.05).backward()
            if step % args.tag_every == 0:
                if not tag_groups:
                    windows = encode_tags(joined(tags, rng), subwords)
                    tag_groups = batches(windows, args.budget, rng)
                ids, cases, mask, targets = tag_tensors(windows, tag_groups.pop())
                with torch.autocast("cpu", dtype=torch.bfloat16):
                    logits = tagger(ids, cases, mask)
                logp = logits.float().log_softmax(-1).masked_fill(~targets, -1e9).logsumexp(-1)
                (-(logp * mask).sum() / mask.sum()).backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            optimizer.zero_grad()
            step += 1
            keep = min(0.995, step / (step + 20))
            with torch.no_grad():
                torch._foreach_lerp_(list(mean.parameters()), list(model.parameters()), 1 - keep)
            if step % 100 == 0:
                print(f"epoch {epoch} step {step}/{total} {time.time() - began:.0f}s", flush=True)
        results, last = results_of(mean, devs), results_of(model, devs)
        results["ner"] = score(mean.tagger, tag_dev, tag_dev_encoded)
        print(f"epoch {epoch} {time.time() - began:.0f}s mean {json.dumps(results)} last {json.dumps(last)}", flush=True)
        torch.save(mean.tagger.state_dict(), args.out / "tagger.pt")
        torch.save({"judge": mean.judge.state_dict(), "depth": args.depth}, args.out / "judge.pt")
    (args.out / "joint.json").write_text(json.dumps({"dev_fp32": results, "args": {k: str(v) for k, v in vars(args).items()}}, indent=1))


if __name__ == "__main__":
    main()
