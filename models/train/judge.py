"""The judge: layers on top of the tagger's lower ones, read by one query token a mention of a pair.

The text rises through the layers without seeing the queries; a query sees the text, itself and its partner, and its position
is the text's own (the sum of its span's end states). The head is applied in both directions with the same weights, so that
exchanging the two mentions exchanges the two answers exactly: the direction flip is built in, not learnt.
"""

import math

import torch
import torch.nn.functional as F
from torch import nn

from encoder import HEADS, WIDTH, key_bias
from pairs import STANCES


class Judge(nn.Module):
    """Trunk states [rows, positions, width] and pairs [rows, pairs, 4] -> logits [rows, pairs, 2 ways, 3 stances].

    A pair is the first and last position of one mention, then of the other, each counted through all rows
    (row * positions + position). Way 0 is first -> second.
    """

    def __init__(self, layers):
        super().__init__()
        self.layers = layers
        self.mark = nn.Parameter(torch.zeros(WIDTH))
        self.partner_key, self.partner_value = (nn.Parameter(torch.randn(len(layers), WIDTH) * 0.02) for _ in range(2))
        self.norm = nn.LayerNorm(WIDTH)
        self.head = nn.Sequential(nn.Dropout(0.1), nn.Linear(3 * WIDTH, WIDTH), nn.GELU(), nn.Dropout(0.1), nn.Linear(WIDTH, len(STANCES)))

    def forward(self, states, mask, pairs):
        bias = key_bias(mask)
        rows, length, _ = states.shape
        count = pairs.shape[1]
        ends = states.flatten(0, 1)[pairs.flatten()].reshape(rows, count * 2, 2, WIDTH)
        queries = self.norm(ends[:, :, 0] + ends[:, :, 1]) + self.mark
        x = torch.cat([states, queries], 1)  # text first, then two queries a pair: every product is one product
        for number, layer in enumerate(self.layers):
            x = self.step(layer, number, x, length, bias)
        queries = x[:, 1:].reshape(rows, count, 2, WIDTH)
        first, second = queries[:, :, 0], queries[:, :, 1]
        whole = x[:, :1].expand(-1, count, -1)
        ways = torch.stack([torch.cat([first, second, whole], -1), torch.cat([second, first, whole], -1)], 2)
        return self.head(ways)

    def step(self, layer, number, x, length, bias):
        """One layer. The text sees the text; a query sees the text of its row, itself and its partner.

        Of the last layer's text only the first position, [CLS], is read, and so only that is computed.
        """
        k, v = layer.heads(layer.key(x)), layer.heads(layer.value(x))
        kept = length
        if number + 1 == len(self.layers):
            kept = 1
            x = torch.cat([x[:, :kept], x[:, length:]], 1)
        q = layer.heads(layer.query(x))
        k_text, v_text = k[:, :, :length], v[:, :, :length]
        scores = q @ k_text.transpose(2, 3) * (1 / math.sqrt(WIDTH // HEADS)) + bias
        text = layer.dropout(F.softmax(scores[:, :, :kept], -1)) @ v_text
        asked, k_own, v_own = q[:, :, kept:], k[:, :, length:], v[:, :, length:]
        k_partner = self.swap(k_own) + self.partner_key[number].reshape(HEADS, 1, -1)
        v_partner = self.swap(v_own) + self.partner_value[number].reshape(HEADS, 1, -1)
        to_own = (asked * k_own).sum(-1, keepdim=True) * (1 / math.sqrt(WIDTH // HEADS))
        to_partner = (asked * k_partner).sum(-1, keepdim=True) * (1 / math.sqrt(WIDTH // HEADS))
        weights = layer.dropout(F.softmax(torch.cat([scores[:, :, kept:], to_own, to_partner], -1), -1))
        query = weights[..., :length] @ v_text + weights[..., length : length + 1] * v_own + weights[..., length + 1 :] * v_partner
        mixed = torch.cat([text, query], 2).transpose(1, 2).flatten(2)
        x = layer.norm_attention(x + layer.dropout(layer.out(mixed)))
        return layer.norm_output(x + layer.dropout(layer.down(F.gelu(layer.up(x)))))

    @staticmethod
    def swap(x):
        """Each query's value at its partner's place: [rows, heads, 2 * pairs, width] with neighbours exchanged."""
        rows, heads, double, width = x.shape
        pairs = x.reshape(rows, heads, double // 2, 2, width)
        return torch.cat([pairs[:, :, :, 1:], pairs[:, :, :, :1]], 3).reshape(rows, heads, double, width)
