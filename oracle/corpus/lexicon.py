"""Load the lexicon: typed entries with gender, number and links."""

import re
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from .grammar import Phrase

DATA = Path(__file__).parent / "data"

FEMININE_END = (
    "ion", "té", "ie", "ose", "ite", "ure", "ence", "ance", "ée", "ette", "eur", "ine", "ade", "esse",
    "tude", "lle", "ase", "che", "one", "èse", "yse", "oïne", "ause",
)
# Heads whose gender the ending rule would get wrong.
MASCULINE = set(
    "malaise souffle tirage hippocratisme ronflement retard érythème saignement ballonnement signe iléus méléna "
    "ictère nodule angiome épaississement phénomène gonflement tassement effacement ptosis nystagmus délire retrait "
    "trouble globe prurit hirsutisme chancre trismus spasme coma comédon éternuement sillon grain scotome éclair corps "
    "suintement larmoiement dépôt pli goitre cordon pouls craquement blocage épanchement raccourcissement dosage "
    "examen test bilan frottis prélèvement gaz scanner angioscanner holter électrocardiogramme audiogramme toucher "
    "fond indice électromyogramme électroencéphalogramme entretien agenda caryotype monitoring myélogramme "
    "immunophénotypage taux groupe champ écho-doppler abdomen transit fibroscan potentiel remplacement régime jeûne "
    "repos lavage drainage arrêt soluté laxatif corset surfactant vaccin pansement émollient peroxyde implant soin "
    "détartrage lavement sevrage sondage traitement stripping changement débridement massage charbon acide "
    "tabagisme diabète alcoolisme âge stress exercice cancer voyage contact corps repas port sexe adénome "
    "manque accident deuil travail stérilet médicament cathéter infarctus acarien pollen papillomavirus traumatisme "
    "écart surdosage entourage chauffage incendie anticorps antispasmodique antalgique complément méchage iode "
    "alginate potassium glucose glucagon interféron lithium valproate sulfate gluconate chlorure facteur choc "
    "saignement amaigrissement vertige acouphène frisson oedème râle thorax vomissement tremblement xanthélasma arc "
    "mal oeil rétrécissement réflexe hématome ulcère cauchemar purpura cholestérol corps minéral symptôme "
    "tacrolimus pleur vérapamil losartan doute antécédent liquide manque anti-inflammatoire geste sport diurétique éblouissement "
    "substitut eczéma abcès zona".split()
)
FEMININE = set(
    "toux fièvre soif faim apnée perte masse matité dyspnée orthopnée syncope angoisse diarrhée fistule anémie "
    "tachycardie bradycardie épistaxis hypotension hypertension défense tuméfaction colique ascite douleur brûlure "
    "prise fonte raideur claudication baisse éruption langue pâleur plaque lésion squame pustule papule croûte fissure "
    "tache vision amputation sécrétion haleine crampe lourdeur hémarthrose ecchymose marbrure absence phlyctène "
    "morsure aura décharge idée attaque restriction fuite urine bouffée contraction jambe rougeur froideur abolition "
    "asymétrie oppression expectoration sueur céphalée nausée palpitation courbature régurgitation vergeture gonalgie "
    "lombalgie dorsalgie scapulalgie paresthésie arthralgie adénopathie leucorrhée ménorragie métrorragie rectorragie "
    "métamorphopsie convulsion hallucination fasciculation contracture faiblesse chute limitation impotence déformation "
    "instabilité rigidité gibbosité photophobie épreuve mesure recherche goutte charge échelle bandelette hémoculture "
    "IRM bili-IRM entéro-IRM pH-métrie écho-endoscopie vitesse protéinurie manoeuvre hyperglycémie saturation radiographie "
    "coproculture sérologie numération prothèse attelle libération glace immunoglobuline larme couveuse caféine césarienne "
    "cure sonde vitamine lunette compresse activité chirurgie greffe photocoagulation plasmaphérèse psychothérapie "
    "radiothérapie héparine warfarine colchicine trinitrine héroïne insuline pénicilline statine pollution plongée "
    "précarité baignade poussée hernie perforation lithiase sténose consommation carence surcharge irradiation "
    "tuberculose adolescence agression grossesse antibiothérapie promenade plaie piqûre viande eau climatisation noyade "
    "inhalation peau lentille fatigue hygiène canicule croissance alimentation vie station fréquentation transpiration "
    "compression perte ventilation oxygénothérapie kinésithérapie sphinctérotomie morphine réhydratation nutrition mesure "
    "digoxine codéine méthadone atropine adrénaline noradrénaline isoprénaline dobutamine éphédrine kétamine lidocaïne "
    "bupivacaïne ropivacaïne naloxone mélatonine zopiclone levure ocytocine érythropoïétine quinine éplérénone dysthyroïdie "
    "neutropénie leucopénie alopécie mucite colite toxicité dépendance réaction photosensibilité candidose neuropathie "
    "selle acné urticaire hématémèse mauvaise ménopause première tendinite lipodystrophie agranulocytose ostéonécrose dyskinésie".split()
)
PLURAL_HEAD_EXCEPTIONS = {"corps", "repos", "sexe", "stress", "frottis", "gaz", "pouls", "iléus", "ptosis", "nystagmus",
                          "trismus", "épistaxis", "infarctus", "thorax", "abcès", "anticorps", "papillomavirus", 
                          "tacrolimus", "os", "surdosage", "taux", 
                          "accès", "refus", "pyrosis", "fondaparinux", "onyxis", "iritis", "héros", "virus", "ictus", "purpura", "pus", "prolapsus", "lupus", "bras", "dos", "tétanos", "os", "pelvis"}


def guess(text: str) -> Phrase:
    """Build a phrase with gender and number guessed from its head noun."""
    head = re.split(r"[ ']", text)[0]
    is_plural = (head.endswith("s") or head.endswith("x")) and head not in PLURAL_HEAD_EXCEPTIONS and head != "toux"
    if head == "gaz":
        return Phrase(text, "m", True)
    if head in ("voix", "larynx"):
        is_plural = False
    single = head[:-1] if is_plural else head
    if single in MASCULINE or head in MASCULINE:
        gender = "m"
    elif single in FEMININE or head in FEMININE:
        gender = "f"
    else:
        gender = "f" if single.endswith(FEMININE_END) else "m"
    return Phrase(text, gender, is_plural)


@dataclass(frozen=True)
class Entry:
    """A lexicon entry: its phrase and the raw links by field name."""

    phrase: Phrase
    links: dict = field(default_factory=dict, hash=False, compare=False)

    @property
    def name(self) -> str:
        return self.phrase.text

    def get(self, key: str) -> list[str]:
        return self.links.get(key, [])


def read_rows(name: str) -> list[list[str]]:
    """Rows of a "|" separated file, comments skipped."""
    lines = (DATA / name).read_text(encoding="utf-8").splitlines()
    return [[c.strip() for c in line.split("|")] for line in lines if line and not line.startswith("#")]


def phrase_of(text: str, code: str) -> Phrase:
    """Phrase from a gender code: m, f, mp or fp."""
    return Phrase(text, code[0], code.endswith("p"))


def links(values: str) -> list[str]:
    return [] if values in ("", "-") else [v.strip() for v in values.split(";")]


class Lexicon:
    """All entries, indexed by kind and name."""

    def __init__(self) -> None:
        self.lists: dict[str, list[str]] = {}
        for line in (DATA / "lists.txt").read_text(encoding="utf-8").splitlines():
            if line and not line.startswith("#"):
                key, items = line.split("=", 1)
                self.lists.setdefault(key, []).extend(items.split("|"))
        self.specialist = dict(s.split(":") for s in self.lists["specialist"])
        self.diseases: dict[str, Entry] = {}
        for r in read_rows("diseases.tsv"):
            self.diseases[r[0]] = Entry(phrase_of(r[0], r[1]), {
                "spec": [r[2]], "type": [r[3]], "organ": [r[4]], "sign": links(r[5]), "exam": links(r[6]),
                "treat": links(r[7]), "risk": links(r[8]), "flags": list(r[9])})
        self.organs: dict[str, Entry] = {}
        for r in read_rows("organs.tsv"):
            self.organs[r[0]] = Entry(phrase_of(r[0], r[1]), {
                "adj": [r[2]], "region": [r[3]], "function": [r[4]], "spec": [r[5]], "ite": links(r[6]),
                "surgery": links(r[7]), "exam": links(r[8]), "sign": links(r[9])})
        self.processes: dict[str, Entry] = {}
        for r in read_rows("processes.tsv"):
            self.processes[r[0]] = Entry(phrase_of(r[0], r[1]), {
                "qual": links(r[2]), "meaning": [r[3]], "systems": list(r[4])})
        self.classes: dict[str, Entry] = {}
        self.drugs: dict[str, Entry] = {}
        for r in read_rows("drugs.tsv"):
            self.classes[r[0]] = Entry(phrase_of(r[0], r[1]), {
                "action": [r[2]], "adverse": links(r[3]), "contra": links(r[4])})
            for item in r[5].split(", "):
                hit = re.match(r"(.+?) (\d[\d,]* \S+)$", item)
                name, dose = hit.groups()
                self.drugs.setdefault(name, Entry(guess(name), {"class": [r[0]], "dose": [dose]}))
                self.classes[r[0]].links.setdefault("drugs", []).append(name)
        self.microbes = {r[0]: Entry(phrase_of(r[0], r[1]), {
            "type": [r[2]], "trans": [r[3]], "disease": links(r[4]), "drug": links(r[5])}) for r in read_rows("microbes.tsv")}
        self.labs = {r[0]: Entry(phrase_of(r[0], r[1]), {
            "unit": [r[2]], "normal": [r[3], r[4]], "low": [r[5]], "high": [r[6]],
            "up": links(r[7]), "down": links(r[8])}) for r in read_rows("labs.tsv")}
        self.signs = self._collect("sign", self.diseases, self.organs)
        self.exams = self._collect("exam", self.diseases, self.organs)
        self.risks = self._collect("risk", self.diseases)
        treatments = self._collect("treat", self.diseases)
        self.procedures = {n: e for n, e in treatments.items() if n not in self.drugs}
        for organ in self.organs.values():
            for name in organ.get("surgery"):
                self.procedures.setdefault(name, Entry(guess(name), {}))
        self.adverse = self._collect("adverse", self.classes)
        self.contra = self._collect("contra", self.classes)
        self.inflammations = self._collect("ite", self.organs)

    @staticmethod
    def _collect(key: str, *tables: dict[str, Entry]) -> dict[str, Entry]:
        out: dict[str, Entry] = {}
        for table in tables:
            for entry in table.values():
                for name in entry.get(key):
                    out.setdefault(name, Entry(guess(name), {}))
        return out

    def phrase(self, name: str) -> Phrase:
        """The phrase for a name found in any table, else a guess."""
        for table in (self.diseases, self.organs, self.processes, self.classes, self.drugs, self.microbes):
            if name in table:
                return table[name].phrase
        return guess(name)

    def count(self) -> dict[str, int]:
        """Number of entries by kind."""
        kinds = ("diseases", "organs", "processes", "classes", "drugs", "microbes", "labs", "signs", "exams",
                 "risks", "procedures", "adverse", "contra", "inflammations")
        out = {k: len(getattr(self, k)) for k in kinds}
        out["words in lists"] = sum(len(v) for v in self.lists.values())
        return out


@lru_cache(maxsize=1)
def load() -> Lexicon:
    return Lexicon()
