"""
What `AutoTokenizer` of transformers makes of the files beside tokenizer.json: roles, extra tokens, flags and ids.

    python oracle/tokenizer_settings.py                     writes oracle/fixtures/tokenizer/settings.cases.json
    python oracle/tokenizer_settings.py --fuzz N --out F    writes N cases (jsonl), --seed
"""

import argparse
import json
import os
import random
import tempfile
from pathlib import Path

os.environ["TRANSFORMERS_VERBOSITY"] = "error"
os.environ["HF_HUB_OFFLINE"] = "1"
import transformers
from transformers import AutoTokenizer

OUT = Path(__file__).parent / "fixtures" / "tokenizer" / "settings.cases.json"
SPECIALS = ["[PAD]", "[CLS]", "[SEP]", "[UNK]", "[MASK]"]
NAMES = SPECIALS + ["<m>", "<doc>", "<note>", "patient", "zz", "‹M›", "[X]", "Le"]
WORDS = ["le", "patient", "a", "une", "zz", "x", "m", "‹M›", "##x", "<", ">", "doc", "note", ".", "[", "]", "LE", "Le"]
ROLES = ["bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token"]
CLASSES = ["PreTrainedTokenizerFast", "TokenizersBackend", "BertTokenizer", "XLMRobertaTokenizerFast"]
TEXTS = ["Le patient [MASK] a <doc> une <note> zz.", "‹M› LE [x] [X]x <m> [mask] patient", "a [CLS] b  [SEP]  [PAD][UNK]", "zz ZZ <DOC>  <doc> ‹M›‹M›"]


def flags(rng):
    names = ["single_word", "lstrip", "rstrip", "normalized", "special"]
    return {n: rng.random() < p for n, p in zip(names, [0.2, 0.3, 0.2, 0.4, 0.7])}


def token(rng, typed=False):
    content = rng.choice(NAMES)
    if rng.random() < 0.6 and not typed:
        return content
    plain = {k: v for k, v in flags(rng).items() if k != "special"}
    return {"content": content, **plain, **({"__type": "AddedToken"} if typed else {})}


def files_of(rng):
    vocab = [w for w in SPECIALS + WORDS if w in ("[UNK]", "a") or rng.random() < 0.9]
    ids = {t: i for i, t in enumerate(vocab)}
    added, free = [], len(vocab)
    for name in NAMES:
        if rng.random() < (0.8 if name in SPECIALS else 0.15):
            added.append({"id": ids.get(name, free), "content": name, **flags(rng)})
            free += name not in ids
    model = {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##", "max_input_chars_per_word": 100, "vocab": ids}
    decoder = {"type": "WordPiece", "prefix": "##", "cleanup": False}
    normalizer = rng.choice([None, {"type": "Lowercase"}])
    spec = {"version": "1.0", "truncation": None, "padding": None, "added_tokens": added, "normalizer": normalizer}
    spec |= {"pre_tokenizer": {"type": "BertPreTokenizer"}, "post_processor": None, "decoder": decoder, "model": model}
    config = {"tokenizer_class": rng.choice(CLASSES)}
    config |= {role: token(rng, rng.random() < 0.4) for role in ROLES if rng.random() < 0.4}
    # A role of tokenizer_config.json is a string or a typed object there.
    config = {k: {**v, "__type": "AddedToken"} if isinstance(v, dict) else v for k, v in config.items()}
    pair = lambda: rng.sample(NAMES, 2)
    maybe = lambda share, target, key, value: target.update({key: value()}) if rng.random() < share else None
    extras = [pair, lambda: dict(zip(["image_token", "doc_token"], pair())), lambda: [], lambda: None, lambda: [token(rng, True), pair()[0]]]
    maybe(0.4, config, "extra_special_tokens", lambda: rng.choice(extras)())
    maybe(0.3, config, "additional_special_tokens", pair)
    maybe(0.2, config, "image_token", lambda: pair()[0])
    maybe(0.15, config, "model_specific_special_tokens", lambda: {"foo_token": pair()[0]})
    for key in ["split_special_tokens", "add_bos_token", "add_prefix_space", "do_lower_case"]:
        maybe(0.15, config, key, lambda: True)
    listed = lambda: {str(ids.get(t, free + i)): {"content": t, **flags(rng)} for i, t in enumerate(rng.sample(NAMES, rng.randrange(5)))}
    maybe(0.3, config, "added_tokens_decoder", listed)
    files = {"tokenizer.json": spec}
    maybe(0.9, files, "tokenizer_config.json", lambda: config)
    older = {role: token(rng) for role in ROLES if rng.random() < 0.4}
    maybe(0.3, older, "additional_special_tokens", pair)
    maybe(0.3, older, "extra_special_tokens", lambda: rng.choice([pair(), {"z_token": pair()[0]}, [pair()[0], token(rng)]]))
    maybe(0.4, files, "special_tokens_map.json", lambda: older)
    maybe(0.25, files, "added_tokens.json", lambda: {t: ids.get(t, free + 7 + i) for i, t in enumerate(pair())})
    return files


def case_of(rng):
    files = files_of(rng)
    with tempfile.TemporaryDirectory() as folder:
        for name, value in {"config.json": {"model_type": "modernbert"}, **files}.items():
            (Path(folder) / name).write_text(json.dumps(value), encoding="utf-8")
        tokenizer = AutoTokenizer.from_pretrained(folder)
    texts = []
    for text in TEXTS:
        e = tokenizer(text, return_offsets_mapping=True)
        both = [tokenizer.decode(e["input_ids"], skip_special_tokens=skip) for skip in (False, True)]
        texts.append({"text": text, "ids": e["input_ids"], "offsets": e["offset_mapping"], "decode": both})
    return {"files": files, "mask": tokenizer.mask_token, "texts": texts}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--fuzz", type=int, metavar="N")
    parser.add_argument("--out", default="settings.jsonl")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    rng = random.Random(args.seed if args.fuzz else 20261125)
    dump = lambda value: json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n"
    if args.fuzz:
        with open(args.out, "w", encoding="utf-8") as file:
            for _ in range(args.fuzz):
                file.write(dump(case_of(rng)))
    else:
        OUT.write_text(dump({"transformers": transformers.__version__, "cases": [case_of(rng) for _ in range(60)]}), encoding="utf-8")


if __name__ == "__main__":
    main()
