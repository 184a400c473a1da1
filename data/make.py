"""Makes countries.tsv from the npm package `world-countries` (5.1.0): names, demonyms and capitals, facts only.

    npm pack world-countries@5.1.0 && tar xzf world-countries-5.1.0.tgz
    python3 data/make.py package/countries.json > data/countries.tsv

Kept: all that have a code and people. Columns: alpha-2 code, name, other names, demonyms, capital, alpha-3 code, neighbours; several
values are parted by |. Names with accents are given without them too. What the package lacks stands in extra.tsv.
"""

import json
import sys
import unicodedata

# Not members of the United Nations, and yet things that stand for themselves in the news.
ALSO = {"TW", "PS", "XK", "VA", "HK", "MO", "GL", "PR"}
# Nobody lives there, or their names are mostly other things'.
NOT = {"AQ", "BV", "HM", "TF", "GS", "IO", "UM", "BQ", "MF", "BL", "SJ"}
# Other names that mean something else in running text.
WORDS = {"Mann", "Mannin", "Guiana", "Virgin Islands", "Channel Islander", "Virgin Islander"}


def plain(name):
    return "".join(c for c in unicodedata.normalize("NFD", name) if not unicodedata.combining(c))


def both(names):
    out = []
    for name in names:
        for form in (name, plain(name)):
            latin = all("LATIN" in unicodedata.name(c, "") and "IPA" not in unicodedata.name(c, "") for c in form if c.isalpha())
            if form and latin and form not in out:
                out.append(form)
    return out


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        countries = sorted(json.load(file), key=lambda c: c["cca2"])
    code = {c["cca3"]: "XK" if c["cca3"] == "UNK" else c["cca2"] for c in countries}
    stands = {c["cca2"]: c["unMember"] or c["cca2"] in ALSO for c in countries}
    peoples = {d.strip() for c in countries if stands[c["cca2"]] for d in c["demonyms"]["eng"]["m"].split(",")}
    for country in countries:
        own = country["cca2"]
        if own in NOT:
            continue
        name = country["name"]["common"]
        # An inverted form ("Bolivia, Plurinational State of") and a bare code name nothing in running text.
        others = [n for n in [country["name"]["official"], *country["altSpellings"]] if len(n) > 3 and "," not in n and n != name and n not in WORDS]
        demonyms = [d.strip() for d in country["demonyms"]["eng"]["m"].split(",") if d.strip() not in WORDS]
        capitals = country["capital"]
        if not stands[own]:
            # A territory's capital acts for nobody, and its people may bear the name of the country that holds it.
            capitals, demonyms = [], [d for d in demonyms if d not in peoples]
        alpha3 = "XKX" if own == "XK" else country["cca3"]
        borders = [code[b] for b in country["borders"]]
        columns = [[name], [n for n in both([name, *others]) if n != name], both(demonyms), both(capitals), [alpha3], borders]
        print("\t".join([own, *("|".join(column) for column in columns)]))


if __name__ == "__main__":
    main()
