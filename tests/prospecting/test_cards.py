"""No number shows before the dial, wherever the file put it."""

import pytest

from prospecting.cards import without_numbers


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
