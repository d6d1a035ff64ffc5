"""No number shows before the dial, wherever the file put it."""

import pytest

from config.typography import masked
from prospecting.calling import dial
from prospecting.cards import card, without_numbers
from prospecting.queue import next_contact
from tests.cast import TUESDAY_10H, World


@pytest.mark.parametrize(
    "text",
    [
        "06 12 34 56 78",
        "Appeler le 02 61 91 08 47 le matin",
        "Standard : 02.61.91.08.47",
        "33261910847",
        "+33 2 61 91 08 47",
    ],
)
def test_a_number_in_a_free_column_is_hidden(text: str) -> None:
    assert without_numbers({"Remarque": text}) != {"Remarque": text}


@pytest.mark.parametrize("text", ["1 240 élèves", "35000", "24/11/2026", "21350016800025", "7 rue des Écoles", ""])
def test_what_cannot_be_dialled_stays(text: str) -> None:
    assert without_numbers({"Remarque": text}) == {"Remarque": text}


@pytest.mark.django_db
def test_the_number_of_another_row_is_masked_until_the_dial(world: World) -> None:
    world.contact(also_at=[{"file": "a.csv", "row": 3, "phone": "+33261910848", "company": "Annexe"}])
    claim = next_contact(engagement=world.bobs, at=TUESDAY_10H)
    assert claim is not None
    assert card(claim, TUESDAY_10H).also_at[0]["phone"] == masked("+33261910848")
    dial(engagement=world.bobs, claim_id=claim.public_id, at=TUESDAY_10H)
    assert card(claim, TUESDAY_10H).also_at[0]["phone"] == "+33261910848"
