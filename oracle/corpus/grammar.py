"""French surface grammar: agreement, articles, elision and contraction.

Slots emit articles between angle brackets (for example ``⟨le⟩``). Only these
marked articles contract with a preposition, so a literal pronoun ("il a
décidé de le traiter") is left alone. `finish` resolves every marker.
"""

import re
from dataclasses import dataclass

VOWEL = "aeiouyàâäéèêëîïôöùûüœæAEIOUÀÂÄÉÈÊËÎÏÔÖÙÛÜŒÆ"

# Words in h that refuse elision, as prefixes.
H_ASPIRE = (
    "hanche|haut|hoquet|handicap|hernie|herniair|hallux|haricot|hasard|halèt|hach|harc|heurt|hile|"
    "hilaire|honte|hors|huit|hurl|hémi?$|hall|hamac|hausse|houle|hyène|harn|héros|hobby|hockey|"
    "hodgkin|huntington|horton|hashimoto|hirschsprung|hdl|herniorraph|hernié"
).split("|")

# Irregular adjectives: masculine singular -> feminine singular.
IRREGULAR_FEMININE = {
    "aigu": "aiguë", "suraigu": "suraiguë", "subaigu": "subaiguë", "ambigu": "ambiguë",
    "frais": "fraîche", "blanc": "blanche", "franc": "franche", "sec": "sèche", "long": "longue",
    "public": "publique", "bénin": "bénigne", "malin": "maligne", "gros": "grosse", "bas": "basse",
    "épais": "épaisse", "nouveau": "nouvelle", "vieux": "vieille", "doux": "douce", "roux": "rousse",
    "inquiet": "inquiète", "complet": "complète", "incomplet": "incomplète", "discret": "discrète",
    "concret": "concrète", "secret": "secrète", "net": "nette", "muet": "muette", "gentil": "gentille",
    "favori": "favorite", "tiers": "tierce", "grec": "grecque", "mou": "molle", "fou": "folle",
    "douloureux": "douloureuse", "gras": "grasse", "las": "lasse", "exprès": "expresse",
    "fluet": "fluette", "replet": "replète", "obsolète": "obsolète", "antérieur": "antérieure",
    "postérieur": "postérieure", "supérieur": "supérieure", "inférieur": "inférieure",
    "intérieur": "intérieure", "extérieur": "extérieure", "majeur": "majeure", "mineur": "mineure",
    "ultérieur": "ultérieure", "meilleur": "meilleure", "porteur": "porteuse", "fumeur": "fumeuse",
    "travailleur": "travailleuse", "coupeur": "coupeuse", "serveur": "serveuse", "chômeur": "chômeuse",
    "coiffeur": "coiffeuse", "vendeur": "vendeuse", "masseur": "masseuse", "ingénieur": "ingénieure",
    "professeur": "professeure", "docteur": "docteure", "marron": "marron", "châtain": "châtaine",
    "maître": "maîtresse", "veuf": "veuve", "bref": "brève", "relatif": "relative",
}
INVARIABLE = {"marron", "bien", "debout", "standard", "post-partum", "sous-cutané-invariable"}


def feminine(adj: str) -> str:
    """Feminine singular of a masculine singular adjective, participle or agent noun."""
    if " " in adj:
        first, rest = adj.split(" ", 1)
        return f"{feminine(first)} {rest}"
    if adj in IRREGULAR_FEMININE:
        return IRREGULAR_FEMININE[adj]
    if adj in INVARIABLE or adj.endswith("e"):
        return adj
    for end, fem in (
        ("eux", "euse"), ("oux", "ouse"), ("if", "ive"), ("teur", "trice"), ("eur", "euse"),
        ("er", "ère"), ("el", "elle"), ("eil", "eille"), ("ien", "ienne"), ("éen", "éenne"),
        ("on", "onne"), ("et", "ette"), ("ot", "ote"), ("gu", "guë"),
    ):
        if adj.endswith(end):
            return adj[: -len(end)] + fem
    return adj + "e"


def plural(word: str) -> str:
    """Plural of a noun or adjective; only the first word of a phrase and the
    adjectives that directly follow it agree."""
    if " " in word:
        head, rest = split_head(word)
        return " ".join(plural(w) for w in head.split(" ")) + rest
    if word in INVARIABLE or word[-1] in "sxz":
        return word
    if word.endswith("al") and word not in {"final", "fatal", "natal", "banal", "naval", "bal", "carnaval"}:
        return word[:-2] + "aux"
    if word.endswith(("eau", "eu")) and word != "bleu":
        return word + "x"
    if word in {"genou", "caillou"}:
        return word + "x"
    return word + "s"


def inflect(adj: str, gender: str, is_plural: bool) -> str:
    """Agree a masculine singular adjective."""
    form = feminine(adj) if gender == "f" else adj
    if not is_plural:
        return form
    if " " in form:
        first, rest = form.split(" ", 1)
        return f"{plural(first)} {rest}"
    return plural(form)


_TAIL = re.compile(r" (?:de|du|des|d'|à|au|aux|par|en|sur|sans|avec|sous|pour|post|dans|après|chez|entre|et)\b|'| \(")


def split_head(text: str) -> tuple[str, str]:
    """Split a noun phrase before its first complement: ("infarctus", " du myocarde")."""
    hit = _TAIL.search(text)
    if not hit or hit.group() == "'":
        return text, ""
    return text[: hit.start()], text[hit.start():]


def elides(word: str) -> bool:
    """Whether a word takes an elided article or preposition before it."""
    if not word:
        return False
    low = word.lower()
    if low.startswith(("onze", "oui", "yaourt", "y", "uhl", "ouistiti")):
        return low.startswith("yeux")
    if low[0] == "h":
        return not low.startswith(tuple(H_ASPIRE))
    if len(word) > 1 and word.isupper() and word[0] not in "AEIOUÉ":
        return False
    return word[0] in VOWEL


@dataclass(frozen=True)
class Phrase:
    """A noun phrase with its gender and number."""

    text: str
    gender: str = "m"
    plural: bool = False

    def with_adj(self, adj: str) -> "Phrase":
        """Insert an agreed adjective after the head and its own adjectives."""
        head, rest = split_head(self.text)
        return Phrase(f"{head} {inflect(adj, self.gender, self.plural)}{rest}", self.gender, self.plural)

    def to_plural(self) -> "Phrase":
        return self if self.plural else Phrase(plural(self.text), self.gender, True)

    def pick(self, ms: str, fs: str, pl: str, fpl: str | None = None) -> str:
        """Choose a determiner form."""
        if self.plural:
            return (fpl or pl) if self.gender == "f" else pl
        return fs if self.gender == "f" else ms

    def form(self, name: str) -> str:
        """Render with a determiner; an empty name gives the bare phrase."""
        t = self.text
        first = re.split(r"[ '-]", t, maxsplit=1)[0]
        vowel = elides(first)
        if name in ("", "bare"):
            return t
        if name == "le":
            return f"⟨{self.pick('le', 'la', 'les')}⟩ {t}"
        if name == "un":
            return f"{self.pick('un', 'une', '⟨des⟩')} {t}"
        if name == "d":
            return f"de {t}"
        if name == "de":
            return f"de ⟨{self.pick('le', 'la', 'les')}⟩ {t}"
        if name == "du":  # partitive
            return f"de ⟨{self.pick('le', 'la', 'les')}⟩ {t}" if not self.plural else f"⟨des⟩ {t}"
        if name == "dun":
            return f"de {self.pick('un', 'une', '⟨des⟩')} {t}"
        if name == "à":
            return f"à ⟨{self.pick('le', 'la', 'les')}⟩ {t}"
        if name == "ce":
            return f"{self.pick('cet' if vowel else 'ce', 'cette', 'ces')} {t}"
        if name == "son":
            return f"{self.pick('son', 'son' if vowel else 'sa', 'ses')} {t}"
        if name == "aucun":
            return f"{self.pick('aucun', 'aucune', 'aucun', 'aucune')} {t}" if not self.plural else f"⟨des⟩ {t}"
        if name == "quel":
            return f"{self.pick('quel', 'quelle', 'quels', 'quelles')} {t}"
        if name == "tout":
            return f"{self.pick('tout', 'toute', 'toutes', 'toutes')} {t}" if not self.plural else f"tous ⟨les⟩ {t}"
        if name == "il":
            return self.pick("il", "elle", "ils", "elles")
        if name == "celui":
            return self.pick("celui", "celle", "ceux", "celles")
        raise ValueError(f"unknown form {name}")


def join_list(items: list[str], last: str = "et") -> str:
    """Coordinate items: a, b et c."""
    if len(items) == 1:
        return items[0]
    return ", ".join(items[:-1]) + f" {last} " + items[-1]


_WORD = r"([\wÀ-ÿœŒ]+)"
_ARTICLE = re.compile(r"⟨(le|la)⟩ " + _WORD)
_ELISION = re.compile(r"(?<![\w'’-])([Dd]e|[Qq]ue|[Nn]e|[Ss]e|[Jj]e|[Mm]e|[Ll]e|[Ll]a|[Jj]usque|[Ll]orsque|[Pp]uisque) (?=" + _WORD + ")")


def finish(text: str) -> str:
    """Resolve markers, elide, contract, fix spaces and capitals."""
    text = re.sub(r"\s+", " ", text).strip()
    text = _ARTICLE.sub(lambda m: ("⟨l⟩'" if elides(m[2]) else f"⟨{m[1]}⟩ ") + m[2], text)
    for prep, sing, plur in (("de", "du", "des"), ("à", "au", "aux"), ("De", "Du", "Des"), ("À", "Au", "Aux")):
        text = re.sub(rf"(?<![\w'’-]){prep} ⟨le⟩", sing, text)
        text = re.sub(rf"(?<![\w'’-]){prep} ⟨les⟩", plur, text)
    text = re.sub(r"(?<![\w'’-])([Dd])e ⟨des⟩", r"\1e", text)
    text = re.sub(r"⟨(\w+)⟩", r"\1", text)
    text = _ELISION.sub(lambda m: m[1][:-1] + "'" if elides(m[2]) else m[0], text)
    text = re.sub(r"\b([Ss])i (ils?)\b", r"\1'\2", text)
    text = re.sub(r" ([,.)])", r"\1", text)
    text = re.sub(r"\( ", "(", text)
    text = re.sub(r"(^|[.!?] )([a-zàâéèêîôùûœç])", lambda m: m[1] + m[2].upper(), text)
    return text
