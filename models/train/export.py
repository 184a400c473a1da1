"""Writes the shipped weights: three ONNX graphs, int8 products, and the manifest that the program checks at load.

    python export.py --tagger FOLDER/tagger.pt --judge FOLDER/judge.pt --claims FOLDER/claims.pt --outliers FOLDER/outliers.pt --out MODELS
    python export.py --judge FOLDER/judge.pt --out MODELS                     # a new judge for models that are there
    python export.py ... --float

With --float the products keep their float weights: the reference that int8 is measured against, by `demarche --models`.
"""

import hashlib
import json
import shutil
from pathlib import Path

import onnx
import torch

from encoder import MINILM, base_folder
from graph import judge_graph, tagger_graph
from pairs import STANCES
from train_ner import LABELS
from widen import of_checkpoints


def main():
    parser = of_checkpoints(__doc__, ("judge",))
    parser.add_argument("--outliers", type=Path, help="by outliers.py")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--references", type=Path, help="by references.py; otherwise those of the folder of models stay")
    parser.add_argument("--float", action="store_true")
    args = parser.parse_args()
    numbers = lambda state: {name: tensor.float().numpy() for name, tensor in state.items()}
    found = torch.load(args.outliers) if args.outliers else {}
    outliers = {model: {kind: {name: x.numpy() for name, x in inputs.items()} for kind, inputs in of.items()} for model, of in found.items()}
    args.out.mkdir(parents=True, exist_ok=True)
    there = args.out / "models.json"
    manifest = json.loads(there.read_text()) if there.exists() else {}
    fitted = lambda saved: {name: saved.get(name, default) for name, default in (("temperature", 1.0), ("none_weight", 1.0), ("curve", None))}

    def entry(name, file, labels, **fitted):
        digest = hashlib.sha256((args.out / file).read_bytes()).hexdigest()
        return {"name": name, "file": file, "sha256": digest, "labels": labels, **fitted}

    saved = torch.load(args.judge)
    tagger, claims = manifest.get("tagger"), manifest.get("claims")
    if args.tagger:
        onnx.save(tagger_graph(numbers(torch.load(args.tagger)), saved["depth"], not args.float, outliers.get("tagger")), args.out / "tagger.onnx")
        tagger = entry("demarche-ner-minilm6", "tagger.onnx", LABELS, temperature=saved.get("ner_temperature", 1.0))
    onnx.save(judge_graph(numbers(saved["judge"]), not args.float, outliers.get("judge")), args.out / "judge.onnx")
    if args.claims:
        told = torch.load(args.claims)
        onnx.save(judge_graph(numbers(told["judge"]), not args.float, outliers.get("claims")), args.out / "claims.onnx")
        wide = told.get("wide", False)
        claims = entry("demarche-claims-mpnet6" if wide else "demarche-claims-minilm4", "claims.onnx", list(STANCES), wide=wide, **fitted(told))
    if not (tagger and claims):
        parser.error(f"{args.out} holds no other models yet: name --tagger and --claims too")
    shutil.copy(base_folder() / "tokenizer.json", args.out / "tokenizer.json")
    net = args.references or Path(__file__).parent.parent / "references.safetensors"
    (args.out / "references.safetensors").write_bytes(net.read_bytes())
    tokenizer, references = entry("", "tokenizer.json", []), entry("demarche-references", "references.safetensors", [])
    manifest = {
        "format": "demarche.models/1",
        "tagger": tagger,
        "judge": entry("demarche-stance-minilm4", "judge.onnx", list(STANCES), **fitted(saved)),
        "claims": claims,
        "references": {name: references[name] for name in ("name", "file", "sha256")},
        "tokenizer": {name: tokenizer[name] for name in ("file", "sha256")},
        "width": MINILM.width,
        "shared": saved["depth"],
        "positions": 192,
    }
    there.write_text(json.dumps(manifest, indent=1) + "\n")


if __name__ == "__main__":
    main()
