"""Trains the judge of claims that ships: every second layer of a teacher's, on what the shared layers make of a text.

    python widen.py --tagger FOLDER/tagger.pt --judge FOLDER/judge.pt --teacher TEACHER/claims_teacher.pt --out WIDE

The layers begin as the teacher's (Sanh et al. 2019, DistilBERT) and learn two things at once from it: its answers, mixed with the labels where
there are such, and its states of text and queries, layer by layer (Jiao et al. 2020, TinyBERT), the latter less and less. Half of the texts
are put claims of other topics, drawn anew every epoch, of which only the teacher knows the answer; it is asked as they come up. With
--told, rows that another teacher has answered (`train_claims.py --tell`) stand for the labelled ones, so that both have their say.

What the layers stand on is the states of the shared layers and, beside them, what these read: the embeddings. The states
alone tell less of the teacher's lowest states. The shared layers stay as they are.
"""

import argparse
import json
import random
import time
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import nn

from encoder import MINILM, MPNET, Layer, Relative
from judge import Entry, Judge
from learn import DEVICE, Learner, autocast, epochs, load, moved
from stance_rows import UNTOLD, loss_of, tensors
from subwords import Subwords
from train_claims import FOLDER, SHARE, crossed, encode, fit, load_teacher, part_of, read_topics, read_triples, scores
from train_joint import load_both
from train_ner import batches

PICKED = (1, 3, 5, 7, 9, 11)  # of the teacher's layers, counted from its lowest
INNER = 384  # within the head
ENTERED = 12  # batches that the entry is solved on
UNKNOWN = [1 / 3] * 3  # the target of a pair that nobody has labelled


class Wide(nn.Module):
    """The tagger's embeddings and lower `depth` layers, and a wide judge on both."""

    def __init__(self, tagger, depth):
        super().__init__()
        shape = MPNET
        layers = nn.ModuleList(Layer(shape) for _ in PICKED)
        self.tagger, self.depth = tagger, depth
        self.judge = Judge(layers, shape, Relative(shape.heads), Entry(2 * MINILM.width, shape), INNER)

    def lower(self, ids, cases, mask):
        """[rows, positions, 2 * width]: states, then embeddings."""
        return torch.cat([self.tagger.lower(ids, cases, mask, self.depth), self.tagger.embeddings(ids, cases)], -1)

    def stances(self, ids, cases, mask, places, judged):
        return self.judge(self.lower(ids, cases, mask), judged, places)

    def begin(self, teacher):
        """Takes the teacher's weights, where there are such; the entry and the head are new."""
        theirs = all_layers(teacher)
        with torch.no_grad():
            for mine, number in enumerate(PICKED):
                self.judge.layers[mine].load_state_dict(theirs[number].state_dict())
                above = max(0, number - teacher.depth)
                for ours, of in ((self.judge.partner_key, teacher.judge.partner_key), (self.judge.partner_value, teacher.judge.partner_value)):
                    ours[mine] = of[above]
            self.judge.mark.copy_(teacher.judge.mark)
            self.judge.norm.load_state_dict(teacher.judge.norm.state_dict())
            self.judge.relative.load_state_dict(teacher.tagger.relative.state_dict())
            self.judge.entry.norm.load_state_dict(theirs[0].norm_output.state_dict())
        return self

    def enter(self, teacher, steps):
        """The entry begins as the ridge regression from what it is given to the teacher's states after its lowest layer."""
        x, y, norm = [], [], self.judge.entry.norm
        with torch.no_grad():
            for (ids, cases, mask, _, _), _ in (moved(step()) for step in steps):
                x.append(F.pad(self.lower(ids, cases, mask)[mask > 0], (0, 1), value=1.0).double())
                y.append(((teacher.tagger.lower(ids, cases, mask, 1)[mask > 0] - norm.bias) / norm.weight).double())
            x, y = torch.cat(x), torch.cat(y)
            solved = torch.linalg.solve(x.T @ x + 3.0 * torch.eye(x.shape[1], dtype=x.dtype, device=x.device), x.T @ y).float()
            self.judge.entry.up.weight.copy_(solved[:-1].T)
            self.judge.entry.up.bias.copy_(solved[-1])


def all_layers(teacher):
    return [*teacher.tagger.layers[: teacher.depth], *teacher.judge.layers]


def of_checkpoints(description, needed):
    """A parser of arguments that name the checkpoints of the three models that ship, of which some are needed."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    for model in ("tagger", "judge", "claims"):
        parser.add_argument(f"--{model}", type=Path, required=model in needed)
    return parser


def load_wide(tagger, judge, claims):
    """The model of saved checkpoints, ready to answer."""
    both, saved = load_both(tagger, judge)
    model = Wide(both.tagger, saved["depth"]).to(DEVICE)
    model.judge.load_state_dict(load(claims)["judge"])
    return model.eval()


class Watched:
    """What modules give, in their order, of the last time that each was called."""

    def __init__(self, modules):
        self.seen = [None] * len(modules)
        for number, module in enumerate(modules):
            module.register_forward_hook(lambda _, __, out, number=number: self.seen.__setitem__(number, out))


def gap(mine, theirs, judged, asked):
    """How far states are from the teacher's, [rows, text then queries, width] each, a mean over what is `judged` of the text and `asked`."""
    total, level = 0, lambda x: F.layer_norm(x.float(), x.shape[-1:])
    for number, (x, y) in enumerate(zip(mine, theirs)):
        held = min(x.shape[1], y.shape[1])  # the lower ones have no queries
        first = judged[:, :1] if number + 1 == len(mine) else judged  # of the last one's text there is [CLS] alone
        counted = torch.cat([first, asked], 1)[:, :held].float()
        away = ((level(x[:, :held]) - level(y[:, :held])) ** 2).mean(-1)
        total = total + (away * counted).sum() / counted.sum()
    return total / len(mine)


def answered(targets, told):
    """Targets [rows, pairs, 2 ways, 3], of which the first way is told: labels mixed with what a teacher tells, [rows, pairs, 3]."""
    labels = targets[:, :, 0]
    there = labels.sum(-1, keepdim=True) > 0
    labelled = labels.amax(-1, keepdim=True) - labels.amin(-1, keepdim=True) > 1e-4
    mixed = torch.where(labelled, SHARE * labels + (1 - SHARE) * told, told) * there
    return torch.stack([mixed, torch.zeros_like(mixed)], 2)


def train(model, teacher, batched, args, after_epoch):
    """The mean of the weights after `args.epochs`, or after `args.minutes` if that is less."""
    torch.manual_seed(args.seed)
    model.tagger.requires_grad_(False)
    learner = Learner(model.judge, [{"params": [p for p in model.judge.parameters() if p.requires_grad], "lr": args.rate}], 0.99)
    watched = Watched([model.judge.entry.norm, *(layer.norm_output for layer in model.judge.layers)])
    aims = Watched([all_layers(teacher)[number].norm_output for number in (0, *PICKED)])
    trained, last, began = model.judge, 0, None

    def seen(shown):
        model.judge = learner.mean.eval()
        after_epoch(model, shown)
        model.judge = trained

    for epoch, progress, ((ids, cases, mask, places, judged), targets) in batched:
        began = began or time.time()
        progress = max(progress, (time.time() - began) / 60 / args.minutes)
        if progress >= 1:
            break
        if epoch != last:
            seen(epoch)
            last = epoch
        model.eval()
        model.judge.train()
        with autocast():
            with torch.no_grad():
                low = model.lower(ids, cases, mask)
                told = teacher.stances(ids, cases, mask, places, judged)[:, :, 0].float().softmax(-1)
            logits = model.judge(low, judged, places)
        loss = loss_of(logits, answered(targets, told))
        away = gap(watched.seen, aims.seen, judged, (targets[:, :, 0].sum(-1) > 0).repeat_interleave(2, 1))
        learner.step(progress, loss + (1 - progress) * away)
        if learner.steps % 100 == 0:
            print(f"epoch {epoch} step {learner.steps} loss {loss.item():.4f} apart {float(away):.4f} {time.time() - began:.0f}s", flush=True)
    model.judge = learner.mean.eval()
    return model


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tagger", type=Path, required=True)
    parser.add_argument("--judge", type=Path, required=True)
    parser.add_argument("--teacher", type=Path, required=True)
    parser.add_argument("--told", type=Path, help="rows that another teacher has answered")
    parser.add_argument("--claims", type=Path, default=FOLDER, help="the folder of texts")
    parser.add_argument("--crossed", type=float, default=3, help="claims of other topics that a text is put in an epoch, on average")
    parser.add_argument("--held", type=Path, help="texts apart from all these, scored at the end")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--minutes", type=float, default=1e9, help="end after these at the latest; the rate falls in step")
    parser.add_argument("--rate", type=float, default=1.5e-4)
    parser.add_argument("--budget", type=int, default=6144)
    parser.add_argument("--seed", type=int, default=7)
    args = parser.parse_args()
    subwords = Subwords()
    topics = [topic for path in sorted(args.claims.glob("*.txt")) for topic in read_topics(path)]
    of = lambda part: [topic for topic in topics if part_of(topic) == part]
    kept, ours = of("dev"), of("train")
    dev = encode(kept, subwords)
    rows = sum(torch.load(args.told, weights_only=False), []) if args.told else encode(ours, subwords)
    unknown = lambda row: (*row[:3], [(UNKNOWN, UNTOLD) for _ in row[3]], *row[4:])

    def make(epoch):
        rng = random.Random(f"{args.seed} {epoch}")
        drawn = rows + [unknown(row) for row in encode(crossed(ours, rng, args.crossed), subwords)]
        return [lambda group=group: tensors(drawn, group) for group in batches(drawn, args.budget, rng)]

    batched = epochs(make, args.epochs)
    first, (both, saved), teacher = make(0)[:ENTERED], load_both(args.tagger, args.judge), load_teacher(args.teacher)
    model = Wide(both.tagger, saved["depth"]).to(DEVICE).begin(teacher).eval()
    model.enter(teacher, first)

    def save(model, **told):
        args.out.mkdir(parents=True, exist_ok=True)
        torch.save({"judge": model.judge.state_dict(), "depth": model.depth, "wide": True, **told}, args.out / "claims.pt")

    def after_epoch(model, epoch):
        save(model)
        with autocast():
            print(epoch, json.dumps(scores(model, dev)), flush=True)

    model = train(model, teacher, batched, args, after_epoch)
    fitted = fit(model, dev)
    save(model, **fitted)
    results = {"dev": scores(model, dev), "dev_fitted": scores(model, dev, fitted), **fitted}
    if args.held:
        results["held"] = scores(model, encode(read_triples(args.held), subwords), fitted)
    print(json.dumps(results))
    (args.out / "claims.json").write_text(json.dumps({"float": results, "args": {k: str(v) for k, v in vars(args).items()}}, indent=1))


if __name__ == "__main__":
    main()
