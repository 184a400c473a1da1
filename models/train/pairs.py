"""Rows of stance pairs: reading, the five pair classes and their scores."""

import json
from dataclasses import dataclass

STANCES = ("none", "support", "oppose")
CLASSES = ("none", "a_supports_b", "b_supports_a", "a_opposes_b", "b_opposes_a")


@dataclass
class Pair:
    """Two spans (code points) of one text and the stance each way, as numbers into STANCES (None: not told)."""

    text: str
    a: tuple
    b: tuple
    a_to_b: int
    b_to_a: int | None

    def five(self):
        """The class over both directions; a -> b wins where both hold."""
        if self.a_to_b:
            return 2 * self.a_to_b - 1
        return 2 * self.b_to_a if self.b_to_a else 0


def read_pairs(path):
    rows = [json.loads(line) for line in open(path, encoding="utf-8")]
    number = lambda name: None if name is None else STANCES.index(name)
    return [Pair(r["text"], tuple(r["a"]), tuple(r["b"]), number(r["a_to_b"]), number(r.get("b_to_a"))) for r in rows]


def five_of(ab, ba):
    """Two distributions over STANCES -> the five-class number: the stronger stance of the directions that have one."""
    options = [(d[s], 2 * s - 1 + way) for way, d in enumerate((ab, ba)) if (s := max(range(3), key=lambda k: d[k]))]
    return max(options)[1] if options else 0


def report(gold, found):
    """Accuracy, macro F1 over the five classes, F1 of each."""
    f1 = {}
    for number, name in enumerate(CLASSES):
        hit = sum(g == f == number for g, f in zip(gold, found))
        f1[name] = 2 * hit / max(1, sum(g == number for g in gold) + sum(f == number for f in found))
    accuracy = sum(g == f for g, f in zip(gold, found)) / len(gold)
    return {"accuracy": round(accuracy, 4), "macro_f1": round(sum(f1.values()) / 5, 4), **{k: round(v, 4) for k, v in f1.items()}}


def covering(row, span):
    """The first and last subword (0-based, [CLS] not counted) that touch a code-point span; None where none does."""
    inside = [i for i, (s, e) in enumerate(zip(row.starts, row.ends)) if s < span[1] and e > span[0]]
    return (inside[0], inside[-1]) if inside else None


def world_scores(logp, gold, none_weight=1.0):
    """F1 of support and of oppose over the directions of [directions, 3] log probabilities."""
    best = weighed(logp, none_weight).argmax(-1)
    f1 = lambda s: 2 * ((best == s) & (gold == s)).sum().item() / max(1, ((best == s).sum() + (gold == s).sum()).item())
    return {"support": round(f1(1), 4), "oppose": round(f1(2), 4)}


def weighed(logp, none_weight):
    """Probabilities with those of none times the weight: a stance is chosen where it is more probable than that."""
    scores = logp.softmax(-1).clone()
    scores[..., 0] *= none_weight
    return scores
