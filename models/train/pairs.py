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


def calibrate(logp, pairs, world):
    """Temperature and weight of none from dev: the former by likelihood, so that scores mean probabilities; the latter by
    accuracy + macro F1 of the five classes + mean F1 of support and oppose on world news, so that rare stances are not all
    drowned by none. Both sets count alike.

    `logp` holds log probabilities [pairs, 2 ways, 3 stances], `world` such of the directions of our own labels
    [directions, 3] and their stances.
    """
    import torch.nn.functional as F

    sets = ((logp.reshape(-1, 3), ways(logp, pairs)), world)
    loss = lambda t: sum(F.cross_entropy(scores / t, gold).item() for scores, gold in sets)
    temperature = min((t / 20 for t in range(10, 41)), key=loss)

    def worth(weight):
        result = report([p.five() for p in pairs], [five_of(a.tolist(), b.tolist()) for a, b in weighed(logp / temperature, weight)])
        f1 = world_scores(world[0] / temperature, world[1], weight)
        return result["accuracy"] + result["macro_f1"] + sum(f1.values()) / 2

    return temperature, max((w / 20 for w in range(10, 21)), key=worth)


def ways(logp, pairs):
    """The gold stances of both ways, flat; -100 where one is not told."""
    return logp.new_tensor([[-100 if s is None else s for s in (p.a_to_b, p.b_to_a)] for p in pairs]).long().reshape(-1)


def calibration_error(scored):
    """Expected calibration error over ten bins of (probability, right or not)."""
    bins = [[(p, right) for p, right in scored if k <= p * 10 < k + 1 or (k == 9 and p >= 1)] for k in range(10)]
    return round(sum(abs(sum(p for p, _ in b) - sum(right for _, right in b)) for b in bins) / max(1, len(scored)), 4)


def given_scores(logp, gold, temperature, none_weight):
    """(score, right or not) of every direction that is given a stance."""
    told = gold >= 0
    logp, gold = logp[told] / temperature, gold[told]
    best = weighed(logp, none_weight).argmax(-1)
    return [(p[s].item(), s == g) for p, s, g in zip(logp.softmax(-1), best.tolist(), gold.tolist()) if s]
