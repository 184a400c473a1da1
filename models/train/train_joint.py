"""Trains the judge together with the tagger, so that the layers that both stand on serve both.

    python train_joint.py --data DATA --tagger FOLDER/tagger.pt --out FOLDER

Starts from a trained tagger (train_ner.py). Every step takes one batch of stance pairs and one of tagged sentences, so that the
tagger does not forget. Pairs come from our own labels (labels.py) and stance/directed; with --taught, from the teacher's answers
mixed with those labels, and from its answers to sentences that nobody has labelled. As an auxiliary signal, sentences of
stance/newsmtsc count as pairs of the whole text ([CLS]) towards the marked person. Both models learn to read windows of several
sentences: neighbouring rows of tags are joined, and our sentences are set into the text around them, of which the judge sees the
sentence only. What is saved is the running mean of the weights, which is steadier than the last step's where labels are noisy.
"""

import argparse
import json
import random
import time
from pathlib import Path

import torch
from torch import nn

from encoder import Encoder
from judge import Judge
from labels import worldwide
from learn import DEVICE, Learner, autocast, epochs, load
from pairs import five_of, report, world_scores
from stance_rows import directed, distributions, labelled, loss_of, marked, newsmtsc, read_told, told_by_people, tensors
from subwords import Subwords
from train_ner import Tagger, batches, corrected_rows, encode as encode_tags, joined, read_rows, score, tag_loss, tag_rows, tensors as tag_tensors, vary


class Both(nn.Module):
    """The tagger, and the judge on its lower `depth` layers; without one, a fresh judge that begins with the base encoder's upper layers."""

    def __init__(self, tagger, depth, judge=None):
        super().__init__()
        self.tagger, self.depth = tagger, depth
        self.judge = judge or Judge(Encoder(tagger.shape).layers[depth:], tagger.shape, tagger.relative)

    def stances(self, ids, cases, mask, places, judged):
        return self.judge(self.tagger.lower(ids, cases, mask, self.depth), judged, places)


def load_both(tagger_path, judge_path):
    """The two models of saved checkpoints, ready to answer, and all that the judge's checkpoint holds."""
    saved = load(judge_path)
    tagger = Tagger()
    tagger.load_state_dict(load(tagger_path))
    model = Both(tagger, saved["depth"]).to(DEVICE).eval()
    model.judge.load_state_dict(saved["judge"])
    return model, saved


def log_probabilities(model, devs):
    """Of directed pairs [pairs, 2 ways, 3 stances], and of our own labels [directions, 3] with their stances."""
    (_, dev), _, world = devs
    return torch.cat(distributions(model, dev)), directions(model, world)


def directions(model, rows):
    """Of the pairs of some rows the log probabilities of each direction, [directions, 3], and its stance."""
    logp = torch.cat(distributions(model, rows)).reshape(-1, 3)
    return logp, torch.tensor([way for row in rows for pair in row[3] for way in pair])


def results_of(model, devs):
    (dev_pairs, _), (plover_pairs, plover), _ = devs
    logp, world = log_probabilities(model, devs)
    results = report([p.five() for p in dev_pairs], [five_of(row[0].tolist(), row[1].tolist()) for row in logp])
    best = torch.cat(distributions(model, plover))[:, 0].argmax(-1).tolist()
    given = [(found, p.a_to_b) for found, p in zip(best, plover_pairs) if found]
    results["plover"] = {"given": round(len(given) / len(best), 3), "polarity": round(sum(a == b for a, b in given) / max(1, len(given)), 3)}
    results["world"] = world_scores(*world)
    return results


def save_judge(model, results, args, name):
    """Writes the judge into the folder `args.out`, and beside it, as `name`, what came of it and by which arguments."""
    args.out.mkdir(parents=True, exist_ok=True)
    torch.save({"judge": model.judge.state_dict(), "depth": model.depth}, args.out / "judge.pt")
    (args.out / name).write_text(json.dumps({"dev_fp32": results, "args": {k: str(v) for k, v in vars(args).items()}}, indent=1))


def read_devs(data, subwords):
    """Directed dev, the PLOVER pairs and our own dev labels, each with its encoded rows."""
    pairs = [directed(data / "stance" / name, subwords) for name in ("directed/dev.jsonl", "plover-pairs/train.jsonl")]
    return (*pairs, marked(worldwide(data / "articles/worldwide.jsonl", "dev"), subwords))


class Tags:
    """Batches of tagged windows without end; the rows are joined anew each time they have all been seen."""

    def __init__(self, rows, subwords, budget):
        self.rows, self.subwords, self.budget = rows, subwords, budget

    def batches(self, rng):
        """Functions that make the tensors of a batch."""
        while True:
            windows = encode_tags(vary(joined(self.rows, rng), rng), self.subwords)
            for group in batches(windows, self.budget, rng):
                yield lambda windows=windows, group=group: tag_tensors(windows, group)


class Pairs:
    """What an epoch sees of stance rows, drawn anew for each."""

    def __init__(self, args, subwords):
        self.args, self.subwords = args, subwords
        self.mtsc = newsmtsc(args.data / "stance/newsmtsc/train.jsonl", subwords)
        rows = (read_told(args.taught) if args.taught else labelled(args.data)) + told_by_people(args.extra)
        of = lambda *kinds: [row for row in rows if row.kind in kinds]
        self.world, self.own, self.crowd, self.bare = of("world"), of("own", "referring", "articles"), of("crowd"), of("unlabelled")

    def epoch(self, rng):
        """(rows, group) for every batch, in random order."""
        draw = lambda rows: marked(rows, self.subwords, rng)
        crowd = draw(self.crowd) + rng.sample(self.mtsc, int(len(self.mtsc) * self.args.mtsc))
        own = [row for _ in range(self.args.world) for row in draw(self.world)] + draw(self.own)
        bare = draw(rng.sample(self.bare, int(len(self.bare) * self.args.bare)))
        drawn = [(rows, group) for rows in (crowd, own, bare) if rows for group in batches(rows, self.args.budget, rng)]
        rng.shuffle(drawn)
        return drawn


def learners(model, rate):
    """The parameters by the rate they learn at: the judge's, the shared layers' half, the tagger's own a quarter."""
    tagger = model.tagger
    shared = {id(p) for part in (tagger.embeddings, *tagger.layers[: model.depth]) for p in part.parameters()}
    return [
        {"params": list(model.judge.parameters()), "lr": rate},
        {"params": [p for p in tagger.parameters() if id(p) in shared], "lr": rate / 2},
        {"params": [p for p in tagger.parameters() if id(p) not in shared], "lr": rate / 4},
    ]


def tags_loss(tagger, batch):
    ids, cases, mask, targets = batch
    with autocast():
        logits = tagger(ids, cases, mask)
    return tag_loss(logits, mask, targets)


def train(model, pairs, tags, args, after_epoch):
    """Calls `after_epoch` with the mean of the weights after every epoch."""
    learner, began, last = Learner(model, learners(model, args.rate)), time.time(), 0

    def make(epoch):
        rng = random.Random(f"{args.seed} {epoch}")
        drawn = pairs.epoch(rng)
        return [lambda rows=rows, group=group, tag=tag: (tensors(rows, group), tag()) for (rows, group), tag in zip(drawn, tags.batches(rng))]

    for epoch, progress, ((inputs, targets), tagged) in epochs(make, args.epochs):
        if epoch != last:
            after_epoch(learner.mean)
            last = epoch
        model.train()
        with autocast():
            logits = model.stances(*inputs)
        learner.step(progress, loss_of(logits, targets), tags_loss(model.tagger, tagged))
        if learner.steps % 100 == 0:
            print(f"epoch {epoch} step {learner.steps}, {progress:.3f} of all, {time.time() - began:.0f}s", flush=True)
    after_epoch(learner.mean)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--tagger", type=Path, required=True)
    parser.add_argument("--judge", type=Path, help="go on with this judge; without it, the layers above the shared ones start from the base encoder")
    parser.add_argument("--taught", type=Path, help="rows with a teacher's answers (teach.py); without it, labels alone")
    parser.add_argument("--told-tags", type=Path, help="tagged rows with a teacher's answers (teach_tags.py)")
    parser.add_argument("--extra", type=Path, help="corrected sentences to learn from too (demarche import --rows)")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--depth", type=int, default=2, help="layers that tagger and judge share")
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--rate", type=float, default=1.2e-4, help="of the judge; the shared layers learn at half, the tagger's own at a quarter")
    parser.add_argument("--budget", type=int, default=1536)
    parser.add_argument("--mtsc", type=float, default=0.2, help="share of stance/newsmtsc that is seen in an epoch")
    parser.add_argument("--world", type=int, default=1, help="how often our own labels of worldwide news are seen in an epoch")
    parser.add_argument("--bare", type=float, default=0.5, help="share of the sentences without labels that is seen in an epoch")
    parser.add_argument("--seed", type=int, default=7)
    args = parser.parse_args()
    torch.manual_seed(args.seed)
    subwords = Subwords()
    tagger = Tagger()
    tagger.load_state_dict(load(args.tagger))
    model = Both(tagger, args.depth).to(DEVICE)
    if args.judge:
        model.judge.load_state_dict(load(args.judge)["judge"])
    devs = read_devs(args.data, subwords)
    tags = (torch.load(args.told_tags, weights_only=False) if args.told_tags else tag_rows(args.data)) + corrected_rows(args.extra)
    dev = read_rows(args.data / "ner/worldwide/dev.jsonl", "worldwide")
    dev_encoded = encode_tags(dev, subwords)
    args.out.mkdir(parents=True, exist_ok=True)
    results = {}

    def after_epoch(mean):
        results.update(results_of(mean, devs), ner=score(mean.tagger, dev, dev_encoded))
        print(json.dumps(results), flush=True)
        torch.save(mean.tagger.state_dict(), args.out / "tagger.pt")
        save_judge(mean, results, args, "joint.json")

    train(model, Pairs(args, subwords), Tags(tags, subwords, args.budget), args, after_epoch)


if __name__ == "__main__":
    main()
