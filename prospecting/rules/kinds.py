"""Whom the law sees behind a row of a file: a professional, or somebody who may be a consumer. Pure.

A sole trader is protected as a consumer for what lies outside their trade, and a file seldom tells: such a contact is
unclear, and treated as a consumer until somebody reviews it.
"""

import re
from typing import Final

from prospecting.rules.words import folded

PROFESSIONAL: Final = "professional"
UNCLEAR: Final = "unclear"
# A legal form in words, or by SIRENE's « catégorie juridique », whose sole traders begin with a 1.
SOLE_TRADER: Final = re.compile(
    r"entrepreneur individuel|entreprise individuelle|\beirl\b|\bei\b|(micro|auto)[ -]?entre|personne physique|"
    r"profession liberale|\bartisan\b|\bcommercant\b|\bsole trader\b|^1[0-9]{3}$"
)
# What is worth folding: a million rows name a company, few of them a person.
SUSPECT: Final = re.compile(
    r"\b(?:ei|eirl|entrep|micro|auto|physique|lib[eé]ral|artisan|commer[cç]ant|sole)|\[nd\]"
    r"|^(?:m|mr|mme|mlle|monsieur|madame|dr|docteur|me|ma[iî]tre)\b",
    re.IGNORECASE,
)
# SIRENE says [ND] where a sole trader asked not to be named; a civility stands before a person, not before a company.
PERSON: Final = re.compile(r"^(m|mr|mme|mlle|monsieur|madame|dr|docteur|me|maitre)\b\.? |\[nd\]")


def kind_of(*, company: str, siret: str = "", legal_form: str = "") -> str:
    """ "professional", or "unclear" for a sole trader and for a row that names no company at all."""
    if legal_form and SOLE_TRADER.search(folded(legal_form)):
        return UNCLEAR
    if not company:
        return PROFESSIONAL if siret and legal_form else UNCLEAR
    if not SUSPECT.search(company):
        return PROFESSIONAL
    named = folded(company)
    return UNCLEAR if PERSON.search(named) or SOLE_TRADER.search(named) else PROFESSIONAL
