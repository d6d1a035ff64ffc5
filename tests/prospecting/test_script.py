"""A script as it is read aloud."""

from prospecting.script import Piece, pieces


def test_fields_are_filled_and_marked() -> None:
    assert pieces("Bonjour {contact}, ici {agent}.", {"contact": "Mme Le Goff", "agent": "Chloé"}) == [
        Piece("Bonjour "),
        Piece("Mme Le Goff", merged=True),
        Piece(", ici "),
        Piece("Chloé", merged=True),
        Piece("."),
    ]


def test_a_field_that_nothing_fills_is_shown_by_its_name() -> None:
    assert pieces("{Effectif} couverts", {"effectif": " "}) == [Piece("Effectif", missing=True), Piece(" couverts")]


def test_neither_case_nor_spaces_matter() -> None:
    assert pieces("{ Nombre d’élèves }", {"NOMBRE D’ÉLÈVES": "1 240"}) == [Piece("1 240", merged=True)]


def test_what_is_no_field_stays_as_it_was_written() -> None:
    assert pieces("{} et {a{b}", {"b": "c"}) == [Piece("{} et {a"), Piece("c", merged=True)]
