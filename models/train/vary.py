"""What is changed at random in the sentences that a judge learns from, so that it does not learn them by heart.

The judge gave 0.88 of the stances of its own training sentences and 0.57 of others'. So names are exchanged for other names of their type, as a
stance hangs on the words between names and not on these, and some words are hidden (as in BERT's own training, Devlin et al. 2019).
"""

import re
from collections import Counter, defaultdict
from dataclasses import replace

from articles import articles
from labels import written
from train_ner import ONE_OF, spans

MASK = 103
GENDERED = re.compile(r"\b(he|she|him|his|her|hers|himself|herself)\b", re.IGNORECASE)
SWAPPED, EACH = 0.5, 0.8  # of the rows, those whose names change; of their names, those that do
SURE = 0.9  # of a name's places, those that have one type


class Names:
    """Names by their type, and the type of each."""

    def __init__(self, tagged):
        """From tagged rows (train_ner.py), and from the news items and articles that were written for training."""
        seen = defaultdict(Counter)
        for tokens, tags, source, *_ in tagged:
            for start, end, kind in sorted(spans(tags)):
                if kind not in ONE_OF[source]:
                    seen[" ".join(tokens[start:end])][kind] += 1
        for item in written():
            for row, types in item:
                for (start, end, _), kind in zip(row.mentions, types):
                    seen[row.text[start:end]][kind] += 1
        for _, sentences in articles():
            for it in sentences:
                for start, end, _, kind in it.names:
                    seen[it.text[start:end]][kind] += 1
        self.kinds, self.of = {}, defaultdict(list)
        for name, kinds in seen.items():
            kind, count = kinds.most_common(1)[0]
            if count >= SURE * kinds.total() and name[:1].isupper() and len(name) < 60:
                self.kinds[name] = kind
                self.of[self.shelf(name, kind)].append(name)

    @staticmethod
    def shelf(name, kind):
        """What must be alike in a name and what stands for it: its type; whether it is one word; of peoples, the plural; capitals."""
        return kind, " " in name, kind == "NORP" and name.endswith("s"), name.isupper() and len(name) > 1

    def other(self, name, rng):
        return rng.choice(self.of[self.shelf(name, self.kinds[name])])


def renamed(row, names, rng):
    """A row with pairs (stance_rows.Told), in which some names stand for others. Names that hold another place of the row, persons beside "he" or "she", and
    names of which another is a part stay as they are."""
    places = sorted({tuple(span) for a, b, _ in row.asked for span in (a, b) if span[0] >= 0})
    texts = {row.text[start:end] for start, end in places}
    gendered = GENDERED.search(row.text) is not None
    taken, chosen = [], {}
    for start, end in places:
        name = row.text[start:end]
        kind = names.kinds.get(name)
        alone = not any((s, e) != (start, end) and s < end and start < e and not (s <= start and end <= e) for s, e in places)
        parts = any(name != other and (name in other or other in name) for other in texts)
        if kind and alone and not parts and not (kind == "PER" and gendered):
            if name not in chosen:
                chosen[name] = names.other(name, rng) if rng.random() < EACH else name
            taken.append((start, end, chosen[name]))
    if not taken:
        return row
    moved = lambda at: at + sum(len(other) - (end - start) for start, end, other in taken if end <= at)
    text, at = "", 0
    for start, end, other in taken:
        text += row.text[at:start] + other
        at = end
    span = lambda it: it if it[0] < 0 else (moved(it[0]), moved(it[1]))
    return replace(row, text=text + row.text[at:], asked=[(span(a), span(b), stances) for a, b, stances in row.asked])


def varied(rows, names, rng):
    return [renamed(row, names, rng) if rng.random() < SWAPPED else row for row in rows]


def hidden(encoded, share, rng):
    """Rows as stance_rows.py encodes them, with a share of the subwords outside of their pairs' spans hidden."""
    out = []
    for ids, cases, places, *rest in encoded:
        kept = {0, len(ids) - 1}
        for a, b, c, d in places:
            kept.update(range(a, b + 1), range(c, d + 1))
        ids = [MASK if at not in kept and rng.random() < share else it for at, it in enumerate(ids)]
        out.append((ids, cases, places, *rest))
    return out
