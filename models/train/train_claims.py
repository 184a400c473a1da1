"""Trains the judge of claims: how a marked actor stands to a statement, by a text.

    python train_claims.py --data DATA --teach FOLDER/teacher.pt --out TEACHER                    # -> TEACHER/claims_teacher.pt
    python train_claims.py --data DATA --tagger FOLDER/tagger.pt --judge FOLDER/judge.pt --taught TEACHER/claims_teacher.pt --out FOLDER

The shipped one is made of a teacher by widen.py. Without --teach a smaller one is trained here: it has the judge's shape, stands on the same
shared layers, which stay as they are, and starts from the judge's weights. A row is [CLS] claim [SEP] text [SEP]; of each pair, the one
mention is the actor's, the other the whole claim. Only the way from actor to claim is learnt and read. Texts are those of labels/claims/ (see its format in `read_topics`), every fifth topic of which is dev.

A teacher is the judge on the larger encoder, all of whose layers learn; it starts from the teacher of stances or, without --teach's file, from the
base encoder. The smaller one learns from labels mixed with the answers of teachers, and from these alone where nobody has labelled:
claims put to the texts of other topics, and frames put to sentences of labelled stances (`warming`).
"""

import argparse
import hashlib
import json
import random
import re
import time
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import nn

from encoder import SHAPES
from labels import public, worldwide, written
from learn import DEVICE, Learner, autocast, epochs, load
from pairs import STANCES, covering, weighed
from stance_rows import LIMIT, UNTOLD, distributions, loss_of, tensors
from subwords import CLS, SEP, Subwords
from train_joint import Both, load_both
from train_ner import Tagger, batches

FOLDER = Path(__file__).parent / "labels" / "claims"
SIGNS = {"0": 0, "+": 1, "-": 2}
CLEARLY = 0.005  # a gain in macro F1
SHARE = 0.5  # the label's, where teachers have answered too


@dataclass
class Topic:
    """Claims on one matter, and texts with the stances of their actors: (text, [(span, [stance on each claim])])."""

    name: str
    claims: list
    texts: list


def read_topics(path):
    """Topics of a file: `# name`, then `A: claim` lines, then texts with [actors] and `|| 1 A+,B-,C0 || 2 ...`, ended by an empty line."""
    topics = []
    for number, line in enumerate(open(path, encoding="utf-8"), 1):
        line = line.strip()
        if line.startswith("#"):
            topics.append(Topic(line[1:].strip(), [], []))
        elif re.match(r"[A-Z]: ", line):
            topics[-1].claims.append(line[3:].strip())
        elif line:
            text, *answers = (part.strip() for part in line.split("||"))
            pieces, actors, plain = re.split(r"(\[[^\]]+\])", text), [], ""
            for piece in pieces:
                if piece.startswith("["):
                    actors.append((len(plain), len(plain) + len(piece) - 2))
                    piece = piece[1:-1]
                plain += piece
            told = {}
            for answer in answers:
                who, what = answer.split(" ", 1)
                signs = {mark.strip()[0]: SIGNS[mark.strip()[1]] for mark in what.split(",")}
                if set(signs) != {chr(ord("A") + k) for k in range(len(topics[-1].claims))}:
                    raise SystemExit(f"{path}, line {number}: not every claim is answered")
                told[int(who) - 1] = [signs[letter] for letter in sorted(signs)]
            if set(told) - set(range(len(actors))):
                raise SystemExit(f"{path}, line {number}: answers of an actor who is not there")
            topics[-1].texts.append((plain, [(actors[k], told[k]) for k in sorted(told)]))
    return topics


FOR = """{} should be supported.|{} deserves praise.|{} is in the right.|{} should get what it wants.|{} must be defended.|{} is a good thing.|{} should go ahead.
{} deserves to win.|The world should stand by {}.|More help should go to {}.|{} can be trusted.|{} is welcome.|{} has done well.|Nobody should stand in the way of {}."""
AGAINST = """{} should be stopped.|{} is to blame.|{} is in the wrong.|{} must be resisted.|{} deserves to be punished.|{} does more harm than good.|{} must go.
{} cannot be trusted.|{} should be condemned.|The world should turn its back on {}.|{} is a mistake.|{} has failed.|{} must not get its way.|Pressure should be put on {}."""


def turned(stance):
    """The other stance; of a distribution, that with the two exchanged."""
    return [stance[0], stance[2], stance[1]] if isinstance(stance, list) else stance and 3 - stance


def warming(data, rng, most):
    """Topics made of the labelled stances: a statement for or against the target of one, or of a name of another sentence."""
    rows = [row for row in worldwide(data / "articles/worldwide.jsonl", "train") + public(data) + [row for item in written() for row, _ in item] if row.stances]
    frames = [(frame.strip(), sign) for told, sign in ((FOR, 1), (AGAINST, -1)) for frame in told.replace("\n", "|").split("|")]
    topics = []
    for row in rng.sample(rows, min(len(rows), most)):
        target = rng.choice(sorted(row.stances))[1]
        names = {entity: row.text[s:e] for s, e, entity in reversed(row.mentions)}
        strange = rng.choice(rows)
        other = strange.text[slice(*strange.mentions[0][:2])]
        picked = [rng.choice([frame for frame in frames if frame[1] == sign]) for sign in (1, -1)]
        claims = [(frame.format(names[target]), target, sign) for frame, sign in picked]
        if rng.random() < 0.3:
            claims.append((rng.choice(frames)[0].format(other), None, 1))
        actors, seen = [], set()
        for s, e, entity in row.mentions:
            if entity not in seen and entity != target:
                seen.add(entity)
                stances = [row.stances.get((entity, of), 0) for _, of, _ in claims]
                actors.append(((s, e), [stance if sign == 1 else turned(stance) for stance, (_, _, sign) in zip(stances, claims)]))
        if actors:
            topics.append(Topic("", [claim for claim, _, _ in claims], [(row.text, actors)]))
    return topics


def crossed(topics, rng, share):
    """Claims of one topic put to texts of another; nobody has labelled these."""
    out = []
    for topic in topics:
        for text, actors in topic.texts:
            for _ in range(int(share + rng.random())):
                claim = rng.choice(rng.choice(topics).claims)
                out.append(Topic("", [claim], [(text, [(span, [UNTOLD]) for span, _ in actors])]))
    return out


def part_of(topic):
    return "dev" if int(hashlib.sha256(topic.name.encode()).hexdigest(), 16) % 5 == 0 else "train"


def encode(topics, subwords):
    """A row for each text and claim: (ids, cases, places, stances, judged, weights), as stance_rows.py has them."""
    out = []
    for topic in topics:
        claims = subwords.rows(topic.claims)
        for (_, actors), row in zip(topic.texts, subwords.rows([text for text, _ in topic.texts])):
            for number, claim in enumerate(claims):
                shift = len(claim.ids) + 2
                ids = [CLS, *claim.ids, SEP, *row.ids][: LIMIT - 1] + [SEP]
                cases = [0, *claim.cases, 0, *row.cases][: LIMIT - 1] + [0]
                places = []
                for span, _ in actors:
                    first, last = covering(row, span)
                    places.append([min(first + shift, LIMIT - 2), min(last + shift, LIMIT - 2), 1, len(claim.ids)])
                out.append((ids, cases, places, [(told[number], UNTOLD) for _, told in actors], (1, len(ids) - 1), [1.0] * len(actors)))
    return out


def answers(model, rows):
    """Log probabilities of the stances of every actor to its claim, and the labels."""
    return torch.cat(distributions(model, rows))[:, 0], torch.tensor([way[0] for row in rows for way in row[3]])


def fit(model, rows):
    """The temperature of the best likelihood, and the weight of none of the best macro F1; 1 unless another is clearly better."""
    logp, gold = answers(model, rows)
    temperature = min((t / 20 for t in range(10, 61)), key=lambda t: nn.functional.cross_entropy(logp / t, gold).item())
    worth = lambda weight: f1_of(weighed(logp / temperature, weight).argmax(-1), gold)["macro_f1"]
    weight = max((w / 20 for w in range(10, 31)), key=worth)
    weight = weight if worth(weight) > worth(1.0) + CLEARLY else 1.0
    return {"temperature": temperature, "none_weight": weight}


def scores(model, rows, fitted=None):
    """F1 of each stance, their mean, and accuracy, of the most probable stance or as `fit` chose."""
    logp, gold = answers(model, rows)
    fitted = fitted or {"temperature": 1.0, "none_weight": 1.0}
    return f1_of(weighed(logp / fitted["temperature"], fitted["none_weight"]).argmax(-1), gold)


def f1_of(found, gold):
    f1 = [2 * ((found == s) & (gold == s)).sum().item() / max(1, (found == s).sum().item() + (gold == s).sum().item()) for s in range(3)]
    named = {name: round(value, 4) for name, value in zip(STANCES, f1)}
    return {"macro_f1": round(sum(f1) / 3, 4), **named, "accuracy": round((found == gold).float().mean().item(), 4), "triples": len(gold)}


def taught(rows, teachers):
    """The rows with the teachers' answers, the mean of their probabilities, mixed with the labels that are told."""
    with autocast():
        answers = [distributions(teacher, rows) for teacher in teachers]
    out = []
    for row, *of in zip(rows, *answers):
        told = torch.stack(of).exp().mean(0)[:, 0].tolist()
        share = lambda stance: 0.0 if stance == UNTOLD else SHARE
        mixed = [[share(s) * (k == s) + (1 - share(s)) * p for k, p in enumerate(answer)] for (s, _), answer in zip(row[3], told)]
        out.append((*row[:3], [(answer, UNTOLD) for answer in mixed], *row[4:]))
    return out


def train(model, rows, more, args, after_epoch):
    """The mean of the weights after some epochs; `after_epoch` sees it after each. Of `more`, every epoch draws as many as `args.more`."""
    torch.manual_seed(args.seed)
    learnt = [{"params": list(model.judge.parameters()), "lr": args.rate}]
    lower = [p for part in (model.tagger.embeddings, *model.tagger.layers[: model.depth]) for p in part.parameters()]
    for part in (*model.tagger.layers[model.depth :], model.tagger.head, *([] if args.free else [model.tagger])):
        part.requires_grad_(False)
    if args.free:
        learnt.append({"params": lower, "lr": args.rate / args.lower})
    learner, began, last = Learner(model, learnt, 0.99), time.time(), 0

    def make(epoch):
        rng = random.Random(f"{args.seed} {epoch}")
        drawn = rows + rng.sample(more, min(len(more), args.more))
        return [lambda group=group: tensors(drawn, group) for group in batches(drawn, args.budget, rng)]

    for epoch, progress, ((ids, cases, mask, places, judged), targets) in epochs(make, args.epochs):
        if epoch != last:
            after_epoch(learner.mean.eval())
            last = epoch
        model.eval()
        model.judge.train()
        if args.free:
            model.tagger.train()
        with autocast(), torch.set_grad_enabled(bool(args.free)):
            states = model.tagger.lower(ids, cases, mask, model.depth)
        with autocast():
            logits = model.judge(states, judged, places)
        learner.step(progress, loss_of(logits, targets))
        if learner.steps % 100 == 0:
            print(f"epoch {epoch} step {learner.steps} {time.time() - began:.0f}s", flush=True)
    return learner.mean.eval()


def read_triples(path):
    """The rows of texts with marked actors and claims, as `demarche eval claims` reads them."""
    topics = []
    for row in map(json.loads, open(path, encoding="utf-8")):
        topics.append(Topic("", [row["claim"]], [(row["text"], [(tuple(row["actor"]), [STANCES.index(row["stance"])])])]))
    return topics


def build(args):
    """The model that learns, and the depth of its shared layers."""
    if not args.teach:
        model, saved = load_both(args.tagger, args.judge)
        return model, saved["depth"]
    start = load(args.teach) if args.teach.suffix == ".pt" else {"shape": "mpnet", "depth": 5, "model": None}
    model = Both(Tagger(SHAPES[start["shape"]]), start["depth"]).to(DEVICE)
    if start["model"]:
        model.load_state_dict(start["model"])
    args.free = True
    return model, start["depth"]


def load_teacher(path):
    saved = load(path)
    model = Both(Tagger(SHAPES["mpnet"]), saved["depth"]).to(DEVICE)
    model.load_state_dict(saved["model"])
    return model.eval()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tagger", type=Path)
    parser.add_argument("--judge", type=Path)
    parser.add_argument("--teach", type=Path, help="train a teacher, from this teacher of stances (or `base`)")
    parser.add_argument("--taught", type=Path, nargs="*", default=[], help="learn from the answers of these teachers too")
    parser.add_argument("--tell", type=Path, help="of a teacher: write its answers to all rows here")
    parser.add_argument("--told", type=Path, help="answers that were written so, instead of asking the teachers")
    parser.add_argument("--data", type=Path, help="also learn from the labelled stances of this folder")
    parser.add_argument("--warm", type=int, default=8000, help="sentences of labelled stances that rows are made of")
    parser.add_argument("--crossed", type=float, default=0.5, help="claims of other topics that a text is put, on average, where there are teachers")
    parser.add_argument("--more", type=int, default=8000, help="rows of these that are seen in an epoch")
    parser.add_argument("--claims", type=Path, default=FOLDER, help="the folder of texts")
    parser.add_argument("--held", type=Path, help="texts apart from all these, scored at the end")
    parser.add_argument("--out", type=Path)
    parser.add_argument("--epochs", type=int, default=8)
    parser.add_argument("--rate", type=float, default=2.5e-4)
    parser.add_argument("--lower", type=float, default=2.0, help="the shared layers' rate is the judge's by this")
    parser.add_argument("--budget", type=int, default=2048)
    parser.add_argument("--free", action="store_true", help="let the shared layers learn too (they are the claims' own then)")
    parser.add_argument("--seed", type=int, default=7)
    args = parser.parse_args()
    subwords, rng = Subwords(), random.Random(args.seed)
    model, depth = build(args)
    topics = [topic for path in sorted(args.claims.glob("*.txt")) for topic in read_topics(path)]
    of = lambda part: [topic for topic in topics if part_of(topic) == part]
    rows, dev = (encode(of(part), subwords) for part in ("train", "dev"))
    more = encode(warming(args.data, rng, args.warm), subwords) if args.data else []
    print(len(topics), "topics,", sum(len(row[3]) for row in rows), "triples to train on,", len(more), "rows of stances", flush=True)
    if args.taught and not args.told:
        teachers = [load_teacher(path) for path in args.taught]
        rows, more = taught(rows, teachers), taught(more + encode(crossed(of("train"), rng, args.crossed), subwords), teachers)
        del teachers
    if args.told:
        rows, more = torch.load(args.told, weights_only=False)
    model = train(model, rows, more, args, lambda mean: print(json.dumps(scores(mean, dev)), flush=True))
    fitted = fit(model, dev)
    results = {"dev": scores(model, dev), "dev_fitted": scores(model, dev, fitted), **fitted}
    if args.held:
        results["held"] = scores(model, encode(read_triples(args.held), subwords), fitted)
    print(json.dumps(results))
    if args.out:
        args.out.mkdir(parents=True, exist_ok=True)
        if args.teach:
            torch.save({"model": model.state_dict(), "depth": depth, **fitted}, args.out / "claims_teacher.pt")
        else:
            torch.save({"judge": model.judge.state_dict(), "depth": depth, **fitted}, args.out / "claims.pt")
        if args.tell:
            torch.save((taught(rows, [model]), taught(more + encode(crossed(of("train"), rng, args.crossed), subwords), [model])), args.tell)
        (args.out / "claims.json").write_text(json.dumps({"float": results, "args": {k: str(v) for k, v in vars(args).items()}}, indent=1))


if __name__ == "__main__":
    main()
