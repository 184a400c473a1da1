"""Draws the reliability diagram of the model card: of what scored about p, how much is right?

    python reliability.py --bins FOLDER/reliability.json --out models/reliability.png      # bins of calibrate.py
"""

import argparse
import json
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt


def draw(name, told, axis):
    """One set: the share that is right over the mean score of each bin, the dot as large as the bin."""
    held = [(count, total / count, right / count) for count, total, right in told["bins"] if count]
    most = max(count for count, *_ in held)
    axis.plot([0, 1], [0, 1], color="0.7", linewidth=1)
    axis.plot([mean for _, mean, _ in held], [share for *_, share in held], color="#1f5fa8", linewidth=1)
    axis.scatter([m for _, m, _ in held], [s for *_, s in held], s=[12 + 110 * c / most for c, *_ in held], color="#1f5fa8")
    for count, mean, share in held:
        axis.annotate(str(count), (mean, share), textcoords="offset points", xytext=(7, -11), fontsize=7, color="0.35")
    axis.set(title=f"{name}\nexpected calibration error {told['error']:.3f}", xlabel="score", xlim=(0, 1), ylim=(0, 1), aspect="equal")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bins", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    sets = json.loads(args.bins.read_text())
    figure, axes = plt.subplots(1, len(sets), figsize=(4 * len(sets), 4.3))
    for axis, (name, told) in zip(axes, sets.items()):
        draw(name, told, axis)
    axes[0].set_ylabel("share that is right")
    figure.tight_layout()
    figure.savefig(args.out, dpi=110, metadata={"Software": None})


if __name__ == "__main__":
    main()
