"""Write documents of the synthetic corpus, one a line of JSON.

Run: python -m corpus.write --documents 20000 --seed 5000 > texts.jsonl (from the oracle folder).
"""

import argparse
import itertools
import json

from .generate import Generator


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--documents", type=int, required=True)
    parser.add_argument("--seed", type=int, required=True)
    args = parser.parse_args()
    for text in itertools.islice(Generator(args.seed).stream(), args.documents):
        print(json.dumps({"text": text}, ensure_ascii=False))


if __name__ == "__main__":
    main()
