"""The lead files of the demo world: real schools with fictional numbers, and invented companies."""

import csv
import io
from collections.abc import Iterable
from pathlib import Path
from random import Random

DATA = Path(__file__).parent / "data"
SCHOOLS = DATA / "ecoles-35.csv"
BANK = DATA / "bank.csv"

TRADES = (
    "Menuiserie",
    "Transports",
    "Imprimerie",
    "Clinique",
    "Garage",
    "Cabinet",
    "Fonderie",
    "Laiterie",
    "Brasserie",
)
NAMES = ("Calvez", "Guivarch", "Kerdoncuff", "Riou", "Aubry", "Guéno", "Morel", "Lanvec", "Tanguy", "Hamon", "Rozé")
FIRST = (
    "Anne",
    "Yann",
    "Soizic",
    "Erwan",
    "Maëlle",
    "Loïc",
    "Nolwenn",
    "Ronan",
    "Gwenola",
    "Tristan",
    "Katell",
    "Malo",
)
JOBS = ("gérante", "gérant", "directrice", "responsable des achats", "secrétaire générale", "responsable informatique")
TOWNS = (
    ("35000", "Rennes"),
    ("35400", "Saint-Malo"),
    ("35500", "Vitré"),
    ("35300", "Fougères"),
    ("44000", "Nantes"),
    ("44600", "Saint-Nazaire"),
    ("56000", "Vannes"),
    ("56100", "Lorient"),
    ("29000", "Quimper"),
    ("29200", "Brest"),
    ("22000", "Saint-Brieuc"),
    ("53000", "Laval"),
)
HEADER = ("Raison sociale", "Prénom", "Nom", "Fonction", "Téléphone", "Code postal", "Ville", "Effectif", "Secteur")
SECTORS = ("industrie", "bâtiment", "santé", "commerce", "services", "agroalimentaire", "transport")


def companies(rng: Random, block: str, start: int, rows: int, doubles: int = 0) -> bytes:
    """A CSV of invented companies with numbers of one fictional block (`0199 00` …), some of them twice, some wrong."""
    lines = [_company(rng, f"{block}{start + row:04d}") for row in range(rows)]
    lines += [_company(rng, f"{block}{start + rng.randrange(rows):04d}") for _double in range(doubles)]
    lines += [_company(rng, wrong) for wrong in ("", "02 61 91", "liste rouge", "+32 2 555 12 12")]
    rng.shuffle(lines)
    return _csv([HEADER, *lines])


def _company(rng: Random, phone: str) -> tuple[str, ...]:
    code, town = rng.choice(TOWNS)
    spaced = " ".join(phone[at : at + 2] for at in range(0, 10, 2)) if phone.isdigit() and rng.random() < 0.4 else phone
    person = (rng.choice(FIRST), rng.choice(NAMES), rng.choice(JOBS))
    size = str(rng.choice((4, 8, 12, 25, 40, 65, 90, 140, 260)))
    return (f"{rng.choice(TRADES)} {rng.choice(NAMES)}", *person, spaced, code, town, size, rng.choice(SECTORS))


def _csv(rows: Iterable[tuple[str, ...]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, delimiter=";", lineterminator="\r\n").writerows(rows)
    return text.getvalue().encode("utf-8-sig")
