"""Makes tests/golden/reference.json: what the float models say of a few sentences written for this project.

    python reference.py --tagger FOLDER/tagger.pt --judge FOLDER/judge.pt --out tests/golden/reference.json
"""

import argparse
import json
from pathlib import Path

import torch

from pairs import covering
from subwords import CLS, SEP, Subwords
from train_joint import load_both

# Text, its sentences parted by a bar, and the two names of one sentence whose pair is judged.
TEXTS = [
    ("Kenya praised Uganda for opening the road to Kampala.", "Kenya", "Uganda"),
    ("Foreign Minister Maria Silva condemned the attack on Port Sudan.", "Maria Silva", "Port Sudan"),
    ("The World Bank was accused by Greenpeace of ignoring the Mekong River.", "World Bank", "Greenpeace"),
    ("U.S. officials met their Chinese colleagues in Geneva on Monday.", "U.S.", "Chinese"),
    ("“We stand by Lithuania,” said Estonia’s president, Alar Karis.", "Lithuania", "Alar Karis"),
    ("PARLIAMENT IN OSLO REJECTS TREATY WITH RUSSIA", "OSLO", "RUSSIA"),
    ("McDonald's sued the city of São Paulo in the High Court.", "McDonald's", "São Paulo"),
    ("The Taliban rejected the demand of the United States to hand over Bagram Air Base.", "Taliban", "United States"),
    ("Waikato beat Otago 27-24 at Waikato Stadium.", "Waikato", "Otago"),
    ("The vote was close.|Senegal thanked Gambia for its help.|Nobody in Dakar was surprised.", "Senegal", "Gambia"),
]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tagger", type=Path, required=True)
    parser.add_argument("--judge", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    model, _ = load_both(args.tagger, args.judge)
    cases = []
    subwords = Subwords()
    for marked, a, b in TEXTS:
        sentences, text = marked.split("|"), marked.replace("|", " ")
        (row,) = subwords.rows([text])
        ids, case = [CLS, *row.ids, SEP], [0, *row.cases, 0]
        spans = [covering(row, (text.index(name), text.index(name) + len(name))) for name in (a, b)]
        pair = [place + 1 for span in spans for place in span]
        judged = next(sentence for sentence in sentences if a in sentence and b in sentence)
        first, last = covering(row, (text.index(judged), text.index(judged) + len(judged)))
        seen = torch.tensor([[int(place == 0 or first < place <= last + 1) for place in range(len(ids))]])
        batch = torch.tensor([ids]), torch.tensor([case]), torch.ones(1, len(ids), dtype=torch.long)
        with torch.no_grad():
            labels = model.tagger(*batch).argmax(-1)[0, 1:-1].tolist()
            stances = model.stances(*batch, torch.tensor([[pair]]), seen)[0, 0].tolist()
        rounded = [[round(x, 3) for x in way] for way in stances]
        cases.append({"sentences": sentences, "ids": ids, "cases": case, "labels": labels, "seen": [first + 1, last + 1], "pair": pair, "stances": rounded})
    args.out.write_text("[\n" + ",\n".join(json.dumps(c, ensure_ascii=False) for c in cases) + "\n]\n", encoding="utf-8")


if __name__ == "__main__":
    main()
