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


def calibrate(logp, pairs, further=lambda temperature, weight: 0.0):
    """Temperature and weight of none from dev: the former by likelihood, so that scores mean probabilities; the latter by
    accuracy + macro F1 of the five classes (and a `further` worth), so that rare stances are not all drowned by none.

    `logp` holds log probabilities [pairs, 2 ways, 3 stances]. A stance is chosen where it is more probable than none times
    the weight.
    """
    import torch.nn.functional as F

    gold = [[-100 if s is None else s for s in (p.a_to_b, p.b_to_a)] for p in pairs]
    flat = logp.new_tensor(gold).long().reshape(-1)
    loss = lambda t: F.cross_entropy((logp / t).reshape(-1, 3), flat).item()
    temperature = min((t / 20 for t in range(10, 41)), key=loss)

    def worth(weight):
        scores = (logp / temperature).softmax(-1).clone()
        scores[..., 0] *= weight
        result = report([p.five() for p in pairs], [five_of(row[0].tolist(), row[1].tolist()) for row in scores])
        return result["accuracy"] + result["macro_f1"] + further(temperature, weight)

    return temperature, max((w / 20 for w in range(10, 21)), key=worth)
