"""Float checkpoints back from the shipped graphs: a start for further training, and the weights of benches/peers/.

    python recover.py --models MODELS --out FOLDER      # -> FOLDER/tagger.pt, FOLDER/judge.pt

What int8 rounded away stays away: each weight is its int8 step times its channel's scale.
"""

import argparse
import json
from pathlib import Path

import onnx
import torch
from onnx import numpy_helper

from encoder import HEADS, LAYERS, WIDTH

PRODUCTS = ("query", "key", "value", "out", "up", "down")


def floats(path):
    """All float tensors by name, and the weights of the products in the order in which the graph runs them."""
    graph = onnx.load(path).graph
    held = {tensor.name: torch.from_numpy(numpy_helper.to_array(tensor).copy()) for tensor in graph.initializer}
    stems = [node.input[1].removesuffix("_quantized") for node in graph.node if node.op_type == "MatMulInteger"]
    products = [(held[f"{stem}_quantized"].float() * held[f"{stem}_scale"]).T.contiguous() for stem in stems if f"{stem}_quantized" in held]
    return {name: tensor for name, tensor in held.items() if tensor.is_floating_point() and not name.startswith("onnx::")}, products


def folded(path, shape):
    """The constants of a given shape that the export cut out of a table, in the order of their use."""
    graph = onnx.load(path).graph
    held = {tensor.name: tensor for tensor in graph.initializer if tuple(tensor.dims) == shape}
    return [torch.from_numpy(numpy_helper.to_array(held[name]).copy()) for node in graph.node for name in node.input if name in held]


def named(prefix, state, products, layers, heads):
    """A state dict: the floats under `prefix`, the products under the names of `layers` layers and of the head's parts."""
    out = {name.removeprefix(prefix): tensor for name, tensor in state.items() if name.startswith(prefix) and not name.endswith("_scale")}
    names = [f"layers.{number}.{part}.weight" for number in range(layers) for part in PRODUCTS] + heads
    if len(names) != len(products):
        raise SystemExit(f"the graph has {len(products)} products where {len(names)} were expected: was it made by export.py?")
    return out | dict(zip(names, products))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    manifest = json.loads((args.models / "models.json").read_text())
    state, products = floats(args.models / "tagger.onnx")
    tagger = named("tagger.", state, products, LAYERS, ["head.weight"])
    graph = onnx.load(args.models / "tagger.onnx").graph
    small = next(numpy_helper.to_array(t) for t in graph.initializer if t.name == "tagger.embeddings.word.small")
    tagger["embeddings.word.weight"] = torch.from_numpy(small.copy()).float() * tagger.pop("embeddings.word.scale")
    torch.save(tagger, args.out / "tagger.pt")
    state, products = floats(args.models / "judge.onnx")
    depth = LAYERS - (len(products) - 2) // len(PRODUCTS)
    judge = named("", state, products, LAYERS - depth, ["head.1.weight", "head.4.weight"])
    partner = folded(args.models / "judge.onnx", (HEADS, 1, WIDTH // HEADS))
    judge["partner_key"], judge["partner_value"] = (torch.stack(partner[at::2]).flatten(1) for at in (0, 1))
    settings = {"temperature": manifest["judge"]["temperature"], "none_weight": manifest["judge"]["none_weight"], "scale": manifest["judge"]["scale"]}
    torch.save({"depth": depth, "judge": judge, "ner_temperature": manifest["tagger"]["temperature"], **settings}, args.out / "judge.pt")


if __name__ == "__main__":
    main()
