"""Texts for `affinage evaluate`, one a line: held-out frames, held-out entities and the handwritten sentences, from fresh seeds.

    python evaluation_texts.py --documents 150 --out ../.cache/evaluation.txt
"""

import argparse
import json
from pathlib import Path

from corpus.generate import Generator

SPLITS = [("test", "train", 777_001), ("train", "test", 777_002), ("train", "train", 777_003)]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--documents", type=int, default=150, help="of each split")
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    lines = []
    for frames, entities, seed in SPLITS:
        stream = Generator(seed, frames, entities).stream()
        lines += [" ".join(next(stream).split()) for _ in range(args.documents)]
    for line in (Path(__file__).parent / "data/handwritten.jsonl").read_text(encoding="utf-8").splitlines():
        lines.append(json.loads(line)["text"])
    args.out.parent.mkdir(parents=True, exist_ok=True)
    args.out.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
