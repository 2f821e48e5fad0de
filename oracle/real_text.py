"""Make training texts from published French data whose licence lets trained weights be shipped.

    python real_text.py --pamj pamj-cases.jsonl --mcqa frenchmedmcqa-train.json --out FOLDER

--pamj: clinical cases of The Pan African Medical Journal, one a line (id, licence, text), CC BY; every 16th is held out.
--mcqa: FrenchMedMCQA (Apache-2.0): a question with a right answer becomes a text.
Writes pamj.jsonl, held.jsonl, mcqa.jsonl ({"text": ...} a line). Sentences that give away a handwritten test sentence are left out.
"""

import argparse
import json
import re
from pathlib import Path

from corpus.held_back import tells

HELD_OUT = 16


def sentences(text: str) -> list[str]:
    return re.split(r"(?<=[.?!])\s+", " ".join(text.split()))


def clean(text: str) -> str:
    return " ".join(s for s in sentences(text) if not tells(s))


def write(path: Path, texts: list[str]) -> None:
    path.write_text("".join(json.dumps({"text": t}, ensure_ascii=False) + "\n" for t in texts if t), encoding="utf-8")
    print(path.name, len(texts), "texts,", sum(map(len, texts)), "characters")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--pamj", type=Path, required=True)
    parser.add_argument("--mcqa", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    cases = [json.loads(line) for line in args.pamj.read_text(encoding="utf-8").splitlines()]
    write(args.out / "pamj.jsonl", [clean(c["text"]) for i, c in enumerate(cases) if i % HELD_OUT != 7])
    write(args.out / "held.jsonl", [c["text"] for i, c in enumerate(cases) if i % HELD_OUT == 7])
    questions = json.loads(args.mcqa.read_text(encoding="utf-8"))
    texts = []
    for q in questions:
        for key in q["correct_answers"]:
            text = f"{q['question'].rstrip(' :')} : {q['answers'][key]}"
            if not tells(text):
                texts.append(text)
    write(args.out / "mcqa.jsonl", texts)


if __name__ == "__main__":
    main()
