"""Generate documents from frames and lexicon, deterministically from a seed."""

import random
import re
from collections.abc import Iterator
from functools import lru_cache

from .context import CannotBind, Context
from .frames import frames_of, held_out_entity, load_frames
from .held_back import tells
from .lexicon import Entry, Lexicon, load
from .render import render

# The demonstration sentence of the project: never produced by the generator.
DEMO = re.compile(r"présente une \w+ aiguë du myocarde")

# Frame groups of single sentences: weight and root variables that fit.
SINGLE = {
    "single_d": (22, "d"), "def_d": (3, "d"), "neg": (5, "d"), "sign": (12, "d"), "process": (22, "o"), "organ": (6, "o"),
    "drug": (12, "g"), "leaflet": (2, "g"), "family": (4, ""), "social": (6, ""), "everyday": (14, ""), "surgery": (3, "r"),
    "exam": (5, "d"), "lab": (4, "l"), "microbe": (3, "m"), "general": (14, ""), "body": (36, ""), "care": (32, ""), "life": (26, ""),
}
# Groups that mix well in a short document about one root.
COMPANIONS = {
    "d": ["single_d"] * 5 + ["sign"] * 3 + ["neg", "exam", "everyday", "social", "def_d", "family"],
    "o": ["process"] * 4 + ["organ", "exam", "everyday"],
    "g": ["drug"] * 5 + ["leaflet", "everyday"],
    "r": ["surgery", "surgery", "everyday"],
    "l": ["lab"], "m": ["microbe"], "": ["social", "everyday", "everyday", "life", "life", "care", "care", "body", "body"],
}
# Long documents: (group, minimum, maximum) sections in order.
DOCUMENTS = {
    "letter": (5, "d", [("open", 0, 1), ("reason", 1, 1), ("history", 1, 3), ("social", 0, 2), ("family", 0, 1), ("story", 1, 2),
                        ("clinic", 1, 4), ("work", 1, 3), ("concl", 1, 1), ("treat", 1, 2), ("follow", 1, 2), ("close", 0, 1)]),
    "stay": (3, "d", [("reason", 1, 1), ("story", 1, 1), ("clinic", 1, 2), ("work", 1, 2), ("treat", 1, 3), ("everyday", 0, 1),
                      ("follow", 1, 2)]),
    "emergency": (3, "d", [("er", 2, 5), ("clinic", 1, 2), ("concl", 0, 1), ("everyday", 0, 1), ("neg", 0, 1)]),
    "operation": (1, "o", [("op", 4, 8)]),
    "leaflet": (2, "g", [("leaflet", 2, 5), ("drug", 1, 3), ("leaflet", 1, 3)]),
    "course": (3, "d", [("def_d", 1, 1), ("single_d", 3, 6), ("microbe", 0, 1), ("exam", 0, 1)]),
}


@lru_cache(maxsize=1)
def held_out_names() -> frozenset[str]:
    """Diseases and drugs kept for the entity split."""
    lex = load()
    return frozenset(n for n in [*lex.diseases, *lex.drugs] if held_out_entity(n))


def table_of(lex: Lexicon, root: str) -> dict[str, Entry]:
    return {"d": lex.diseases, "o": lex.organs, "g": lex.drugs, "m": lex.microbes, "l": lex.labs}[root]


class Generator:
    """A stream of documents.

    frames: "train" or "test" (held-out frames). entities: "train" or "test"
    (held-out diseases and drugs as roots).
    """

    def __init__(self, seed: int, frames: str = "train", entities: str = "train") -> None:
        self.rng = random.Random(seed)
        self.lex = load()
        self.test_frames = frames == "test"
        self.test_entities = entities == "test"
        self.banned = frozenset() if self.test_entities else held_out_names()

    def context(self, root: str, group: str = "") -> Context:
        """A fresh context with a random root entry."""
        rng = self.rng
        if root in ("", "r"):
            return Context(rng, self.lex, banned=self.banned)
        names = list(table_of(self.lex, root))
        held = held_out_names()
        if group == "def_d" and not self.test_entities:
            pass  # held-out diseases are defined in training, and only there
        elif root in ("d", "g"):
            names = [n for n in names if (n in held) == self.test_entities]
        entry = table_of(self.lex, root)[rng.choice(names)]
        return Context(rng, self.lex, "lab" if root == "l" else root, entry, self.banned)

    def sentence(self, group: str, ctx: Context, used: set[str] | None = None) -> str | None:
        """One sentence of a group, or None when no frame fits; `used` frames are skipped."""
        pool = frames_of(group, self.test_frames)
        if not pool:
            return None
        for _ in range(6):
            bound = dict(ctx.bound)
            frame = self.rng.choice(pool)
            if used is not None and frame in used:
                continue
            try:
                text = render(frame, ctx)
            except CannotBind:
                ctx.bound = bound
                continue
            if not DEMO.search(text) and not tells(text):
                if used is not None:
                    used.add(frame)
                return text
        return None

    def single(self) -> str | None:
        """A document of one sentence."""
        groups = [g for g in SINGLE if g in load_frames()]
        group = self.rng.choices(groups, [SINGLE[g][0] for g in groups])[0]
        root = SINGLE[group][1]
        if self.test_entities and (root not in ("d", "g") or group == "def_d"):
            return None
        ctx = self.context(root, group)
        text = self.sentence(group, ctx)
        if self.test_entities and text and ctx.bound[root].name.lower() not in text.lower():
            return None  # the sentence must name the held-out entity
        return text

    def short(self) -> str | None:
        """Two to five sentences about the same root."""
        root = self.rng.choices("dogrlm", [10, 4, 4, 1, 1, 1])[0]
        ctx = self.context(root)
        parts: list[str] = []
        used: set[str] = set()
        for _ in range(self.rng.randint(2, 5)):
            ctx.bound = {k: v for k, v in ctx.bound.items() if k in ("d", "o", "g", "m", "lab", "r") or self.rng.random() < 0.5}
            text = self.sentence(self.rng.choice(COMPANIONS[root]), ctx, used)
            if text and text not in parts:
                parts.append(text)
        return " ".join(parts) or None

    def long(self) -> str | None:
        """A structured document: letter, stay, emergency note, leaflet, course."""
        kind = self.rng.choices(list(DOCUMENTS), [w for w, _, _ in DOCUMENTS.values()])[0]
        _, root, sections = DOCUMENTS[kind]
        ctx = self.context(root)
        parts: list[str] = []
        used: set[str] = set()
        for group, low, high in sections:
            for _ in range(self.rng.randint(low, high)):
                text = self.sentence(group, ctx, used)
                if text and text not in parts:
                    parts.append(text)
        sep = "\n" if self.rng.random() < 0.15 else " "
        return sep.join(parts) or None

    def document(self) -> str:
        """One document of any length."""
        while True:
            if self.test_frames or self.test_entities:
                text = self.single()
            else:
                draw = self.rng.random()
                text = self.single() if draw < 0.76 else self.short() if draw < 0.95 else self.long()
            if text:
                return self.variant(text)

    def variant(self, text: str) -> str:
        """Typographic variants: the oe ligature and the curly apostrophe."""
        if self.rng.random() < 0.25:
            text = re.sub(r"oe(?!ff)", "œ", text)
            text = re.sub(r"Oe", "Œ", text)
        if self.rng.random() < 0.15:
            text = text.replace("'", "’")
        if self.rng.random() < 0.06 and text.endswith("."):
            text = text[:-1]
        return text

    def stream(self) -> Iterator[str]:
        """Documents without end."""
        while True:
            yield self.document()
