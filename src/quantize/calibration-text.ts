/**
 * French medical texts, one a line, on which calibration looks at a model's activations. Made by oracle/corpus from its own frames and
 * lexicon (seed 20261122, documents cut at 500 characters): no person's record, nobody else's text.
 */
export const calibrationTexts: readonly string[] = `
Avis gynécologie demandé. Score de Glasgow à 8. L'abdomen est sensible à la palpation. Au total, une femme de 42 ans présentant un kyste de l'ovaire. La douleur cède au repos. Mme Fabre n'a pas d'antécédent de kyste de l'ovaire.
L'hypoxie est un manque d'oxygène dans les tissus.
Ce patient souffre d'une leucémie lymphoïde chronique mal équilibrée.
Allergie à la cisplatine : alopécie.
Si vous avez pris plus de dapagliflozine que vous n'auriez dû, consultez immédiatement votre médecin. L'association de dapagliflozine et de vildagliptine est déconseillée. En cas d'oubli, ne doublez pas la dose de dapagliflozine. Un traitement par antidiabétique oral est débuté. La patiente reçoit un antidiabétique oral par voie intraveineuse.
Madame David revient 10 jours après sa duodénopancréatectomie céphalique.
L'association de pristinamycine et de clarithromycine est déconseillée.
Mme Bernard a présenté une hypotension sous sévoflurane.
Le petit garçon refuse de manger.
L'angoisse s'aggrave depuis deux jours.
L'évolution est favorable.
Ordonnance : terbinafine 250 mg, 3 fois par jour. Le médecin prescrit un arrêt de travail. La terbinafine est un antifongique.
Elle n'a jamais été opérée.
La fonction hépatique est perturbée.
Ce patient est fatigué par le voyage.
L'hôpital manque de lits
Le patient s’inquiète de son asymétrie tensionnelle.
Cette patiente ne présente pas d'ecchymoses.
Elle a un père atteint d'une hypokaliémie.
Il signale une hématurie nocturne. Le patient a une hématurie depuis trois mois. Le patient est suivi en urologie pour un cancer de la vessie depuis une semaine.
La patiente ne présente pas d'oedème de la jambe. Elle vient pour des jambes lourdes. La patiente consulte aux urgences pour un oedème de la jambe d'apparition récente. Ces varices a nécessité un stripping. On retrouve des varices chez sa tante.
La dysphagie s'aggrave depuis trois mois. On retrouve une hernie hiatale chez son conjoint. Les régurgitations sont majorées par la toux.
Les D-dimères est à 1622 µg/l.
La prise de sang montre une protéinurie élevée.
La fluvastatine doit être prise le matin.
Biologie : ferritine 15 µg/l, taux de plaquettes 30 G/l.
La gastrite est une inflammation de la muqueuse de l'estomac.
Motif de consultation : ptosis.
Cette patiente a une calcémie diminuée.
L'inflammation optique est fréquente chez les adultes jeunes.
Motif de consultation : purpura.
La caféine s'administre par voie orale.
La transmission de l'Escherichia coli se fait par les mains sales. L'infection à Escherichia coli se traite par ceftriaxone. L'Escherichia coli se transmet par les mains sales.
Effets indésirables fréquents : ostéoporose et hypertension.
Le malade reçoit un antagoniste des récepteurs de l'angiotensine par voie sous-cutanée. Si vous avez une hyperkaliémie, arrêtez le candésartan et consultez un médecin.
Il a peur d’avoir une entorse de la cheville.
Le malade a avalé de travers.
Le diagnostic de la kératite est confirmé par le prélèvement cornéen. Le traitement a permis une régression de la douleur oculaire. Dans la famille, l’oncle souffre d’une kératite.
Parmi ses antécédents, on note un ulcère de jambe et une glomérulonéphrite.
Le père craint un ballonnement abdominal chez l'enfant
L'insuffisance bronchiolaire est une complication redoutée.
Les douleurs ont commencé brutalement il y a quinze jours.
Ce patient n’a pas d’antécédent d’ulcère duodénal.
La résection intestinale est prévue dans 8 semaines. La résection intestinale consiste à traiter l'intestin. Une résection intestinale est proposée à monsieur Vidal. L'origine est génétique.
Une duodénopancréatectomie céphalique est proposée à cette patiente.
Le traitement de la tuberculose pulmonaire repose principalement sur le pyrazinamide
La transmission du candida se fait par le déséquilibre de la flore.
Sa sœur est atteinte d’une brûlure du second degré. Le médecin explique à ce patient que la brûlure du second degré est un problème fréquente. Une complication possible de la brûlure du second degré est le zona. Avez-vous des allergies ?
La patiente présente des signes d'altération du vagin.
Mme Lucas rapporte des troubles de la communication fréquents. Mme Lucas consulte aux urgences pour des troubles du langage d’apparition progressive. Je souhaite que Mme Lucas bénéficie d’un bilan neuropsychologique.
Un bilan urodynamique a été réalisé en urgence
Elle consulte aux urgences pour des troubles du cycle d'apparition progressive.
On parle d'une dysplasie de l'ovaire quand il existe une anomalie du développement. L'échographie pelvienne est l'examen de référence pour le diagnostic du kyste de l'ovaire.
Sa tante est décédée d'une carie dentaire à l'âge de 54 ans.
L’association d’un amaigrissement et d’une anorexie doit faire penser à un cancer de l’estomac.
L’insuffisance osseuse est une complication redoutée.
M. Bonnet a trébuché à son domicile.
L'inflammation du ventricule cérébral est parfois modérée.
Compte rendu de consultation d'hématologie. Je vous adresse la patiente, âgée de 55 ans, pour une asthénie. Dans ses antécédents, on retrouve une appendicite et une glomérulonéphrite. Elle est connue pour une appendicite et une glomérulonéphrite. Antécédents : appendicite, glomérulonéphrite. La malade est un peu inquiète. Cette patiente part en vacances demain. Pas d'antécédent familial de leucémie lymphoïde chronique. L'apparition d'une asthénie a motivé cette consultation.
La crème calme le prurit.
M. Leroy est en arrêt de travail depuis cinq ans.
Cette femme vient pour une anémie. Aucun signe de cancer colorectal n'est visible sur le dosage de l'ACE. La patiente vit à domicile. Elle est gênée par des rectorragies.
En cas d'oubli, ne doublez pas la dose d'insuline glargine. L'insuline glargine est une insuline utilisée pour faire baisser la glycémie
L'arthrose du genou est une maladie du genou. La patiente a consulté son médecin traitant pour des craquements articulaires. Évolution favorable de l'arthrose du genou sous paracétamol. Le diagnostic de l'arthrose du genou repose sur la radiographie du genou. La radiographie du genou est en faveur d'une arthrose du genou. La patiente, connue pour une arthrose du genou, consulte pour des craquements articulaires.
La vaccination est le meilleur moyen de protection
Ce patient a commencé à fumer à 25 ans.
L'échographie abdominale révèle une surinfection splénique bactérienne.
Biologie : hémoglobine glyquée 11 %, ferritine 18 µg/l.
La cystoscopie montre une lésion focale de la vessie.
Depuis l'opération, la patiente marche mieux.
Le patient a été transfusé de deux culots globulaires.
L'altération optique se manifeste par une baisse de l'acuité visuelle.
Le patient est très inquiet.
Le compte rendu conclut à un hématome volumineux de la veine porte.
Il ne signale aucune confusion.
Une alimentation équilibrée comporte des fruits, des légumes et du poisson.
Le cancer du sein est une tumeur du sein. En cas de cancer du sein, il faut réaliser une échographie mammaire. Évolution défavorable du cancer du sein sous docétaxel. Mme Garnier a peur d'avoir un cancer du sein. Ce cancer du sein a nécessité une radiothérapie. Toute rétraction du mamelon doit faire rechercher un cancer du sein. L'oncologue a diagnostiqué un cancer du sein chez cette patiente.
La pathologie pariétale est prise en charge en chirurgie digestive.
Une myalgie est une douleur musculaire.
La prise de poids est liée à l'insuline lispro.
Le malade a pour antécédent une légionellose.
Monsieur David est fatigué par le manque de sommeil.
La metformine peut entraîner des nausées. Depuis l'opération, le patient ne souffre plus.
Pas d'antécédent familial de cancer du sein. L'hypothèse d'un cancer du sein est privilégiée. Il existe une rétraction du mamelon depuis ce matin. L'association d'une rétraction du mamelon et d'un nodule du sein doit faire penser à un cancer du sein.
On note une perte de connaissance à l'examen.
Le ventricule cérébral est examiné par un scanner cérébral.
La dysurie est apparue il y a quelques jours.
Il ne signale aucune hématémèse
Le pronostic de l'accident ischémique transitoire dépend du délai de prise en charge. Le patient est suivi en neurologie pour un accident ischémique transitoire depuis une heure.
L'iris est examiné par un examen à la lampe à fente.
Hypoperfusion transitoire du nerf médian.
Le rein droit est absent.
Son épouse a eu une nécrose du rachis.
Allergie à la pyriméthamine : céphalées.
La main gauche est blessée.
Le patient fume la pipe par jour
Le principal facteur de risque de l'état de stress post-traumatique est l'accident. La psychothérapie est indiquée en cas d'état de stress post-traumatique. Motif de consultation : insomnie. L'entretien psychiatrique recherche un état de stress post-traumatique.
Vous pouvez rentrer chez vous. Le patient reste fatigué. Les rectorragies évoquent une obstruction aiguë du rectum. Une biopsie du rectum confirme l'obstruction.
L'impétigo est une infection de la peau. L'impétigo peut provoquer des croûtes et des lésions suintantes. L'hypothèse d'un impétigo est écartée. Mme Richard a peur d'avoir un impétigo. L'examen dermatologique permet de confirmer le diagnostic de l'impétigo. Il n'y a pas d'argument pour un impétigo. L'examen dermatologique est normal.
Absence d'otorrhée et de fièvre.
L'orthopédiste prend en charge la lésion du ménisque.
Lettre de liaison du service de pédiatrie. J'ai reçu en consultation madame Bonnet, âgée de 56 ans, pour un prurit et une fièvre. Pas d'antécédent notable. Dans ses antécédents, on retrouve un cancer du sein et une hypercholestérolémie. L'histoire de la maladie remonte à quinze jours, avec un prurit et une fièvre. À l'entrée, cette patiente est dyspnéique. L'examen clinique a confirmé le diagnostic de la varicelle. L'examen clinique retrouve une atrophie de la peau.
On suspecte une maladie de Ménière chez ce patient.
Une ischémie est une diminution de l’apport de sang à un tissu.
Les hallucinations ont disparu sous rispéridone.
Pas d'argument en faveur d'une hépatite C.
Les hémocultures sont positives à virus de l’hépatite C.
La douleur pelvienne a disparu sous tamsulosine.
Monsieur Bertrand a arrêté de fumer il y a 15 ans.
L'antibiogramme montre que le virus respiratoire syncytial est sensible au paracétamol. Le virus respiratoire syncytial est un virus responsable de la bronchiolite.
L'ophtalmologue est le médecin spécialiste de l'iris.
La mère allaite.
Le patient habite à Lyon.
Cet homme a eu une arthrodèse il y a 12 ans.
Le patient a subi une angioplastie en 2004.
Absence de dorsalgies et de perte de taille.
L'IRM du genou élimine une altération du genou.
Ordonnance : altéplase 50 mg, 1 fois par jour.
Le patient rapporte une somnolence intermittente.
Madame Vidal est allergique à la gentamicine. Sous aminoside, Mme Vidal se sent mieux. Le médecin a prescrit de la gentamicine.
Les taches blanches font suspecter un vitiligo. Antécédents familiaux : vitiligo chez la tante. Avez-vous des taches blanches ?
On retrouve un saignement de nez et une anémie.
L'antibiogramme montre que le bacille de Koch est sensible à la rifampicine.
Sous chimiothérapie, monsieur Schmitt se sent mieux.
La mère a donné du paracétamol.
Une consultation est prévue lundi.
L'effet indésirable le plus fréquent de la rifamycine est la diarrhée.
Elle a été hospitalisée dans le service de néphrologie du 12 au 29 septembre 2002. Pas d'antécédent notable. On retient comme facteur de risque une insuffisance rénale. Traitement à l'entrée : misoprostol, énoxaparine. La patiente est un peu inquiète. Les symptômes ont débuté il y a cinq jours par des paresthésies, puis est apparue une bradycardie. À l'examen, on retrouve des paresthésies et une bradycardie.
La patiente est tombée de sa hauteur hier.
Les benzodiazépines servent à calmer l'anxiété.
Sa grand-mère est atteinte d'une hydrocéphalie.
Le préservatif protège des infections sexuellement transmissibles.
Il existe une perte de connaissance depuis hier.
Il présente un oedème palmaire aigu.
Pas d’antécédent familial d’artériopathie oblitérante des membres inférieurs.
Aucune douleur oculaire n'a été retrouvée.
L'insomnie est liée à la méthylprednisolone.
Le garçon présente des douleurs osseuses quotidiennes.
L’enfant ne fume pas et ne boit pas d’alcool.
Le décès est survenu malgré la réanimation.
La présence d'un nodule de l'iris aggrave le pronostic.
La patiente a été transfusée de deux culots globulaires.
Il s'agit vraisemblablement d'une douleur oculaire chronique.
Les reins éliminent les toxines dans les urines.
La grippe fait partie des pathologies suivies par l’infectiologue.
Le pharmacien conseille du paracétamol. L'asthénie persiste malgré le traitement. Elle a peur d'avoir un lupus érythémateux disséminé.
La listeria est une bactérie responsable de la méningite. La listeria est résistante à la ceftriaxone. Le malade a été contaminé par la listeria. L'infection à listeria se traite par ceftriaxone. La listeria se transmet par les aliments contaminés.
La patiente a présenté des selles noires sous chlorure de potassium.
L'imagerie est en faveur d'un kyste infecté de la côte.
Cette patiente a travaillé dans le bâtiment pendant 39 ans. Le diagnostic de la leucémie aiguë est confirmé par le myélogramme. La patiente a été exposée à un bruit intense.
Monsieur Nicolas n'a jamais été opéré.
La patiente a consulté son médecin traitant pour une expectoration.
Le traitement de première intention de l'hépatite C est le sofosbuvir.
M. Masson part en voyage dans un mois.
Une surveillance de la lésion de l'articulation est proposée dans 8 mois.
L'entéro-IRM retrouve une hémorragie de l'intestin grêle sans polype volumineux.
L'incidence de la maladie de Lyme augmente avec le vieillissement de la population.
Consultez un médecin si une hématurie apparaît.
Le consentement du patient est indispensable.
L'association d'aténolol et d'esmolol est déconseillée.
Elle a été hospitalisée pour une tumeur ovarienne localisée.
Cette patiente est traitée par solifénacine pour une incontinence urinaire.
Une échographie abdominale à la recherche d'un cancer de la veine porte est demandée. Il s'agit d'une atteinte porte débutante. La fracture est ouverte. Nous avons décidé de modifier le traitement.
Un pontage fémoral est proposé au patient
Il existe des crampes depuis hier. On retrouve des crampes et un oedème de la jambe. Elle a des crampes depuis trois mois. Cette patiente ne présente pas de crampes. La patiente a travaillé à l'hôpital pendant 28 ans.
Le patient n'est pas allergique à la vitamine B12.
Le cisatracurium doit être pris au coucher. La patiente reçoit un curare par voie sous-cutanée. N'utilisez pas ce médicament après la date de péremption. Cette patiente est apyrétique.
Le traitement a permis une régression du pyrosis.
À conserver à une température ne dépassant pas 25 degrés.
Les principaux signes du cancer de l'estomac sont les vomissements, la douleur épigastrique et l'amaigrissement. La gastroscopie permet de confirmer le diagnostic du cancer de l'estomac. Une gastroscopie est nécessaire pour rechercher un cancer de l'estomac.
Après la trachéotomie, la patiente a reçu de l'ésoméprazole.
Sa situation sociale est stable. Le patient a pour antécédent une rétinopathie diabétique. La rétinopathie diabétique peut se compliquer d'un glaucome. Il existe un corps flottants depuis une semaine.
Ses troubles de la marche sont moins intenses qu'hier.
La contracture abdominale évoque une nécrose étendue du péritoine. Un oedème bilatéral du péritoine a été retrouvé.
L'état de stress post-traumatique fait partie des pathologies suivies par le psychiatre.
Ce médicament peut altérer l'aptitude à conduire des véhicules.
La patiente travaille comme danseuse.
La veine fémorale est examinée par un écho-doppler veineux.
Score de Glasgow à 9. Douleur évaluée à 3 sur 10. Hospitalisation en néphrologie. L'examen clinique est sans particularité. Le reste de l'examen est sans particularité. Malgré le traitement, le patient a encore mal. Aucune hématurie n'a été retrouvée.
Une bactérie a été isolée : listeria.
Le patient s'inquiète de ses arthralgies.
Le diagnostic de l’anorexie mentale repose sur l’ionogramme sanguin.
L'hypercholestérolémie favorise l'œdème de la glande salivaire.
L'asthénie s'améliore progressivement.
La douleur est insupportable.
La bronchiole est le siège d'une douleur persistante.
Comme tous les médicaments, le ropinirole peut provoquer des effets indésirables. Tenir ce médicament hors de la vue et de la portée des enfants. Ce médicament est utilisé pour améliorer la motricité. Demandez conseil à votre médecin avant de prendre du ropinirole.
Ce patient, 67 ans, a été admis en dermatologie pour une douleur intercostale et des brûlures. Il n'a pas d'allergie connue. Traitement à l'entrée : énoxaparine, topiramate. Antécédents médicaux : insuffisance rénale. Antécédents chirurgicaux : hystérectomie en 1993. Les symptômes ont débuté il y a plusieurs mois par une douleur intercostale, puis est apparues des brûlures. Les constantes sont : tension 165/63 mmHg, fréquence cardiaque 89/min, saturation 95 % en air ambiant.
On suspecte une luxation de l'épaule chez cette patiente.
Conclusion : hyperplasie pariétale, sans atteinte.
On augmente l'azithromycine à 500 mg
J'ai reçu en consultation monsieur Vincent, âgé de 71 ans, pour des céphalées et une douleur oculaire. Il a d'abord consulté pour des céphalées, puis devant une douleur oculaire, il a été adressé aux urgences. Tension artérielle à 9/10, pouls à 91 par minute, température à 36,2 degrés. Le fond d'oeil a confirmé le diagnostic du glaucome. Nous avons instauré un traitement par latanoprost, avec une bonne évolution. Il doit reconsulter en cas de céphalées.
La legionelle est une bactérie.
L'IRM cérébrale met en évidence une malformation trigéminée.
Prélèvements faits : vitesse de sédimentation. Hospitalisation en rhumatologie. Arrivée aux urgences à 23 h 12 pour raideur matinale. L'auscultation cardiaque est anormale. En conclusion, le tableau est celui d'une pseudopolyarthrite rhizomélique
Son père est en bonne santé.
La patiente prend son petit déjeuner.
La plaie profonde du poumon nécessite une lobectomie.
Une contusion récente de l'endomètre peut entraîner des métrorragies
La sphinctérotomie est prévue dans 6 semaines. Le patient devient irritable. Le pouls est filant. Le radiologue signale un polype du canal anal.
L’ulcère de jambe est une complication qui relève de la dermatologie.
L'hypotension est apparue il y a deux semaines.
Madame Vincent présente une sidération transitoire de l'aorte.
La prévention du choc anaphylactique passe par la lutte contre l'antibiothérapie.
La patiente est gênée par une raideur articulaire.
Le patient garde une irritation locale de la bronche. C'est une irritation locale de la bronche.
La pathologie biliaire est prise en charge en gastro-entérologie.
Sa mère est hypertendue.
Une nasofibroscopie à la recherche d'une perforation du pharynx est demandée.
Le risque de spasme artériel est élevé.
Le patient s'inquiète de ses acouphènes.
La biopsie rénale est normale.
Conclusion : oedème sacro-iliaque, sans infection.
La présence d'une rupture du cartilage aggrave le pronostic.
Le traitement par dobutamine a été bien toléré.
Aucune rhinorrhée n'a été retrouvée. Elle présente une rhinorrhée intense. La rhinopharyngite est une infection qui relève de la médecine générale. L'examen de la gorge n'a pas montré de dysplasie.
Pas de dysfonctionnement de la vulve. L’exploration de la vulve repose sur l’examen gynécologique. Le gynécologue suspecte un dysfonctionnement de la vulve.
La patiente est suivie en neurologie pour un accident ischémique transitoire depuis six mois. La patiente n'a jamais eu d'accident ischémique transitoire. Il existe une aphasie depuis hier. En cas d'accident ischémique transitoire, on prescrit habituellement l'aspirine. Ses parents sont en bonne santé.
Le pansement est souillé.
Les troubles de la conscience sont soulagés par le paracétamol.
On note un ballonnement abdominal à l'examen.
Le clonazépam soulage cet homme.
Il existe des arthralgies depuis ce matin.
La patiente ne tousse pas et ne crache pas.
Je vous remercie de m'avoir adressé cette femme, pour une angiocholite. Elle rapporte des frissons depuis quatre jours, sans dyspnée. L'auscultation cardiaque est anormale. Le reste de l'examen est rassurant. Sur le plan biologique, la bilirubine est à 290 µmol/l, ce qui évoque une angiocholite. Un traitement par ceftriaxone a été débuté. Nous avons instauré un traitement par ceftriaxone, avec une bonne évolution. Elle regagne son domicile la semaine prochaine. Je revois la patiente dans 5 mois.
Après la résection intestinale, cette femme a reçu de la spironolactone.
C'est un oeil rouge qui a conduit M. Gaillard à consulter. Votre glycémie est normale.
Monsieur Muller est marié et a 2 enfants.
Les hémocultures sont positives à streptocoque.
Parmi ses antécédents, on note une gingivite et un asthme. La mauvaise haleine s'améliore progressivement.
Le tissu huméral est altéré.
Cette patiente est tombée de sa hauteur ce matin. La patiente est traitée par ceftriaxone pour une cholécystite. La cholécystite est favorisée par le sexe féminin et l'obésité. Quels sont les signes de la cholécystite ?
Les douleurs ont commencé progressivement il y a deux semaines. Le néphrologue prend en charge l'hyperkaliémie. Une femme âgée de 81 ans consulte pour une bradycardie et des paresthésies. Le traitement de l'hyperkaliémie repose avant tout sur le gluconate de calcium. L'hyperkaliémie touche le sang.
Le bilan sanguin est en cours.
Le poignet est le siège d'un traumatisme ouvert.
Le patient se plaint de rectorragies et de pleurs.
La substance active est le valaciclovir.
Je souhaite que la patiente bénéficie d'un monitoring foetal.
L’hypothèse d’une hernie hiatale est peu probable. Le médecin demande une gastroscopie pour éliminer une hernie hiatale. Une complication possible de la hernie hiatale est la lithiase biliaire. Tabagisme actif estimé à 25 paquets-années. Le malade a ressenti un pyrosis en montant les escaliers.
On retrouve une anémie et une douleur pelvienne.
L'occlusion de la trompe utérine est une urgence.
Il s'agit d'une tuberculose pulmonaire débutante
L'asthénie est soulagée par la chaleur.
Il garde comme séquelle une inflammation du ventricule cérébral. Vous pouvez reprendre le sport. Il va bien. Le patient a pris du poids. Un scanner cérébral a été réalisé en urgence.
La patiente présente une insomnie intense. La patiente ne présente ni insomnie ni palpitations. Une anxiété généralisée invalidante est une indication à la psychothérapie. Le pronostic de l'anxiété généralisée dépend du stade.
Résultat de l'entretien psychiatrique : inflammation du cerveau. Elle décrit des hallucinations survenant la nuit. La schizophrénie touche le cerveau. Il existe des troubles du comportement depuis une semaine. Je souhaite que la patiente bénéficie d'un entretien psychiatrique.
Le diagnostic de la pleurésie repose sur la radiographie thoracique. L’échographie pleurale permet de confirmer le diagnostic de la pleurésie. Le pneumologue prend en charge la pleurésie. Sa matité est moins intense qu’hier.
Respectez toujours la posologie indiquée par votre médecin.
La tachycardie est une accélération du rythme cardiaque.
Le traitement par cyclophosphamide a été instauré.
Un électromyogramme a été réalisé en urgence.
L’ibrutinib est indiqué dans le traitement de la leucémie lymphoïde chronique.
Bonne évolution de la fausse couche sous misoprostol.
Ce patient consulte aux urgences pour une fièvre d'apparition progressive.
Une aide à domicile a été demandée.
Il s’agit d’une atteinte ligamentaire sévère.
La durée du traitement est de 24 jours. À conserver à une température ne dépassant pas 25 degrés. Avalez les comprimés avec un verre d'eau. La substance active est la mébévérine. Sous antispasmodique, le patient se sent mieux. Les antispasmodiques servent à calmer les spasmes. Traitement habituel : mébévérine 200 mg, phloroglucinol. Ce médicament est déconseillé pendant la grossesse.
Motif d'hospitalisation : troubles de la mémoire et troubles du langage. Le bilan neuropsychologique recherche une maladie d'Alzheimer.
La bronchite est une inflammation de la muqueuse bronchique.
La douleur articulaire s'aggrave depuis six mois.
`
  .trim()
  .split('\n');
