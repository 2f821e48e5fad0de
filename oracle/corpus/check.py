"""Tests of the corpus: determinism, French surface errors, disjoint splits.

Run: python -m corpus.check (from the oracle folder). Exits with 1 on a failure.
"""

import itertools
import re
import sys

from .frames import SPLIT_GROUPS, frames_of, load_frames
from .generate import DEMO, Generator, held_out_names
from .held_back import tells
from .grammar import Phrase, feminine, finish, inflect, plural
from .lexicon import load

DOCUMENTS = 20_000

# Each pattern is a mistake in French. Pronoun objects ("de le traiter") do not occur in the frames.
ERRORS = {
    "contraction": re.compile(r"(?<!\w)(?:de le|de les|à le|à les|de du|de des|à des du) (?!onze)"),
    "elision of le, la, de, que": re.compile(r"(?<![\w'’-])(?:[Ll]e|[Ll]a|[Dd]e|[Qq]ue|[Jj]e|[Nn]e|[Ss]e) (?=[aeiouàâéèêîôœ])(?!onz|oui)"),
    "ce before a vowel": re.compile(r"(?<!\w)[Cc]e (?=[aeiouàâéèêîôœ])"),
    "sa before a vowel": re.compile(r"(?<!\w)[Ss]a (?=[aeiouàâéèêîôœ])"),
    "si il": re.compile(r"(?<!\w)[Ss]i ils?\b"),
    "doubled word": re.compile(r"(?<!\w)(de|la|le|les|des|une?|du) \1(?!\w)"),
    "marker left": re.compile(r"[⟨⟩{}\[\]|~^]"),
    "space before punctuation": re.compile(r" [,.]"),
    "lower case start": re.compile(r"^[a-zàâéèêîôœ]"),
    "un before a feminine participle": re.compile(r"\bpatient (?:hospitalisée|suivie|traitée|adressée|admise)\b"),
    "une before a masculine participle": re.compile(r"\bpatiente est (?:hospitalisé|suivi|traité|adressé|admis|opéré)\b"),
}


def check_grammar() -> list[str]:
    """Fixed points of the grammar."""
    cases = {
        finish(Phrase("infarctus").form("de")): "De l'infarctus",
        finish("il parle " + Phrase("hernie", "f").form("de")): "Il parle de la hernie",
        finish("il parle " + Phrase("foie").form("de")): "Il parle du foie",
        finish("il pense " + Phrase("os", "m", True).form("à")): "Il pense aux os",
        finish("il souffre " + Phrase("douleurs", "f", True).form("dun")): "Il souffre de douleurs",
        finish(Phrase("hématome").form("ce")): "Cet hématome",
        finish(Phrase("asthénie", "f").form("son")): "Son asthénie",
        Phrase("infarctus du myocarde").with_adj("aigu").text: "infarctus aigu du myocarde",
        Phrase("nécrose", "f").with_adj("aigu").text: "nécrose aiguë",
        inflect("cérébral", "m", True): "cérébraux", inflect("gastrique", "f", True): "gastriques",
        inflect("inflammatoire", "m", False): "inflammatoire", feminine("infectieux"): "infectieuse",
        feminine("évolutif"): "évolutive", feminine("bénin"): "bénigne", feminine("ancien"): "ancienne", plural("genou"): "genoux",
    }
    return [f"grammar: {got!r} instead of {want!r}" for got, want in cases.items() if got != want]


def check_determinism() -> list[str]:
    """The same seed gives the same documents; another seed does not."""
    first, again, other = (list(itertools.islice(Generator(seed).stream(), 200)) for seed in (5, 5, 6))
    return (["two runs of one seed differ"] if first != again else []) + (["two seeds agree"] if first == other else [])


def check_text() -> list[str]:
    """No surface error in a large sample."""
    found: list[str] = []
    for text in itertools.islice(Generator(99).stream(), DOCUMENTS):
        for name, pattern in ERRORS.items():
            hit = pattern.search(text)
            if hit:
                found.append(f"{name}: …{text[max(0, hit.start() - 40): hit.end() + 30]}…")
        if DEMO.search(text):
            found.append(f"demonstration sentence: {text}")
        if tells(text):
            found.append(f"a handwritten sentence with its answer: {text}")
    return found


def check_splits() -> list[str]:
    """Held-out frames and entities never meet the training stream."""
    found: list[str] = []
    for group in SPLIT_GROUPS:
        if set(frames_of(group, False)) & set(frames_of(group, True)):
            found.append(f"frames of {group} on both sides")
    frames = load_frames()
    everywhere = [f for g in frames for f in frames_of(g, False)]
    for group in SPLIT_GROUPS:
        found += [f"held-out frame also in training: {f}" for f in frames_of(group, True) if f in everywhere]
    names = held_out_names()
    definitions = [f.split("}")[0] for f in frames["def_d"]]
    lex = load()
    drugs = re.compile(r"(?<!\w)(?:" + "|".join(re.escape(n) for n in names if n in lex.drugs) + r")(?!\w)")
    for text in itertools.islice(Generator(123).stream(), DOCUMENTS // 2):
        hit = drugs.search(text.lower())
        if hit:
            found.append(f"held-out drug {hit.group()} in training: {text[:80]}")
    if not names or not definitions:
        found.append("no held-out entity")
    return found


def check_links() -> list[str]:
    """Every organ of a disease exists, every qualifier agrees."""
    lex = load()
    found = [f"no organ {o}" for d in lex.diseases.values() for o in d.get("organ") if o not in lex.organs]
    found += [f"no specialist for {s}" for d in lex.diseases.values() for s in d.get("spec") if s not in lex.specialist]
    found += [f"no disease {n} ({m.name})" for m in lex.microbes.values() for n in m.get("disease") if n not in lex.diseases]
    found += [f"no disease {n} ({e.name})" for e in lex.labs.values() for n in e.get("up") + e.get("down") if n not in lex.diseases]
    return found


def main() -> int:
    failures = 0
    for check in (check_grammar, check_determinism, check_links, check_splits, check_text):
        found = check()
        failures += len(found)
        print(f"{check.__name__}: {'ok' if not found else f'{len(found)} problems'}")
        for line in found[:25]:
            print("   ", line)
    frames = load_frames()
    print("lexicon:", load().count(), "total", sum(load().count().values()))
    print("frames:", sum(map(len, frames.values())), "of which held out", sum(len(frames_of(g, True)) for g in SPLIT_GROUPS))
    print("held-out entities:", len(held_out_names()))
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
