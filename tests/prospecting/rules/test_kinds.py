"""Whom the law sees behind a row: a sole trader or nobody known is unclear, until reviewed."""

import pytest

from prospecting.rules.kinds import kind_of


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ({"company": "Traiteur Armor"}, "professional"),
        ({"company": "Armor", "legal_form": "SAS"}, "professional"),
        ({"company": "Lycée Jean-Macé", "legal_form": "7331"}, "professional"),
        ({"company": "Dupont", "legal_form": "Entrepreneur individuel"}, "unclear"),
        ({"company": "Dupont", "legal_form": "1000"}, "unclear"),  # SIRENE's entrepreneur individuel
        ({"company": "Dupont", "legal_form": "Micro-entreprise"}, "unclear"),
        ({"company": "Le Goff EI"}, "unclear"),
        ({"company": "Mme Anne Le Goff"}, "unclear"),
        ({"company": "[ND] [ND]"}, "unclear"),
        ({"company": ""}, "unclear"),
        ({"company": "", "siret": "73282932000074"}, "unclear"),
        ({"company": "", "siret": "73282932000074", "legal_form": "SARL"}, "professional"),
        ({"company": "Eiffage"}, "professional"),
        ({"company": "Mairie de Rennes"}, "professional"),
    ],
)
def test_who_is_a_professional(said: dict, kind: str) -> None:
    assert kind_of(**said) == kind
