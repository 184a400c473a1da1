"""Makes tests/golden/reference.json and reference-claims.json: what the float models say of a few sentences written for this project.

    python reference.py --tagger FOLDER/tagger.pt --judge FOLDER/judge.pt --claims FOLDER/claims.pt --out tests/golden
"""

import json
from pathlib import Path

import torch

from pairs import covering
from stance_rows import UNTOLD, tensors
from subwords import CLS, SEP, Subwords
from train_claims import Topic, encode
from train_joint import load_both
from widen import load_wide, of_checkpoints

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

# Claim, text, and the actor whose stance on the claim is judged.
CLAIMS = [
    ("The dam on the Volta should be built.", "Ghana’s parliament approved the loan for the dam, while Greenpeace called it a death sentence for the river.", "parliament"),
    ("The dam on the Volta should be built.", "Ghana’s parliament approved the loan for the dam, while Greenpeace called it a death sentence for the river.", "Greenpeace"),
    ("Fishing quotas must be cut.", "Norway and Iceland met in Bergen to speak about quotas.", "Iceland"),
    ("Chile ought to leave the treaty", "“We will not walk away from what we signed,” Foreign Minister Ana Rojas told reporters in Santiago.", "Ana Rojas"),
    ("The curfew should end at once.", "Shopkeepers in Nablus demanded that the army lift the curfew; a spokesman said it would stay.", "army"),
    ("Sanctions on Belarus are justified.", "Lithuania urged the European Union to widen its sanctions on Belarus.", "European Union"),
]


def claim_cases(model, subwords):
    cases = []
    for claim, text, actor in CLAIMS:
        start = text.index(actor)
        ((ids, case, places, _, judged, _),) = encode([Topic("", [claim], [(text, [((start, start + len(actor)), [0])])])], subwords)
        row = [(ids, case, places, [(0, UNTOLD)], judged, [1.0])]
        with torch.no_grad():
            stances = model.stances(*tensors(row, [0])[0])[0, 0, 0].tolist()
        seen = [judged[0], judged[1] - 1]
        cases.append({"claim": claim, "text": text, "ids": ids, "cases": case, "seen": seen, "pair": places[0], "stances": [round(x, 3) for x in stances]})
    return cases


def write(path, cases):
    path.write_text("[\n" + ",\n".join(json.dumps(c, ensure_ascii=False) for c in cases) + "\n]\n", encoding="utf-8")


def main():
    parser = of_checkpoints(__doc__, ("tagger", "judge"))
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
    write(args.out / "reference.json", cases)
    if args.claims:
        write(args.out / "reference-claims.json", claim_cases(load_wide(args.tagger, args.judge, args.claims), subwords))


if __name__ == "__main__":
    main()
