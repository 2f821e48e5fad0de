"""
One small tokenizer of each kind that `tokenizer_cases.py` does not build by itself: Gemma's byte fallback, SentencePiece's
Unigram with Metaspace and compiled rules, whole words, suffixes. Merges and pieces are few: the ways through the code are the same.
"""

import random

from charsmaps import precompiled
from tokenizer_texts import AWKWARD, SENTENCES, WORDS

SPECIALS = ["<pad>", "<s>", "</s>", "<unk>", "<mask>"]
BYTES = [f"<0x{b:02X}>" for b in range(256)]
RULES = {
    "ﬁ": "fi", "½": "1/2", "…": "...", "²": "2", "e\u0301": "é", "a\u0323": "ạ", "\u00a0": " ", "\u3000": " ", "\t": " ", "\n": " ", "\r\n": " ",
    "\u200b": "", "\u00ad": "", "\ufeff": "", "‼": "!!", "Ⅷ": "VIII", "ｶﾞ": "ガ", "œ": "oe", "’": "'", "क": "k", "©\u200d": "c", "\u0301": "",
}
CLUSTERS = ["e\u0301", "©\u200d", "©", "\u0600a", "a", "\u0301", "\u0302", "한", "\u1161", "क", "\u094d", "ﬁ", "½", "\r\n", "▁", " ", "é", "中", "😀", "\u200d", "\u200b"]


def alphabet(rng, share=1.0):
    chars = sorted({c for s in SENTENCES + WORDS for c in s} | set("0123456789▁éèàç.,;:!?'’-()/%«»中😀"))
    return [c for c in chars if rng.random() < share]


def pieces(rng, count):
    text = "▁" + "▁".join(" ".join(SENTENCES + WORDS).split())
    found = set()
    while len(found) < count:
        at = rng.randrange(len(text))
        found.add(text[at : at + rng.randrange(2, 9)])
    return sorted(found)


def bpe(rng, fallback=BYTES, share=1.0, prefix=None, suffix=None, **more):
    chars = alphabet(rng, share)
    vocab = SPECIALS + fallback + chars + [prefix + c for c in chars if prefix] + [c + suffix for c in chars if suffix]
    seen, merges = set(vocab), []
    for piece in pieces(rng, 120) + ["▁" * k for k in range(2, 5)]:
        parts = [piece[0]] + [(prefix or "") + c for c in piece[1:]]
        if suffix and rng.random() < 0.5:
            parts[-1] += suffix
        while len(parts) > 1 and all(p in seen for p in parts):
            i = rng.randrange(len(parts) - 1)
            joined = parts[i] + parts[i + 1][len(prefix or "") :]
            merges.append((parts[i], parts[i + 1]))
            parts[i : i + 2] = [joined]
            if joined not in seen:
                seen.add(joined)
                vocab.append(joined)
    merges = [list(m) for m in dict.fromkeys(merges)]
    rng.shuffle(merges)
    flags = {"dropout": None, "unk_token": "<unk>", "fuse_unk": True, "byte_fallback": bool(fallback), "ignore_merges": False}
    pre = {"continuing_subword_prefix": prefix, "end_of_word_suffix": suffix}
    return {"type": "BPE", **flags, **pre, **more, "vocab": {t: i for i, t in enumerate(vocab)}, "merges": merges}


def unigram(rng, fallback=(), share=1.0, low=-12.0, high=-1.0, digits=4, twice=0):
    words = list(dict.fromkeys(list(fallback) + alphabet(rng, share) + pieces(rng, 150)))
    score = lambda: round(rng.uniform(low, high), digits)
    vocab = [[t, 0.0] for t in SPECIALS] + [[t, score()] for t in words]
    vocab += [[rng.choice(words), score()] for _ in range(twice)]
    return {"type": "Unigram", "unk_id": 3, "byte_fallback": bool(fallback), "vocab": vocab}


def kinds():
    """Name, model, normalizer, pre-tokenizer, decoder, and whether the mask takes the space before it."""
    rng = random.Random(20261125)
    sequence = lambda key, *steps: {"type": "Sequence", key: list(steps)}
    string = lambda s, content, kind="String": {"type": "Replace", "pattern": {kind: s}, "content": content}
    split = lambda s, behavior: {"type": "Split", "pattern": {"String": s}, "behavior": behavior, "invert": False}
    meta = lambda scheme, cut=True: {"type": "Metaspace", "replacement": "▁", "prepend_scheme": scheme, "split": cut}
    to_meta, from_meta = string(" ", "▁"), string("▁", " ")
    fallback, fuse = {"type": "ByteFallback"}, {"type": "Fuse"}
    strip = {"type": "Strip", "content": " ", "start": 1, "stop": 0}
    gemma = sequence("decoders", from_meta, fallback, fuse)
    rules = precompiled(RULES)

    yield "gemma", bpe(rng, share=0.9), to_meta, split(" ", "MergedWithPrevious"), gemma, False
    yield "llama", bpe(rng, ignore_merges=True), sequence("normalizers", {"type": "Prepend", "prepend": "▁"}, to_meta), None, sequence("decoders", from_meta, fallback, fuse, strip), False
    yield "some bytes", bpe(rng, rng.sample(BYTES, 128), 0.7, fuse_unk=False), to_meta, split("▁", "MergedWithNext"), gemma, True
    yield "no unknown token", bpe(rng, [], 0.8, unk_token=None), to_meta, {"type": "Digits", "individual_digits": True}, None, False
    yield "suffix", bpe(rng, [], suffix="</w>"), {"type": "Lowercase"}, {"type": "BertPreTokenizer"}, {"type": "BPEDecoder", "suffix": "</w>"}, False
    yield "prefix", bpe(rng, [], prefix="##"), None, {"type": "CharDelimiterSplit", "delimiter": " "}, {"type": "WordPiece", "prefix": "##", "cleanup": False}, False
    yield "unigram", unigram(rng, BYTES, 0.9), None, meta("never", False), gemma, False
    yield "xlm-r", unigram(rng), sequence("normalizers", rules, string(" {2,}", " ", "Regex")), sequence("pretokenizers", {"type": "WhitespaceSplit"}, meta("always")), meta("always"), True
    yield "first", unigram(rng, digits=0, twice=20), {"type": "Nmt"}, meta("first"), meta("first"), True
    yield "ties and high scores", unigram(rng, (), 0.6, 10, 30, 0), rules, meta("always"), meta("never"), False
    yield "words", {"type": "WordLevel", "unk_token": "<unk>", "vocab": {t: i for i, t in enumerate(dict.fromkeys(SPECIALS + " ".join(SENTENCES[:20]).split()))}}, None, {"type": "WhitespaceSplit"}, None, False
    yield "lengths", unigram(rng, BYTES[:200]), {"type": "ByteLevel"}, {"type": "FixedLength", "length": 3}, {"type": "CTC", "pad_token": "<pad>", "word_delimiter_token": "▁", "cleanup": True}, False


def texts():
    rng = random.Random(7)
    masked = ["Le patient <mask> une fièvre.", "<mask> est grave", "Une <mask>, puis <mask>.", "cardi<mask>", "a  <mask>  b"]
    return masked + AWKWARD[::23] + SENTENCES[:3] + ["".join(rng.choice(CLUSTERS) for _ in range(rng.randrange(2, 12))) for _ in range(12)]
