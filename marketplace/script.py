"""A mission's script: the one proposed at first, and what the law wants to hear in it. Pure.

The shape is that of `Mission.script`. Merge fields stand in braces: {contact}, {agent}, {organisation} (the business
one calls for) and {ville du client} (its city), {entreprise} and {ville} (the contact's), and any column of the file.
"""

import re
import unicodedata
from collections.abc import Iterable
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

Block = dict[str, Any]

# The script is spoken to people in France: it is proposed in French whatever the language of the page.
PROPOSED: Final[tuple[Block, ...]] = (
    {
        "kind": "who",
        "text": "Bonjour {contact}, {agent}, je vous appelle pour {organisation}. C’est un appel commercial ; "
        "dites-le-moi et nous ne vous rappellerons plus.",
    },
    {"kind": "why", "text": "Je vous appelle au sujet de {entreprise}. Avez-vous deux minutes ?"},
    {
        "kind": "questions",
        "text": "Quelques questions, pour ne pas vous déranger pour rien.",
        "questions": [
            {"key": "besoin", "label": "Quel est le besoin ?", "required": True},
            {"key": "decision", "label": "Qui décide avec vous ?", "required": False},
        ],
    },
    {"kind": "offer", "text": "Le plus simple : un rendez-vous de vingt minutes. Plutôt mardi ou jeudi ?"},
    {"kind": "closing", "text": "C’est noté. Vous recevrez une confirmation. Merci et bonne journée, {contact}."},
    {
        "kind": "objections",
        "answers": [
            {"label": "Pas le temps", "text": "Je comprends. Quand puis-je vous rappeler, dix minutes, au calme ?"},
            {"label": "Envoyez un mail", "text": "Volontiers. À quelle adresse, et quel jour vous rappeler ensuite ?"},
        ],
    },
)
KINDS: Final = ("who", "why", "questions", "offer", "closing", "objections")
SPOKEN: Final = ("who", "why", "questions", "offer", "closing")
COMMERCIAL: Final = re.compile(r"commercia|prospection|demarchage|\bvente\b|\bsales\b")
OBJECT: Final = re.compile(
    r"rappel\w+ (plus|pas)|ne plus (etre |vous )?(r?appele|contacte)|oppos|retir\w+ de (la|notre) liste|"
    r"bloctel|(not|never) call"
)


def missing_mentions(script: Iterable[Block], organisation: str) -> list[tuple[str, Any]]:
    """What the law asks of the words spoken and is not in them: (code, sentence) for each, in order."""
    said = plain(" ".join(str(block.get("text", "")) for block in script if block.get("kind") in SPOKEN))
    for_whom = ("{organisation}", "{client}", plain(organisation)) if organisation else ("{organisation}", "{client}")
    checks = (
        ("script_who", "{agent}" in said, _("Le script doit dire qui appelle : ajoutez {agent}.")),
        (
            "script_for_whom",
            any(name in said for name in for_whom),
            _("Le script doit dire pour qui l’on appelle : ajoutez {organisation}."),
        ),
        ("script_commercial", bool(COMMERCIAL.search(said)), _("Le script doit dire que l’appel est commercial.")),
        (
            "script_objection",
            bool(OBJECT.search(said)),
            _("Le script doit dire comment s’opposer : « dites-le-moi et nous ne vous rappellerons plus »."),
        ),
    )
    return [(code, sentence) for code, present, sentence in checks if not present]


def announces_recording(script: Iterable[Block]) -> bool:
    """Whether the words spoken say that the call may be recorded (CNIL: the person is told before it begins)."""
    said = plain(" ".join(str(block.get("text", "")) for block in script if block.get("kind") in SPOKEN))
    return "enregistre" in said or "record" in said


def required_labels(script: Iterable[Block]) -> list[str]:
    """The labels of the questions without whose answer a conversion is not saved."""
    asked = (question for block in script for question in block.get("questions", ()))
    return [question["label"] for question in asked if question.get("required")]


def questions_from_lines(text: str) -> list[Block]:
    """One question per line, a star at the end for a required one → the questions of a block, with stable keys."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    keys: list[str] = []
    for line in lines:
        keys.append(stable_key(line, keys))
    return [
        {"key": key, "label": line.rstrip("* ").strip(), "required": line.endswith("*")}
        for key, line in zip(keys, lines, strict=True)
    ]


def lines_from_questions(questions: Iterable[Block]) -> str:
    return "\n".join(f"{one['label']}{' *' if one.get('required') else ''}" for one in questions)


def answers_from_lines(text: str) -> list[Block]:
    """One objection per line, `Objection → réponse`; a line without an arrow answers nothing and is left out."""
    pairs = (re.split(r"\s*(?:→|=>|->)\s*", line.strip(), maxsplit=1) for line in text.splitlines() if line.strip())
    return [{"label": pair[0], "text": pair[1]} for pair in pairs if len(pair) == 2 and all(pair)]


def lines_from_answers(answers: Iterable[Block]) -> str:
    return "\n".join(f"{one['label']} → {one['text']}" for one in answers)


def block(script: Iterable[Block], kind: str) -> Block:
    return next((one for one in script if one.get("kind") == kind), {})


def stable_key(label: str, taken: list[str], nameless: str = "question") -> str:
    """A key made of the words, the same as long as they are; numbered when another has it already."""
    base = re.sub(r"[^a-z0-9]+", "_", plain(label)).strip("_")[:40] or nameless
    return next(key for number in range(1, 1000) if (key := base if number == 1 else f"{base}_{number}") not in taken)


def plain(text: str) -> str:
    """Lower case, without accents, apostrophes and hyphens made plain: what words are compared in."""
    folded = unicodedata.normalize("NFKD", text.replace("’", "'").replace("\u2011", "-").casefold())
    return " ".join("".join(letter for letter in folded if not unicodedata.combining(letter)).split())
