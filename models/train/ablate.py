"""What each part of the recipe is worth: short trainings that differ from the first in one thing.

    python ablate.py --data DATA --tagger FOLDER/tagger.pt [--taught FOLDER/taught.jsonl] --out FOLDER [--only NAME ...]

Every training of the judge takes as many steps from the same tagger; a source that is left out makes room for more of the
others. Those of the tagger start from the base encoder. One line of results a training goes to FOLDER/ablation.jsonl, the
weights to FOLDER/NAME/.
"""

import argparse
import json
import random
import time
from pathlib import Path
from types import SimpleNamespace

import torch

from labels import public, written
from learn import DEVICE, Learner, epochs, load
from subwords import Subwords
from train_joint import Both, Pairs, Tags, read_devs, results_of, tags_loss, train
from train_ner import Tagger, encode as encode_tags, joined, read_rows, score, tag_rows

JUDGES = {
    "judge": {},
    "another seed": {"seed": 8},
    "one shared layer": {"depth": 1},
    "three shared layers": {"depth": 3},
    "four shared layers": {"depth": 4},
    "labels alone, no teacher": {"taught": None},
    "without sentences that only the teacher saw": {"without": ("bare",)},
    "without world news": {"without": ("world",)},
    "without the public sets' own labels": {"without": ("public",)},
    "without news items": {"without": ("written",)},
    "without the crowd's labels": {"without": ("crowd",)},
    "without NewsMTSC": {"mtsc": 0.0},
    "sentences alone, no windows": {"windows": False},
    "no case input to the judge": {"case": False},
}
TAGGERS = {
    "tagger": {},
    "no case input": {"case": False},
    "rows alone, no windows": {"windows": False},
    "without CoNLL++": {"without": ("conllpp",)},
    "without news items (tags)": {"without": ("written",)},
}


class Caseless(Subwords):
    """Subwords whose letter case is not told."""

    def rows(self, texts):
        rows = super().rows(texts)
        for row in rows:
            row.cases = [0] * len(row.cases)
        return rows


class Cut:
    """The first `steps` batches of what an epoch sees."""

    def __init__(self, pairs, steps):
        self.pairs, self.steps = pairs, steps

    def epoch(self, rng):
        return self.pairs.epoch(rng)[: self.steps]


def apart(rows):
    """Tagged rows, each a document of its own, so that none are joined."""
    return [row._replace(doc=f"{number}") for number, row in enumerate(rows)]


def pairs_of(args, subwords, without, windows):
    """The stance rows without some sources."""
    pairs = Pairs(args, subwords)
    texts = {"public": {r.text for r in public(args.data)}, "written": {r.text for item in written() for r, _ in item}}
    for source in without:
        if source in texts:
            pairs.own = [row for row in pairs.own if row.text not in texts[source]]
        else:
            setattr(pairs, source, [])
    if not windows:
        for row in pairs.world + pairs.own:
            row.before = row.after = ""
    return pairs


def judge(given, seed=7, depth=2, taught=True, without=(), mtsc=0.2, windows=True, case=True):
    """Trains one judge beside the tagger; its results and both models."""
    args = SimpleNamespace(**vars(given))
    args.mtsc, args.world, args.bare, args.epochs, args.rate = mtsc, 1, 0.5, 1, 1.2e-4
    args.seed, args.extra = seed, None
    args.taught = given.taught if taught else None
    torch.manual_seed(seed)
    subwords = Subwords() if case else Caseless()
    tagger = Tagger()
    tagger.load_state_dict(load(args.tagger))
    model, results = Both(tagger, depth).to(DEVICE), {}
    devs = read_devs(args.data, subwords)
    pairs = pairs_of(args, subwords, without, windows)
    # The tags keep their letter case: it is the judge's that is in question, and the layers are shared.
    tags = Tags(tag_rows(args.data) if windows else apart(tag_rows(args.data)), Subwords(), args.budget)
    kept = []

    def after_epoch(mean):
        results.update(results_of(mean, devs))
        kept.append(mean)

    train(model, Cut(pairs, args.steps), tags, args, after_epoch)
    return results, kept[-1]


def tagger(args, seed=7, without=(), windows=True, case=True):
    """Trains one tagger from the base encoder; F1 on rows and on windows of them."""
    torch.manual_seed(seed)
    subwords, model = Subwords() if case else Caseless(), Tagger().to(DEVICE)
    rows = [row for row in tag_rows(args.data) if row.source not in without]
    tags = Tags(rows if windows else apart(rows), subwords, args.budget)
    learner = Learner(model, [{"params": list(model.parameters()), "lr": 3e-4}], 0.99, 0.0)
    model.train()
    for _, progress, batch in epochs(lambda _: [step for step, _ in zip(tags.batches(random.Random(seed)), range(args.steps))], 1):
        learner.step(progress, tags_loss(model, batch))
    model = learner.mean
    results = {}
    for name in ("worldwide", "conllpp"):
        dev = read_rows(args.data / "ner" / name / "dev.jsonl", name)
        kinds = ("PER", "ORG", "LOC") if name == "conllpp" else ("PER", "ORG", "LOC", "NORP", "FAC", "MISC")
        for how, rows in (("rows", dev), ("windows", joined(dev, random.Random(seed), (72,)))):
            results[f"{name} {how}"] = score(model, rows, encode_tags(rows, subwords), kinds)
    return results, model


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--tagger", type=Path, required=True)
    parser.add_argument("--taught", type=Path, help="without it, every judge learns from labels alone")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--only", nargs="*", choices=[*JUDGES, *TAGGERS])
    parser.add_argument("--steps", type=int, default=400)
    parser.add_argument("--budget", type=int, default=1536)
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    for name in args.only or [*TAGGERS, *JUDGES]:
        began = time.time()
        results, model = judge(args, **JUDGES[name]) if name in JUDGES else tagger(args, **TAGGERS[name])
        line = {"name": name, "steps": args.steps, "seconds": round(time.time() - began), **results}
        with open(args.out / "ablation.jsonl", "a", encoding="utf-8") as out:
            out.write(json.dumps(line) + "\n")
        print(json.dumps(line), flush=True)
        if name in JUDGES:
            folder = args.out / name.replace(" ", "-").replace(",", "")
            folder.mkdir(exist_ok=True)
            torch.save(model.tagger.state_dict(), folder / "tagger.pt")
            torch.save({"judge": model.judge.state_dict(), "depth": model.depth}, folder / "judge.pt")


if __name__ == "__main__":
    main()
