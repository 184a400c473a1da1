"""Trains the weights that decide what a pronoun or nominal stands for: src/reference/weights.tsv.

    demarche annotate gum.jsonl --include text -o gum.annotations.jsonl    # after: python references.py --gum FOLDER --texts gum.jsonl
    python references.py --gum FOLDER --annotations gum.annotations.jsonl --articles ARTICLES.jsonl

Two sets of gold: the news documents of GUM (CoNLL-U with `Entity=` in the last column; annotations CC BY 4.0), whose names are those
that the program finds, and labels/references.jsonl: articles of worldwide train, labelled by hand for this project, which stand off
(document, spans of the mentions with type and entity, spans of the phrases with the entities that each may stand for; none where
it stands for nothing named). No document of an evaluation set is among them.

What is asked of the model, and by what features, the program itself writes down (`cargo test rows_for_training`). The model is
log-linear over the candidates of a phrase and "none", with weights of each kind of phrase around shared ones, and these around a
guess (PRIOR) that matters where there is little gold. Printed: precision and recall by cross-validation, document by document.
"""

import argparse
import json
import math
import os
import random
import re
import subprocess
import tempfile
from collections import defaultdict
from pathlib import Path

import numpy as np
from scipy.optimize import minimize

HERE = Path(__file__).parent
ROOM = HERE.parent.parent / "src" / "reference"
FORMS = ["he", "it", "they", "person", "thing", "plural"]
PRONOUNS = set("he him his himself she her hers herself it its itself they them their theirs themselves".split())
DETERMINERS = {"the", "this", "these", "those", "both", "his", "her", "its", "their"}
# Nouns that GUM takes for names when they have a capital: "the Court".
CAPITALS = set("church court administration government house senate organization council party bureau commission committee".split())
PRIOR = {
    "described": 2, "in-name": 2, "alone": 1.5, "described-class": 1, "name-class": 1, "other-class": -1.5, "bound": -1.5, "gender": 0.5,
    "same": 0.5, "previous": 0.5, "nearest": 0.5, "subject": 0.3, "between": -0.3, "none": 0.5,
}
SHARED, OWN = 1.0, 3.0  # how strongly the shared weights are drawn to the guess, and those of a form to the shared ones
FOLDS = 8


def gum_document(path):
    """One GUM document: its text and its mentions, with the chain, the head and the kind of link of each."""
    text, tokens, mentions, split = "", [], [], {}
    stack = defaultdict(list)
    paragraph, place = True, 0
    for line in path.read_text(encoding="utf8").splitlines():
        if line.startswith("# newpar") and not line.startswith("# newpar_block"):
            paragraph = True
        if line.startswith("# text ="):
            text += ("\n\n" if paragraph else " ") if text else ""
            place = len(text)
            text += line[len("# text = "):]
            paragraph = False
        if not line or line.startswith("#"):
            continue
        column = line.split("\t")
        if not column[0].isdigit():
            continue
        start = text.find(column[1], place)
        if start < 0 or start - place > 3:
            start, end = place, place  # a part of a contraction
        else:
            end = start + len(column[1])
        place = end
        tokens.append({"id": column[0], "word": column[1], "kind": column[3], "head": column[6], "start": start, "end": end})
        misc = dict(item.split("=", 1) for item in column[9].split("|") if "=" in item)
        for item in re.finditer(r"\(([^()]+)(\))?|([0-9]+(?:\[\d+/\d+\])?)\)", misc.get("Entity", "")):
            if item.group(1):
                fields = item.group(1).split("-")
                opened = {"chain": re.sub(r"\[.*", "", fields[0]), "type": fields[1], "link": (fields + [""] * 7)[6]}
                opened["first"] = len(tokens) - 1
                if item.group(2):
                    mentions.append(opened | {"last": len(tokens) - 1})
                else:
                    stack[fields[0]].append(opened)
            elif stack[item.group(3)]:
                mentions.append(stack[item.group(3)].pop() | {"last": len(tokens) - 1})
        for pair in misc.get("SplitAnte", "").split(",") if "SplitAnte" in misc else []:
            part, whole = pair.split("<")
            split.setdefault(whole.split("-")[0], []).append(part.split("-")[0])
    for mention in mentions:
        inside = tokens[mention["first"] : mention["last"] + 1]
        ids = {token["id"] for token in inside}
        head = next((token for token in inside if token["head"] not in ids), inside[0])
        mention.update(
            start=inside[0]["start"], end=inside[-1]["end"], head=(head["start"], head["end"]), kind=head["kind"],
            words=[token["word"].lower() for token in inside], named=any(token["kind"] == "PROPN" for token in inside),
        )
    return {"id": path.stem, "text": text, "mentions": mentions, "split": split}


def gum_gold(documents, annotations):
    """Document -> what each phrase may stand for (by its span), and the chain of each mention that the program finds."""
    gold = {}
    for document in documents:
        found = annotations[document["id"]]["mentions"]
        chains = []
        for name in found:
            named = [it for it in document["mentions"] if it["named"]]
            near = [it for it in named if name["start"] <= it["head"][0] < name["end"]] or [
                it
                for it in named
                if it["start"] <= name["start"] and name["end"] <= it["end"] and it["end"] - it["start"] < 70
                and (name["type"] == "PER") == (it["type"] == "person")
            ]
            near.sort(key=lambda it: it["end"] - it["start"])
            chains.append(near[0]["chain"] if near else None)
        phrases = {}
        for mention in document["mentions"]:
            words = mention["words"]
            noun = mention["kind"] == "NOUN" and not mention["named"]
            noun |= mention["kind"] == "PROPN" and len(words) == 2 and words[1] in CAPITALS
            phrase = (len(words) == 1 and words[0] in PRONOUNS) or (noun and words[0] in DETERMINERS)
            if mention["link"] in ("appos", "pred") or not phrase:
                continue
            whole = document["split"].get(mention["chain"], [])
            stands = {mention["chain"]} if mention["chain"] in chains else set(whole) if whole and set(whole) <= set(chains) else None
            phrases[(mention["start"], mention["head"][1])] = [stands] if stands else []
        gold[document["id"]] = (phrases, chains)
    return gold


def own_gold(rows):
    """The same of our own labels."""
    phrases = {row["id"]: {tuple(it["span"]): [set(it_) for it_ in it["alts"]] for it in row["references"]} for row in rows}
    return {row["id"]: (phrases[row["id"]], [mention[3] for mention in row["mentions"]]) for row in rows}


def asked(rows):
    """What the program asks of the model for some annotated texts."""
    with tempfile.TemporaryDirectory() as folder:
        source, made = Path(folder) / "in.jsonl", Path(folder) / "out.jsonl"
        source.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf8")
        environment = os.environ | {"DEMARCHE_ROWS_OF": f"{source}:{made}"}
        subprocess.run(["cargo", "test", "--lib", "rows_for_training"], check=True, env=environment, cwd=HERE.parent.parent)
        return [json.loads(line) for line in made.read_text(encoding="utf8").splitlines()]


def cases(rows, gold, names, only_labelled):
    """One case a phrase: document, form, features of each candidate, and which candidates are right."""
    out = []
    for row in rows:
        if row["form"] not in FORMS:
            continue
        phrases, things = gold[row["id"]]
        if only_labelled and tuple(row["span"]) not in phrases:
            continue
        stands = phrases.get(tuple(row["span"]), [])
        features = np.zeros((len(row["candidates"]), len(names)))
        for at, candidate in enumerate(row["candidates"]):
            for name, value in candidate["told"].items():
                features[at, names.index(name)] = value
        right = [{things[mention] for mention in candidate["mentions"]} in stands for candidate in row["candidates"][:-1]]
        out.append((row["id"], FORMS.index(row["form"]), features, np.array([*right, not any(right)])))
    return out


def softmax(scores):
    raised = np.exp(scores - scores.max())
    return raised / raised.sum()


def fit(cases, names):
    """The weights, [form][feature]."""
    count, guess = len(names), np.array([PRIOR.get(name, 0.0) for name in names])

    def loss(flat):
        shared, own = flat[:count], flat[count:].reshape(len(FORMS), count)
        total, of_shared, of_own = 0.0, SHARED * (shared - guess), OWN * own
        for _, form, features, right in cases:
            probable = softmax(features @ (shared + own[form]))
            hit = max((probable * right).sum(), 1e-12)
            slope = features.T @ (probable - probable * right / hit)
            total -= math.log(hit)
            of_shared = of_shared + slope
            of_own[form] += slope
        total += SHARED / 2 * ((shared - guess) ** 2).sum() + OWN / 2 * (own**2).sum()
        return total, np.concatenate([of_shared, of_own.ravel()])

    flat = minimize(loss, np.zeros(count * (len(FORMS) + 1)), jac=True, method="L-BFGS-B", options={"maxiter": 300}).x
    return flat[:count] + flat[count:].reshape(len(FORMS), count)


def validated(cases, names):
    """Each case with the probability of its best candidate and whether that is right, by weights that have not seen its document."""
    documents = sorted({case[0] for case in cases})
    random.Random(1).shuffle(documents)
    for fold in range(FOLDS):
        held = set(documents[fold::FOLDS])
        weights = fit([case for case in cases if case[0] not in held], names)
        for document, form, features, right in (case for case in cases if case[0] in held):
            probable = softmax(features @ weights[form])[:-1]
            yield document, form, probable.max(), bool(right[probable.argmax()])


def report(name, answers, gold):
    total = sum(1 for phrases, _ in gold.values() for stands in phrases.values() if stands)
    for least in (0.5, 0.6, 0.65, 0.7, 0.8):
        taken = [answer for answer in answers if answer[0] in gold and answer[2] >= least]
        hits = sum(answer[3] for answer in taken)
        precision, recall = hits / max(len(taken), 1), hits / max(total, 1)
        forms = " ".join(
            f"{form} {sum(it[3] for it in taken if it[1] == at)}/{sum(it[1] == at for it in taken)}" for at, form in enumerate(FORMS)
        )
        print(f"{name} at {least}: precision {precision:.3f} recall {recall:.3f} of {total}; {forms}")


def main():
    flags = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    flags.add_argument("--gum", type=Path, required=True, help="folder of the CoNLL-U files")
    flags.add_argument("--texts", type=Path, help="only write their texts here, to be annotated")
    flags.add_argument("--annotations", type=Path, help="the annotations of these texts")
    flags.add_argument("--articles", type=Path, help="the articles of labels/references.jsonl: rows of id and text")
    flags = flags.parse_args()
    documents = [gum_document(path) for path in sorted(flags.gum.glob("*.conllu"))]
    if flags.texts:
        rows = (json.dumps({"id": document["id"], "text": document["text"]}) + "\n" for document in documents)
        flags.texts.write_text("".join(rows), encoding="utf8")
        return
    read = lambda path: [json.loads(line) for line in path.read_text(encoding="utf8").split("\n") if line.strip()]
    annotations = {row["id"]: row for row in read(flags.annotations)}
    labels = read(HERE / "labels" / "references.jsonl")
    texts = {row["id"]: row["text"] for row in read(flags.articles)}
    keys = ("start", "end", "type")
    own = [
        {"id": row["id"], "text": texts[row["id"]], "mentions": [dict(zip(keys, it, strict=False)) for it in row["mentions"]]}
        for row in labels
    ]
    source = (ROOM / "score.rs").read_text(encoding="utf8")
    table = source[source.index("const NAMES") :]
    names = re.findall(r'"([a-z-]+)"', table[: table.index("];")])
    gum, ours = gum_gold(documents, annotations), own_gold(labels)
    both = cases(asked(list(annotations.values())), gum, names, only_labelled=False)
    both += cases(asked(own), ours, names, only_labelled=True)
    answers = list(validated(both, names))
    report("GUM", answers, gum)
    report("own labels", answers, ours)
    report("both", answers, gum | ours)
    weights = fit(both, names)
    rows = ((form, name, weights[at, place]) for at, form in enumerate(FORMS) for place, name in enumerate(names))
    (ROOM / "weights.tsv").write_text("".join(f"{form}\t{name}\t{it:.2f}\n" for form, name, it in rows if abs(it) >= 0.005))


if __name__ == "__main__":
    main()
