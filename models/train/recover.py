"""Float checkpoints back from the shipped graphs: a start for further training, and the weights of benches/peers/.

    python recover.py --models MODELS --out FOLDER      # -> FOLDER/tagger.pt, FOLDER/judge.pt, FOLDER/claims.pt

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

from encoder import BUCKETS, MINILM, MPNET, bucket_of
from graph import FAR, input_of


def floats(path):
    """The weights of a graph by name, int8 ones as floats [out, in]."""
    held = {tensor.name: torch.from_numpy(numpy_helper.to_array(tensor).copy()) for tensor in onnx.load(path).graph.initializer}
    out = {}
    for name, tensor in held.items():
        stem, _, part = name.rpartition(".")
        if tensor.dtype == torch.int8 and part == "weight":
            scale = held[f"{stem}.scale"]
            out[name] = tensor.float() * scale if scale.ndim == 2 else whole(tensor.T.float() * scale[:, None], stem, held)
        elif tensor.is_floating_point() and tensor.ndim and part not in ("scale", "eased", "near", "apart") and name != "sums":
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


def unfold(state, shape=MINILM):
    """Query weights without the scale of the scores, and biases of zeros for keys and values."""
    for name in [name for name in state if name.endswith((".query.weight", ".query.bias"))]:
        state[name] = state[name] * math.sqrt(shape.width // shape.heads)
        if name.endswith("bias"):
            for part in ("key", "value"):
                state[name.replace("query", part)] = torch.zeros(shape.width)
    return state


def judge_of(path):
    """The weights of a judge, and how many layers are its own."""
    state = floats(path)
    wide = "entry.up.weight" in state
    shape = MPNET if wide else MINILM
    unfold(state, shape)
    layers = len({name.split(".")[1] for name in state if name.startswith("layers.")})
    for part in ("partner_key", "partner_value"):
        state[part] = torch.stack([state.pop(f"layers.{number}.{part}") for number in range(layers)])
    sides, row = state.pop("head.1.sides.weight"), state.pop("head.1.row.weight")
    state["head.1.weight"], state["head.1.bias"] = torch.cat([*sides.chunk(2), row], 1), state.pop("head.1.row.bias")
    if wide:
        distances = bucket_of(torch.arange(-FAR, FAR + 1))
        state["relative.bias.weight"] = torch.zeros(BUCKETS, shape.heads).index_copy(0, distances, state.pop("relative"))
    return state, layers


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    manifest = json.loads((args.models / "models.json").read_text())
    torch.save(unfold(floats(args.models / "tagger.onnx")), args.out / "tagger.pt")
    fitted = lambda entry: {name: entry[name] for name in ("temperature", "none_weight", "curve")}
    judge, layers = judge_of(args.models / "judge.onnx")
    saved = {"depth": MINILM.layers - layers, "judge": judge, "ner_temperature": manifest["tagger"]["temperature"], **fitted(manifest["judge"])}
    torch.save(saved, args.out / "judge.pt")
    if claims := manifest.get("claims"):
        torch.save({"judge": judge_of(args.models / claims["file"])[0], "wide": claims["wide"], **fitted(claims)}, args.out / "claims.pt")


if __name__ == "__main__":
    main()
