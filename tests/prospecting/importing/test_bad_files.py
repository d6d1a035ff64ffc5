"""Files that hurt: one clear error each, nothing half-imported, and who reads them lives."""

import resource
from pathlib import Path

import pytest
from django.core.files import File

from config.errors import Invalid
from prospecting.importing import workbooks
from prospecting.importing.loading import load_lead_file
from prospecting.importing.reading import recognise
from prospecting.importing.receiving import queue_lead_file, receive_lead_file
from prospecting.models import Contact, LeadFile, SetAsideRow
from tests.cast import TUESDAY_10H
from tests.prospecting.importing.bad_files import BAD, ods, small, workbook, written


@pytest.fixture(autouse=True)
def media(settings, tmp_path, monkeypatch):
    settings.MEDIA_ROOT = tmp_path / "media"
    monkeypatch.setattr(workbooks, "SECONDS", 2)


def received(world, path: Path) -> LeadFile:
    with path.open("rb") as stream:
        return receive_lead_file(mission=world.mission, content=File(stream), name=path.name, by=world.alice)


def loaded(world, path: Path) -> LeadFile:
    queued = queue_lead_file(lead_file=received(world, path), at=TUESDAY_10H)
    return load_lead_file(lead_file_id=queued.pk, at=TUESDAY_10H)


def memory() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # kilobytes, the most so far


@pytest.mark.parametrize(("made", "code"), BAD.values(), ids=BAD)
def test_a_file_that_hurts_is_refused_in_one_sentence_and_leaves_nothing(world, tmp_path, made, code):
    path, before = made(tmp_path), memory()
    with pytest.raises(Invalid) as refused:
        loaded_or_refused(world, path)
    assert refused.value.code == code
    assert refused.value.sentence.endswith(".") and "\n" not in refused.value.sentence
    assert not Contact.objects.exists() and not SetAsideRow.objects.exists()
    assert memory() - before < 150_000  # the child takes the blow, not the process that asked


def loaded_or_refused(world, path: Path) -> None:
    """What is not seen at the door is seen while loading: the file is refused, and nothing has come in."""
    lead_file = loaded(world, path)
    if lead_file.state == LeadFile.State.REFUSED:
        with path.open("rb"):
            list(recognise(Path(lead_file.content.path)).rows())


def test_the_worker_lives_and_loads_the_next_file(world, tmp_path):
    for made, _code in list(BAD.values())[:4]:
        with pytest.raises(Invalid):
            loaded_or_refused(world, made(tmp_path))
    assert loaded(world, small(tmp_path)).created == 1


def test_a_libreoffice_workbook_is_read_like_another(world, tmp_path):
    sheets = {"Lisez-moi": [["Un titre"], ["du texte"]], "Prospects": [["Société", "Tél"], ["Armor", "0199001234"]]}
    lead_file = loaded(world, ods(tmp_path / "prospects.ods", sheets))
    assert (lead_file.state, lead_file.sheet, lead_file.created) == ("loaded", "Prospects", 1)


def test_repeated_blank_rows_at_the_end_are_no_rows(world, tmp_path):
    blank = '<table:table-row table:number-rows-repeated="1048570"><table:table-cell/></table:table-row>'
    path = ods(tmp_path / "prospects.ods", {"Prospects": [["Société", "Tél"], ["Armor", "0199001234"]]}, blank)
    assert loaded(world, path).rows == 1


def test_a_formula_gives_its_last_result_and_none_without_one(world, tmp_path):
    import xlsxwriter

    book = xlsxwriter.Workbook(str(tmp_path / "formules.xlsx"))
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, ["Société", "Tél"])
    sheet.write_formula(1, 1, '="01990"&"01234"', None, "0199001234")
    sheet.write_formula(2, 1, '=HYPERLINK("http://exemple.test")', None, "")
    sheet.write_row(1, 0, ["Armor"])
    sheet.write_row(2, 0, ["Breizh"])
    book.close()
    lead_file = loaded(world, tmp_path / "formules.xlsx")
    assert (lead_file.created, lead_file.reasons) == (1, {"phone_missing": 1})


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf16_and_stray_nuls_are_text(world, tmp_path, encoding):
    text = "Société;Tél;Ville\nArmor;01 99\x00 00 12 34;Saint-Étienne\n"
    lead_file = loaded(world, written("prospects.csv", text.encode(encoding))(tmp_path))
    assert Contact.objects.get(lead_file=lead_file).city == "Saint-Étienne"


def test_a_cell_of_a_million_characters_and_300_columns_come_in_whole(world, tmp_path):
    names, cells = (";".join(f"{kind}{n}" for n in range(298)) for kind in ("c", "v"))
    text = f"Tél;{names};Note\n0199001234;{cells};{'x' * 1_000_000}\n"
    contact = loaded(world, written("large.csv", text.encode())(tmp_path)).contacts.get()
    assert (len(contact.columns), len(contact.columns["Note"])) == (299, 1_000_000)


def test_a_workbook_named_csv_and_a_text_named_xlsx_are_what_they_are(world, tmp_path):
    book = workbook(tmp_path / "prospects.xlsx", [["Société", "Tél"], ["Armor", "0199001234"]])
    assert loaded(world, book.rename(tmp_path / "prospects.csv")).sheet == "Feuille 1"
    text = written("texte.xlsx", "Société;Tél\nBreizh;0199001235\n".encode())(tmp_path)
    assert loaded(world, text).created == 1
