"""Float checkpoints back from the shipped graphs: a start for further training, and the weights of benches/peers/.

    python recover.py --models MODELS --out FOLDER      # -> FOLDER/tagger.pt, FOLDER/judge.pt

What int8 rounded away stays away: each weight is its int8 step times its channel's scale. What graph.py folded together comes
back as it stands there: biases of keys and values are 0.
"""

import argparse
import json
import math
from pathlib import Path

import onnx
import torch
from onnx import numpy_helper

from encoder import MINILM
from graph import input_of


def floats(path):
    """The weights of a graph by name, int8 ones as floats [out, in]."""
    held = {tensor.name: torch.from_numpy(numpy_helper.to_array(tensor).copy()) for tensor in onnx.load(path).graph.initializer}
    out = {}
    for name, tensor in held.items():
        stem, _, part = name.rpartition(".")
        if tensor.dtype == torch.int8 and part == "weight":
            scale = held[f"{stem}.scale"]
            out[name] = tensor.float() * scale if scale.ndim == 2 else whole(tensor.T.float() * scale[:, None], stem, held)
        elif tensor.is_floating_point() and part not in ("scale", "eased", "near", "apart") and name not in ("most", "sums"):
            product = part == "weight" and tensor.ndim == 2 and not name.startswith("embeddings.")
            out[name] = tensor.T.contiguous() if product else tensor
    return out


def whole(weight, stem, held):
    """A product's weights [out, in] without what was done for outlying channels."""
    given = input_of(stem)
    if f"{given}.eased" in held:
        return weight * held[f"{given}.eased"]
    if f"{stem}.apart" in held:
        weight[:, held[f"{given}.far"]] = held[f"{stem}.apart"].T
    return weight


def unfold(state):
    """Query weights without the scale of the scores, and biases of zeros for keys and values."""
    for name in [name for name in state if name.endswith((".query.weight", ".query.bias"))]:
        state[name] = state[name] * math.sqrt(MINILM.width // MINILM.heads)
        if name.endswith("bias"):
            for part in ("key", "value"):
                state[name.replace("query", part)] = torch.zeros(MINILM.width)
    return state


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    manifest = json.loads((args.models / "models.json").read_text())
    torch.save(unfold(floats(args.models / "tagger.onnx")), args.out / "tagger.pt")
    judge = unfold(floats(args.models / "judge.onnx"))
    layers = len({name.split(".")[1] for name in judge if name.startswith("layers.")})
    for part in ("partner_key", "partner_value"):
        judge[part] = torch.stack([judge.pop(f"layers.{number}.{part}") for number in range(layers)])
    sides, row = judge.pop("head.1.sides.weight"), judge.pop("head.1.row.weight")
    judge["head.1.weight"], judge["head.1.bias"] = torch.cat([sides[: MINILM.width], sides[MINILM.width :], row], 1), judge.pop("head.1.row.bias")
    fitted = {name: manifest["judge"][name] for name in ("temperature", "none_weight", "curve")}
    saved = {"depth": MINILM.layers - layers, "judge": judge, "ner_temperature": manifest["tagger"]["temperature"], **fitted}
    torch.save(saved, args.out / "judge.pt")


if __name__ == "__main__":
    main()
