"""The same two models in float precision, run by Python: `transformers` for the tagger, torch for the judge.

    python torch_pipeline.py ANNOTATIONS --weights FOLDER [--threads 2] [--apart]

ANNOTATIONS is the output of `demarche annotate --include text` on the articles to be timed: the sentences and mentions are
taken from it, so that both sides read the same sentences and the same pairs. FOLDER holds tagger.pt and judge.pt, as
models/train/recover.py makes them from the shipped graphs. Timed are subword cutting, both models and reading off the best labels; segmentation, linking and
output are not, which favours this side. Sentences are sorted by length over 64 articles at a time, as a careful user would.

By default the judge reuses the tagger's lower layers, as the Rust engine does. With --apart it computes them again, as two
models that know nothing of each other do.
"""

import argparse
import json
import re
import resource
import sys
import time
from pathlib import Path

import torch
from transformers import BertConfig, BertForTokenClassification, BertTokenizerFast

sys.path.insert(0, str(Path(__file__).parents[2] / "models/train"))
from encoder import CASE_CLASSES, MINILM, POSITIONS, VOCABULARY, Encoder, base_folder  # noqa: E402
from subwords import case_class  # noqa: E402
from train_ner import LABELS  # noqa: E402
from judge import Judge  # noqa: E402

LIMIT, BATCH, ARTICLES = 192, 32, 64
LAYER = {
    "query": "attention.self.query", "key": "attention.self.key", "value": "attention.self.value", "out": "attention.output.dense",
    "up": "intermediate.dense", "down": "output.dense", "norm_attention": "attention.output.LayerNorm", "norm_output": "output.LayerNorm",
}  # fmt: skip
EMBEDDING = {"word": "word_embeddings", "position": "position_embeddings", "case": "token_type_embeddings", "norm": "LayerNorm"}


def load_tagger(path):
    """The tagger as a model of `transformers`: the same weights under that library's names."""
    config = BertConfig(
        vocab_size=VOCABULARY, hidden_size=MINILM.width, num_hidden_layers=MINILM.layers, num_attention_heads=MINILM.heads, intermediate_size=MINILM.inner,
        max_position_embeddings=POSITIONS, type_vocab_size=CASE_CLASSES, num_labels=len(LABELS),
    )  # fmt: skip
    model = BertForTokenClassification(config)
    renamed = {}
    for name, tensor in torch.load(path).items():
        part, rest = name.split(".", 1)
        if part == "embeddings":
            field, kind = rest.split(".")
            renamed[f"bert.embeddings.{EMBEDDING[field]}.{kind}"] = tensor
        elif part == "layers":
            number, field, kind = rest.split(".")
            renamed[f"bert.encoder.layer.{number}.{LAYER[field]}.{kind}"] = tensor
        else:
            renamed[f"classifier.{rest}"] = tensor
    model.load_state_dict(renamed)
    return model.eval()


def load_judge(path):
    saved = torch.load(path)
    judge = Judge(Encoder(MINILM).layers[saved["depth"] :], MINILM)
    judge.load_state_dict(saved["judge"])
    return judge.eval(), saved["depth"]


SMALL = {"and", "of", "de", "del", "la", "al", "el", "es", "da", "do", "dos", "am", "pm", "on", "upon"}


def dateline(text):
    """Where a sentence's dateline ends, as src/segment.rs has it: its place and agency are in no pair."""
    dash = next((m.start() for m in re.finditer("[—–]|(?<=\\s)-", text)), None)
    head, rest = (text[:dash], text[dash:].lstrip("—–-").lstrip()) if dash else ("", "")
    words = re.sub(r"\(.*?\)", "X", head).split()
    plain = all(w in SMALL or not (c := next((c for c in w if c.isalnum()), "X")).isalpha() or c.isupper() for w in words)
    starts = head[:1].isupper() and (rest[:1].isupper() or rest[:1].isnumeric() or rest[:1] in ('"', "“", "‘", "'"))
    return len(text) - len(rest) if starts and plain and len(words) <= 8 and "(" not in " ".join(words) else 0


def sentences_of(annotation):
    """Each sentence's text and the spans of its mentions with their types and names, those of a dateline left out."""
    text = annotation["text"]
    for sentence in annotation["sentences"]:
        start, end = sentence["start"], sentence["end"]
        told = start + dateline(text[start:end])
        inside = [m for m in annotation["mentions"] if start <= m["start"] and m["end"] <= end]
        inside = [m for m in inside if m["end"] > told or m["type"] == "PER"]
        yield text[start:end], [(m["start"] - start, m["end"] - start, m["type"], m["text"].lower()) for m in inside]


def pairs_of(mentions, offsets):
    """Places of the pairs that can hold a position, as the Rust side asks them."""
    placed = []
    for start, end, kind, name in mentions:
        touched = [i for i, (s, e) in enumerate(offsets) if s < end and e > start and e > s]
        if touched:
            placed.append((touched[0], touched[-1], kind, name))
    return [
        [one[0], one[1], other[0], other[1]]
        for i, one in enumerate(placed)
        for other in placed[i + 1 :]
        if one[3] != other[3] and not (one[2] == other[2] == "MISC")
    ]


def cases_of(text, encoding):
    words = {}
    for word, (start, end) in zip(encoding.word_ids, encoding.offsets):
        if word is not None:
            first, last = words.get(word, (start, end))
            words[word] = (min(first, start), max(last, end))
    classes = {word: case_class(text[start:end]) for word, (start, end) in words.items()}
    return [classes.get(word, 0) for word in encoding.word_ids]


def run_batch(models, batch, apart):
    tagger, judge, depth = models
    longest = max(len(encoding.ids) for _, _, encoding in batch)
    ids, cases, mask = (torch.zeros(len(batch), longest, dtype=torch.long) for _ in range(3))
    for r, (text, _, encoding) in enumerate(batch):
        n = len(encoding.ids)
        ids[r, :n], cases[r, :n], mask[r, :n] = torch.tensor(encoding.ids), torch.tensor(cases_of(text, encoding)), 1
    out = tagger(input_ids=ids, token_type_ids=cases, attention_mask=mask, output_hidden_states=True)
    out.logits.argmax(-1).tolist()
    asked = [(r, pairs_of(mentions, encoding.offsets)) for r, (_, mentions, encoding) in enumerate(batch)]
    rows = [r for r, pairs in asked if pairs]
    if not rows:
        return 0
    states = out.hidden_states[depth][rows]
    if apart:
        bert = tagger.bert
        states = bert.embeddings(input_ids=ids[rows], token_type_ids=cases[rows])
        bias = (1.0 - mask[rows][:, None, None, :].float()) * -10000.0
        for layer in bert.encoder.layer[:depth]:
            out = layer(states, bias)
            states = out[0] if isinstance(out, tuple) else out  # by version of transformers
    most = max(len(asked[r][1]) for r in rows)
    places = torch.zeros(len(rows), most, 4, dtype=torch.long)
    for at, r in enumerate(rows):
        pairs = torch.tensor(asked[r][1])
        places[at, : len(pairs)] = pairs + at * longest
    seen = mask[rows].clone()
    seen[torch.arange(len(rows)), seen.sum(1) - 1] = 0  # the closing mark is not judged
    judge(states, seen, places).argmax(-1).tolist()
    return sum(len(asked[r][1]) for r in rows)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("annotations", type=Path)
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--apart", action="store_true")
    parser.add_argument("--articles", type=int, default=0, help="only so many articles")
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    annotations = [json.loads(line) for line in open(args.annotations, encoding="utf-8")][: args.articles or None]
    words = sum(len(a["text"].split()) for a in annotations)
    groups = [annotations[i : i + ARTICLES] for i in range(0, len(annotations), ARTICLES)]
    models = (load_tagger(args.weights / "tagger.pt"), *load_judge(args.weights / "judge.pt"))
    tokenizer = BertTokenizerFast(str(base_folder() / "vocab.txt"), do_lower_case=True)
    began, pairs = time.time(), 0
    with torch.inference_mode():
        for group in groups:
            sentences = [s for annotation in group for s in sentences_of(annotation)]
            encodings = tokenizer([text for text, _ in sentences], truncation=True, max_length=LIMIT).encodings
            rows = sorted(((t, m, e) for (t, m), e in zip(sentences, encodings)), key=lambda row: len(row[2].ids))
            pairs += sum(run_batch(models, rows[i : i + BATCH], args.apart) for i in range(0, len(rows), BATCH))
    seconds = time.time() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"{words} words, {pairs} pairs, {seconds:.1f} s, {words / seconds:.0f} words/s, peak {peak} MB")


if __name__ == "__main__":
    main()
