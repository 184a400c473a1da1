"""The judge: layers on top of the tagger's lower ones, read by one query token a mention of a pair.

The text rises through the layers without seeing the queries; a query sees the text, itself and its partner, and its position
is the text's own (the sum of its span's end states). The head is applied in both directions with the same weights, so that
exchanging the two mentions exchanges the two answers exactly: the direction flip is built in, not learnt.
"""

import torch
import torch.nn.functional as F
from torch import nn

from encoder import key_bias
from pairs import STANCES


class Entry(nn.Module):
    """States of the shared layers -> those of wider ones, normalised as a layer's are."""

    def __init__(self, narrow, shape):
        super().__init__()
        self.up, self.norm = nn.Linear(narrow, shape.width), nn.LayerNorm(shape.width, eps=shape.epsilon)

    def forward(self, x):
        return self.norm(self.up(x))


class Judge(nn.Module):
    """Trunk states [rows, positions, width] and pairs [rows, pairs, 4] -> logits [rows, pairs, 2 ways, 3 stances].

    A pair is the first and last position of one mention, then of the other, each counted through all rows
    (row * positions + position). Way 0 is first -> second. `relative` is the encoder's bias for distance, if it has one;
    `entry` what the states pass through first, where the layers are wider; `inner` the width within the head.
    """

    def __init__(self, layers, shape, relative=None, entry=None, inner=None):
        super().__init__()
        width, inner = shape.width, inner or shape.width
        self.entry = entry
        self.layers, self.shape, self.relative = layers, shape, relative
        self.mark = nn.Parameter(torch.zeros(width))
        self.partner_key, self.partner_value = (nn.Parameter(torch.randn(len(layers), width) * 0.02) for _ in range(2))
        self.norm = nn.LayerNorm(width)
        self.head = nn.Sequential(nn.Dropout(0.1), nn.Linear(3 * width, inner), nn.GELU(), nn.Dropout(0.1), nn.Linear(inner, len(STANCES)))

    def forward(self, states, mask, pairs):
        if self.entry is not None:
            states = self.entry(states)
        rows, length, width = states.shape
        count = pairs.shape[1]
        ends = states.flatten(0, 1)[pairs.flatten()].reshape(rows, count * 2, 2, width)
        queries = self.norm(ends[:, :, 0] + ends[:, :, 1]) + self.mark
        x = torch.cat([states, queries], 1)  # text first, then two queries a pair: every product is one product
        bias = self.bias(mask, pairs.reshape(rows, count * 2, 2)[:, :, 0] % length)
        for number, layer in enumerate(self.layers):
            x = self.step(layer, number, x, length, bias)
        queries = x[:, 1:].reshape(rows, count, 2, width)
        first, second = queries[:, :, 0], queries[:, :, 1]
        whole = x[:, :1].expand(-1, count, -1)
        ways = torch.stack([torch.cat([first, second, whole], -1), torch.cat([second, first, whole], -1)], 2)
        return self.head(ways)

    def bias(self, mask, at):
        """What is added to the scores of text and queries (these stand `at` places) towards the text."""
        hidden = key_bias(mask)
        if self.relative is None:
            return hidden
        places = torch.arange(mask.shape[1], device=mask.device)
        text = self.relative(places, places).expand(len(mask), -1, -1, -1)
        return hidden + torch.cat([text, self.relative(at, places)], 2)

    def step(self, layer, number, x, length, bias):
        """One layer. The text sees the text; a query sees the text of its row, itself and its partner.

        Of the last layer's text only the first position, [CLS], is read, and so only that is computed.
        """
        k, v = layer.heads(layer.key(x)), layer.heads(layer.value(x))
        kept = length
        if number + 1 == len(self.layers):
            kept = 1
            x = torch.cat([x[:, :kept], x[:, length:]], 1)
            bias = bias if self.relative is None else torch.cat([bias[:, :, :kept], bias[:, :, length:]], 2)
        q = layer.heads(layer.query(x))
        k_text, v_text = k[:, :, :length], v[:, :, :length]
        scores = q @ k_text.transpose(2, 3) * layer.scale + bias
        text = layer.dropout(F.softmax(scores[:, :, :kept], -1)) @ v_text
        asked, k_own, v_own = q[:, :, kept:], k[:, :, length:], v[:, :, length:]
        k_partner = self.swap(k_own) + layer.heads(self.partner_key[number][None, None])
        v_partner = self.swap(v_own) + layer.heads(self.partner_value[number][None, None])
        to_own = (asked * k_own).sum(-1, keepdim=True) * layer.scale
        to_partner = (asked * k_partner).sum(-1, keepdim=True) * layer.scale
        weights = layer.dropout(F.softmax(torch.cat([scores[:, :, kept:], to_own, to_partner], -1), -1))
        query = weights[..., :length] @ v_text + weights[..., length : length + 1] * v_own + weights[..., length + 1 :] * v_partner
        return layer.rest(x, torch.cat([text, query], 2).transpose(1, 2).flatten(2))

    @staticmethod
    def swap(x):
        """Each query's value at its partner's place: [rows, heads, 2 * pairs, width] with neighbours exchanged."""
        rows, heads, double, width = x.shape
        pairs = x.reshape(rows, heads, double // 2, 2, width)
        return torch.cat([pairs[:, :, :, 1:], pairs[:, :, :, :1]], 3).reshape(rows, heads, double, width)
