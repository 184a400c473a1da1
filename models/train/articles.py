"""The articles that were written for training, labels/articles/: sentences with their names, references and stances.

An article begins with `# name`; then each line is a sentence, and after `||` the stances that it tells: `2-3` (2 opposes 3), `2+3` (supports).
`[2:PER Ann Lee]` is a name of thing 2, `{2 she}` a pronoun or nominal that stands for it, `{1+4 the two countries}` for both; they nest.
What stands for nothing named is not marked. labels/GUIDE.md says how they were made.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from pairs import STANCES

FOLDER = Path(__file__).parent / "labels" / "articles"
NAME, REFERENCE = re.compile(r"\[(\d+):(PER|ORG|LOC|NORP|FAC|MISC) "), re.compile(r"\{(\d+(?:\+\d+)*) ")
STANCE = re.compile(r"(\d+)\s*([+-])\s*(\d+)")


@dataclass
class Sentence:
    """A sentence; names (start, end, thing, type) and references (start, end, [things]) in code points, stances {(actor, target): number}."""

    text: str
    names: list
    references: list
    stances: dict


def read_sentence(line, place):
    """The sentence of a line."""
    body, _, told = line.partition("||")
    text, names, references, opened, at, body = "", [], [], [], 0, body.strip()
    while at < len(body):
        if begins := NAME.match(body, at) or REFERENCE.match(body, at):
            opened.append((len(text), begins))
            at = begins.end()
            continue
        if opened and body[at] == ("]" if opened[-1][1].re is NAME else "}"):
            start, begins = opened.pop()
            if begins.re is NAME:
                names.append((start, len(text), int(begins[1]), begins[2]))
            else:
                references.append((start, len(text), [int(thing) for thing in begins[1].split("+")]))
        elif body[at] in "[]{}":
            raise SystemExit(f"labels/articles/{place}: a bracket that opens or closes nothing: {body[at:at + 30]}")
        else:
            text += body[at]
        at += 1
    entries = [entry.strip() for entry in told.split(";") if entry.strip()]
    read = [STANCE.fullmatch(entry) for entry in entries]
    if opened or not all(read):
        raise SystemExit(f"labels/articles/{place}: {'a mark is not closed' if opened else 'a stance is not of the form 1-2 or 1+2'}")
    stances = {(int(it[1]), int(it[3])): STANCES.index("support" if it[2] == "+" else "oppose") for it in read}
    return Sentence(text, sorted(names), sorted(references), stances)


def articles():
    """Every article, as (name, [sentence])."""
    out = []
    for path in sorted(FOLDER.glob("*.txt")):
        for number, line in enumerate(open(path, encoding="utf-8"), 1):
            if line.startswith("#"):
                out.append((f"{path.stem} {line[1:].strip()}", []))
            elif line.strip():
                out[-1][1].append(read_sentence(line, f"{path.name}, line {number}"))
    return out
