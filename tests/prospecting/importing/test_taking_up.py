"""Rows set aside are taken up again, in the page or by a file brought back: alone, and each says where."""

import csv
from io import StringIO

import pytest

from config.errors import Invalid, Refused
from prospecting.importing.loading import load_lead_file
from prospecting.importing.receiving import Origin
from prospecting.importing.set_aside import set_aside_csv
from prospecting.importing.taking_up import correct_rows, open_rows
from prospecting.models import Contact, LeadFile, SetAsideRow
from tests.cast import TUESDAY_10H, running_mission
from tests.prospecting.importing.test_loading import loaded, received

TEXT = "Société;Tél;Note\nArmor;02 99 1;=1+1\nBreizh;0199001235;\nCrêpes;3975;\nDolmen;;\n"
ORIGIN = Origin(supplier="Data Ouest", cost_cents=1200, source_sentence="L’annuaire.")


@pytest.fixture(autouse=True)
def world_of_files(settings, tmp_path, monkeypatch):
    settings.MEDIA_ROOT = tmp_path / "media"
    monkeypatch.setattr("prospecting.importing.receiving.ring", lambda pk: None)


def corrected(lead_file, world, edits):
    child = correct_rows(lead_file=lead_file, edits=edits, by=world.alice, at=TUESDAY_10H)
    return load_lead_file(lead_file_id=child.pk, at=TUESDAY_10H)


def whereabouts(lead_file):
    rows = SetAsideRow.objects.filter(lead_file=lead_file).order_by("row_number")
    return dict(rows.values_list("row_number", "taken_up_in_id"))


def brought_back(lead_file, change):
    """The file of the rows set aside, as a person hands it back after changing it in a spreadsheet."""
    rows = list(csv.reader(StringIO("".join(set_aside_csv(lead_file)).lstrip("\ufeff")), delimiter=";"))
    text = StringIO()
    csv.writer(text, delimiter=";").writerows([rows[0], *change(rows[1:])])
    return text.getvalue()


def test_a_corrected_cell_brings_its_row_in_alone(world):
    first = loaded(world, TEXT, origin=ORIGIN)
    child = corrected(first, world, {2: {"Tél": "01 99 00 12 34"}, 4: {"Tél": "3975"}})
    assert (child.state, child.rows, child.created, child.corrects) == ("loaded", 1, 1, first)
    assert (child.supplier, child.cost_cents, child.source_sentence) == ("Data Ouest", None, "L’annuaire.")
    contact = Contact.objects.get(phone="+33199001234")
    assert (contact.company, contact.columns, contact.row_number) == ("Armor", {"Note": "=1+1"}, 2)
    assert whereabouts(first) == {2: child.pk, 4: None, 5: None}
    assert [row.row_number for row in open_rows(first)] == [4, 5]
    first.refresh_from_db()
    assert (first.rows, first.created, first.set_aside) == (4, 1, 3)  # what it became stays true


def test_a_row_that_is_still_wrong_stays_aside_in_its_correction(world):
    first = loaded(world, TEXT, origin=ORIGIN)
    child = corrected(first, world, {2: {"Tél": "02 99 2"}})
    assert (child.created, child.set_aside) == (0, 1)
    assert [(row.row_number, row.value) for row in open_rows(child)] == [(2, "02 99 2")]
    again = corrected(child, world, {2: {"Tél": "0199001234"}})
    assert again.created == 1 and not open_rows(child).exists()


def test_a_corrected_file_brought_back_is_recognised_and_only_its_changes_come_in(world):
    first = loaded(world, TEXT, origin=ORIGIN)

    def change(rows):
        assert [row[0] for row in rows] == ["2", "4", "5"] and rows[0][6] == "'=1+1"
        rows[2][5] = "'+33 1 99 00 12 36"
        return rows

    lead_file = received(world, brought_back(first, change), name="corrigé.csv")
    assert (lead_file.corrects, lead_file.supplier, lead_file.mapping) == (first, "Data Ouest", first.mapping)
    LeadFile.objects.filter(pk=lead_file.pk).update(state="queued")
    child = load_lead_file(lead_file_id=lead_file.pk, at=TUESDAY_10H)
    assert (child.rows, child.created, child.set_aside) == (1, 1, 0)
    assert Contact.objects.get(phone="+33199001236").columns == {}
    assert whereabouts(first) == {2: None, 4: None, 5: child.pk}


def test_a_file_that_gives_up_its_rows_leaves_them_open(world):
    first = loaded(world, TEXT, origin=ORIGIN)
    child = correct_rows(lead_file=first, edits={2: {"Tél": "0199001234"}}, by=world.alice, at=TUESDAY_10H)
    assert [row.row_number for row in open_rows(first)] == [4, 5]  # under way: not to be corrected twice
    for state in ("refused", "undone"):
        LeadFile.objects.filter(pk=child.pk).update(state=state)
        assert [row.row_number for row in open_rows(first)] == [2, 4, 5]


REFUSED = {
    "nothing changed": (lambda rows: rows, "nothing_corrected"),
    "a number twice": (lambda rows: [rows[0], rows[0]], "row_number"),
    "no number": (lambda rows: [["", *rows[0][1:]]], "row_number"),
}


@pytest.mark.parametrize(("change", "code"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_taken_up_is_refused_in_one_sentence(world, change, code):
    first = loaded(world, TEXT, origin=ORIGIN)
    with pytest.raises(Invalid) as refused:
        received(world, brought_back(first, change))
    assert refused.value.code == code


def test_rows_come_back_only_where_they_come_from(world):
    first = loaded(world, TEXT, origin=ORIGIN)
    back = brought_back(first, lambda rows: [[*rows[0][:5], "0199001234", ""]])
    other = running_mission(world.organisation, slug="autre")
    with pytest.raises(Invalid) as refused:
        received(world, back, mission=other)
    assert refused.value.code == "corrects_unknown"
    LeadFile.objects.filter(pk=first.pk).update(state="received")
    with pytest.raises(Refused) as waiting:
        received(world, back)
    assert waiting.value.code == "corrects_waiting"


def test_an_unknown_column_or_no_change_takes_nothing_up(world):
    first = loaded(world, TEXT, origin=ORIGIN)
    for edits, code in (
        ({2: {"Fax": "0199001234"}}, "unknown_column"),
        ({2: {"Tél": "02 99 1"}}, "nothing_corrected"),
        ({77: {"Tél": "0199001234"}}, "nothing_corrected"),
    ):
        with pytest.raises(Invalid) as refused:
            correct_rows(lead_file=first, edits=edits, by=world.alice, at=TUESDAY_10H)
        assert refused.value.code == code
    assert LeadFile.objects.filter(corrects=first).count() == 0
