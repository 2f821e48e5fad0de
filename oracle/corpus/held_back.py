"""Keep the handwritten test sentences out of whatever is trained on."""

import json
import re
from functools import lru_cache
from pathlib import Path

HANDWRITTEN = Path(__file__).parent.parent / "data" / "handwritten.jsonl"
WINDOW = 4
MASK = "[MASK]"


def words_of(text: str) -> list[str]:
    """Words in lower case, without marks that are written in several ways."""
    return re.findall(r"\w+", text.lower().replace("œ", "oe").replace("æ", "ae"))


@lru_cache(maxsize=1)
def windows() -> frozenset[tuple[str, ...]]:
    """Every run of four words of a handwritten sentence that holds one of its answers."""
    found = set()
    for line in HANDWRITTEN.read_text(encoding="utf-8").splitlines():
        case = json.loads(line)
        before, after = case["text"].split(MASK)
        for answer in case["answers"]:
            head, middle, tail = words_of(before), words_of(answer), words_of(after)
            words = head + middle + tail
            for i in range(len(words) - WINDOW + 1):
                if i < len(head) + len(middle) and i + WINDOW > len(head):
                    found.add(tuple(words[i: i + WINDOW]))
    return frozenset(found)


def tells(text: str) -> bool:
    """Whether a text gives away a handwritten sentence with its answer."""
    for sentence in re.split(r"[.?!\n]", text):
        words = words_of(sentence)
        if any(tuple(words[i: i + WINDOW]) in windows() for i in range(len(words) - WINDOW + 1)):
            return True
    return False
