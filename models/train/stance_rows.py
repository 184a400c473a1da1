"""Texts with pairs of mentions as the models read them: encoding, batches as tensors, targets.

A row is (ids, cases, [[a first, a last, b first, b last], ...], [[a -> b, b -> a], ...], judged, weights). A stance is a number into
STANCES, UNTOLD, or a distribution over STANCES as a teacher gives it. `judged` is the run of places that the judge sees beside [CLS].
"""

import json
import random
import re
from dataclasses import dataclass

import torch

from labels import corrected, public, referring, sentences, worldwide, written, written_articles
from learn import DEVICE, moved
from pairs import STANCES, covering, read_pairs
from subwords import CLS, SEP
from train_ner import batches

LIMIT = 192
UNTOLD = -100  # a direction of which the data says nothing
TEXT = (-1, -1)  # the whole text as the holder of a stance
SMOOTHED = 0.05  # of a label's weight, what goes to all stances alike
ASKED = 2048 if DEVICE.type == "cpu" else 16384  # padded subwords of a batch that is only to be answered
MOST = 10  # pairs without a stance that a training row asks of at most; those drawn stand for all


def encode_pairs(texts, asked, subwords, whole=None, weights=None):
    """The rows of texts with their asked pairs, each given as (span a, span b, (a -> b, b -> a)). All of a text is judged, or the
    sentence whose span in it `whole` gives."""
    out = []
    for number, (row, pairs) in enumerate(zip(subwords.rows(texts), asked)):
        places = []
        for a, b, _ in pairs:
            ends = [p for span in (a, b) for p in ((-1, -1) if span == TEXT else covering(row, span) or (0, 0))]
            places.append([min(p + 1, LIMIT - 2) for p in ends])
        ids, cases = [CLS, *row.ids[: LIMIT - 2], SEP], [0, *row.cases[: LIMIT - 2], 0]
        first, last = (covering(row, whole[number]) or (0, len(row.ids) - 1)) if whole else (0, len(row.ids) - 1)
        judged = (min(first + 1, LIMIT - 2), min(last + 2, len(ids) - 1))
        out.append((ids, cases, places, [stances for _, _, stances in pairs], judged, weights[number] if weights else [1.0] * len(pairs)))
    return out


def directed(path, subwords):
    """Rows of two marked mentions, as read and encoded."""
    pairs = read_pairs(path)
    asked = [[(p.a, p.b, (p.a_to_b, UNTOLD if p.b_to_a is None else p.b_to_a))] for p in pairs]
    return pairs, encode_pairs([p.text for p in pairs], asked, subwords)


@dataclass
class Told:
    """A sentence with pairs of mentions, each (span, span, (stance each way)); a stance is a number, UNTOLD, or a distribution."""

    text: str
    asked: list
    kind: str
    before: str = ""
    after: str = ""

    def pairs(self):
        return self.asked


def read_told(path):
    return [Told(**json.loads(line)) for line in open(path, encoding="utf-8")]


def told_by_people(path):
    """Corrected sentences, as rows of our own labels; none without a path."""
    rows = [row for *_, row in corrected(path) if row] if path else []
    return [Told(row.text, list(row.pairs()), "own", row.before, row.after) for row in rows]


def labelled(data):
    """Every row that has labels, ours and the crowd's."""
    news = data / "articles/worldwide.jsonl"
    own = {"world": worldwide(news, "train"), "own": public(data) + sentences() + [row for item in written() for row, _ in item]}
    own |= {"referring": referring(news, "train"), "articles": written_articles()}
    told = [Told(r.text, list(r.pairs()), kind, r.before, r.after) for kind, rows in own.items() for r in rows]
    crowd = read_pairs(data / "stance/directed/train.jsonl")
    back = lambda stance: UNTOLD if stance is None else stance
    return told + [Told(p.text, [(p.a, p.b, (p.a_to_b, back(p.b_to_a)))], "crowd") for p in crowd]


def marked(rows, subwords, rng=None):
    """Rows that have a pair, of labels.py or told. With `rng`, as they are trained on, drawn anew each time: each is set into some of the
    text around it, and of its pairs without a stance some stand for all."""
    rows = [row for row in rows if any(row.pairs())]
    texts, asked, whole, weights = [], [], [], []
    for row in rows:
        before, after = (some(row.before, rng, -1), some(row.after, rng, 0)) if rng else ("", "")
        at = len(before)
        shifted = lambda span: (span[0] + at, span[1] + at)
        pairs = list(row.pairs())
        held, bare = [p for p in pairs if holds(p[2])], [p for p in pairs if not holds(p[2])]
        drawn = rng.sample(bare, MOST) if rng and len(bare) > MOST else bare
        texts.append(before + row.text + after)
        asked.append([(shifted(a), shifted(b), stances) for a, b, stances in (held + drawn if rng else pairs)])
        weights.append([1.0] * len(held) + [len(bare) / len(drawn)] * len(drawn) if drawn else [1.0] * len(pairs))
        whole.append((at, at + len(row.text)))
    return encode_pairs(texts, asked, subwords, whole, weights)


def holds(stances):
    """Whether a stance holds one way or the other; of a distribution, whether one is not out of the question."""
    return any(sum(way[1:]) > 0.1 if isinstance(way, (list, tuple)) else way > 0 for way in stances)


def some(text, rng, end):
    """None, one or all of the sentences of some text, counted from its end (-1) or its start (0); the outermost is cut off."""
    pieces = re.split(r"(?<=[.!?”\"])(?=\s)", text)
    pieces = pieces[1:] if end else pieces[:-1]
    kept = rng.choice((0, 0, 1, len(pieces)))
    return "".join(pieces[max(0, len(pieces) - kept) :] if end else pieces[:kept])


def newsmtsc(path, subwords):
    """Sentiment towards one person, as a stance of the whole text."""
    rows = [json.loads(line) for line in open(path, encoding="utf-8")]
    stance = {0: 0, 1: 1, -1: 2}
    asked = [[(TEXT, (r["from"], r["to"]), (stance[int(r["polarity"])], UNTOLD))] for r in rows]
    return encode_pairs([r["sentence"] for r in rows], asked, subwords)


def stance_texts(data):
    """The sentences of the public stance sets' train parts, each once."""
    texts = {row["sentence"] for row in map(json.loads, open(data / "stance/newsmtsc/train.jsonl", encoding="utf-8"))}
    return sorted(texts | {pair.text for pair in read_pairs(data / "stance/directed/train.jsonl")})


def soft(stance, weight):
    """The target of one direction: weights of the stances, all 0 where nothing is told."""
    if isinstance(stance, (list, tuple)):
        return [weight * part for part in stance]
    if stance == UNTOLD:
        return [0.0] * len(STANCES)
    return [weight * ((number == stance) * (1 - SMOOTHED) + SMOOTHED / len(STANCES)) for number in range(len(STANCES))]


def tensors(encoded, group):
    """What the judge takes, and the targets, [rows, pairs, 2 ways, 3 stances]."""
    longest, most = (max(len(encoded[i][part]) for i in group) for part in (0, 2))
    ids, cases, mask, judged = (torch.zeros(len(group), longest, dtype=torch.long) for _ in range(4))
    places = torch.zeros(len(group), most, 4, dtype=torch.long)
    targets = torch.zeros(len(group), most, 2, len(STANCES))
    judged[:, 0] = 1
    for r, i in enumerate(group):
        row_ids, row_cases, row_places, stances, (first, last), weights = encoded[i]
        n, held = len(row_ids), len(row_places)
        ids[r, :n], cases[r, :n], mask[r, :n] = torch.tensor(row_ids), torch.tensor(row_cases), 1
        places[r, :held] = torch.tensor(row_places).clamp(max=longest - 1)
        targets[r, :held] = torch.tensor([[soft(way, weight) for way in ways] for ways, weight in zip(stances, weights)])
        judged[r, first:last] = 1
    return (ids, cases, mask, places + torch.arange(len(group))[:, None, None] * longest, judged), targets


def loss_of(logits, targets):
    """Cross-entropy, averaged by the targets' weights."""
    return -(targets * logits.float().log_softmax(-1)).sum() / targets.sum()


def distributions(model, encoded):
    """For every row the log probabilities of its pairs, [pairs, 2 ways, 3 stances]."""
    model.eval()
    out = [None] * len(encoded)
    with torch.no_grad():
        for group in batches(encoded, ASKED, random.Random(0)):
            inputs, _ = moved(tensors(encoded, group))
            for i, row in zip(group, model.stances(*inputs).float().log_softmax(-1).cpu()):
                out[i] = row[: len(encoded[i][2])]
    return out
