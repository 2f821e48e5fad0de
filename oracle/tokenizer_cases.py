"""What Hugging Face's Rust `tokenizers` answers, for the tests of src/text.

    python oracle/tokenizer_cases.py                         writes oracle/fixtures/tokenizer/*.json
    python oracle/tokenizer_cases.py --fuzz N --tokenizer F  writes N random texts with their encodings (jsonl, --out)
    python oracle/tokenizer_cases.py --tables                prints src/text/unicode-tables.ts

Offsets are in code points, as Python counts; the TypeScript tests convert. Everything is seeded: the same version of
`tokenizers` (requirements.txt) writes the same bytes.
"""

import argparse
import json
import random
import sys
import textwrap
from collections import Counter
from pathlib import Path

import tokenizers
from tokenizers import Regex, Tokenizer, normalizers, pre_tokenizers

from charsmaps import cluster_sets
from tokenizer_kinds import kinds, texts
from tokenizer_texts import AWKWARD, SENTENCES, WORDS

OUT = Path(__file__).parent / "fixtures" / "tokenizer"
SPECIALS = ["[PAD]", "[CLS]", "[SEP]", "[UNK]", "[MASK]"]

# The pre-tokenizer of the French tokenizers that this project is for, with a short emoji class.
ELISION = (
    r"(?i:\b[cmnjstdl]|qu|puisqu|lorsqu|quelqu|presqu|quoiqu|jusqu)['´’]|['´’](?i:[sdmt]|ll|ve|re)\b"
    r"|\p{P}{1,4}|[^\p{L}\p{N}\p{Z}]"
)
CONTROL = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]|\p{Cf}|\p{Co}|\p{Cs}|[\uFE0F]"


def split(regex, behavior="Isolated", invert=False):
    return {"type": "Split", "pattern": {"Regex": regex}, "behavior": behavior, "invert": invert}


def replace(regex, content):
    return {"type": "Replace", "pattern": {"Regex": regex}, "content": content}


def special(content, id, **flags):
    base = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True}
    return {"id": id, "content": content, **base, **flags}


FRENCH_NORMALIZER = {"type": "Sequence", "normalizers": [replace(r"\p{Z}", " "), replace(CONTROL, "")]}
FRENCH_PRE = {
    "type": "Sequence",
    "pretokenizers": [split("[ ]{1,4}"), split("^ $", "Removed"), split(ELISION), split("[😀👩👧❤🇫🇷©]")],
}
ROBERTA = {
    "type": "RobertaProcessing",
    "sep": ["[SEP]", 2],
    "cls": ["[CLS]", 1],
    "trim_offsets": True,
    "add_prefix_space": True,
}


def tokenizer_json(model, added, normalizer=None, pre=None, post=None, decoder=None):
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": added,
        "normalizer": normalizer,
        "pre_tokenizer": pre,
        "post_processor": post,
        "decoder": decoder,
        "model": model,
    }


def wordpiece_model(vocab, max_chars=16):
    return {
        "type": "WordPiece",
        "unk_token": "[UNK]",
        "continuing_subword_prefix": "##",
        "max_input_chars_per_word": max_chars,
        "vocab": {token: i for i, token in enumerate(vocab)},
    }


def pieces_of(texts, normalizer, pre):
    """The words that a normalizer and a pre-tokenizer make of texts."""
    probe = Tokenizer.from_str(json.dumps(tokenizer_json(wordpiece_model(SPECIALS), [], normalizer, pre)))
    for text in texts:
        clean = probe.normalizer.normalize_str(text) if probe.normalizer else text
        yield from (p for p, _ in probe.pre_tokenizer.pre_tokenize_str(clean)) if probe.pre_tokenizer else [clean]


def build_wordpiece():
    """Characters, then the most frequent heads and tails of words: a small vocabulary of the real kind."""
    words = Counter(pieces_of(SENTENCES + WORDS, FRENCH_NORMALIZER, FRENCH_PRE))
    heads, tails = Counter(), Counter()
    for word, n in words.items():
        for cut in range(1, len(word)):
            heads[word[:cut]] += n
            tails["##" + word[cut:]] += n
    chars = sorted({c for w in words for c in w} | set("0123456789abcdefghijklmnopqrstuvwxyzéèêàç.,;:!?'´’-()/%\"«»œ𝒳"))
    vocab = list(SPECIALS) + ["\t", "\n", " ", "  ", "   ", "    "]

    def most(counter, n, shortest):
        wanted = [(-(c * len(t)), t) for t, c in counter.items() if len(t) >= shortest and c > 1]
        return [t for _, t in sorted(wanted)[:n]]

    for token in chars + ["##" + c for c in chars if c.isalnum()] + [f"{a}{b}" for a in "0123456789" for b in "05"]:
        vocab.append(token)
    vocab += most(words, 500, 2) + most(heads, 250, 2) + most(tails, 450, 4)
    vocab = list(dict.fromkeys(vocab))
    added = [special(t, i) for i, t in enumerate(SPECIALS)]
    decoder = {"type": "WordPiece", "prefix": "##", "cleanup": True}
    return tokenizer_json(wordpiece_model(vocab), added, FRENCH_NORMALIZER, FRENCH_PRE, ROBERTA, decoder)


def build_bytelevel():
    """A byte-level BPE with 500 merges, arranged as English ModernBERT's tokenizer.json."""
    pre = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True}
    words = Counter(pieces_of(SENTENCES + WORDS, {"type": "NFC"}, pre))
    splits = {w: list(w) for w in words}
    vocab = sorted(pre_tokenizers.ByteLevel.alphabet())
    merges = []
    for _ in range(500):
        pairs = Counter()
        for word, n in words.items():
            parts = splits[word]
            for pair in zip(parts, parts[1:]):
                pairs[pair] += n
        best = min(pairs, key=lambda p: (-pairs[p], p))
        merges.append(list(best))
        vocab.append("".join(best))
        for word, parts in splits.items():
            i = 0
            while i + 1 < len(parts):
                if (parts[i], parts[i + 1]) == best:
                    parts[i : i + 2] = ["".join(best)]
                i += 1
    vocab = list(dict.fromkeys(vocab))
    model = {
        "type": "BPE",
        "dropout": None,
        "unk_token": None,
        "continuing_subword_prefix": None,
        "end_of_word_suffix": None,
        "fuse_unk": False,
        "byte_fallback": False,
        "ignore_merges": False,
        "vocab": {t: i for i, t in enumerate(vocab)},
        "merges": merges,
    }
    first = len(vocab)
    plain = {"special": False, "normalized": True}
    added = [special("   ", first, **plain), special("|||ADRESSE|||", first + 1, **plain)]
    added += [special(t, first + 2 + i, lstrip=t == "[MASK]") for i, t in enumerate(SPECIALS)]
    cls, sep = first + 3, first + 4
    template = {
        "type": "TemplateProcessing",
        "single": [
            {"SpecialToken": {"id": "[CLS]", "type_id": 0}},
            {"Sequence": {"id": "A", "type_id": 0}},
            {"SpecialToken": {"id": "[SEP]", "type_id": 0}},
        ],
        "pair": [
            {"SpecialToken": {"id": "[CLS]", "type_id": 0}},
            {"Sequence": {"id": "A", "type_id": 0}},
            {"SpecialToken": {"id": "[SEP]", "type_id": 0}},
            {"Sequence": {"id": "B", "type_id": 0}},
            {"SpecialToken": {"id": "[SEP]", "type_id": 0}},
        ],
        "special_tokens": {
            "[CLS]": {"id": "[CLS]", "ids": [cls], "tokens": ["[CLS]"]},
            "[SEP]": {"id": "[SEP]", "ids": [sep], "tokens": ["[SEP]"]},
        },
    }
    trim = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True}
    post = {"type": "Sequence", "processors": [trim, template]}
    return tokenizer_json(model, added, {"type": "NFC"}, pre, post, dict(trim, add_prefix_space=True))


def record(tokenizer, text, add_special=True):
    e = tokenizer.encode(text, add_special_tokens=add_special)
    return {
        "text": text,
        "ids": e.ids,
        "tokens": e.tokens,
        "offsets": [list(o) for o in e.offsets],
        "decode": tokenizer.decode(e.ids),
    }


# ---------------------------------------------------------------- random texts

SPACES = [" ", "  ", "   ", "     ", "\t", "\n", "\r\n", "\n\n\n", "\u00a0", "\u202f", "\u2003", "\u3000", "\u0085", "\u2028"]
INVISIBLE = ["\u200b", "\u200d", "\u00ad", "\ufeff", "\ufe0f", "\u200e", "\x00", "\x1b", "\x7f", "\x80", "\x9f", "\ue000", "\u2060"]
APOSTROPHES = ["'", "’", "´", "ʼ", "`", "‘"]
ELIDED = ["l", "d", "L", "qu", "Qu", "QU", "s", "ſ", "n", "j", "jusqu", "Jusqu", "lorsqu", "LORSQU", "presqu", "éd", "aujourd", "1l", "_l", "²l", "̈l"]
MARKS = ["\u0301", "\u0300", "\u0323", "\u0308", "\u0327", "\u0345", "\u0334", "\u20e3", "\u0315"]
EMOJI = ["😀", "👩‍👩‍👧", "❤️", "🇫🇷", "1️⃣", "🏴‍☠️", "👍🏽", "©", "™", "🩺", "🫀"]
PUNCT = ["...", "!?", "«", "»", "—", "-", "/", "(", ")", "%", "°", "+", "±", "≥", "\"", "''''''", "…", "[", "]", "<", ">", "_", "¿", "·"]
MASKS = ["[MASK]", " [MASK]", "[MASK] ", "[CLS]", "[SEP]", "[PAD]", "[UNK]", "<mask>", "[mask]", "[MASK", "MASK]", "|||ADRESSE|||"]
BLOCKS = [(0x20, 0x7F), (0xA0, 0x250), (0x250, 0x700), (0x900, 0xE00), (0x1100, 0x1200), (0x1E00, 0x2400), (0x2460, 0x2500),
          (0x3040, 0x3200), (0x4E00, 0x4F00), (0xA640, 0xAC00), (0xAC00, 0xAD00), (0xFB00, 0xFE10), (0xFF00, 0xFFF0),
          (0x10000, 0x11000), (0x1D400, 0x1D800), (0x1F000, 0x1FB00), (0x20000, 0x20100), (0xE0000, 0xE0200), (0, 0x110000)]


def random_char(rng):
    while True:
        low, high = rng.choice(BLOCKS)
        code = rng.randrange(low, high)
        if not 0xD800 <= code < 0xE000:
            return chr(code)


def random_word(rng):
    word = rng.choice(WORDS)
    how = rng.randrange(8)
    if how == 0:
        return word.upper()
    if how == 1:
        return word.capitalize()
    if how == 2:
        return word[: rng.randrange(1, len(word) + 1)]
    if how == 3:
        return word + rng.choice(WORDS)
    if how == 4:
        i = rng.randrange(len(word) + 1)
        return word[:i] + rng.choice(MARKS + INVISIBLE) + word[i:]
    return word


def random_part(rng):
    kind = rng.randrange(16)
    if kind < 4:
        return random_word(rng)
    if kind == 4:
        return rng.choice(ELIDED) + rng.choice(APOSTROPHES) + random_word(rng)
    if kind == 5:
        return random_word(rng) + rng.choice(APOSTROPHES) + rng.choice(["s", "S", "ſ", "t", "ll", "LL", "ve", "re", "m", "d", "sa", "s1"])
    if kind == 6:
        return str(rng.randrange(10 ** rng.randrange(1, 20)))
    if kind == 7:
        return f"{rng.randrange(400)}{rng.choice([',', '.', '/', '-'])}{rng.randrange(400)} {rng.choice(['mg/j', '°C', 'µg', 'mmol/L', '%'])}"
    if kind == 8:
        return rng.choice(EMOJI)
    if kind == 9:
        return "".join(rng.choice(PUNCT) for _ in range(rng.randrange(1, 7)))
    if kind == 10:
        return rng.choice(MASKS)
    if kind == 11:
        return rng.choice(INVISIBLE)
    if kind == 12:
        return "".join(random_char(rng) for _ in range(rng.randrange(1, 5)))
    if kind == 13:
        return rng.choice("aeiouc") + "".join(rng.choice(MARKS) for _ in range(rng.randrange(1, 4)))
    if kind == 14:
        return rng.choice("ae1.é中") * rng.randrange(1, 40)
    return rng.choice(SPACES)


def random_text(rng):
    out = []
    for _ in range(rng.randrange(0, rng.choice([4, 8, 16]))):
        out.append(random_part(rng))
        if rng.random() < 0.6:
            out.append(rng.choice(SPACES) if rng.random() < 0.3 else " ")
    return "".join(out)


# ---------------------------------------------------------------- single components


def components():
    """Small tokenizers that differ in one component, each with every character of its texts in the vocabulary."""
    lower = {"type": "Lowercase"}
    seq = lambda *n: {"type": "Sequence", "normalizers": list(n)}
    string = lambda s, b, i=False: {"type": "Split", "pattern": {"String": s}, "behavior": b, "invert": i}
    for name in ["NFC", "NFD", "NFKC", "NFKD", "Lowercase", "StripAccents"]:
        yield f"normalizer {name}", {"type": name}, {"type": "WhitespaceSplit"}
    yield "NFD, StripAccents, Lowercase", seq({"type": "NFD"}, {"type": "StripAccents"}, lower), {"type": "Whitespace"}
    for left in (True, False):
        for right in (True, False):
            yield f"Strip {left} {right}", {"type": "Strip", "strip_left": left, "strip_right": right}, split("[ ]+", "Isolated")
    yield "Prepend", {"type": "Prepend", "prepend": "▁"}, {"type": "WhitespaceSplit"}
    yield "Replace string", {"type": "Replace", "pattern": {"String": "."}, "content": "<.>"}, {"type": "WhitespaceSplit"}
    yield "Replace, then NFC", seq(replace(r"\s+", " "), {"type": "NFC"}), split(" ", "MergedWithNext")
    for strip in (None, True, False):
        for low in (True, False):
            bert = {"type": "BertNormalizer", "clean_text": True, "handle_chinese_chars": True, "strip_accents": strip, "lowercase": low}
            yield f"BERT accents {strip} lower {low}", bert, {"type": "BertPreTokenizer"}
    for behavior in ["Removed", "Isolated", "MergedWithPrevious", "MergedWithNext", "Contiguous"]:
        for invert in (False, True):
            yield f"Split {behavior} {invert}", None, split(r"[ .,]", behavior, invert)
            yield f"Split string {behavior} {invert}", None, string(" ", behavior, invert)
        yield f"Punctuation {behavior}", None, {"type": "Punctuation", "behavior": behavior}
    for each in (True, False):
        yield f"Digits {each}", None, {"type": "Digits", "individual_digits": each}
    for kind in ["Whitespace", "WhitespaceSplit", "BertPreTokenizer"]:
        yield f"pre-tokenizer {kind}", None, {"type": kind}
    for name, regex in {
        "word": r"\w+|[^\w\s]+", "not word": r"\W", "boundary": r"\b", "not boundary": r"\B.", "empty": r"x*", "lines": r"^.+$",
        "space": r"\s", "digits": r"\d+", "posix": r"[[:punct:]]+|[[:alpha:]]+", "fold": r"(?i:[a-k]+|MG|µ)", "fold all": r"(?i)l|é",
        "fold negated": r"(?i:[^s])", "ahead": r"\s+(?!\S)|\s+", "behind": r"(?<=[a-z])\p{Lu}|(?<!\p{L})\p{N}", "lazy": r".+?[,.]",
        "possessive": r"[^\r\n\p{L}\p{N}]?+\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]++[\r\n]*|\s*[\r\n]|\s+(?!\S)|\s+",
        "bytes": r"[\x20\x7f-\x9f\xc3\xa9]", "escapes": r"\x{1F600}|\u00e9|\t|\n|\-|[\-\]\[]", "nested": r"[a-z&&[^aeiou]]+", "han": r"\p{Han}+|\p{^L}",
    }.items():
        yield f"pattern {name}", None, split(regex)


def component_cases():
    out = []
    rng = random.Random(7)
    for name, normalizer, pre in components():
        texts = AWKWARD[::24] + [random_text(rng) for _ in range(5)]
        chars = sorted({c for p in pieces_of(texts, normalizer, pre) for c in p})
        vocab = SPECIALS + chars + ["##" + c for c in chars]
        added = [special(t, i) for i, t in enumerate(SPECIALS)]
        added += [special("mg", len(vocab), special=False, normalized=True, single_word=True)]
        added += [special("LE", len(vocab) + 1, special=False, normalized=True, lstrip=True, rstrip=True)]
        spec = tokenizer_json(wordpiece_model(vocab, 100), added, normalizer, pre, ROBERTA, {"type": "WordPiece", "prefix": "##", "cleanup": False})
        tokenizer = Tokenizer.from_str(json.dumps(spec))
        # The vocabulary follows from the texts; only what the test cannot derive is written.
        cases = [{"text": t, "tokens": e.tokens, "offsets": [list(o) for o in e.offsets]} for t in texts for e in [tokenizer.encode(t)]]
        out.append({"name": name, "normalizer": normalizer, "pre_tokenizer": pre, "added_tokens": added, "chars": "".join(chars), "cases": cases})
    return out


def kind_cases():
    """The kinds of tokenizer_kinds.py: ids, tokens, offsets, the text decoded, and each token decoded alone."""
    for name, model, normalizer, pre, decoder, lstrip in kinds():
        names = ["<pad>", "<s>", "</s>", "<unk>", "<mask>"]
        size = len(model["vocab"])
        mg = model["vocab"].get("mg", size) if isinstance(model["vocab"], dict) else size
        added = [special(t, i, lstrip=lstrip and t == "<mask>") for i, t in enumerate(names)]
        added += [special("mg", mg, special=False, normalized=True, single_word=True)]
        post = {"type": "BertProcessing", "cls": ["<s>", 1], "sep": ["</s>", 2]}
        spec = tokenizer_json(model, added, normalizer, pre, post, decoder)
        tokenizer = Tokenizer.from_str(json.dumps(spec))
        cases = [record(tokenizer, t) for t in texts()]
        used = sorted({i for c in cases for i in c["ids"]} | set(range(5)))
        yield {"name": name, "spec": spec, "cases": cases, "single": [[i, tokenizer.decode([i], skip_special_tokens=False)] for i in used]}


# ---------------------------------------------------------------- commands


def tables():
    """Prints src/text/unicode-tables.ts: sets of code points that this `tokenizers` uses, by asking it for each one."""
    bert = dict(clean_text=False, handle_chinese_chars=False, strip_accents=False, lowercase=False)
    removed = lambda n: lambda c: n.normalize_str(c) == ""
    clean = normalizers.BertNormalizer(**{**bert, "clean_text": True})
    punctuation = pre_tokenizers.Punctuation()
    sets = {
        "unassigned": ("not assigned in its Oniguruma (Unicode 16)", removed(normalizers.Replace(Regex(r"\p{Cn}"), ""))),
        "combiningMarks": ("removed by StripAccents", removed(normalizers.StripAccents())),
        "nonspacingMarks": ("removed by BertNormalizer's strip_accents", removed(normalizers.BertNormalizer(**{**bert, "strip_accents": True}))),
        "bertControls": ("removed by BertNormalizer's clean_text", removed(clean)),
        "bertSpaces": ("made a space by BertNormalizer's clean_text", lambda c: clean.normalize_str(c) == " "),
        "punctuation": ("punctuation of Punctuation and BertPreTokenizer", lambda c: len(punctuation.pre_tokenize_str("a" + c)) == 2),
    }
    sets.update(cluster_sets())
    digits = "0123456789abcdefghijklmnopqrstuvwxyz"
    base36 = lambda n: (base36(n // 36) if n >= 36 else "") + digits[n % 36]
    print(f"""/**
 * Sets of code points as tokenizers {tokenizers.__version__} has them. Its parts carry tables of different Unicode versions, and an
 * engine's \\p{{…}} follows the engine's own. Made by `python oracle/tokenizer_cases.py --tables`; do not edit.
 * Base 36 pairs: distance from the end of the range before, then length - 1.
 */""")
    for name, (what, member) in sets.items():
        numbers, following, start = [], 0, None
        for code in range(0x110001):
            inside = code < 0x110000 and not 0xD800 <= code < 0xE000 and member(chr(code))
            if inside and start is None:
                start = code
            elif not inside and start is not None:
                numbers += [base36(start - following), base36(code - 1 - start)]
                following, start = code, None
        print(f"\n/** {what[0].upper()}{what[1:]}. */\nexport const {name} =")
        lines = textwrap.wrap(" ".join(numbers), 130)
        print(" +\n".join(f"  '{line}{' ' if i + 1 < len(lines) else ''}'" for i, line in enumerate(lines)) + ";")


def write(name, value):
    path = OUT / name
    path.write_text(json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8")
    print(f"{path.name}: {path.stat().st_size} bytes", file=sys.stderr)


def fixtures():
    OUT.mkdir(parents=True, exist_ok=True)
    for name, spec in [("wordpiece", build_wordpiece()), ("bytelevel", build_bytelevel())]:
        tokenizer = Tokenizer.from_str(json.dumps(spec))
        rng = random.Random(20261122)
        texts = AWKWARD + SENTENCES[:40] + [random_text(rng) for _ in range(220)]
        write(f"{name}.tokenizer.json", spec)
        write(f"{name}.cases.json", {"tokenizers": tokenizers.__version__, "cases": [record(tokenizer, t) for t in texts]})
    write("kinds.cases.json", {"tokenizers": tokenizers.__version__, "kinds": list(kind_cases())})
    write("components.cases.json", {"tokenizers": tokenizers.__version__, "components": component_cases()})


def fuzz(count, path, out, seed):
    tokenizer = Tokenizer.from_file(path)
    tokenizer.no_truncation()
    tokenizer.no_padding()
    rng = random.Random(seed)
    with open(out, "w", encoding="utf-8") as file:
        # Every code point once, between letters and behind an apostrophe, then random texts.
        for low in range(0, 0x110000, 64):
            for text in ("a".join(chr(c) + "b l" + chr(c) + "'é " for c in range(low, low + 64) if not 0xD800 <= c < 0xE000),):
                if text:
                    file.write(json.dumps(record(tokenizer, text)) + "\n")
        for _ in range(count):
            file.write(json.dumps(record(tokenizer, random_text(rng))) + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--fuzz", type=int, metavar="N")
    parser.add_argument("--tokenizer", help="tokenizer.json for --fuzz")
    parser.add_argument("--out", default="fuzz.jsonl")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--tables", action="store_true")
    args = parser.parse_args()
    if args.tables:
        tables()
    elif args.fuzz is not None:
        if not args.tokenizer:
            parser.error("--fuzz needs --tokenizer")
        fuzz(args.fuzz, args.tokenizer, args.out, args.seed)
    else:
        fixtures()


if __name__ == "__main__":
    main()
