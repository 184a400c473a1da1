"""Trains the net that decides what a pronoun or nominal stands for: models/references.safetensors.

    python references.py --articles ARTICLES.jsonl --tagger FOLDER/tagger.pt --out models                 # trains it on all labels
    python references.py --articles ARTICLES.jsonl --tagger FOLDER/tagger.pt --folds 5                    # scores only, document by document
    python references.py --gum FOLDER --texts gum.jsonl                                                   # writes GUM's texts, to be annotated:
    demarche annotate gum.jsonl --include text -o gum.annotations.jsonl
    python references.py ... --gum FOLDER --annotations gum.annotations.jsonl                             # scores these too

Gold are labels/references.jsonl (articles of worldwide train, which stand off) and labels/articles/ (written for training). GUM's news is only scored. What
is asked and by what features, the program itself writes down (`cargo test rows_for_training`), each phrase before being resolved as gold has it; the
states are the tagger's, in the program's windows. The net is described in src/reference/net.rs; it is trained by the likelihood of
the right thing, with the states of a tenth of the phrases left out, as engines without them ask too.
"""

import argparse
import json
import math
import os
import random
import re
import subprocess
import tempfile
from bisect import bisect_left, bisect_right
from collections import defaultdict
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors.torch import save_file
from torch import nn

from articles import articles
from gum import gum_document, gum_gold
from learn import DEVICE, autocast, load, moved
from subwords import CLS, SEP, Subwords
from train_ner import Tagger

ROOM = Path(__file__).parent.parent.parent
LABELS = Path(__file__).parent / "labels" / "references.jsonl"
FORMS = ["he", "it", "they", "person", "thing", "plural", "other", "i", "we"]
BROUGHT, INNER = 64, 96  # as in src/reference/net.rs
FILL, LONGEST = 96, 190  # subwords of a window of whole sentences, and of a long sentence's
BLIND = 0.1  # of the phrases, those whose states are left out


@dataclass
class Document:
    """A text with its names (start, end, type, thing) and its phrases {(start, end): [set of things that it may stand for]}, None where it is unclear."""

    name: str
    text: str
    names: list
    phrases: dict
    end: int  # what stands behind is not labelled


def own_documents(path):
    """The labelled articles, and those written for training."""
    texts = {row["id"]: row["text"] for row in map(json.loads, open(path, encoding="utf-8"))}
    out = []
    for row in map(json.loads, open(LABELS, encoding="utf-8")):
        phrases = {(start, end): None if things is None else [set(things)] for start, end, things in row["references"]}
        out.append(Document(row["doc"], texts[row["doc"]], row["mentions"], phrases, row["sentences"][-1][1]))
    for name, sentences in articles():
        text, names, phrases = "", [], {}
        for at, it in enumerate(sentences):
            text += ("\n\n" if at % 3 == 0 else " ") if text else ""
            names += [[start + len(text), end + len(text), kind, thing] for start, end, thing, kind in it.names]
            phrases |= {(start + len(text), end + len(text)): [set(things)] for start, end, things in it.references}
            text += it.text
        out.append(Document(name, text, names, phrases, len(text)))
    return out


def gum_documents(folder, annotations):
    """GUM's documents, with the names that the program has found."""
    found = {row["id"]: row for row in map(json.loads, open(annotations, encoding="utf-8"))}
    read = [gum_document(path) for path in sorted(folder.glob("*.conllu"))]
    out = []
    for name, (phrases, chains) in gum_gold(read, found).items():
        names = [[it["start"], it["end"], it["type"], chain] for it, chain in zip(found[name]["mentions"], chains)]
        out.append(Document(name, found[name]["text"], names, phrases, len(found[name]["text"])))
    return out


def asked(documents):
    """What the program asks about some documents: {document: (sentences, rows)}."""
    with tempfile.TemporaryDirectory() as folder:
        source, made = Path(folder) / "in.jsonl", Path(folder) / "out.jsonl"
        with open(source, "w", encoding="utf-8") as out:
            for it in documents:
                of = defaultdict(list)
                for number, name in enumerate(it.names):
                    of[name[3]].append(number)
                gold = [[*span, [of[thing] for thing in alts[0]]] for span, alts in it.phrases.items() if alts and all(of[thing] for thing in alts[0])]
                mentions = [dict(zip(("start", "end", "type"), name, strict=False)) for name in it.names]
                out.write(json.dumps({"id": it.name, "text": it.text, "mentions": mentions, "gold": gold}) + "\n")
        environment = os.environ | {"DEMARCHE_ROWS_OF": f"{source}:{made}"}
        subprocess.run(["cargo", "test", "--lib", "rows_for_training"], check=True, env=environment, cwd=ROOM, stdout=subprocess.DEVNULL)
        told = {}
        for row in map(json.loads, open(made, encoding="utf-8")):
            sentences, rows = told.setdefault(row["id"], ([], []))
            if row["form"] == "sentences":
                sentences.extend(row["spans"])
            elif row["form"] in FORMS:
                rows.append(row)
        return told


def windows(text, sentences, subwords):
    """The subwords of a text in windows as src/engine/encode.rs fills them: (ids, cases, starts, ends)."""
    out, held = [], ([], [], [], [])
    for (start, end), row in zip(sentences, subwords.rows([text[start:end] for start, end in sentences])):
        if held[0] and len(held[0]) + len(row.ids) > FILL:
            out.append(held)
            held = ([], [], [], [])
        for part, more in zip(held, (row.ids, row.cases, [start + it for it in row.starts], [start + it for it in row.ends])):
            part.extend(more)
    whole = [*out, held] if held[0] else out
    return [tuple(part[at : at + LONGEST] for part in window) for window in whole for at in range(0, len(window[0]), LONGEST)]


def states(documents, told, tagger, shared):
    """For every document its subwords' starts and ends, and the sums of the states before each: [subwords + 1, 2 * width]."""
    subwords = Subwords()
    rows = [(it.name, *window) for it in documents for window in windows(it.text, told[it.name][0], subwords)]
    found = [None] * len(rows)
    order = sorted(range(len(rows)), key=lambda at: len(rows[at][1]))
    for group in (order[at : at + 64] for at in range(0, len(order), 64)):
        longest = max(len(rows[at][1]) for at in group) + 2
        ids, cases, mask = (torch.zeros(len(group), longest, dtype=torch.long) for _ in range(3))
        for row, at in enumerate(group):
            count = len(rows[at][1])
            ids[row, : count + 2], cases[row, 1 : count + 1], mask[row, : count + 2] = torch.tensor([CLS, *rows[at][1], SEP]), torch.tensor(rows[at][2]), 1
        with torch.no_grad(), autocast():
            low = top = tagger.lower(*moved((ids, cases, mask)), shared)
            for layer in tagger.layers[shared:]:
                top = layer(top, tagger.bias(moved(mask)))
        for row, at in enumerate(group):
            found[at] = torch.cat([low[row].float(), top[row].float()], -1)[1 : len(rows[at][1]) + 1].half().cpu()
    out = {it.name: ([], [], []) for it in documents}
    for (name, _, _, starts, ends), part in zip(rows, found):
        for held, more in zip(out[name], (starts, ends, [part])):
            held.extend(more)
    return {name: (starts, ends, sums(torch.cat(parts).float())) for name, (starts, ends, parts) in out.items()}


def sums(rows):
    return torch.cat([torch.zeros(1, rows.shape[1]), rows.cumsum(0)])


@dataclass
class Case:
    """A phrase: its form, its vectors, and of each candidate, the last of which is none, its features, its names' vectors and whether it is right."""

    document: str
    form: int
    phrase: torch.Tensor
    late: torch.Tensor
    early: torch.Tensor
    features: torch.Tensor
    right: torch.Tensor
    sizes: list  # for how many things each candidate stands


def cases(documents, told, states, names):
    out = []
    for it in documents:
        starts, ends, summed = states[it.name]

        def mean(start, end):
            first, last = bisect_right(ends, start), bisect_left(starts, end)
            first = min(first, len(starts) - 1)
            last = max(last, first + 1)
            return (summed[last] - summed[first]) / (last - first), summed[last] - summed[last - 1]

        vectors = [mean(*name[:2])[0] for name in it.names]
        for row in told[it.name][1]:
            span = tuple(row["span"])
            stands = it.phrases.get(span, [])
            if stands is None or span[1] > it.end:
                continue
            some = row["candidates"][:-1]
            features = torch.zeros(len(some) + 1, len(names))
            for at, candidate in enumerate(row["candidates"]):
                for name, value in candidate["told"].items():
                    features[at, names[name]] = value
            right = [{it.names[mention][3] for mention in candidate["mentions"]} in stands for candidate in some]
            late = torch.stack([torch.stack([vectors[mention] for mention in candidate["mentions"]]).mean(0) for candidate in some])
            early = torch.stack([vectors[candidate["first"]] for candidate in some])
            sizes = [len(candidate["mentions"]) for candidate in some]
            out.append(Case(it.name, FORMS.index(row["form"]), torch.cat(mean(*span)).half(), late.half(), early.half(), features, torch.tensor([*right, not any(right)]), sizes))
    return out


class Net(nn.Module):
    """Scores of candidates; its parameters are named as src/reference/net.rs reads them."""

    def __init__(self, given, features):
        super().__init__()
        self.table = nn.Parameter(torch.zeros(len(FORMS), features))
        self.phrase, self.name = nn.Linear(2 * given, BROUGHT), nn.Linear(given, BROUGHT)
        self.inner, self.outer = nn.Linear(5 * BROUGHT + features + len(FORMS), INNER), nn.Linear(INNER, 1)
        self.none_inner, self.none_outer = nn.Linear(BROUGHT + features + len(FORMS), INNER), nn.Linear(INNER, 1)
        self.thin, self.drop = nn.Dropout(0.1), nn.Dropout(0.25)

    def forward(self, batch, blind=0.0):
        """Log probabilities of all candidates of a batch, one after the other."""
        seen = (torch.rand(len(batch.form), 1) >= blind).float()
        phrase = F.relu(self.phrase(self.thin(batch.phrase))) * seen
        late, early = (F.relu(self.name(self.thin(names))) * seen[batch.of][~batch.none] for names in (batch.late, batch.early))
        form, features, some = F.one_hot(batch.form, len(FORMS)).float()[batch.of], batch.features, phrase[batch.of]
        scores = (self.table[batch.form][batch.of] * features).sum(-1)
        one = some[~batch.none]
        named = torch.cat([one, late, early, one * late, one * early, features[~batch.none], form[~batch.none]], -1)
        none = torch.cat([some, features, form], -1)[batch.none]
        for asked, inner, outer, given in ((~batch.none, self.inner, self.outer, named), (batch.none, self.none_inner, self.none_outer, none)):
            scores = scores.masked_scatter(asked, scores[asked] + outer(self.drop(F.relu(inner(self.drop(given)))))[:, 0])
        most = torch.full((len(batch.form),), -1e9).scatter_reduce(0, batch.of, scores.detach(), "amax")[batch.of]
        total = torch.zeros(len(batch.form)).index_add(0, batch.of, (scores - most).exp())
        return scores - most - total.log()[batch.of]


class Batch:
    def __init__(self, some):
        counts = [len(case.right) for case in some]
        self.form, self.phrase = torch.tensor([case.form for case in some]), torch.stack([case.phrase for case in some]).float()
        self.late, self.early = (torch.cat([getattr(case, part) for case in some]).float() for part in ("late", "early"))
        self.features, self.right = (torch.cat([getattr(case, part) for case in some]) for part in ("features", "right"))
        self.of = torch.repeat_interleave(torch.arange(len(some)), torch.tensor(counts))
        self.none = torch.zeros(len(self.of), dtype=torch.bool)
        self.none[torch.tensor(list(accumulate(counts))) - 1] = True
        self.counts = counts


def train(some, names, args):
    torch.manual_seed(args.seed)
    rng = random.Random(args.seed)
    net = Net(some[0].late.shape[1], len(names))
    optimizer = torch.optim.AdamW(net.parameters(), lr=args.rate, weight_decay=args.decay)
    steps, step = args.epochs * -(-len(some) // args.batch), 0
    for epoch in range(args.epochs):
        rng.shuffle(some)
        for at in range(0, len(some), args.batch):
            batch = Batch(some[at : at + args.batch])
            right = torch.zeros(len(batch.form)).index_add(0, batch.of, net(batch, BLIND).exp() * batch.right)
            loss = -right.clamp(min=1e-6).log().mean()
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            for group in optimizer.param_groups:
                group["lr"] = args.rate * min(1.0, (step + 1) / 100, 1.02 - step / steps)
            optimizer.step()
            step += 1
    return net.eval()


@torch.no_grad()
def answers(net, some, blind=0.0):
    """For every case its document and form, the probability of its best candidate, whether that is right, and for how many things it stands."""
    out = []
    for at in range(0, len(some), 256):
        batch = Batch(some[at : at + 256])
        for case, probable in zip(some[at : at + 256], net(batch, blind).exp().split(batch.counts)):
            best = int(probable[:-1].argmax())
            out.append((case.document, case.form, float(probable[best]), bool(case.right[best]), case.sizes[best]))
    return out


def report(name, found, documents):
    gold = sum(len(alts[0]) for it in documents for alts in it.phrases.values() if alts)
    for least in (0.4, 0.5, 0.55, 0.6, 0.65, 0.7, 0.8):
        taken = [it for it in found if it[2] >= least]
        hits, all_found = sum(it[4] for it in taken if it[3]), sum(it[4] for it in taken)
        precision, recall = hits / max(all_found, 1), hits / max(gold, 1)
        forms = " ".join(f"{form} {sum(it[3] for it in taken if it[1] == at)}/{sum(it[1] == at for it in taken)}" for at, form in enumerate(FORMS))
        print(f"{name} at {least}: precision {precision:.3f} recall {recall:.3f} F1 {2 * precision * recall / max(precision + recall, 1e-9):.3f} of {gold}; {forms}", flush=True)


def feature_names():
    source = (ROOM / "src" / "reference" / "features.rs").read_text(encoding="utf-8")
    table = source[source.index("const NAMES") :]
    return {name: at for at, name in enumerate(re.findall(r'"([a-z-]+)"', table[: table.index("];")]))}


def cross(some, documents, names, args):
    """Every case answered by a net that has not seen its document."""
    order = sorted(it.name for it in documents)
    random.Random(1).shuffle(order)
    found, blind = [], []
    for fold in range(args.folds):
        held = set(order[fold :: args.folds])
        net = train([case for case in some if case.document not in held], names, args)
        rest = [case for case in some if case.document in held]
        found += answers(net, rest)
        blind += answers(net, rest, 2.0)
    ours = {row["doc"] for row in map(json.loads, open(LABELS, encoding="utf-8"))}
    for kind, part in (("labelled articles", ours), ("written articles", set(order) - ours)):
        report(kind, [it for it in found if it[0] in part], [it for it in documents if it.name in part])
    report("all without states", blind, documents)


def wave(number, width):
    """Numbers that the test of the program makes alike."""
    return torch.tensor([math.sin(0.1 * (at * number) + number) for at in range(width)])


def golden(net, names):
    """What the net says of some cases that are made up, for tests/golden/reference-references.json: the features told of each candidate, the last of which is
    none; the waves of the phrase (mean and last subword), and of the last and first name of each candidate. The last case has no states."""
    told = [["same", "nearest", "subject", "per", "gender"], ["previous", "org", "suits", "described"], ["none", "none-opens"]]
    width, out = net.name.in_features, []
    for number, form in enumerate([*FORMS, "thing"]):
        blind = number == len(FORMS)
        phrase, both = [number + 1, number + 2], [[3, number + 4], [number + 5, 6]]
        features = torch.zeros(len(told), len(names))
        for at, some in enumerate(told):
            features[at, [names[name] for name in some]] = 1
        late, early = (torch.stack([wave(pair[at], width) for pair in both]).half().float() for at in (0, 1))
        case = Case("", FORMS.index(form), torch.cat([wave(it, width) for it in phrase]), late, early, features, torch.tensor([True, False, False]), [1, 1])
        with torch.no_grad():
            probable = net(Batch([case]), 2.0 if blind else 0.0).exp().tolist()
        states = {} if blind else {"phrase": phrase, "names": both}
        out.append({"form": form, "told": told, **states, "probabilities": [round(it, 4) for it in probable]})
    return out


def main():
    flags = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    flags.add_argument("--articles", type=Path, help="the articles of labels/references.jsonl: rows of id and text")
    flags.add_argument("--tagger", type=Path)
    flags.add_argument("--shared", type=int, default=2, help="layers that the tagger shares with the judge")
    flags.add_argument("--out", type=Path, help="folder of references.safetensors")
    flags.add_argument("--folds", type=int, default=0)
    flags.add_argument("--gum", type=Path, help="folder of GUM's CoNLL-U files")
    flags.add_argument("--texts", type=Path, help="only write GUM's texts here, to be annotated")
    flags.add_argument("--annotations", type=Path, help="the annotations of these texts")
    flags.add_argument("--epochs", type=int, default=6)
    flags.add_argument("--rate", type=float, default=2e-3)
    flags.add_argument("--decay", type=float, default=0.05)
    flags.add_argument("--batch", type=int, default=64)
    flags.add_argument("--seed", type=int, default=7)
    flags.add_argument("--cases", type=Path, help="keep what was read here, and read it from here if it is there")
    args = flags.parse_args()
    if args.texts:
        rows = (gum_document(path) for path in sorted(args.gum.glob("*.conllu")))
        args.texts.write_text("".join(json.dumps({"id": row["id"], "text": row["text"]}) + "\n" for row in rows), encoding="utf-8")
        return
    names = feature_names()
    documents, gum = own_documents(args.articles), gum_documents(args.gum, args.annotations) if args.gum else []
    if args.cases and args.cases.exists():
        some, others = torch.load(args.cases, weights_only=False)
    else:
        tagger = Tagger().to(DEVICE)
        tagger.load_state_dict(load(args.tagger))
        tagger.eval()
        told = asked(documents + gum)
        some, others = (cases(part, told, states(part, told, tagger, args.shared), names) for part in (documents, gum))
        if args.cases:
            torch.save((some, others), args.cases)
    if args.folds:
        return cross(some, documents, names, args)
    net = train(some, names, args)
    if gum:
        report("GUM", answers(net, others), gum)
    if args.out:
        rows = ",\n".join(json.dumps(case) for case in golden(net, names))
        (ROOM / "tests/golden/reference-references.json").write_text(f"[\n{rows}\n]\n", encoding="utf-8")
        save_file({name: (tensor.T if tensor.dim() == 2 and name != "table" else tensor).contiguous() for name, tensor in net.state_dict().items()}, args.out / "references.safetensors")


if __name__ == "__main__":
    main()
