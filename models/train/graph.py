"""The shipped graphs, written node by node: ONNX with int8 products, in the layout that src/engine/onnx.rs feeds.

Text is packed: the subwords of all rows stand one after the other, [subwords, width], and no padding passes through a product.
Only attention needs rows; there the packed states are gathered into [rows, longest, width] and back. What the softmax does not
see is left out: a key's bias adds the same to every score of a query, and a value's bias passes through (weights sum to one), so
the former is dropped and the latter joins the bias of the output product. The scale of the scores is in the query's weights.

A product's input is rounded to eight bits a subword at a time, by how far that subword's own channels go (Yao et al. 2022, ZeroQuant), so what a subword is
rounded to does not hang on what else is in the run. All its channels share that range. Where outliers.py has found some that go much farther than the others,
these are `eased`, divided here and their weights multiplied (Xiao et al. 2023, SmoothQuant), or kept `apart`, in a product of their own in float (Dettmers
et al. 2022, LLM.int8).

Both graphs take `rows` [rows, longest], the packed position of each place (0 for padding); `flat` [subwords], the place of each
position in `rows`; and `seen` [rows, longest, 1], 1 where a position is and 0 for padding.
"""

import math

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper

from encoder import MINILM, MPNET, bucket_of

OPSET = 20
MOST = 60.0  # scores above it count as it: e to the 60th times any value is still a number
FAR = 512  # distances between two places of a row are less
# Of the 256 steps, those above zero, and the least that a subword's farthest channel counts as. GELU gives no less than -0.17: a fourth of 0.68.
ANY_SIGN, AFTER_GELU = (127, 1e-6), (204, 0.68)


class Graph:
    """Nodes and weights of one graph; every method adds what it needs and returns the name of its result. `shape` is that of its layers;
    `outliers` are the channels `apart`, and the divisors of those `eased`, by the names of products' inputs."""

    def __init__(self, eight, shape=MINILM, outliers=None):
        self.nodes, self.weights, self.once, self.flat, self.eight, self.shape = [], {}, {}, None, eight, shape
        self.apart, self.eased = ((outliers or {}).get(kind, {}) if eight else {} for kind in ("apart", "eased"))
        self.head = shape.width // shape.heads

    def node(self, op, *inputs, outputs=1, **attributes):
        names = [f"{op}_{len(self.nodes)}" + (f"_{k}" if k else "") for k in range(outputs)]
        self.nodes.append(helper.make_node(op, list(inputs), names, names[0], **attributes))
        return names[0] if outputs == 1 else names

    def weight(self, name, array):
        array = np.array(array, order="C")
        self.weights.setdefault(name, numpy_helper.from_array(array, name))
        return name

    def numbers(self, *values):
        return self.weight("numbers." + ".".join(map(str, values)), np.array(values, np.int64))

    def reshape(self, x, *shape):
        return self.node("Reshape", x, self.numbers(*shape))

    def gather(self, x, index, axis=0):
        return self.node("Gather", x, index, axis=axis)

    def quantize(self, x, signs):
        """`x` [n, channels] in eight bits, how far a step of each of its rows is, [n, 1], and the step that stands for zero."""
        if x not in self.once:
            above, least = signs
            number = lambda name, value, kind=np.float32: self.weight(f"eight.{name}.{above}", np.array(value, kind))
            zero = number("zero", 255 - above, np.uint8)
            far = self.node("ReduceMax", x if signs == AFTER_GELU else self.node("Abs", x), self.numbers(-1), keepdims=1)
            far = self.node("Max", far, number("least", least))
            steps = self.node("Mul", x, self.node("Div", number("above", above), far))
            self.once[x] = self.node("QuantizeLinear", steps, number("one", 1), zero), self.node("Mul", far, number("step", 1 / above)), zero
        return self.once[x]

    def linear(self, x, name, weight, bias=None):
        """`x` times `weight` [out, in], in int8 with one scale an output, plus `bias`."""
        given = input_of(name)
        if not self.eight:
            out = self.node("MatMul", x, self.weight(f"{name}.weight", weight.T))
        elif given in self.apart:
            return self.linear_apart(x, name, weight, bias)
        else:
            if given in self.eased:
                x, weight = self.scaled(x, f"{given}.eased", 1 / self.eased[given]), weight * self.eased[given]
            out = self.linear_int8(x, name, weight)
        return out if bias is None else self.node("Add", out, self.weight(f"{name}.bias", bias))

    def linear_apart(self, x, name, weight, bias):
        """The same, some channels of `x` in float."""
        given = input_of(name)
        far, near = self.apart[given], np.ones(weight.shape[1], np.float32)
        near[far] = 0
        beside = self.gather(x, self.weight(f"{given}.far", far), axis=-1)
        beside = self.node("Gemm", beside, self.weight(f"{name}.apart", weight[:, far].T), self.weight(f"{name}.bias", bias))
        return self.node("Add", self.linear_int8(self.scaled(x, f"{given}.near", near), name, weight, far), beside)

    def scaled(self, x, name, by):
        """`x` times a number a channel; computed once for all products that take it."""
        if (x, name) not in self.once:
            self.once[x, name] = self.node("Mul", x, self.weight(name, by.astype(np.float32)))
        return self.once[x, name]

    def linear_int8(self, x, name, weight, without=()):
        """A product in int8; of some channels nothing is taken. `down` and the head's last one stand after a GELU."""
        steps, channel = int8(weight)
        steps[:, list(without)] = 0
        held, scales = self.weight(f"{name}.weight", steps.T), self.weight(f"{name}.scale", channel)
        low, step, zero = self.quantize(x, AFTER_GELU if name.endswith((".down", "head.4")) else ANY_SIGN)
        product = self.node("MatMulInteger", low, held, zero, self.weight(f"zeros.{len(channel)}", np.zeros(len(channel), np.int8)))
        return self.node("Mul", self.node("Mul", self.node("Cast", product, to=TensorProto.FLOAT), scales), step)

    def norm(self, x, name, state, epsilon=None):
        epsilon = epsilon or self.shape.epsilon
        scale, bias = (self.weight(f"{name}.{part}", state[f"{name}.{part}"]) for part in ("weight", "bias"))
        return self.node("LayerNormalization", x, scale, bias, axis=-1, epsilon=epsilon)

    def feed_forward(self, x, name, state):
        """The second half of a layer, on any states [n, width]."""
        up = self.linear(x, f"{name}.up", state[f"{name}.up.weight"], state[f"{name}.up.bias"])
        down = self.linear(self.node("Gelu", up), f"{name}.down", state[f"{name}.down.weight"], state[f"{name}.down.bias"])
        return self.norm(self.node("Add", x, down), f"{name}.norm_output", state)

    def query(self, x, name, state):
        scale = 1 / math.sqrt(self.head)
        return self.linear(x, f"{name}.query", state[f"{name}.query.weight"] * scale, state[f"{name}.query.bias"] * scale)

    def key_value(self, x, name, state):
        return (self.linear(x, f"{name}.{part}", state[f"{name}.{part}.weight"]) for part in ("key", "value"))

    def mixed(self, x, mixed, name, state):
        """The states after attention: output product, residual, norm."""
        weight = state[f"{name}.out.weight"]
        bias = state[f"{name}.out.bias"] + weight @ state[f"{name}.value.bias"]
        return self.norm(self.node("Add", x, self.linear(mixed, f"{name}.out", weight, bias)), f"{name}.norm_attention", state)

    def heads(self, x, *order):
        """[rows, places, width] as [rows, places, heads, head], its axes in another order."""
        return self.node("Transpose", self.reshape(x, 0, 0, self.shape.heads, self.head), perm=list(order))

    def weigh(self, query, sides, seen, bias=None):
        """What queries [rows, places, width] take from the keys and values of their rows, and how much, before division by it.
        `bias` is what is added to their scores, [rows or 1, heads, places, longest].

        Softmax written out: the exponentials of the scores, times the values and times ones, so that the division is one for a
        sum and not one for a weight, and padding (0 in `seen` [rows, longest, 1], where values must be 0 too) has no part in either.
        """
        key, value = sides
        scores = self.node("MatMul", self.heads(query, 0, 2, 1, 3), self.heads(key, 0, 2, 3, 1))
        scores = scores if bias is None else self.node("Add", scores, bias)
        weights = self.node("Exp", self.node("Clip", scores, "", self.weight("most", np.array(MOST, np.float32))))
        some = self.node("MatMul", weights, self.heads(value, 0, 2, 1, 3))
        if self.flat is None:  # [rows, heads * places, longest], for one product a row; the same in every layer
            self.flat = self.node("Concat", self.numbers(0, -1), self.node("Shape", seen, start=1, end=2), axis=0)
        flat = self.node("Transpose", self.node("Reshape", weights, self.flat), perm=[0, 2, 1])
        total = self.node("MatMul", self.node("Transpose", seen, perm=[0, 2, 1]), flat)
        total = self.reshape(total, 0, self.shape.heads, -1, 1)
        back = [0, 2, 1, 3]
        return self.node("Transpose", some, perm=back), self.node("Transpose", total, perm=back)  # [rows, places, heads, head or 1]

    def attend(self, query, sides, seen, bias=None):
        """Attention of [rows, places, width], as [rows * places, width]."""
        return self.reshape(self.node("Div", *self.weigh(query, sides, seen, bias)), -1, self.shape.width)

    def away(self, table, asking, places):
        """The bias for the distance of places that ask, [rows, asking, 1], from those of a row, [1, longest]: [rows, heads, asking, longest].
        `table` [distances, heads] has it for each distance, from -FAR on."""
        distance = self.node("Add", self.node("Sub", asking, places), self.weight("far", np.array(FAR, np.int32)))
        return self.node("Transpose", self.gather(table, distance), perm=[0, 3, 1, 2])

    def model(self, inputs, outputs):
        """The finished model; inputs and outputs as {name: (type, shape)}, outputs already computed under these names."""
        infos = [[helper.make_tensor_value_info(name, kind, shape) for name, (kind, shape) in side.items()] for side in (inputs, outputs)]
        graph = helper.make_graph(self.nodes, "demarche", *infos, initializer=list(self.weights.values()))
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], producer_name="demarche")
        onnx.checker.check_model(model)
        return model


def input_of(name):
    """The name of what a product takes: queries, keys and values of a layer take the same."""
    stem, _, part = name.rpartition(".")
    return f"{stem}.in" if part in ("query", "key", "value") else name


def int8(weight):
    """Steps [out, in] of int8 and the scale of each output channel."""
    scale = np.maximum(np.abs(weight).max(1), 1e-12).astype(np.float32) / np.float32(127)
    return np.round(weight / scale[:, None]).astype(np.int8), scale


def tagger_graph(state, depth, eight=True, outliers=None):
    """Subwords of packed rows -> labels [subwords, labels], the states of the shared layers [subwords, width], those of the last layer, `tops`, and
    `wide`, the former beside the embeddings [subwords, 2 * width], which is computed where it is asked for.
    """
    g = Graph(eight, outliers=outliers)
    table, scale = int8(state["embeddings.word.weight"])
    words = g.node("Cast", g.gather(g.weight("embeddings.word.weight", table), "ids"), to=TensorProto.FLOAT)
    words = g.node("Mul", words, g.gather(g.weight("embeddings.word.scale", scale[:, None]), "ids"))
    for part, index in (("position", "places"), ("case", "cases")):
        words = g.node("Add", words, g.gather(g.weight(f"embeddings.{part}.weight", state[f"embeddings.{part}.weight"]), index))
    x = embedded = g.norm(words, "embeddings.norm", state)
    number = 0
    while f"layers.{number}.up.weight" in state:
        name = f"layers.{number}"
        query, key, value = (g.gather(side, "rows") for side in (g.query(x, name, state), *g.key_value(x, name, state)))
        mixed = g.gather(g.attend(query, (key, g.node("Mul", value, "seen")), "seen"), "flat")
        x = g.feed_forward(g.mixed(x, mixed, name, state), name, state)
        number += 1
        if number == depth:
            g.nodes.append(helper.make_node("Identity", [x], ["states"]))
            g.nodes.append(helper.make_node("Concat", ["states", embedded], ["wide"], axis=1))
    g.nodes.append(helper.make_node("Identity", [x], ["tops"]))
    labels = g.linear(x, "head", state["head.weight"], state["head.bias"])
    g.nodes.append(helper.make_node("Identity", [labels], ["labels"]))
    whole = TensorProto.INT32
    return g.model(
        {"ids": (whole, ["n"]), "cases": (whole, ["n"]), "places": (whole, ["n"]), "rows": (whole, ["r", "l"]), "flat": (whole, ["n"]), "seen": (TensorProto.FLOAT, ["r", "l", 1])},
        {"labels": (TensorProto.FLOAT, ["n", len(state["head.bias"])]), "states": (TensorProto.FLOAT, ["n", MINILM.width]), "tops": (TensorProto.FLOAT, ["n", MINILM.width]), "wide": (TensorProto.FLOAT, ["n", 2 * MINILM.width])},
    )


def judge_graph(state, eight=True, outliers=None):
    """Packed states and pairs -> stances [pairs, 2 ways, stances]. A pair has two queries, one after the other.

    `firsts`, `lasts` [queries]: first and last subword of each query's span; `slots` [rows, most]: the queries of each row, padded;
    `back` [queries]: their places in those slots, flattened; `partners` [queries]: the other query of the pair; `opens` [rows]: the
    rows' opening marks; `of` [pairs]: their rows. A judge with an entry is a wide one (widen.py).
    """
    wide = "entry.up.weight" in state
    g = Graph(eight, MPNET if wide else MINILM, outliers)
    width, given = g.shape.width, 2 * MINILM.width if wide else MINILM.width
    numbers = sorted({int(name.split(".")[1]) for name in state if name.startswith("layers.")})
    states, text_bias, open_bias, query_bias = "states", None, None, None
    if wide:
        states = g.norm(g.linear("states", "entry.up", state["entry.up.weight"], state["entry.up.bias"]), "entry.norm", state)
        text_bias, open_bias, query_bias = distances(g, state["relative.bias.weight"])
    ends = g.node("Add", g.gather(states, "firsts"), g.gather(states, "lasts"))
    marked = g.norm(ends, "norm", state, 1e-5)
    x = g.node("Concat", states, g.node("Add", marked, g.weight("mark", state["mark"])), axis=0)
    after = g.node("Shape", "states", end=1)  # where the queries begin
    until = g.weight("until", np.array([2**31 - 1], np.int64))
    asked = lambda tensor: g.node("Slice", tensor, after, until, g.numbers(0))
    for number in numbers:
        name = f"layers.{number}"
        key, value = g.key_value(x, name, state)
        sides = g.gather(key, "rows"), g.node("Mul", g.gather(value, "rows"), "seen")
        if number == numbers[-1]:  # of the text only the opening marks are read
            x = g.node("Concat", g.gather(x, "opens"), asked(x), axis=0)
            query = g.query(x, name, state)
            opens = g.node("Shape", "opens")
            text_query = g.reshape(g.node("Slice", query, g.numbers(0), opens, g.numbers(0)), -1, 1, width)
            query_query = g.node("Slice", query, opens, until, g.numbers(0))
            text_mixed = g.attend(text_query, sides, "seen", open_bias)
        else:
            query = g.query(x, name, state)
            query_query = asked(query)
            text_mixed = g.gather(g.attend(g.gather(query, "rows"), sides, "seen", text_bias), "flat")
        query_mixed = query_attention(g, (query_query, asked(key), asked(value)), sides, query_bias, name, state)
        mixed = g.node("Concat", text_mixed, query_mixed, axis=0)
        x = g.feed_forward(g.mixed(x, mixed, name, state), name, state)
    whole = g.node("Slice", x, g.numbers(0), g.node("Shape", "opens"), g.numbers(0))
    queries = g.node("Slice", x, g.node("Shape", "opens"), until, g.numbers(0))
    stances = head(g, whole, queries, state)
    g.nodes.append(helper.make_node("Identity", [stances], ["stances"]))
    number, real = TensorProto.INT32, TensorProto.FLOAT
    return g.model(
        {
            "states": (real, ["n", given]), "rows": (number, ["r", "l"]), "flat": (number, ["n"]), "seen": (real, ["r", "l", 1]), "firsts": (number, ["q"]), "lasts": (number, ["q"]),
            "slots": (number, ["r", "m"]), "back": (number, ["q"]), "partners": (number, ["q"]), "opens": (number, ["r"]), "of": (number, ["p"]),
        },
        {"stances": (real, ["p", 2, len(state["head.4.bias"])])},
    )  # fmt: skip


def distances(g, weight):
    """What the wide judge's text, opening marks and queries add to their scores towards the text, by the distance of the two places."""
    table = g.weight("relative", weight[bucket_of(torch.arange(-FAR, FAR + 1)).numpy()])
    longest = g.node("Squeeze", g.node("Shape", "seen", start=1, end=2), g.numbers(0))
    whole = lambda x: g.node("Cast", x, to=TensorProto.INT32)
    one = g.weight("one", np.array(1, np.int64))
    places = g.node("Range", g.weight("zero", np.array(0, np.int64)), longest, one)
    seen = whole(g.reshape(places, 1, 1, -1))
    text = g.away(table, whole(g.reshape(places, 1, -1, 1)), seen)
    opens = g.away(table, g.weight("first", np.zeros((1, 1, 1), np.int32)), seen)
    # A query stands where its span begins: `flat` counts places through all rows.
    at = g.node("Mod", g.gather("flat", "firsts"), whole(longest))
    queries = g.away(table, g.node("Unsqueeze", g.gather(at, "slots"), g.numbers(2)), seen)
    return text, opens, queries


def query_attention(g, own, rows, bias, name, state):
    """What each query [queries, width] takes from the text of its row, from itself and from its partner."""
    number, count = int(name.split(".")[1]), g.shape.heads
    query, key, value = own
    heads = lambda x: g.reshape(x, -1, count, g.head)
    some, total = g.weigh(g.gather(query, "slots"), rows, "seen", bias)
    some, total = g.gather(heads(some), "back"), g.gather(g.reshape(total, -1, count, 1), "back")
    sums = g.weight("sums", np.repeat(np.eye(count, dtype=np.float32), g.head, axis=0))  # [width, heads]: a product with it sums each head
    partner_key = g.node("Add", g.gather(key, "partners"), g.weight(f"{name}.partner_key", state["partner_key"][number]))
    partner_value = g.node("Add", g.gather(value, "partners"), g.weight(f"{name}.partner_value", state["partner_value"][number]))
    for k, v in ((key, value), (partner_key, partner_value)):
        score = g.reshape(g.node("MatMul", g.node("Mul", query, k), sums), -1, count, 1)
        weight = g.node("Exp", g.node("Clip", score, "", "most"))
        some = g.node("Add", some, g.node("Mul", heads(v), weight))
        total = g.node("Add", total, weight)
    return g.reshape(g.node("Div", some, total), -1, g.shape.width)


def head(g, whole, queries, state):
    """Both directions of each pair. The head's first product is cut in three, so that each query passes once for both."""
    weight, inner = state["head.1.weight"], len(state["head.1.bias"])
    first, second, row = np.split(weight, 3, axis=1)
    sides = g.linear(queries, "head.1.sides", np.concatenate([first, second]))
    sides = g.reshape(sides, -1, 2, 2, inner)  # [pairs, query, side, inner]
    rows = g.linear(whole, "head.1.row", row, state["head.1.bias"])
    pick = lambda query, side: g.gather(g.gather(sides, g.weight(f"one.{query}", np.array(query, np.int64)), 1), g.weight(f"one.{side}", np.array(side, np.int64)), 1)
    row = g.gather(rows, "of")
    ways = [g.reshape(g.node("Add", g.node("Add", pick(a, 0), pick(b, 1)), row), -1, 1, inner) for a, b in ((0, 1), (1, 0))]
    inner = g.node("Gelu", g.node("Concat", *ways, axis=1))
    return g.linear(inner, "head.4", state["head.4.weight"], state["head.4.bias"])
