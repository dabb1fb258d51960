"""Golden pairs of TokenizerTests: byte-level BPE as Hugging Face reads tokenizer.json, written independently of the
product (code points instead of bytes, best pair by scanning instead of a heap). Re-run only with a reason in the
commit:
    python3 golden_tokenizer.py ../../../data/base/tokenizer.json > golden_tokenizer.json
"""
import json
import sys
import unicodedata

SAMPLES = [
    "Hello world, it's the user's package; we'll don't 'DON'T.",
    "  two spaces,\ttab\n\n newline \r\n end   ",
    "Ändern Sie die Größe: „Prüfsumme“ – 128 MiB.",
    "L’utilisateur n'a pas été créé à l'été 2023…",
    "È così: perché no? Città, più, già.",
    "Coördinatie, één geïnstalleerde reünie €5,00.",
    "日本語 and emoji 👩‍💻 plus 𝒜𝒷 math, ½ ² ٣ digits",
    "non\u00a0breaking\u2009spaces \u3000 and a\u200bzero width",
    "=" * 40 + "///" + "a" * 50 + "1234567890" * 3,
    "<|endoftext|> is text",
    "",
    " ",
    "x",
]


def alphabet():
    printable = list(range(33, 127)) + list(range(161, 173)) + list(range(174, 256))
    table, extra = {}, 0
    for b in range(256):
        if b in printable:
            table[b] = chr(b)
        else:
            table[b] = chr(256 + extra)
            extra += 1
    return table


def kind(c):
    if c in "\t\n\v\f\r\x85" or unicodedata.category(c)[0] == "Z":
        return "S"
    return {"L": "L", "N": "N"}.get(unicodedata.category(c)[0], "O")


def words(text):
    i = 0
    while i < len(text):
        for contraction in ("'s", "'t", "'re", "'ve", "'m", "'ll", "'d"):
            if text.startswith(contraction, i):
                end = i + len(contraction)
                break
        else:
            start = i + 1 if text[i] == " " and i + 1 < len(text) and kind(text[i + 1]) != "S" else i
            end = start + 1
            while end < len(text) and kind(text[end]) == kind(text[start]):
                end += 1
            if kind(text[start]) == "S" and end < len(text) and end - i > 1:
                end -= 1
        yield text[i:end]
        i = end


def merge(symbols, ranks):
    while len(symbols) > 1:
        best = min(zip(symbols, symbols[1:]), key=lambda p: ranks.get(p, 1 << 30))
        if best not in ranks:
            break
        out, i = [], 0
        while i < len(symbols):
            if i + 1 < len(symbols) and (symbols[i], symbols[i + 1]) == best:
                out.append(symbols[i] + symbols[i + 1])
                i += 2
            else:
                out.append(symbols[i])
                i += 1
        symbols = out
    return symbols


class Tokenizer:
    def __init__(self, path):
        model = json.load(open(path, encoding="utf-8"))["model"]
        self.vocab = model["vocab"]
        self.ranks = {tuple(m.split(" ")): rank for rank, m in enumerate(model["merges"])}
        self.table, self.cache = alphabet(), {}

    def encode(self, text):
        ids = []
        for word in words(text):
            if word not in self.cache:
                symbols = [self.table[b] for b in word.encode()]
                self.cache[word] = [self.vocab[s] for s in merge(symbols, self.ranks)]
            ids += self.cache[word]
        return ids


if __name__ == "__main__":
    tokenizer = Tokenizer(sys.argv[1])
    pairs = [{"text": text, "ids": tokenizer.encode(text)} for text in SAMPLES]
    print("[\n " + ",\n ".join(json.dumps(p) for p in pairs) + "\n]")
