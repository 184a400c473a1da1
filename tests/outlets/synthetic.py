"""Writes annotations of made-up articles, for measuring: python3 synthetic.py POSITIONS > annotations.jsonl

Five positions an article and all else in the measure of news: 11 sentences, 24 mentions of 12 entities, 3 references. The same number gives the same bytes.
"""

import datetime
import json
import random
import sys

STANCES = ["oppose", "oppose", "oppose", "support"]
KINDS = ["accuse", "reject", "support", "sanction", "request", "threaten", None, None]
MODEL = {"name": "synthetic", "sha256": "0" * 64}


def world(dice, many=20_000):
    """The things that the news speaks of; a few of them most of the time."""
    syllables = ["ka", "bul", "mo", "ra", "tel", "vin", "so", "dor", "é", "shi", "łu", "gan", "per", "ny"]
    for number in range(many):
        name = "".join(dice.choices(syllables, k=dice.randint(2, 4))).title()
        if number < 200:
            yield name, "LOC", chr(65 + number // 26) + chr(65 + number % 26), "Q" + chr(65 + number // 26) + chr(65 + number % 26)
        else:
            kind = dice.choice(["PER", "PER", "ORG", "ORG", "NORP", "FAC", "MISC"])
            name = f"{name} {''.join(dice.choices(syllables, k=3)).title()}"
            yield name, kind, None, f"{kind.lower()}:{name.lower()} {number}"


def article(number, dice, things, weights):
    score = lambda: round(dice.uniform(0.3, 1), 4)
    chosen = list({thing[3]: thing for thing in dice.choices(things, cum_weights=weights, k=12)}.values())
    sentences = [{"start": 130 * at, "end": 130 * at + 128} for at in range(11)]
    mentions, of = [], [[] for _ in chosen]
    for at in range(24):
        entity = at % len(chosen)
        name, kind, *_ = chosen[entity]
        start = 130 * (at * 11 // 24) + 60 * (at % 2)
        of[entity].append(at)
        mentions.append({"start": start, "end": start + len(name), "text": name, "type": kind, "score": score(), "entity": entity})
    entities = [
        {"id": at, "name": name, "type": kind, "subtype": "COUNTRY" if country else None, "country": country, "key": key, "mentions": of[at]}
        for at, (name, kind, country, key) in enumerate(chosen)
    ]
    positions = []
    for at in range(5):
        actor, target = at % len(chosen), (at + 1 + dice.randrange(max(1, len(chosen) - 1))) % len(chosen)
        stance, told = dice.choice(STANCES), score()
        evidence = []
        for sentence in sorted(dice.sample(range(11), dice.choice([1, 1, 1, 2]))):
            row = {"sentence": sentence, "actor_mention": of[actor][0], "target_mention": of[target][0], "stance": stance, "score": told}
            if kind := dice.choice(KINDS):
                start = 130 * sentence + 30
                row.update(kind=kind, cue={"start": start, "end": start + 8})
            evidence.append(row)
        positions.append(
            {
                "actor": chosen[actor][0], "actor_id": actor, "target": chosen[target][0], "target_id": target, "stance": stance,
                "score": told, "evidence": evidence,
            }  # fmt: skip
        )
    references = [{"start": 130 * at + 100, "end": 130 * at + 103, "text": "she", "entity": 0, "score": score()} for at in range(3)]
    day = datetime.datetime(2015, 1, 1) + datetime.timedelta(minutes=dice.randrange(5_000_000))
    return {
        "schema": "demarche.annotation/1", "id": f"synthetic-{number}", "source": {"path": "synthetic.jsonl", "record": number},
        "title": f"{chosen[0][0]} and {chosen[-1][0]}, report {number}", "published": day.isoformat() + "Z",
        "outlet": f"Outlet {dice.randrange(400)}", "url": f"https://example.org/{number}", "chars": 1430, "sha256": f"{dice.getrandbits(256):064x}",
        "sentences": sentences, "mentions": mentions, "entities": entities, "references": references, "quotes": [], "positions": positions,
        "models": {"ner": MODEL, "stance": MODEL}, "tool": "demarche synthetic",
    }  # fmt: skip


def main():
    dice = random.Random(7)
    things = list(world(dice))
    weights, total = [], 0.0
    for rank in range(len(things)):
        total += 1 / (rank + 5)
        weights.append(total)
    for number in range(int(sys.argv[1]) // 5):
        sys.stdout.write(json.dumps(article(number, dice, things, weights), ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
