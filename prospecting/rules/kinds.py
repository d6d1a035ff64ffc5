"""Whom the law sees behind a row of a file: a professional, or somebody who may be a consumer. Pure.

A sole trader is protected as a consumer for what lies outside their trade, and a file seldom tells: such a contact is
unclear, and treated as a consumer until somebody reviews it.
"""

import re
from collections.abc import Iterable
from typing import Final

from prospecting.rules.words import folded

PROFESSIONAL: Final = "professional"
UNCLEAR: Final = "unclear"
# Columns in which files name a company's legal form; SIRENE calls it « catégorie juridique ».
FORM_COLUMNS: Final = frozenset(
    {"forme juridique", "categorie juridique", "categoriejuridiqueunitelegale", "nature juridique", "statut juridique"}
    | {"legal form", "forme", "categorie_juridique", "forme_juridique", "nature_juridique"}
)
SOLE_TRADER: Final = re.compile(
    r"entrepreneur individuel|entreprise individuelle|\beirl\b|\bei\b|(micro|auto)[ -]?entre|personne physique|"
    r"profession liberale|\bartisan\b|\bcommercant\b|\bsole trader\b|^1[0-9]{3}$"
)
# SIRENE says [ND] where a sole trader asked not to be named; a civility stands before a person, not before a company.
PERSON: Final = re.compile(r"^(m|mr|mme|mlle|monsieur|madame|dr|docteur|me|maitre)\b\.? |\[nd\]")


def legal_form_column(headers: Iterable[str]) -> str | None:
    """The column of a file that names the legal form, if it has one."""
    return next((header for header in headers if folded(header) in FORM_COLUMNS), None)


def kind_of(*, company: str, siret: str = "", legal_form: str = "") -> str:
    """ "professional", or "unclear" for a sole trader and for a row that names no company at all."""
    if legal_form and SOLE_TRADER.search(folded(legal_form)):
        return UNCLEAR
    if not company:
        return PROFESSIONAL if siret and legal_form else UNCLEAR
    named = folded(company)
    return UNCLEAR if PERSON.search(named) or SOLE_TRADER.search(named) else PROFESSIONAL
