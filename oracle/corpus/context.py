"""Bind the variables of a frame to linked lexicon entries.

A `Context` holds one patient and one root (disease, drug, organ, ...). The
other variables are drawn from the links of what is already bound, so the words
of a document predict each other.
"""

import random
import re

from .grammar import Phrase, inflect
from .lexicon import Entry, Lexicon, guess, phrase_of


class CannotBind(Exception):
    """The frame needs a link that the chosen root does not have."""


SYSTEM_OF_SPECIALTY = {
    "cardiologie": "v", "pneumologie": "p", "ORL": "h", "gastro-entérologie": "h", "proctologie": "h",
    "chirurgie digestive": "h", "hépatologie": "p", "néphrologie": "p", "urologie": "h", "gynécologie": "p",
    "obstétrique": "p", "neurologie": "n", "neurochirurgie": "n", "endocrinologie": "p", "hématologie": "p",
    "dermatologie": "s", "ophtalmologie": "s", "orthopédie": "o", "rhumatologie": "o", "odontologie": "s",
    "médecine interne": "v", "nutrition": "s", "génétique": "p",
}
# Cells and fluids: no frame about a lesion of an organ uses them.
NO_PROCESS = {"chromosome", "lymphocyte", "globule rouge", "plaquette", "motoneurone", "sang", "follicule pileux", "alvéole pulmonaire"}
# An image does not show these.
NOT_VISIBLE = {"douleur", "trouble", "syndrome", "irritation", "insuffisance", "toxicité", "choc"}
HOLLOW = {"bronche", "bronchiole", "trachée", "sinus maxillaire", "utérus", "trompe utérine", "voies biliaires"}
PARENCHYMA = {"myocarde": "vp", "coeur": "vp", "pancréas": "p", "prostate": "p", "testicule": "p", "muscle": "po"}


def systems(organ: Entry) -> str:
    """Which kinds of process fit an organ."""
    if organ.name in HOLLOW:
        return "h"
    if organ.name in PARENCHYMA:
        return PARENCHYMA[organ.name]
    return SYSTEM_OF_SPECIALTY.get(organ.get("spec")[0], "p")


class Patient:
    """A patient: sex, age and the ways to name them."""

    def __init__(self, rng: random.Random, lex: Lexicon, flags: list[str]) -> None:
        sex = "f" if "F" in flags else "m" if "M" in flags else rng.choice("mf")
        if "P" in flags and rng.random() < 0.6:
            self.age = rng.randint(1, 17)
        elif "O" in flags:
            self.age = rng.randint(55, 95)
        elif "F" in flags:
            self.age = rng.randint(18, 60)
        else:
            self.age = rng.randint(18, 90)
        self.sex = sex
        m = sex == "m"
        name = rng.choice(lex.lists["surname"])
        if self.age < 16:
            self.noun = rng.choice(["garçon", "enfant", "jeune patient"] if m else ["fillette", "enfant", "jeune patiente"])
            self.names = (["⟨le⟩ patient", "⟨le⟩ enfant", "⟨le⟩ garçon", "il"] if m else
                          ["⟨la⟩ patiente", "⟨la⟩ enfant", "⟨la⟩ fillette", "elle"])
            if self.age < 3 and m:
                self.names.append("⟨le⟩ nourrisson")
        else:
            self.noun = rng.choice(["homme", "patient", "patient"] if m else ["femme", "patiente", "patiente"])
            self.names = (["⟨le⟩ patient"] * 5 + [f"M. {name}", f"monsieur {name}", "cet homme", "ce patient", "⟨le⟩ malade", "il"]
                          if m else ["⟨la⟩ patiente"] * 5 + [f"Mme {name}", f"madame {name}", "cette femme", "cette patiente",
                                                           "⟨la⟩ malade", "elle"])
        self.family_name = name

    def form(self, rng: random.Random, form: str) -> str:
        m = self.sex == "m"
        if form == "il":
            return "il" if m else "elle"
        if form == "un":
            return f"{'un' if m or self.noun == 'enfant' else 'une'} {self.noun}"
        if form == "nu":
            return self.noun if self.noun in ("patient", "patiente") else ("patient" if m else "patiente")
        if form == "ce":
            return rng.choice(["ce patient", "⟨le⟩ patient", "cet homme" if self.age > 15 else "cet enfant"] if m else
                              ["cette patiente", "⟨la⟩ patiente", "cette femme" if self.age > 15 else "cette enfant"])
        if form == "le":
            return rng.choice(self.names)
        raise CannotBind(form)

    def object_name(self, rng: random.Random) -> str:
        return rng.choice([n for n in self.names if n not in ("il", "elle")])

    def age_text(self) -> str:
        return f"{self.age} an" if self.age == 1 else f"{self.age} ans"


class Context:
    """Lazy binding of frame variables for one document."""

    def __init__(self, rng: random.Random, lex: Lexicon, root: str | None = None, entry: Entry | None = None,
                 banned: frozenset = frozenset()) -> None:
        self.rng, self.lex, self.banned = rng, lex, banned
        self.bound: dict[str, Entry] = {}
        if root and entry:
            self.bound[root] = entry
        flags = entry.get("flags") if root == "d" and entry else []
        if root == "o" and entry:
            if entry.name in ("prostate", "testicule", "épididyme"):
                flags = ["M"]
            elif entry.get("spec")[0] in ("gynécologie", "obstétrique"):
                flags = ["F"]
        self.patient = Patient(rng, lex, flags)

    # Drawing ---------------------------------------------------------------

    def pick(self, table: dict[str, Entry], names: list[str] | None = None, avoid: str = "") -> Entry:
        """A random entry of a table, optionally among linked names."""
        pool = [n for n in (names if names is not None else table) if n in table and n != avoid and n not in self.banned]
        if not pool:
            raise CannotBind(str(names))
        return table[self.rng.choice(pool)]

    def get(self, var: str) -> Entry:
        """The entry bound to a variable, drawn on first use."""
        if var not in self.bound:
            self.bound[var] = self._draw(var)
        return self.bound[var]

    def _draw(self, var: str) -> Entry:
        lex, b = self.lex, self.bound
        kind = re.sub(r"\d", "", var)
        first = b.get(kind).name if kind in b and var != kind else ""
        if kind == "d":
            if var == "d" and "m" in b:
                return self.pick(lex.diseases, b["m"].get("disease"))
            if var == "d" and "o" in b:
                return self.pick({n: e for n, e in lex.diseases.items() if e.get("organ")[0] == b["o"].name})
            same = [n for n, e in lex.diseases.items() if "d" in b and e.get("spec") == b["d"].get("spec")]
            return self._fit(self.pick(lex.diseases, same or None, b["d"].name if "d" in b else ""))
        if kind == "dx":
            common = ["hypertension artérielle", "diabète de type 2", "asthme", "dépression", "obésité", "hypercholestérolémie",
                      "fibrillation atriale", "migraine", "hypothyroïdie", "appendicite", "insuffisance rénale", "tabagisme",
                      "accident vasculaire cérébral", "infarctus du myocarde", "ulcère gastrique", "cancer du sein",
                      "phlébite superficielle", "insuffisance cardiaque", "arthrose du genou", "cholécystite"]
            names = common if self.rng.random() < 0.6 else None
            return self._fit(self.pick(lex.diseases, names, b["d"].name if "d" in b else first))
        if kind == "s":
            for root in ("d", "o"):
                if root in b:
                    links = [n for n in b[root].get("sign") if n not in (b[v].name for v in b if v[0] == "s")]
                    return self.pick(lex.signs, links)
            return self.pick(lex.signs, None, first)
        if kind == "ns":
            own = set(b["d"].get("sign")) if "d" in b else set()
            return self.pick(lex.signs, ["fièvre", "dyspnée", "toux", "douleur thoracique", "vomissements", "ictère", "palpitations",
                                         "perte de connaissance", "oedèmes", "amaigrissement", "diarrhée", "céphalées"]
                             if not own else [n for n in ("fièvre", "dyspnée", "toux", "douleur thoracique", "vomissements", "ictère",
                                              "amaigrissement", "céphalées", "adénopathies", "prurit") if n not in own])
        if kind == "x":
            root = "d" if "d" in b else "o" if "o" in b else None
            return self.pick(lex.exams, b[root].get("exam") if root else None, first)
        if kind in ("g", "ga"):
            if "d" in b:
                pool = dict(lex.drugs)
                if kind == "ga":
                    pool.update(lex.procedures)
                return self.pick(pool, b["d"].get("treat"), first)
            if "m" in b:
                return self.pick(lex.drugs, b["m"].get("drug"), first)
            if var != kind and "g" in b:
                return self.pick(lex.drugs, lex.classes[b["g"].get("class")[0]].get("drugs"), first)
            return self.pick(lex.drugs)
        if kind == "gx":
            return self.pick(lex.drugs, None if self.rng.random() < 0.5 else
                             ["paracétamol", "aspirine", "ramipril", "bisoprolol", "metformine", "oméprazole", "furosémide",
                              "atorvastatine", "amlodipine", "lévothyroxine", "énoxaparine", "morphine"], first)
        if kind == "c":
            return lex.classes[self.get("g").get("class")[0]]
        if kind == "e":
            return self.pick(lex.adverse, self.get("c").get("adverse"), first)
        if kind == "ci":
            return self.pick(lex.contra, self.get("c").get("contra"), first)
        if kind == "o":
            if "d" in b:
                return self.pick(lex.organs, b["d"].get("organ"))
            if "r" in b:
                return self.pick({n: e for n, e in lex.organs.items() if b["r"].name in e.get("surgery")})
            if "x" in b:
                return self.pick({n: e for n, e in lex.organs.items() if b["x"].name in e.get("exam")})
            return self.pick(lex.organs)
        if kind == "t":
            code = systems(self.get("o"))
            if self.get("o").name in NO_PROCESS:
                raise CannotBind("cell")
            names = [n for n, e in lex.processes.items() if set(code + "*") & set(e.get("systems"))
                     and not ("x" in b and n in NOT_VISIBLE)]
            return self.pick(lex.processes, names, first)
        if kind == "r":
            if "d" in b:
                return self.pick(lex.procedures, [n for n in b["d"].get("treat")], first)
            if "o" in b:
                return self.pick(lex.procedures, b["o"].get("surgery"), first)
            surgical = [n for n in lex.procedures if re.search(r"ectomie|plastie|chirurgie|pontage|prothèse|greffe|synthèse|scopie|résection|dèse|tomie", n)]
            return self.pick(lex.procedures, surgical, first)
        if kind == "rx":
            return self.pick(lex.procedures, ["appendicectomie", "cholécystectomie", "césarienne", "hystérectomie", "thyroïdectomie",
                                              "amygdalectomie", "prothèse totale de hanche", "cure de hernie", "méniscectomie"])
        if kind == "k":
            return self.pick(lex.risks, b["d"].get("risk") if "d" in b else None, first)
        if kind == "m":
            if "d" in b:
                return self.pick({n: e for n, e in lex.microbes.items() if b["d"].name in e.get("disease")})
            return self.pick(lex.microbes)
        if kind == "ite":
            return self.pick(lex.inflammations, self.get("o").get("ite"))
        if kind == "lab":
            if "d" in b:
                pool = {n: e for n, e in lex.labs.items() if b["d"].name in e.get("up") + e.get("down")}
                return self.pick(pool, None, first)
            return self.pick(lex.labs, None, first)
        if kind == "n":
            word, gender = self.rng.choice(lex.lists["kin"]).split("/")
            return Entry(Phrase(word, gender))
        raise CannotBind(var)

    def _fit(self, entry: Entry) -> Entry:
        """Refuse a disease that does not fit the patient's sex."""
        flags = entry.get("flags")
        if ("F" in flags and self.patient.sex == "m") or ("M" in flags and self.patient.sex == "f"):
            raise CannotBind(entry.name)
        return entry

    # Special values ----------------------------------------------------------

    def special(self, name: str) -> Phrase | str | None:
        """Values that are not entries: ages, doses, dates, qualifiers."""
        rng, lex = self.rng, self.lex
        if name == "age":
            return self.patient.age_text()
        if name == "dur":
            return rng.choice(lex.lists["duration"])
        if name == "month":
            return rng.choice(lex.lists["month"])
        if name == "year":
            return str(rng.randint(1985, 2025))
        if name == "jourtxt":
            return rng.choice(lex.lists["day"])
        if name == "pop":
            return rng.choice(lex.lists["population"])
        if name == "nomfam":
            return rng.choice(lex.lists["surname"])
        if name == "dose":
            return self.get("g").get("dose")[0]
        if name == "act":
            return self.get("c").get("action")[0]
        if name == "cpl":
            return self.get("c").phrase.to_plural().text
        if name == "spec":
            return self._root().get("spec")[0]
        if name == "doc":
            word = lex.specialist[self._root().get("spec")[0]]
            return Phrase(word, "m")
        if name == "dtype":
            return guess_type(self.get("d").get("type")[0])
        if name == "meca":
            return self.get("t").get("meaning")[0]
        if name == "fonction":
            return self.get("o").get("function")[0]
        if name == "region":
            return self.get("o").get("region")[0]
        if name == "ofem":
            return inflect(self.get("o").get("adj")[0], "f", False)
        if name == "oadj":
            return self.get("o").get("adj")[0]
        if name == "mtype":
            kind = self.get("m").get("type")[0]
            return Phrase(kind, "f" if kind == "bactérie" else "m")
        if name == "trans":
            return self.get("m").get("trans")[0]
        if name == "j":
            m, f = rng.choice(lex.lists["job"]).split("/")
            return Phrase(m if self.patient.sex == "m" else f, self.patient.sex)
        if name == "sf":
            sign = self.get("s").phrase
            if sign.gender != "f" or sign.plural:
                raise CannotBind(name)
            return sign.text
        if name in ("labv", "labv2"):
            return self._lab_value(self.get("lab2" if name[-1] == "2" else "lab"))
        if name == "labn":
            e = self.get("lab")
            return f"{e.get('normal')[0]} à {e.get('normal')[1]} {e.get('unit')[0]}"
        if name == "labqual":
            return inflect(rng.choice(["normal", "élevé", "diminué"]), self.get("lab").phrase.gender, self.get("lab").phrase.plural)
        if name in ("labup", "labdown"):
            return self.pick(lex.diseases, self.get("lab").get(name[3:])).phrase
        return None

    def _root(self) -> Entry:
        for var in ("d", "o"):
            if var in self.bound:
                return self.bound[var]
        return self.get("d")

    def _lab_value(self, entry: Entry) -> str:
        """A value, low or high according to the disease of the document."""
        disease = self.bound["d"].name if "d" in self.bound else None
        side = "low" if disease in entry.get("down") else "high" if disease in entry.get("up") else self.rng.choice(["low", "high"])
        low, high = (v for v in entry.get(side)[0].split("-"))
        digits = len(low.split(",")[1]) if "," in low else (1 if float(high.replace(",", ".")) < 10 else 0)
        value = self.rng.uniform(float(low.replace(",", ".")), float(high.replace(",", ".")))
        return f"{value:.{digits}f}".replace(".", ",") + " " + entry.get("unit")[0]


def guess_type(text: str) -> Phrase:
    """Phrase for a disease type such as "maladie auto-immune" or "trouble psychique"."""
    first = text.split(" ")[0]
    return phrase_of(text, "m" if first in ("trouble", "traumatisme") else "f")
