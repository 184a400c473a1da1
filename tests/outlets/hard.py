"""Articles in which units of offsets differ: emoji of several code points, curly quotes, combining marks, CRLF, tabs, wrapped lines."""

import json

TEXTS = {
    "emoji: 👩‍👩‍👧/1": "🐢 “Russia” rejects the United States’ plan 👩‍👩‍👧 for Bagram Air Base. 🇵🇰 Pakistan and China condemned Washington. 😀😀\n\n"
    "Iran praised Russia 🎉 and thanked Pakistan.",
    "marks": "São Tomé criticised Cote d'Ivoire. Ru\u0308ssia backed Ango\u0301la, and Emmanuel Macron attacked Vladimir Putin.\n\nThe U.N. "
    "condemned North Korea\u00a0on Monday.",
    "crlf": "Donald Trump attacked China.\r\n\r\nThe European\r\nUnion supported Ukraine, and\tRussia\tcondemned the European Union.\r\n"
    "Kenya  thanked  Uganda .\r\n",
    "none": "It rained all day, and the streets were empty. The shops closed early that afternoon.",
}


def write(path):
    """The articles as JSON Lines."""
    rows = [{"id": name, "title": f"On {name}", "outlet": "Hard", "text": text} for name, text in TEXTS.items()]
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


def body(record):
    """The text of an annotation whose places are checked."""
    for mention in record["mentions"]:
        assert record["text"][mention["start"] : mention["end"]] == mention["text"]
    return record["text"]


def names(record):
    """Its mentions as (start, end, type)."""
    return [(mention["start"], mention["end"], mention["type"]) for mention in record["mentions"]]


def stances(record):
    """Its positions by their evidence, as (actor, target, stance): numbers of mentions."""
    told = set()
    for position in record["positions"]:
        for evidence in position["evidence"]:
            if evidence["stance"] == position["stance"] != "none":
                told.add((evidence["actor_mention"], evidence["target_mention"], position["stance"]))
    return told
