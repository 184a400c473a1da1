"""Makes the tiny random checkpoints beside it, and reference.json: what transformers says of a text by each of them.

    pip install torch==2.6.0 transformers==4.57.3 && python make.py

Every folder is a whole checkpoint in the layout of Hugging Face, as `save_pretrained` writes it: width 8, two layers, a vocabulary of
the words below. Their answers mean nothing; that they are the same by other modules is what tests/torch.rs asks.
"""

import inspect
import json
import random
import shutil
from pathlib import Path

import torch
import transformers as hf
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors, trainers

HERE = Path(__file__).parent
TEXT = "Kenya praised Uganda. Maria Silva, a minister in Lima, condemned the attack on Port Sudan."
PAIR = ("Kenya praised Uganda.", "Kenya supports Uganda.")
WORDS = [TEXT, " supports", "Peru and Chile oppose the treaty with the United States"]
TYPES = ["O"] + [f"{part}-{kind}" for part in "IB" for kind in ("PER", "ORG", "LOC", "NORP", "FAC", "MISC")]
STANCES = ["oppose", "none", "support"]
SIZES = {"hidden_size": 8, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 16, "initializer_range": 0.4}
MARKS = ["[E1]", "[/E1]", "[E2]", "[/E2]"]


def word_pieces(marks=()):
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer, tokenizer.pre_tokenizer = normalizers.BertNormalizer(lowercase=True), pre_tokenizers.BertPreTokenizer()
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *marks]
    tokenizer.train_from_iterator(WORDS, trainers.WordPieceTrainer(vocab_size=90, special_tokens=special))
    number = tokenizer.token_to_id
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", number("[SEP]")), ("[CLS]", number("[CLS]")))
    return tokenizer


def bytes_of(opening, closing, double):
    """Byte-level BPE, as RoBERTa (two marks between two texts) and DeBERTa (one) have it."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    trainer = trainers.BpeTrainer(vocab_size=300, special_tokens=[opening, "<pad>", closing], initial_alphabet=pre_tokenizers.ByteLevel.alphabet())
    tokenizer.train_from_iterator(WORDS, trainer)
    ids = {name: tokenizer.token_to_id(name) for name in (opening, closing)}
    if double:
        tokenizer.post_processor = processors.RobertaProcessing((closing, ids[closing]), (opening, ids[opening]), add_prefix_space=False)
    else:
        pair = f"{opening} $A {closing} $B:1 {closing}:1"
        tokenizer.post_processor = processors.TemplateProcessing(f"{opening} $A {closing}", pair, list(ids.items()))
    return tokenizer


def pieces(opening, closing, double, types):
    """A unigram vocabulary, as XLM-R, ALBERT and the later DeBERTa have it."""
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    special = [opening, "<pad>", closing, "<unk>"]
    tokenizer.train_from_iterator(WORDS, trainers.UnigramTrainer(vocab_size=80, special_tokens=special, unk_token="<unk>"))
    between = f"{closing} {closing}" if double else closing
    pair = f"{opening} $A {between} $B:{types} {closing}:{types}"
    ids = [(name, tokenizer.token_to_id(name)) for name in (opening, closing)]
    tokenizer.post_processor = processors.TemplateProcessing(f"{opening} $A {closing}", pair, ids)
    return tokenizer


ROBERTA = {"max_position_embeddings": 226, "type_vocab_size": 1, "pad_token_id": 1}
LATER = {"relative_attention": True, "position_biased_input": False, "type_vocab_size": 0, "pad_token_id": 1, "pos_att_type": ["c2p", "p2c"]}
# Name, classes of configuration, of tokens and of rows, tokenizer, and what the configuration says besides.
FAMILIES = [
    ("bert", hf.BertConfig, hf.BertForTokenClassification, hf.BertForSequenceClassification, word_pieces(MARKS), {}),
    ("distilbert", hf.DistilBertConfig, hf.DistilBertForTokenClassification, hf.DistilBertForSequenceClassification, word_pieces(), {"hidden_dim": 16}),
    ("roberta", hf.RobertaConfig, hf.RobertaForTokenClassification, hf.RobertaForSequenceClassification, bytes_of("<s>", "</s>", True), ROBERTA),
    ("xlm-roberta", hf.XLMRobertaConfig, hf.XLMRobertaForTokenClassification, hf.XLMRobertaForSequenceClassification, pieces("<s>", "</s>", True, 0), ROBERTA),
    ("deberta", hf.DebertaConfig, hf.DebertaForTokenClassification, hf.DebertaForSequenceClassification, bytes_of("[CLS]", "[SEP]", False), LATER),
    (
        "deberta-v2", hf.DebertaV2Config, hf.DebertaV2ForTokenClassification, hf.DebertaV2ForSequenceClassification, pieces("[CLS]", "[SEP]", False, 1),
        LATER | {"position_buckets": 64, "norm_rel_ebd": "layer_norm", "share_att_key": True},
    ),
    ("electra", hf.ElectraConfig, hf.ElectraForTokenClassification, None, word_pieces(), {"embedding_size": 4}),
    ("albert", hf.AlbertConfig, hf.AlbertForTokenClassification, hf.AlbertForSequenceClassification, pieces("[CLS]", "[SEP]", False, 1), {"embedding_size": 4}),
]  # fmt: skip


def save(model, tokenizer, folder):
    shutil.rmtree(folder, ignore_errors=True)
    model.save_pretrained(folder)
    if folder.name == "bert-tokens":  # an old checkpoint: a list of words and what is to be done with capitals
        words = sorted(tokenizer.get_vocab().items(), key=lambda item: item[1])
        (folder / "vocab.txt").write_text("".join(f"{word}\n" for word, _ in words), encoding="utf-8")
        (folder / "tokenizer_config.json").write_text('{"do_lower_case": true}\n')
    else:
        tokenizer.save(str(folder / "tokenizer.json"))


def made(kind, config, tokenizer, labels, more):
    names = {"id2label": dict(enumerate(labels)), "label2id": {label: number for number, label in enumerate(labels)}}
    sizes = {"max_position_embeddings": 224, "vocab_size": tokenizer.get_vocab_size(), **SIZES, **more, **names}
    model = kind(config(**sizes)).eval()
    with torch.no_grad():  # biases and norms that a checkpoint has from training and a fresh model has not
        for name, parameter in model.named_parameters():
            if parameter.ndim == 1:
                parameter.add_(torch.randn_like(parameter) * 0.1)
    return model


def logits(model, encoding):
    """Of one row, as transformers computes them with no padding."""
    inputs = {"input_ids": torch.tensor([encoding.ids])}
    if "token_type_ids" in inspect.signature(model.forward).parameters and getattr(model.config, "type_vocab_size", 0) > 1:
        inputs["token_type_ids"] = torch.tensor([encoding.type_ids])
    with torch.no_grad():
        return [[round(x, 5) for x in row] for row in model(**inputs).logits.reshape(-1, model.config.num_labels).tolist()]


def main():
    torch.manual_seed(7)
    random.seed(7)
    reference = {"text": TEXT, "pair": PAIR, "models": {}}
    for name, config, of_tokens, of_rows, tokenizer, more in FAMILIES:
        model = made(of_tokens, config, tokenizer, random.sample(TYPES, len(TYPES)), more)
        save(model, tokenizer, HERE / f"{name}-tokens")
        encoding = tokenizer.encode(TEXT)
        labels = [model.config.id2label[number] for number in range(len(TYPES))]
        reference["models"][f"{name}-tokens"] = {"ids": encoding.ids, "labels": labels, "logits": logits(model, encoding)}
        if of_rows:
            model = made(of_rows, config, tokenizer, STANCES, more)
            save(model, tokenizer, HERE / f"{name}-rows")
            marked = "[E1] kenya [/E1] praised [E2] uganda [/E2] ."
            encoding = tokenizer.encode(*PAIR) if name != "bert" else tokenizer.encode(marked)
            reference["models"][f"{name}-rows"] = {"ids": encoding.ids, "labels": STANCES, "logits": logits(model, encoding)}
    (HERE / "reference.json").write_text(json.dumps(reference) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
