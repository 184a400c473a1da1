"""Text -> subword ids, case classes and code-point offsets: the same steps as the Rust side (src/engine/encode.rs)."""

from dataclasses import dataclass

from tokenizers import Tokenizer

from encoder import base_folder

CASES = ("lower", "Title", "UPPER", "miXed")
CLS, SEP = 101, 102


def case_class(word: str) -> int:
    """The case class of one word: 0 no capital, 1 Title, 2 UPPER (two letters or more), 3 mixed."""
    letters = [c for c in word if c.isupper() or c.islower()]
    capitals = sum(c.isupper() for c in letters)
    if capitals == 0:
        return 0
    if capitals == 1 and letters[0].isupper():
        return 1
    return 2 if capitals == len(letters) else 3


@dataclass
class Row:
    """One text as the model reads it, [CLS] and [SEP] left out."""

    ids: list
    cases: list
    starts: list  # code-point offsets of each subword
    ends: list
    words: list  # the number of the word (pre-token) that each subword belongs to


class Subwords:
    def __init__(self):
        self.tokenizer = Tokenizer.from_file(str(base_folder() / "tokenizer.json"))
        self.tokenizer.no_padding()
        self.tokenizer.no_truncation()

    def rows(self, texts):
        return [self._row(t, e) for t, e in zip(texts, self.tokenizer.encode_batch(texts, add_special_tokens=False))]

    def _row(self, text, encoding):
        spans = {}
        for word, (start, end) in zip(encoding.word_ids, encoding.offsets):
            first, last = spans.get(word, (start, end))
            spans[word] = (min(first, start), max(last, end))
        cases = {word: case_class(text[start:end]) for word, (start, end) in spans.items()}
        return Row(
            encoding.ids,
            [cases[w] for w in encoding.word_ids],
            [s for s, _ in encoding.offsets],
            [e for _, e in encoding.offsets],
            encoding.word_ids,
        )
