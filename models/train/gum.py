"""The news documents of GUM (CoNLL-U with `Entity=` in the last column; annotations CC BY 4.0): what their pronouns and nominals stand for.

Names are those that the program finds: a chain of GUM is a thing where one of its names is found.
"""

import re
from collections import defaultdict

PRONOUNS = set(
    "he him his himself she her hers herself it its itself they them their theirs themselves i me my mine myself we us our ours ourselves".split()
)
DETERMINERS = {"the", "this", "that", "these", "those", "both", "his", "her", "its", "their", "my", "our"}
# Nouns that GUM takes for names when they have a capital: "the Court".
CAPITALS = set("church court administration government house senate organization council party bureau commission committee".split())


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
