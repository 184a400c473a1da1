"""Our own stance labels -> rows of marked text: labels/worldwide.jsonl joined with its articles, labels/public.jsonl joined with
the sentences of public sets, labels/sentences.txt and the news items of labels/written/.

    python labels.py --articles ARTICLES.jsonl --part dev --out ROWS.jsonl   # rows for `demarche eval stance`

`worldwide.jsonl` stands off: document, span of the sentence, mentions [start, end, entity] and stances [actor entity, target
entity, stance], all offsets in code points of the article's text; a pair that is not listed holds none. `again` are the stances of further
readings, each by another session. Every fifth document (by the hash of its name) is dev; "rest" are those sentences of dev documents that were not drawn
for being hard. `public.jsonl` names a set and a row of its train file instead; its offsets count from the
sentence's start, conllpp's tokens joined by spaces. The items of `written/` were written for training, with the types of their
names: [TYPE:name]. labels/GUIDE.md says how they were made.
"""

import argparse
import hashlib
import json
import re
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

from articles import articles
from pairs import STANCES

FOLDER = Path(__file__).parent / "labels"
AROUND = 240  # code points of the article that are given before and after a sentence


@dataclass
class Marked:
    """One sentence, its mentions (start, end, entity), the stances {(actor, target): number into STANCES, or a distribution}, and the text around it."""

    text: str
    mentions: list
    stances: dict
    before: str = ""
    after: str = ""

    def pairs(self):
        """Every pair of mentions of two entities, with the stance each way."""
        for (s, e, one), (t, f, other) in combinations(self.mentions, 2):
            if one != other:
                yield (s, e), (t, f), (self.stances.get((one, other), 0), self.stances.get((other, one), 0))


@dataclass
class Referring(Marked):
    """The same with references (start, end, [entities]), which take part in pairs; a pair of two names only where `named` says that these are told."""

    references: list = ()
    named: bool = False

    def pairs(self):
        parties = sorted([(s, e, [entity], False) for s, e, entity in self.mentions] + [(*it, True) for it in self.references])
        for (s, e, ones, one), (t, f, others, other) in combinations(parties, 2):
            apart = (e <= t or f <= s) and not set(ones) & set(others)
            if apart and (self.named or one or other):
                yield (s, e), (t, f), (self.stance(ones, others), self.stance(others, ones))

    def stance(self, actors, targets):
        return next((held for a in actors for t in targets if (held := self.stances.get((a, t), 0))), 0)


def references(articles, part):
    """The labelled documents of a part: (text, row of labels/references.jsonl)."""
    texts = {a["id"]: a["text"] for a in map(json.loads, open(articles, encoding="utf-8"))}
    rows = map(json.loads, open(FOLDER / "references.jsonl", encoding="utf-8"))
    return [(texts[row["doc"]], row) for row in rows if part_of(row["doc"]) == part]


def part_of(doc):
    """Every fifth document, by the hash of its name, is dev."""
    return "train" if int(hashlib.sha256(doc.encode()).hexdigest(), 16) % 5 else "dev"


def referring(articles, part):
    """The sentences of labels/references.jsonl in which something stands by a reference, with the stances that take one."""
    out = []
    for text, row in references(articles, part):
        readings = [row["stances"], *row.get("again", ())]
        of = lambda start, end: [[it[2:] for it in reading if it[:2] == [start, end]] for reading in readings]
        for start, end in row["sentences"]:
            inside = lambda it: start <= it[0] and it[1] <= end
            found = [(s - start, e - start, things) for s, e, things in filter(inside, row["references"]) if things]
            names = [(s - start, e - start, thing) for s, e, _, thing in filter(inside, row["mentions"])]
            around = text[max(0, start - AROUND) : start], text[end : end + AROUND]
            if found and len(found) + len(names) > 1:
                first, *more = of(start, end)
                out.append(Referring(text[start:end], names, stances_of({"stances": first, "again": more}), *around, references=found))
    return out


def written_articles():
    """The sentences of labels/articles/, all pairs told."""
    out = []
    for _, sentences in articles():
        texts = [sentence.text for sentence in sentences]
        for at, it in enumerate(sentences):
            around = "".join(text + " " for text in texts[:at])[-AROUND:], "".join(" " + text for text in texts[at + 1 :])[:AROUND]
            out.append(Referring(it.text, [name[:3] for name in it.names], it.stances, *around, references=it.references, named=True))
    return out


def worldwide(articles, part):
    """The labelled sentences of a part, "train", "dev" or "rest". A span that the article does not hold is told as an error."""
    rows = [row for row in map(json.loads, open(FOLDER / "worldwide.jsonl", encoding="utf-8")) if row["part"] == part]
    texts = {a["id"]: a["text"] for a in map(json.loads, open(articles, encoding="utf-8"))}
    out = []
    for row in rows:
        start, end = row["span"]
        text = texts.get(row["doc"], "")[start:end]
        if len(text) != end - start:
            raise SystemExit(f"{articles} has no {row['doc']} of the length that labels/worldwide.jsonl was made on")
        mentions = [(s - start, e - start, entity) for s, e, entity in row["mentions"]]
        around = texts[row["doc"]][max(0, start - AROUND) : start], texts[row["doc"]][end : end + AROUND]
        out.append(Marked(text, mentions, stances_of(row), *around))
    return out


def stances_of(row):
    """{(actor, target): stance} of a row, which may have been read several times, `stances` and each of `again`: what most readings say; where two differ,
    half of each; where three do, what the first says."""
    readings = [{(actor, target): STANCES.index(stance) for actor, target, stance in told} for told in (row["stances"], *row.get("again", ()))]
    out = {}
    for pair in set().union(*readings):
        said = [reading.get(pair, 0) for reading in readings]
        most = max(range(len(STANCES)), key=said.count)
        halves = [said.count(stance) / 2 for stance in range(len(STANCES))]
        out[pair] = most if 2 * said.count(most) > len(said) else halves if len(said) == 2 else said[0]
    return {pair: stance for pair, stance in out.items() if stance}


def public(data):
    """The labelled sentences of public sets."""
    read = lambda path: [json.loads(line) for line in open(data / path, encoding="utf-8")]
    texts = {
        "conllpp": [" ".join(row["tokens"]) for row in read("ner/conllpp/train.jsonl")],
        "newsmtsc": [row["sentence"] for row in read("stance/newsmtsc/train.jsonl")],
        "directed": [row["text"] for row in read("stance/directed/train.jsonl")],
    }
    rows = map(json.loads, open(FOLDER / "public.jsonl", encoding="utf-8"))
    return [Marked(texts[row["set"]][row["row"]], row["mentions"], stances_of(row)) for row in rows]


def corrected(path):
    """Sentences of articles that people have corrected, as `demarche import --rows` writes them: (document, tokens, tags, row); the row is None
    where nobody has looked at stances."""
    out = []
    for number, line in enumerate(open(path, encoding="utf-8"), 1):
        row = json.loads(line)
        if not {"doc", "text", "tokens", "tags", "mentions"} <= row.keys() or len(row["tokens"]) != len(row["tags"]):
            raise SystemExit(f"{path}, line {number}: this is no row of `demarche import --rows`")
        if any(not 0 <= start < end <= len(row["text"]) for start, end, _ in row["mentions"]):
            raise SystemExit(f"{path}, line {number}: a mention lies outside the text of {len(row['text'])} code points")
        marked = None
        if "stances" in row:
            mentions = [tuple(mention) for mention in row["mentions"]]
            marked = Marked(row["text"], mentions, stances_of(row), row.get("before", ""), row.get("after", ""))
        out.append((row["doc"], row["tokens"], row["tags"], marked))
    return out


def sentences():
    """The sentences written for training, each name an entity of its own."""
    return [read_marked(line, place)[0] for line, place in lines_of(FOLDER / "sentences.txt") if not line.startswith("#")]


def written():
    """The news items written for training: of each its sentences, as (row, [type of every name])."""
    items = []
    for file in sorted((FOLDER / "written").glob("*.txt")):
        for line, place in lines_of(file):
            if line.startswith("##"):
                items.append([])
            elif line:
                items[-1].append(read_marked(line, place))
    for item in items:
        texts = [row.text for row, _ in item]
        for at, (row, _) in enumerate(item):
            row.before = "".join(text + " " for text in texts[:at])[-AROUND:]
            row.after = "".join(" " + text for text in texts[at + 1 :])[:AROUND]
    return items


def lines_of(path):
    return [(line.strip(), f"{path.name}, line {number}") for number, line in enumerate(open(path, encoding="utf-8"), 1)]


def read_marked(line, place):
    """A line of [name] or [TYPE:name], ||, and entries as 1-2, 1+2 or 3=1 -> the row and the names' types ("" if none is told)."""
    marked, bars, held = line.partition("||")
    if not bars:
        raise SystemExit(f"labels/{place}: no || between the sentence and its stances")
    text, mentions, types = "", [], []
    for piece in re.split(r"(\[.*?\])", marked.strip()):
        if piece.startswith("["):
            kind, colon, name = piece[1:-1].partition(":") if re.match(r"\[[A-Z]+:", piece) else ("", "", piece[1:-1])
            mentions.append((len(text), len(text) + len(name), len(mentions)))
            types.append(kind)
            piece = name
        text += piece
    entries = re.findall(r"(\d+)([+=-])(\d+)", held)
    if any(not 1 <= int(number) <= len(mentions) for a, _, b in entries for number in (a, b)):
        raise SystemExit(f"labels/{place}: an entry names a name that is not there")
    same = {int(a) - 1: int(b) - 1 for a, sign, b in entries if sign == "="}
    entity = lambda number: entity(same[number]) if same.get(number, number) < number else number
    mentions = [(start, end, entity(number)) for number, (start, end, _) in enumerate(mentions)]
    stances = {(entity(int(a) - 1), entity(int(b) - 1)): 1 if sign == "+" else 2 for a, sign, b in entries if sign != "="}
    return Marked(text, mentions, stances), types


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=Path, required=True)
    parser.add_argument("--part", choices=("train", "dev", "rest"), default="dev")
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    with open(args.out, "w", encoding="utf-8") as out:
        for row in worldwide(args.articles, args.part):
            for a, b, (forth, back) in row.pairs():
                line = {"text": row.text, "a": a, "b": b, "a_to_b": STANCES[forth], "b_to_a": STANCES[back]}
                out.write(json.dumps(line, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
