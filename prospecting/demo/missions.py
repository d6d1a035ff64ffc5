"""The missions of the demo world as they were posted, the files they were given, and who calls for them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

from prospecting.demo.files import SCHOOLS, companies
from prospecting.demo.shifts import Habit, Quality

ALL_DAYS = frozenset(range(5))

AGENTS = {  # name: (town, one sentence, how they work)
    "Bob Le Gall": ("Rennes", "Dix ans de rendez-vous, surtout traiteurs et salles.", Habit(0.05, 3.6, ALL_DAYS)),
    "Amina Diallo": ("Rennes", "Formulaires et relances.", Habit(0.1, 4.2, frozenset({0, 1, 3}), afternoons=False)),
    "Bruno Kerbrat": ("Brest", "Annuaires et collectivités.", Habit(-0.25, 4.7, frozenset({0, 2, 4}))),
    "Chloé Martin": ("Nantes", "De l’écoute, et un carnet tenu à jour.", Habit(0.45, 3.6, frozenset({1, 2, 3}))),
    "David Omnes": ("Quimper", "Gros volumes, voix posée.", Habit(-0.05, 5.2, frozenset({0, 1, 2}), mornings=False)),
    "Emma Lucas": ("Vannes", "B2B, informatique et services.", Habit(-0.15, 3.6, frozenset({1, 3, 4}))),
    "Farid Benali": ("Laval", "Vient d’arriver.", Habit(0.0, 3.1, frozenset({4}), mornings=False)),
    "Gaëlle Tanguy": ("Lorient", "Assurances, décideurs.", Habit(0.5, 3.6, frozenset({0, 1, 3}))),
    "Hugo Salaün": ("Saint-Malo", "Assurances et flottes.", Habit(0.0, 4.2, frozenset({1, 2, 4}))),
    "Inès Garcia": ("Nantes", "Anglais et espagnol courants.", Habit(0.2, 3.6, frozenset({0, 2}))),
    "Jules Corre": ("Fougères", "L’après-midi seulement.", Habit(-0.4, 4.2, frozenset({0, 1, 2, 3}), mornings=False)),
    "Kenza Haddad": ("Rennes", "Relance de clients anciens.", Habit(0.3, 3.1, frozenset({2, 3}))),
}


@dataclass(frozen=True)
class Supply:
    """One lead file: its name, what makes its content, its supplier and cost in cents, and what it is worth."""

    name: str
    content: Callable[[Random], bytes]
    supplier: str
    cost_cents: int
    quality: Quality
    legal_basis: str = "legitimate_interest"


@dataclass(frozen=True)
class Plan:
    """One mission: its posting, its files, its agents."""

    title: str
    posting: dict[str, Any]
    supplies: tuple[Supply, ...] = ()
    agents: tuple[str, ...] = ()
    script: list[dict[str, Any]] = field(default_factory=list)
    applications: dict[str, tuple[int, str]] = field(default_factory=dict)  # name: (asked price in cents, message)


def _script(
    why: str, questions: list[tuple[str, str, bool]], offer: str, objections: dict[str, str]
) -> list[dict[str, Any]]:
    who = (
        "Bonjour {contact}, {agent}, je vous appelle pour {organisation}, à {ville du client}. C’est un appel "
        "commercial ; dites-le-moi et nous ne vous rappellerons plus."
    )
    asked = [{"key": key, "label": label, "required": required} for key, label, required in questions]
    return [
        {"kind": "who", "text": who},
        {"kind": "why", "text": why},
        {"kind": "questions", "text": "Quelques questions, pour ne pas vous déranger pour rien.", "questions": asked},
        {"kind": "offer", "text": offer},
        {"kind": "closing", "text": "C’est noté. Vous recevrez une confirmation. Merci et bonne journée."},
        {"kind": "objections", "answers": [{"label": label, "text": text} for label, text in objections.items()]},
    ]


def _companies(block: str, start: int, rows: int, doubles: int) -> Callable[[Random], bytes]:
    return lambda rng: companies(rng, block, start, rows, doubles)


RECEPTIONS = Plan(
    "Réceptions 2027",
    {
        "summary": "Un rendez-vous de vingt minutes, sur place, avec la personne qui choisit le traiteur.",
        "sector": "restauration",
        "target": 300,
        "pay_cents": 3200,
        "seats": 8,
        "criteria": [
            "60 couverts ou plus par réception",
            "décision avant le 31 janvier",
            "à 40 km de Rennes au plus",
            "la personne qui décide, ou son adjoint",
        ],
    },
    (
        Supply(
            "Annuaire 35", lambda _rng: SCHOOLS.read_bytes(), "Annuaire de l’éducation", 33462, Quality(-0.55, -3.05)
        ),
        Supply(
            "Salon CE Rennes", _companies("019900", 0, 380, 18), "Salon CE", 48000, Quality(-0.35, -2.25), "consent"
        ),
        Supply(
            "Formulaires du site",
            _companies("019900", 1000, 260, 6),
            "votre site",
            0,
            Quality(-0.1, -1.55),
            "requested",
        ),
    ),
    ("Bob Le Gall", "Amina Diallo", "Bruno Kerbrat", "Chloé Martin", "David Omnes", "Emma Lucas", "Farid Benali"),
    _script(
        "Vous organisez des réceptions à {entreprise}. Avez-vous deux minutes ?",
        [
            ("couverts", "Couverts par réception", True),
            ("decision", "Décision avant le", True),
            ("avec", "Qui décide avec vous ?", False),
        ],
        "Le plus simple : notre chef passe vingt minutes avec quatre bouchées à goûter. Plutôt mardi ou jeudi ?",
        {
            "Nous avons un traiteur": "Justement : beaucoup nous gardent pour la deuxième date, quand le premier est "
            "pris. Goûter n’engage à rien.",
            "C’est trop cher": "Nos formules commencent à 19 € par couvert, service compris.",
            "Envoyez un mail": "Volontiers. Et je vous rappelle jeudi pour savoir ce que vous en pensez ?",
        },
    ),
    {
        "Gaëlle Tanguy": (3400, "Bonjour, quatre ans d’assurances et deux de traiteurs. Libre le matin."),
        "Kenza Haddad": (3200, "Je relance déjà vos anciens clients : je connais la carte."),
    },
)
OLD_CLIENTS = Plan(
    "Anciens clients",
    {
        "summary": "Reprendre contact avec ceux qui ont commandé entre 2019 et 2024.",
        "sector": "restauration",
        "target": 80,
        "pay_cents": 2400,
        "seats": 3,
    },
    (
        Supply(
            "Clients 2019–2024", _companies("035301", 0, 760, 30), "vos factures", 0, Quality(-0.2, -2.2), "contract"
        ),
    ),
    ("Kenza Haddad", "Inès Garcia"),
    _script(
        "Vous nous aviez confié une réception. Comment cela s’était-il passé ?",
        [("prochaine", "Prochaine réception", True), ("remarque", "Une remarque ?", False)],
        "Nous avons refait la carte : un rendez-vous de dix minutes pour vous la présenter ?",
        {"Pas de projet": "Je comprends. Puis-je vous rappeler au printemps ?"},
    ),
)
FLEETS = Plan(
    "Assurance de flottes",
    {
        "summary": "Un rendez-vous avec le responsable du parc, cinq véhicules au moins.",
        "sector": "assurance",
        "target": 120,
        "pay_cents": 4000,
        "seats": 6,
    },
    (
        Supply("Transporteurs Ouest", _companies("046571", 0, 820, 12), "Data Ouest", 24800, Quality(-0.45, -2.3)),
        Supply("Annonces légales T3", _companies("053649", 0, 700, 40), "Greffes Info", 19000, Quality(-0.7, -2.9)),
    ),
    ("Gaëlle Tanguy", "Hugo Salaün", "Jules Corre", "Emma Lucas"),
    _script(
        "Vous gérez les véhicules de {entreprise}. Avez-vous une minute ?",
        [
            ("vehicules", "Combien de véhicules ?", True),
            ("echeance", "Échéance du contrat", True),
            ("assureur", "Assureur actuel", False),
        ],
        "Un conseiller vous fait une étude gratuite : plutôt cette semaine ou la prochaine ?",
        {"Je suis engagé": "L’étude sert justement à préparer l’échéance, sans rien résilier."},
    ),
)
REAL_CAMPAIGN = Plan(
    "Dépôt à terme (campagne réelle)",
    {
        "summary": "Le journal d’une campagne réelle de 2008 à 2010 : UCI Bank Marketing, CC BY 4.0, un dixième.",
        "sector": "banque",
        "objective": "sale",
        "seats": 1,
    },
)
