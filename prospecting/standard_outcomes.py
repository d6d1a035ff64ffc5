"""The standard outcomes (« qualifications ») with their flags, laid down after every migration."""

from typing import Any

from prospecting.models import Outcome

# code, français, English, then, flags: V valid (– unknown), D answered, R reached, A argued, C converted, F final; more
OUTCOMES: list[tuple[str, str, str, str, str, dict[str, bool]]] = [
    ("NRP", "Ne répond pas", "No answer", "retry", "100000", {}),
    ("OCC", "Occupé", "Busy", "retry", "100000", {}),
    ("REP", "Répondeur", "Voicemail", "retry", "100000", {}),
    ("REPM", "Répondeur, message laissé", "Voicemail, message left", "retry", "100000", {}),
    ("FNUM", "Faux numéro", "Wrong number", "next_number", "000001", {}),
    ("ERR", "Échec technique", "Technical failure", "retry", "-00000", {"attempt": False}),
    ("STD", "Barrage du standard", "Blocked by the switchboard", "retry", "110000", {}),
    ("ABS", "Absent", "Absent", "retry", "110000", {}),
    ("ABSL", "Absence longue", "Long absence", "retry", "110000", {"asks_date": True}),
    ("MINT", "Mauvais interlocuteur, autre contact donné", "Wrong person, another name given", "retry", "110000", {}),
    ("RAP", "Rappel demandé", "Callback requested", "callback", "111000", {}),
    ("RAPA", "Rappel après argumentation", "Callback after the pitch", "callback", "111100", {}),
    ("DOC", "Documentation demandée", "Documentation requested", "callback", "111100", {}),
    ("REFI", "Refus immédiat", "Immediate refusal", "close", "111001", {"refusal": True}),
    (
        "REF",
        "Refus argumenté",
        "Refusal after the pitch",
        "close",
        "111101",
        {"refusal": True, "reason_required": True},
    ),
    ("PROJ", "Projet à terme", "Later project", "retry", "111101", {"asks_date": True}),
    ("HC", "Hors cible", "Off target", "close", "110001", {}),
    ("CLI", "Déjà client", "Already a client", "close", "110001", {}),
    ("FERM", "Société fermée", "Company closed", "close", "000001", {}),
    ("DBL", "Doublon", "Duplicate", "close", "100001", {}),
    ("OPP", "Opposition : ne plus appeler", "Opposition: never call again", "oppose", "110001", {}),
    ("RDV", "Rendez-vous sur place", "Appointment on site", "convert", "111111", {"appointment": True}),
    (
        "RDVT",
        "Rendez-vous téléphone ou visio",
        "Appointment by phone or video",
        "convert",
        "111111",
        {"appointment": True},
    ),
    ("LEAD", "Lead qualifié", "Qualified lead", "convert", "111111", {}),
    ("VTE", "Vente", "Sale", "convert", "111111", {}),
]
FLAGS = ("valid", "answered", "reached", "argued", "converted", "final")


def lay_down(**_signal: Any) -> None:
    Outcome.objects.bulk_create(
        [
            Outcome(
                code=code, label_fr=french, label_en=english, then=then, position=10 * place, **_flags(marks), **more
            )
            for place, (code, french, english, then, marks, more) in enumerate(OUTCOMES, 1)
        ],
        update_conflicts=True,
        unique_fields=["mission", "code"],
        update_fields=[
            "label_fr",
            "label_en",
            "then",
            "position",
            *FLAGS,
            "attempt",
            "refusal",
            "appointment",
            "asks_date",
            "reason_required",
        ],
    )


def _flags(marks: str) -> dict[str, bool | None]:
    return {flag: None if mark == "-" else mark == "1" for flag, mark in zip(FLAGS, marks, strict=True)}
