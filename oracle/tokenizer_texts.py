"""Texts of the tokenizer cases: French medical sentences and words to build small vocabularies, and awkward inputs."""

SENTENCES = """Le patient présente une douleur thoracique depuis deux heures.
La patiente est admise pour une décompensation cardiaque aiguë.
L'examen clinique retrouve des crépitants aux deux bases.
L'électrocardiogramme montre un sus-décalage du segment ST.
Il n'y a pas d'antécédent familial de cardiopathie.
Aujourd'hui, la fièvre est à 38,5 °C et la tension à 120/80.
Traitement : metformine 500 mg matin et soir, aspirine 75 mg.
La radiographie du thorax ne retrouve pas de foyer.
Qu'est-ce qui explique l'essoufflement à l'effort ?
L'infarctus du myocarde est traité par angioplastie.
Une insuffisance rénale chronique est connue depuis 2019.
Le bilan biologique montre une hyponatrémie à 128 mmol/L.
La glycémie à jeun est de 1,26 g/L.
On note une anémie microcytaire et une CRP à 45 mg/L.
Le scanner abdominal met en évidence une masse hépatique.
Un drainage pleural a été réalisé sans complication.
Le malade se plaint de céphalées et de vertiges.
L'enfant, âgé de 3 ans, a une otite moyenne aiguë.
La grossesse est suivie, à 32 semaines d'aménorrhée.
Aucune allergie médicamenteuse n'est connue.
Le traitement antibiotique par amoxicilline est poursuivi 7 jours.
Surveillance de la saturation : 94 % en air ambiant.
La patiente sort avec une ordonnance de paracétamol.
Il s'agit d'une pneumopathie du lobe inférieur droit.
L'évolution est favorable, jusqu'à la sortie le 31/01/2024.
Lorsqu'il tousse, la douleur augmente.
Compte rendu d'hospitalisation du service de cardiologie.
Le cancer du sein a été opéré puis traité par chimiothérapie.
Une hypertension artérielle est traitée par ramipril.
L'échographie cardiaque retrouve une fraction d'éjection à 35 %.
Le foie est augmenté de volume, la rate n'est pas palpée.
Les urines sont troubles, la bandelette est positive.
Une dyspnée d'effort, stade II, évolue depuis six mois.
On propose une kinésithérapie respiratoire.
La mère et la sœur du patient ont un diabète de type 2.
Le tabagisme est estimé à 30 paquets-années.
Le patient ne présente ni œdème ni ictère.
La biopsie confirme un adénocarcinome.
Une anticoagulation par héparine est débutée.
Le pronostic dépend de l'étendue des lésions.
Antécédents : appendicectomie, asthme, migraine.
La voie veineuse périphérique est posée au bras gauche.
L'IRM cérébrale est normale.
Un avis neurologique est demandé en urgence.
La douleur irradie vers l'épaule et la mâchoire.
Prise en charge en réanimation pour choc septique.
Le nourrisson s'alimente bien et prend du poids.
La plaie est propre, sans signe d'infection.
On retrouve des adénopathies cervicales bilatérales.
Le rythme cardiaque est irrégulier à 110 battements par minute.
Presqu'aucun effet secondaire n'a été rapporté.
Puisqu'elle est enceinte, le méthotrexate est contre-indiqué.
La posologie est de 1 comprimé 3 fois par jour.
Le potassium est à 5,2 mmol/L, la créatinine à 140 µmol/L.
Les réflexes ostéo-tendineux sont vifs et symétriques.
Une consultation de contrôle est prévue dans un mois.""".split("\n")

WORDS = """abcès abdomen accident acide adénome adrénaline aigu aiguë allergie alvéole amoxicilline amygdale analgésie anatomie anémie
anesthésie anévrisme angine angioplastie antalgique antibiotique anticorps anxiété aorte appendicite arthrose artère arythmie ascite asthme
atrophie autopsie bactérie bilan biopsie bronche bronchite brûlure cancer cardiaque cardiologue carence cartilage cataracte cellule cerveau
chimiothérapie chirurgie choc cholestérol chronique cirrhose clavicule coagulation colon côlon coma congénital cornée coronaire cortisone
crâne créatinine culture cutané cystite débit décès dépression dermatite diabète diagnostic dialyse diarrhée digestif dose douleur dyspnée
échographie eczéma effort électrode embolie embryon emphysème endocrine endoscopie enfant entorse enzyme épilepsie épidémie érythème
estomac examen exérèse fatigue fémur fibrillation fibrose fièvre fistule foie foyer fracture ganglion gangrène gastrite gêne génétique
glande glaucome globule glucose goitre greffe grippe grossesse hanche hématome hémoglobine hémorragie hépatite hernie hormone hôpital
hypertension hypoxie ictère immunité implant infarctus infection inflammation injection insuline intestin intubation ischémie jaunisse
kyste lésion leucémie ligament lobe lombalgie lupus lymphe lymphome mâchoire malade maladie masse médecin méningite ménopause métastase
migraine moelle myocarde myopie nausée nécrose nerf neurone névralgie nodule nourrisson obésité occlusion œdème œil œsophage ongle
opération orbite organe orteil os otite ovaire pancréas paralysie patient patiente peau pénicilline perfusion péritonite peste phlébite
plaie plaquette plasma pleurésie pneumonie poignet polype posologie poumon pression prostate protéine psoriasis pus rachis radiographie
rate récidive rein respiration rétine rhume rotule rougeole salive sang saturation sclérose scanner sein septique sérum sida sinus soin
souffle spasme squelette stade sténose stérile surdité suture symptôme syncope syndrome système tendon tension tétanos thorax thrombose
thyroïde tibia toux toxine trachée transfusion traumatisme tumeur typhoïde ulcère urémie urgence urine utérus vaccin valve varice veine
ventricule vertèbre vertige vésicule virus voie vomissement zona immunohistochimie hypercholestérolémie électroencéphalogramme
anticonstitutionnellement du de la le les un une des et ou à au aux en par pour sans avec sur est sont a ont été ne pas n'est""".split()

_CORE = [
    "", " ", "  ", "    ", "     ", "         ", "\t", "\t\t", "\n", "\r", "\r\n", "a\n b", " a", "a ", " a ", "  a", "   a   ", "a\tb", "a \n b",
    "[MASK]", " [MASK]", "[MASK] ", "  [MASK]  ", "[MASK][MASK]", "[MASK].", "a[MASK]b", "l'[MASK]", "[MASK]'s", "[MASK", "MASK]", "[[MASK]]",
    "[mask]", "<mask>", "[CLS]", "[SEP] x [CLS]", "[PAD][UNK]", "Le [MASK] du [MASK].", "\n[MASK]\n", "[MASK]\u00a0[MASK]", "é[MASK]é",
    "l'infarctus", "L’infarctus", "l´infarctus", "lʼinfarctus", "l`infarctus", "L'INFARCTUS", "qu'il", "QU’IL", "Qu´elle", "jusqu'à", "lorsqu’on",
    "presqu'île", "quelqu'un", "quoiqu'il", "puisqu'elle", "aujourd'hui", "Aujourd’hui", "d'abord, s'il", "c'est-à-dire", "m'a t'a n'a j'ai",
    "l' infarctus", "l ' infarctus", "'l'", "''", "'", "’", "l'", "'s", "it's", "IT'S", "don't", "we'll", "WE'LL", "they've", "you're", "I'm", "he'd",
    "x'sa", "x's1", "x's_", "x'sé", "él'a", "1l'a", "_l'a", "²l'a", "Ⅷl'a", "ⓐl'a", "al'a", "ſ'a", "a'ſ", "aſ'a", "İ'a", "ı'a", "l'̈a", "̈l'a",
    "é", "e\u0301", "e\u0301le\u0300ve", "ё", "a\u0323\u0302", "a\u0302\u0323", "ệ", "\u0301", "\u0301\u0301\u0301", "o\u0308\u0304", "q\u0307\u0323",
    "\u1100\u1161\u11a8", "한국어", "각", "ｶﾞ", "カ\u3099", "が", "\u0344", "\u0958", "\u212b", "\u2126", "ﬁn", "ﬀ", "ß", "ẞ", "ŉ", "ǅ", "Ⅷ", "①", "½", "x²",
    "œdème", "ŒDÈME", "cœur", "sœur", "naïf", "Noël", "ÀÉÎÕÜ", "ÿ", "Ÿ",
    "😀", "😀😀", "a😀b", "👩‍👩‍👧", "❤️", "ℹ️", "‼️", "🇫🇷", "🇫", "1️⃣", "👍🏽", "🏴‍☠️", "🩺🫀", "©®™", "\U0001F9FF", "\U0010FFFF", "\U000E0041",
    "soft\u00adhyphen", "zero\u200bwidth", "\ufeffbom", "joi\u200dnt", "rtl\u200f\u200e", "nb\u00a0sp", "thin\u202fsp", "em\u2003sp", "\u3000", "\u0085",
    "a\u2028b\u2029c", "\x00", "a\x00b", "\x1b[0m", "\x7f", "\x80", "\x9f\x9f", "\x0b\x0c", "\ue000", "\ufffd", "\ufffe", "\uffff", "\ufdd0",
    "0", "12", "123", "1234567890", "12345678901234567", "1,5", "1 000", "1\u202f000,50", "3.14", "-5", "+33 6 12", "10^9/L", "½ 2½", "٣٤٥", "१२३", "𝟘𝟙",
    "120/80", "2024-01-31", "31/01/2024", "12h30", "37,5°C", "pH≥7", "±0,5", "µg µg", "5×10⁹", "50 %", "n°3", "1er", "2ᵉ",
    "...", "....", ".....", "……", "?!", "!?!?!?", "--", "—", "–", "«mot»", "« mot »", "(a)", "((a))", "a/b", "a_b", "__", "a-b", "-a-", "a.b.c", "@#$%^&*",
    "\"'\"", "¿¡", "·", "•", "→", "€5", "£", "~", "|", "\\", "`", "^ $", "[", "]", "<>", "|||ADRESSE|||", "|||", "   |||ADRESSE|||   ", "mg", "1 mg", "mgx", "LE mg",
    "a" * 15, "a" * 16, "a" * 17, "é" * 16, "é" * 17, "😀" * 20, "a" * 100, "a" * 101, " " * 33, "." * 33, "ab" * 40, "\n" * 9, "e\u0301" * 12, "中" * 20, "𝒳" * 16, "𝒳" * 17,
    "anticonstitutionnellement", "électroencéphalogramme", "immunohistochimie,", "中文", "中文 тест عربي 日本", "日本語テスト", "ไทย", "हिन्दी", "עברית", "Ω≈ç√", "ΣΑΣ", "ὈΔΥΣΣΕΎΣ",
    "\u088f", "\U00010940x", "\u0c5c'a", "l\u088f'a", "a\u1acf", "\U0001F6D8", "\u20c1",
    "Antécédents :\n\t- HTA\n\t- diabète de type 2\n\n\nTraitement :    metformine  500 mg",
    "x=3,14±0,5 µg/mL; pH≥7; 37°C; Na+ 140; 10^9/L", "trailing two  ", "do not n't 'm ' s . , ? !", "a . b , c ! d ? e",
]
AWKWARD = list(dict.fromkeys(_CORE))
