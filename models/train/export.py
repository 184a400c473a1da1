"""Writes the shipped weights: two ONNX graphs, int8 products, and the manifest that the program checks at load.

    python export.py --tagger FOLDER/tagger.pt --judge FOLDER/judge.pt --out MODELS

tagger.onnx: ids, cases, mask [rows, positions] -> labels [rows, positions, 13], states [rows, positions, 384]
judge.onnx:  states [rows, positions, 384], mask, pairs [rows, pairs, 4] -> stances [rows, pairs, 2, 3]
"""

import argparse
import copy
import hashlib
import json
import shutil
import tempfile
from pathlib import Path

import onnx
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from torch import nn

from encoder import LAYERS, WIDTH, base_folder, key_bias, load_base
from pairs import STANCES
from train_ner import LABELS, Tagger
from judge import Judge


class SmallTable(nn.Module):
    """An embedding table in int8 with one scale a row: a quarter of the size, the same lookup."""

    def __init__(self, table):
        super().__init__()
        weight = table.weight.detach()
        scale = weight.abs().amax(1, keepdim=True) / 127
        self.register_buffer("small", (weight / scale.clamp(min=1e-12)).round().to(torch.int8))
        self.register_buffer("scale", scale)

    def forward(self, ids):
        return self.small[ids].float() * self.scale[ids]


class TaggerGraph(nn.Module):
    def __init__(self, tagger, depth):
        super().__init__()
        self.tagger, self.depth = tagger, depth
        tagger.embeddings.word = SmallTable(tagger.embeddings.word)

    def forward(self, ids, cases, mask):
        bias = key_bias(mask)
        x = self.tagger.embeddings(ids, cases)
        for number, layer in enumerate(self.tagger.layers):
            x = layer(x, bias)
            if number + 1 == self.depth:
                states = x
        return self.tagger.head(x), states


def write(graph, inputs, names, outputs, axes, path):
    """One ONNX file with int8 weights, one scale an output channel."""
    with tempfile.TemporaryDirectory() as folder:
        raw = Path(folder) / "raw.onnx"
        torch.onnx.export(
            graph, inputs, str(raw), input_names=names, output_names=outputs, dynamic_axes=axes, opset_version=17, dynamo=False
        )
        quantize_dynamic(
            raw, path, per_channel=True, weight_type=QuantType.QInt8, op_types_to_quantize=["MatMul"],
            extra_options={"MatMulConstBOnly": True},
        )
    onnx.checker.check_model(str(path))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tagger", type=Path, required=True)
    parser.add_argument("--judge", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    tagger = Tagger()
    tagger.load_state_dict(torch.load(args.tagger))
    saved = torch.load(args.judge) if args.judge else {"depth": 3, "judge": None, "temperature": 1.0}
    judge = Judge(copy.deepcopy(nn.ModuleList(list(load_base()[1])[saved["depth"] : LAYERS])))
    if saved["judge"]:
        judge.load_state_dict(saved["judge"])
    tagger.eval(), judge.eval()
    args.out.mkdir(parents=True, exist_ok=True)
    ids = torch.randint(5, 1000, (2, 9))
    with torch.no_grad():
        write(
            TaggerGraph(tagger, saved["depth"]), (ids, ids % 4, torch.ones(2, 9, dtype=torch.long)),
            ["ids", "cases", "mask"], ["labels", "states"],
            {name: {0: "rows", 1: "positions"} for name in ("ids", "cases", "mask", "labels", "states")},
            args.out / "tagger.onnx",
        )
        write(
            judge, (torch.randn(2, 9, WIDTH), torch.ones(2, 9, dtype=torch.long), torch.randint(0, 9, (2, 3, 4))),
            ["states", "mask", "pairs"], ["stances"],
            {"states": {0: "rows", 1: "positions"}, "mask": {0: "rows", 1: "positions"}, "pairs": {0: "rows", 1: "pairs"}, "stances": {0: "rows", 1: "pairs"}},
            args.out / "judge.onnx",
        )
    shutil.copy(base_folder() / "tokenizer.json", args.out / "tokenizer.json")
    digest = lambda name: hashlib.sha256((args.out / name).read_bytes()).hexdigest()
    manifest = {
        "format": "demarche.models/1",
        "tagger": {"name": "demarche-ner-minilm6", "file": "tagger.onnx", "sha256": digest("tagger.onnx"), "labels": LABELS, "temperature": saved.get("ner_temperature", 1.0)},
        "judge": {"name": "demarche-stance-minilm4", "file": "judge.onnx", "sha256": digest("judge.onnx"), "labels": list(STANCES), "temperature": saved.get("temperature", 1.0), "none_weight": saved.get("none_weight", 1.0), "scale": saved.get("scale", [1.0, 0.0])},
        "tokenizer": {"file": "tokenizer.json", "sha256": digest("tokenizer.json")},
        "width": WIDTH,
        "positions": 192,
    }
    (args.out / "models.json").write_text(json.dumps(manifest, indent=1) + "\n")


if __name__ == "__main__":
    main()
