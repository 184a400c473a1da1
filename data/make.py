"""Makes countries.tsv from the npm package `world-countries` (5.1.0): names, demonyms and capitals, facts only.

    npm pack world-countries@5.1.0 && tar xzf world-countries-5.1.0.tgz
    python3 data/make.py package/countries.json > data/countries.tsv

Kept: members of the United Nations and the places below. Columns: code, name, other names, demonyms, capital; several
values are parted by |. Names with accents are given without them too. What the package lacks stands in extra.tsv.
"""

import json
import sys
import unicodedata

ALSO = {"TW", "PS", "XK", "VA", "HK", "MO", "GL", "PR"}


def plain(name):
    return "".join(c for c in unicodedata.normalize("NFD", name) if not unicodedata.combining(c))


def both(names):
    out = []
    for name in names:
        for form in (name, plain(name)):
            latin = all("LATIN" in unicodedata.name(c, "") for c in form if c.isalpha())
            if form and latin and form not in out:
                out.append(form)
    return out


def main():
    for country in sorted(json.load(open(sys.argv[1], encoding="utf-8")), key=lambda c: c["cca2"]):
        if not country["unMember"] and country["cca2"] not in ALSO:
            continue
        name = country["name"]["common"]
        # An inverted form ("Bolivia, Plurinational State of") and a bare code name nothing in running text.
        others = [n for n in [country["name"]["official"], *country["altSpellings"]] if len(n) > 3 and "," not in n and n != name]
        demonyms = [d.strip() for d in country["demonyms"]["eng"]["m"].split(",")]
        columns = [[name], [n for n in both([name, *others]) if n != name], both(demonyms), both(country["capital"])]
        print("\t".join([country["cca2"], *("|".join(column) for column in columns)]))


main()
