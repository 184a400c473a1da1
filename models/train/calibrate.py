"""Fits what turns logits into scores, on the dev sets: temperatures, the weight of none, the curve of stance scores.

    python calibrate.py --data DATA --tagger FOLDER/tagger.pt --judge FOLDER/judge.pt

They are written into judge.pt, from where export.py takes them, and what came of it into reliability.json beside it, which
reliability.py draws. The directed dev set and our own labels count alike.
"""

import argparse
import json
import math
import random
from pathlib import Path

import torch
import torch.nn.functional as F

from learn import moved
from pairs import five_of, report, weighed, world_scores
from subwords import Subwords
from train_joint import load_both, log_probabilities, read_devs
from train_ner import IDS, LABELS, batches, encode as encode_tags, read_rows, spans, tensors

DOUBT = 0.01  # the share of labels that are taken to be wrong, so that a few sure rows do not drive the curve to certainty


def token_logits(model, encoded):
    """For every row the logits at the first subword of its tokens, [tokens, labels]; rows that were cut are left out (None)."""
    model.eval()
    out = [None] * len(encoded)
    with torch.no_grad():
        for group in batches(encoded, 4096, random.Random(0)):
            ids, cases, mask, _ = moved(tensors(encoded, group))
            logits = model(ids, cases, mask).cpu()
            for r, i in enumerate(group):
                places = encoded[i][3]
                if places and None not in places and places[-1] < len(encoded[i][0]) - 1:
                    out[i] = logits[r, places]
    return out


def calibrate_tagger(model, rows, encoded):
    """The temperature at which the scores of mentions are likeliest, and the scores there, each with whether it is right.

    A mention's score is the probability of its labels and of its end, as in src/mention.rs; it is right if a gold mention has
    its span and type.
    """
    held = [(row[1], logits, logits.argmax(-1).tolist()) for row, logits in zip(rows, token_logits(model, encoded)) if logits is not None]

    def scored(temperature):
        for tags, logits, best in held:
            logp = (logits / temperature).log_softmax(-1)
            gold = spans(tags)
            for start, end, kind in spans([LABELS[label] for label in best]):
                total = sum(logp[at, best[at]] for at in range(start, end))
                if end < len(best):
                    total = total + torch.log1p(-logp[end, IDS[f"I-{kind}"]].exp().clamp(max=0.999999))
                yield min(float(total.exp()), 0.999999), (start, end, kind) in gold

    likelihood = lambda t: sum(math.log(p if right else 1 - p) for p, right in scored(t))
    temperature = max((t / 20 for t in range(10, 41, 2)), key=likelihood)
    return temperature, list(scored(temperature))


def in_bins(scored):
    """(how many, sum of probabilities, how many right) of each of ten bins of (probability, right or not)."""
    bins = [[(p, right) for p, right in scored if k <= p * 10 < k + 1 or (k == 9 and p >= 1)] for k in range(10)]
    return [(len(b), sum(p for p, _ in b), sum(right for _, right in b)) for b in bins]


def calibration_error(scored):
    """Expected calibration error over ten bins."""
    return round(sum(abs(total - right) for _, total, right in in_bins(scored)) / max(1, len(scored)), 4)


def flat(logp, pairs):
    """All told directions of pairs: log probabilities [directions, 3] and gold stances."""
    gold = torch.tensor([[-1 if s is None else s for s in (p.a_to_b, p.b_to_a)] for p in pairs]).reshape(-1)
    return logp.reshape(-1, 3)[gold >= 0], gold[gold >= 0]


def choose(sets, logp, pairs):
    """The temperature by likelihood; the weight of none by accuracy + macro F1 of the five classes + mean F1 of support and
    oppose in our own labels, so that rare stances are not all drowned by none."""
    loss = lambda t: sum(F.cross_entropy(scores / t, gold).item() for scores, gold in sets)
    temperature = min((t / 20 for t in range(10, 41)), key=loss)

    def worth(weight):
        result = report([p.five() for p in pairs], [five_of(a.tolist(), b.tolist()) for a, b in weighed(logp / temperature, weight)])
        f1 = world_scores(sets[1][0] / temperature, sets[1][1], weight)
        return result["accuracy"] + result["macro_f1"] + sum(f1.values()) / 2

    return temperature, max((w / 20 for w in range(10, 21)), key=worth)


def given(logp, gold, temperature, none_weight):
    """Of every direction that is given a stance: the log odds of that stance, and whether it is right."""
    logp = logp / temperature
    best = weighed(logp, none_weight).argmax(-1)
    rows = torch.arange(len(best))[best > 0]
    return torch.logit(logp.softmax(-1)[rows, best[rows]], 1e-6), (best == gold)[rows].float()


def along(curve, odds):
    """The values of a curve of straight pieces at `odds`; src/engine/mod.rs, `Curve`."""
    places, values = curve
    piece = torch.searchsorted(places, odds, right=True).clamp(1, len(places) - 1)
    share = ((odds - places[piece - 1]) / (places[piece] - places[piece - 1])).clamp(0, 1)
    return values[piece - 1] + (values[piece] - values[piece - 1]) * share


def rising(sets):
    """A rising curve from log odds to log odds, by likelihood: straight pieces between four knots that stand at like shares of what
    is given (a smoother kin of isotonic regression, Zadrozny and Elkan 2002)."""
    places = torch.quantile(torch.cat([odds for odds, _ in sets]), torch.linspace(0.02, 0.98, 4))
    steps = torch.tensor([-1.0, 0.0, 0.0, 0.0], requires_grad=True)
    optimizer = torch.optim.LBFGS([steps], max_iter=500, line_search_fn="strong_wolfe")
    values = lambda: torch.cat([steps[:1], steps[:1] + torch.cumsum(F.softplus(steps[1:]), 0)])

    def loss():
        optimizer.zero_grad()
        total = sum(F.binary_cross_entropy_with_logits(along((places, values()), odds), DOUBT + (1 - 2 * DOUBT) * right) for odds, right in sets)
        total.backward()
        return total

    optimizer.step(loss)
    return places, values().detach()


def unseen(sets, parts=5):
    """The scores of each set, every one by a curve that was fitted without it, with whether it is right."""
    out = [[] for _ in sets]
    for part in range(parts):
        held = [torch.arange(len(odds)) % parts == part for odds, _ in sets]
        curve = rising([(odds[~mask], right[~mask]) for (odds, right), mask in zip(sets, held)])
        for scores, (odds, right), mask in zip(out, sets, held):
            scores += zip(torch.sigmoid(along(curve, odds[mask])).tolist(), right[mask].tolist())
    return out


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--tagger", type=Path, required=True)
    parser.add_argument("--judge", type=Path, required=True)
    args = parser.parse_args()
    subwords = Subwords()
    model, saved = load_both(args.tagger, args.judge)
    devs = read_devs(args.data, subwords)
    logp, world = log_probabilities(model, devs)
    sets = (flat(logp, devs[0][0]), world)
    temperature, none_weight = choose(sets, logp, devs[0][0])
    told = [given(*of, temperature, none_weight) for of in sets]
    curve = rising(told)
    rows = read_rows(args.data / "ner/worldwide/dev.jsonl", "worldwide")
    ner_temperature, mentions = calibrate_tagger(model.tagger, rows, encode_tags(rows, subwords))
    fitted = {"temperature": temperature, "none_weight": none_weight, "curve": [[round(x, 4) for x in knot] for knot in torch.stack(curve, 1).tolist()], "ner_temperature": ner_temperature}
    torch.save({**saved, **fitted}, args.judge)
    scored = lambda odds, right: list(zip(torch.sigmoid(odds).tolist(), right.tolist()))
    names = ("stances, directed dev", "stances, our own dev")
    plain = {name: calibration_error(scored(*of)) for name, of in zip(names, told)}
    apart = {name: calibration_error(of) for name, of in zip(names, unseen(told))}
    sets = {"mentions, worldwide dev": mentions}
    for name, (odds, right) in zip(names, told):
        sets[name] = scored(along(curve, odds), right)
    errors = {name: calibration_error(of) for name, of in sets.items()}
    print(json.dumps({**fitted, "calibration error": errors, "each fifth by the others": apart, "without the curve": plain}))
    bins = {name: {"error": errors[name], "bins": in_bins(of)} for name, of in sets.items()}
    args.judge.with_name("reliability.json").write_text(json.dumps(bins))


if __name__ == "__main__":
    main()
