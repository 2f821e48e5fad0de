"""Accuracy of the stored q8 weights: held-out splits and handwritten sentences.

    python evaluate_mini.py --model ../public/models/mini --positions 2500
"""

import argparse
import json
import random
import re
from pathlib import Path

import torch
from tokenizers import Tokenizer
from transformers import ModernBertForMaskedLM

from corpus.generate import Generator
from export_mini import load_model

HERE = Path(__file__).parent
MASK = 4
SPLITS = {
    "seen frames, seen entities": ("train", "train", 90_001),
    "held-out frames": ("test", "train", 90_002),
    "held-out entities": ("train", "test", 90_003),
    "held-out frames and entities": ("test", "test", 90_004),
}
# Words that syntax alone predicts: left out of the second figure.
FUNCTION = set("le la les l' d' de du des un une et ou en au aux à par pour est sont a ont dans sur avec sans ce cette cet ces son sa ses "
               "il elle on que qui qu' ne n' pas se s' c' plus été il y être chez lors depuis ans jours jour".split())


def candidates(tokens: list[str]) -> list[int]:
    """Positions of words written as one token."""
    out = []
    for i in range(1, len(tokens) - 1):
        whole = not tokens[i].startswith("##") and not tokens[i + 1].startswith("##")
        if whole and re.search(r"[^\W\d_]", tokens[i]):
            out.append(i)
    return out


@torch.no_grad()
def run(model: ModernBertForMaskedLM, rows: list[tuple[list[int], int]]) -> list[list[int]]:
    """The five best ids at the masked position of each row, in batches of equal length."""
    best: list[list[int]] = [[] for _ in rows]
    order = sorted(range(len(rows)), key=lambda i: len(rows[i][0]))
    start = 0
    while start < len(order):
        length = len(rows[order[start]][0])
        end = start
        while end < len(order) and len(rows[order[end]][0]) == length and end - start < 64:
            end += 1
        chunk = order[start:end]
        ids = torch.tensor([rows[i][0] for i in chunk])
        hidden = model.model(input_ids=ids).last_hidden_state
        picked = hidden[torch.arange(len(chunk)), torch.tensor([rows[i][1] for i in chunk])]
        for i, top in zip(chunk, model.decoder(model.head(picked)).topk(5).indices.tolist(), strict=True):
            best[i] = top
        start = end
    return best


def evaluate_split(model: ModernBertForMaskedLM, tokenizer: Tokenizer, name: str, positions: int) -> dict:
    """Mask one word per fresh sentence; count top-1 and top-5."""
    frames, entities, seed = SPLITS[name]
    generator = Generator(seed, frames, entities)
    rng = random.Random(seed)
    rows, answers, content = [], [], []
    while len(rows) < positions:
        text = generator.single() if frames == entities == "train" else generator.document()
        encoding = tokenizer.encode(text) if text else None
        places = candidates(encoding.tokens) if encoding else []
        if not places:
            continue
        place = rng.choice(places)
        ids = list(encoding.ids)
        answers.append(ids[place])
        content.append(encoding.tokens[place].lower() not in FUNCTION)
        ids[place] = MASK
        rows.append((ids, place))
    return figures(name, answers, content, run(model, rows))


def figures(name: str, answers: list[int], content: list[bool], best: list[list[int]]) -> dict:
    """Top-1 and top-5 over all positions and over those of content words."""
    hit1 = [a == b[0] for a, b in zip(answers, best, strict=True)]
    hit5 = [a in b for a, b in zip(answers, best, strict=True)]
    share = lambda flags: sum(flags) / len(flags)  # noqa: E731
    return {"split": name, "positions": len(answers), "top1": share(hit1), "top5": share(hit5), "content positions": sum(content),
            "content top1": share([h for h, c in zip(hit1, content, strict=True) if c]),
            "content top5": share([h for h, c in zip(hit5, content, strict=True) if c])}


def evaluate_handwritten(model: ModernBertForMaskedLM, tokenizer: Tokenizer, show: bool) -> dict:
    """Sentences that no frame produces; any listed answer counts."""
    lines = (HERE / "data" / "handwritten.jsonl").read_text(encoding="utf-8").splitlines()
    cases = [json.loads(line) for line in lines if line]
    rows = []
    for case in cases:
        ids = tokenizer.encode(case["text"]).ids
        rows.append((ids, ids.index(MASK)))
    hit1 = hit5 = 0
    for case, best in zip(cases, run(model, rows), strict=True):
        words = [tokenizer.id_to_token(i) for i in best]
        hit1 += words[0] in case["answers"]
        hit5 += any(w in case["answers"] for w in words)
        if show:
            print(f"  {'+' if words[0] in case['answers'] else '5' if set(words) & set(case['answers']) else '-'} {case['text']} -> {words}")
    return {"split": "handwritten", "positions": len(cases), "top1": hit1 / len(cases), "top5": hit5 / len(cases)}


def evaluate_real(model: ModernBertForMaskedLM, tokenizer: Tokenizer, path: Path) -> dict:
    """Real texts, JSON lines with "text": of each piece of up to 254 tokens, one whole word in seven is masked by itself, twenty at most."""
    rng = random.Random(90_005)
    rows, answers, content = [], [], []
    for line in path.read_text(encoding="utf-8").splitlines():
        encoding = tokenizer.encode(json.loads(line)["text"], add_special_tokens=False)
        for start in range(0, len(encoding.ids), 254):
            ids = [1, *encoding.ids[start: start + 254], 2]
            tokens = ["[CLS]", *encoding.tokens[start: start + 254], "[SEP]"]
            places = candidates(tokens)
            for place in rng.sample(places, min(20, len(places) // 7)):
                answers.append(ids[place])
                content.append(tokens[place].lower() not in FUNCTION)
                rows.append(([*ids[:place], MASK, *ids[place + 1:]], place))
    return figures("real text", answers, content, run(model, rows))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--real", type=Path, help="also texts that training never saw, as JSON lines (real_text.py writes held.jsonl)")
    parser.add_argument("--model", type=Path, default=HERE / "../public/models/mini")
    parser.add_argument("--positions", type=int, default=2500)
    parser.add_argument("--show", action="store_true", help="print the handwritten sentences and predictions")
    args = parser.parse_args()
    model, tokenizer = load_model(args.model)
    results = [evaluate_split(model, tokenizer, name, args.positions) for name in SPLITS]
    results.append(evaluate_handwritten(model, tokenizer, args.show))
    if args.real:
        results.append(evaluate_real(model, tokenizer, args.real))
    for row in results:
        print(json.dumps({k: round(v, 4) if isinstance(v, float) else v for k, v in row.items()}))


if __name__ == "__main__":
    main()
