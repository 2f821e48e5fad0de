"""Build the tokenizer of the mini model.

Same kind as the CamemBERT 2.0 tokenizer (WordPiece, French elisions kept with
their apostrophe, digits in pairs) with its own small vocabulary, learnt from
the synthetic corpus. Run: python -m mini_tokenizer --out ../public/models/mini
"""

import argparse
import json
import re
import unicodedata
from collections import Counter
from pathlib import Path

from tokenizers import Tokenizer, models, trainers

from corpus.generate import Generator
from corpus.lexicon import load

SPECIAL = ["[PAD]", "[CLS]", "[SEP]", "[UNK]", "[MASK]"]
SPACES = ["\t", "\n", " ", "  ", "   ", "    "]
LETTERS = ("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ" "àâäáãåçéèêëíìîïñóòôöõøúùûüýÿæœßÀÂÄÁÇÉÈÊËÍÌÎÏÑÓÒÔÖÚÙÛÜŸÆŒ"
           "αβγδεκλμπσωΔΩ\u00b5ªº")
SYMBOLS = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~«»…–—’‘“”´•°±×÷²³¹€£§¶©®™→←↑↓≤≥≈≠∞½¼¾‰✓\r"
VOCAB_SIZE = 8192
MAX_CHARS = 40

ELISION = r"(?i:\b[cmnjstdl]|qu|puisqu|lorsqu|quelqu|presqu|quoiqu|jusqu)['´’]|['´’](?i:[sdmt]|ll|ve|re)\b|\p{P}{1,4}|[^\p{L}\p{N}\p{Z}]"


def emoji_class() -> str:
    """Every assigned symbol of the pictograph blocks, as one character class."""
    blocks = ((0x2600, 0x27C0), (0x1F300, 0x1F650), (0x1F680, 0x1F700), (0x1F900, 0x1FB00))
    chars = [chr(c) for low, high in blocks for c in range(low, high) if unicodedata.category(chr(c)) == "So"]
    return "[" + "".join(chars) + "]"


def split(pattern: str, behavior: str) -> dict:
    return {"type": "Split", "pattern": {"Regex": pattern}, "behavior": behavior, "invert": False}


def tokenizer_json(vocab: dict[str, int]) -> dict:
    """The full tokenizer.json content for a vocabulary."""
    replace = lambda pattern, content: {"type": "Replace", "pattern": {"Regex": pattern}, "content": content}  # noqa: E731
    return {
        "version": "1.0", "truncation": None, "padding": None,
        "added_tokens": [{"id": i, "content": t, "single_word": False, "lstrip": False, "rstrip": False,
                          "normalized": False, "special": True} for i, t in enumerate(SPECIAL)],
        "normalizer": {"type": "Sequence", "normalizers": [
            replace(r"\p{Z}", " "),
            replace(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]|\p{Cf}|\p{Co}|\p{Cs}|[\uFE0F]", "")]},
        "pre_tokenizer": {"type": "Sequence", "pretokenizers": [
            split("[ ]{1,4}", "Isolated"), split("^ $", "Removed"), split(ELISION, "Isolated"),
            split(emoji_class(), "Isolated")]},
        "post_processor": {"type": "RobertaProcessing", "sep": ["[SEP]", 2], "cls": ["[CLS]", 1],
                           "trim_offsets": True, "add_prefix_space": True},
        "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": True},
        "model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
                  "max_input_chars_per_word": MAX_CHARS, "vocab": vocab},
    }


def base_vocab() -> list[str]:
    """Tokens present whatever the corpus: nothing ordinary is unknown."""
    digits = [str(d) for d in range(10)]
    pairs = [f"{n:02d}" for n in range(100)]
    tokens = SPECIAL + SPACES + list(SYMBOLS) + list(LETTERS) + digits + pairs
    tokens += ["##" + c for c in SYMBOLS.strip() + LETTERS] + ["##" + d for d in digits + pairs]
    tokens += ["...", ").", "),", " :", "?!", "!!", "(+", "--", "===", "***", "+/-", "°)", "%)", ").)"]
    tokens += [a + q for q in "'’" for a in ("l", "d", "n", "s", "c", "j", "m", "t", "qu", "L", "D", "N", "S", "C", "J", "M", "T",
                                             "Qu", "lorsqu", "puisqu", "jusqu", "quelqu", "presqu", "quoiqu", "Lorsqu")]
    return list(dict.fromkeys(tokens))


def learn_vocab(texts: list[str], size: int) -> list[str]:
    """Frequent whole words, then WordPiece pieces that rebuild the others."""
    base = base_vocab()
    probe = Tokenizer.from_str(json.dumps(tokenizer_json({t: i for i, t in enumerate(base)})))
    words: Counter[str] = Counter()
    for text in texts:
        normal = probe.normalizer.normalize_str(text)
        words.update(w for w, _ in probe.pre_tokenizer.pre_tokenize_str(normal))
    words = Counter({w: n for w, n in words.items() if not re.search(r"\d", w) and re.search(r"[^\W\d_]", w)})
    # A capital at the start of a sentence is its own word: keep the frequent ones only.
    piece_model = Tokenizer(models.WordPiece(unk_token="[UNK]", max_input_chars_per_word=MAX_CHARS))
    trainer = trainers.WordPieceTrainer(vocab_size=2600, show_progress=False, continuing_subword_prefix="##",
                                        initial_alphabet=list(LETTERS))
    piece_model.train_from_iterator(([w] * min(int(n ** 0.5) + 1, 12) for w, n in words.items()), trainer)
    pieces = sorted(piece_model.get_vocab(), key=piece_model.get_vocab().get)
    pieces = [p for p in pieces if not re.search(r"\d", p.replace("##", "")) and p not in SPECIAL]
    seen = set(base)
    chosen = list(base)
    for token in pieces:
        if token not in seen:
            seen.add(token)
            chosen.append(token)
    lower_first = sorted(words.items(), key=lambda item: (-item[1] * (0.25 if item[0][0].isupper() else 1), item[0]))
    for word, _ in lower_first:
        if len(chosen) >= size:
            break
        if word not in seen:
            seen.add(word)
            chosen.append(word)
    return chosen


def lexicon_texts() -> list[str]:
    """Every phrase of the lexicon once, so that rare entries are seen."""
    lex = load()
    tables = (lex.diseases, lex.organs, lex.drugs, lex.microbes, lex.signs, lex.exams, lex.procedures, lex.labs)
    return [e.phrase.form("le").replace("⟨", "").replace("⟩", "") for t in tables for e in t.values()]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--documents", type=int, default=40_000)
    parser.add_argument("--seed", type=int, default=7)
    args = parser.parse_args()
    stream = Generator(args.seed).stream()
    texts = [next(stream) for _ in range(args.documents)] + lexicon_texts() * 3
    tokens = learn_vocab(texts, VOCAB_SIZE)
    args.out.mkdir(parents=True, exist_ok=True)
    content = tokenizer_json({t: i for i, t in enumerate(tokens)})
    (args.out / "tokenizer.json").write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    added = {str(i): {"content": t, "lstrip": False, "normalized": False, "rstrip": False,
                      "single_word": False, "special": True} for i, t in enumerate(SPECIAL)}
    config = {"added_tokens_decoder": added, "bos_token": "[CLS]", "clean_up_tokenization_spaces": True, "cls_token": "[CLS]",
              "eos_token": "[SEP]", "mask_token": "[MASK]", "model_input_names": ["input_ids", "attention_mask"],
              "model_max_length": 1024, "pad_token": "[PAD]", "sep_token": "[SEP]",
              "tokenizer_class": "PreTrainedTokenizerFast", "unk_token": "[UNK]"}
    (args.out / "tokenizer_config.json").write_text(json.dumps(config, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    special = {"bos_token": "[CLS]", "cls_token": "[CLS]", "eos_token": "[SEP]", "mask_token": "[MASK]", "pad_token": "[PAD]",
               "sep_token": "[SEP]", "unk_token": "[UNK]"}
    (args.out / "special_tokens_map.json").write_text(json.dumps(special, indent=2) + "\n", encoding="utf-8")
    tokenizer = Tokenizer.from_file(str(args.out / "tokenizer.json"))
    lengths = [len(tokenizer.encode(t).ids) for t in texts[:5000]]
    words = sum(len(t.split()) for t in texts[:5000])
    unknown = sum(tokenizer.encode(t).ids.count(3) for t in texts[:5000])
    print(f"vocabulary {len(tokens)}, {sum(lengths) / words:.3f} tokens per word, {unknown} unknown in 5000 documents")


if __name__ == "__main__":
    main()
