"""What an agent sees of a contact before and after the dial."""

from prospecting.calling import dial
from prospecting.cards import card
from prospecting.queue import next_contact
from tests.cast import TUESDAY_10H, World


def test_no_number_shows_before_the_dial_wherever_the_file_put_it(world: World) -> None:
    columns = {"Fax": "199001236", "Standard": "01 99 00 12 37", "Effectif": "12", "SIREN": "732829320", "Note": "NC"}
    beside = {"row": 3, "file": "a.csv", "columns": {"Tél. direct": "+33199001238", "Étage": "2"}}
    world.contact("+33199001234", columns=columns, also_at=[beside, {"row": 4, "file": "a.csv"}])
    claim = next_contact(engagement=world.bobs, at=TUESDAY_10H)
    assert claim is not None
    before = card(claim, TUESDAY_10H)
    assert before.columns == columns | {"Fax": "••••", "Standard": "••••"}
    assert before.also_at == [
        {"row": 3, "file": "a.csv", "columns": {"Tél. direct": "••••", "Étage": "2"}},
        {"row": 4, "file": "a.csv"},
    ]
    dial(engagement=world.bobs, claim_id=claim.public_id, at=TUESDAY_10H)
    after = card(claim, TUESDAY_10H)
    assert (after.columns, after.also_at[0]) == (columns, beside)
