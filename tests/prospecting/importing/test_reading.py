"""Files as they come: how they are written is found out, and what cannot be read is refused in one sentence."""

import pytest

from config.errors import Invalid
from prospecting.importing import workbooks
from prospecting.importing.reading import recognise
from tests.prospecting.importing.bad_files import workbook
from tests.prospecting.importing.files import CENTRES, DRESSES, SCHOOLS, real, written

FEW = "Société;Téléphone;Ville\nTraiteur Armor;01 99 00 12 34;Rennes\nCrêperie “Ô Forêt”;01 99 00 12 35;Fougères\n"
FRENCH = "Société;Téléphone;Ville\nGarage Noël;01 99 00 12 34;Besançon\nÉcole d’été;01 99 00 12 35;Saint-Étienne\n"


def layout(path, **given):
    return recognise(path, **given).layout


@pytest.mark.parametrize(
    ("name", "encoding", "delimiter", "header_row", "columns"),
    [
        (SCHOOLS, "utf-8", ";", 1, 69),
        ("dep35_cp1252.csv", "cp1252", ";", 1, 69),
        ("dep35_sep-line.csv", "utf-8", ";", 2, 69),
        ("dep35_slim_excel-mangled.csv", "cp1252", ";", 1, 11),
        ("dep35_slim_truth.csv", "utf-8", ";", 1, 11),
        ("dep35_title-row_numeric-phones.xlsx", "", "", 3, 9),
        (CENTRES, "utf-8", ";", 1, 43),
    ],
)
def test_a_real_file_is_recognised(tmp_path, name, encoding, delimiter, header_row, columns):
    found = layout(real(name, tmp_path))
    assert (found.encoding, found.delimiter, found.header_row, len(found.headers)) == (
        encoding,
        delimiter,
        header_row,
        columns,
    )


@pytest.mark.parametrize("name", DRESSES)
def test_every_dress_of_the_school_file_has_the_same_996_rows(tmp_path, name):
    table = recognise(real(name, tmp_path))
    numbers = [number for number, _cells in table.rows()]
    assert len(numbers) == 996 and numbers[0] == table.layout.header_row + 1


def test_the_second_sheet_is_seen_and_can_be_chosen(tmp_path):
    path = real("dep35_title-row_numeric-phones.xlsx", tmp_path)
    assert layout(path).sheets == ("Prospects", "Lisez-moi") and layout(path).sheet_name == "Prospects"
    assert layout(path, sheet="1") == layout(path, sheet="Prospects") == layout(path)
    for chosen in ("2", "Lisez-moi"):
        with pytest.raises(Invalid) as refused:  # a sheet of prose: a title and no row
            layout(path, sheet=chosen)
        assert refused.value.code == "empty"
    with pytest.raises(Invalid) as refused:
        layout(path, sheet="3")
    assert refused.value.code == "no_such_sheet" and "Prospects" in refused.value.sentence


def test_numbers_and_dates_of_a_workbook_are_read_as_people_read_them(tmp_path):
    first = next(recognise(real("dep35_title-row_numeric-phones.xlsx", tmp_path)).rows())[1]
    assert not any(cell.endswith(".0") for cell in first)
    assert any(len(cell) == 14 and cell.isdigit() for cell in first)  # the SIRET, all fourteen digits
    assert any(cell[4:5] == "-" and len(cell) == 10 for cell in first)  # the date


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "mac_roman", "cp850"]
)
def test_french_letters_come_out_right_in_every_encoding(tmp_path, encoding):
    text = FRENCH.replace("’", "'") if encoding == "cp850" else FRENCH
    table = recognise(written(tmp_path, text, encoding=encoding))
    assert [cells[2] for _number, cells in table.rows()] == ["Besançon", "Saint-Étienne"]


@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
def test_the_delimiter_is_the_one_that_makes_columns(tmp_path, delimiter):
    text = FEW.replace(";", delimiter).replace("Rennes", '"Rennes, ; | centre"')
    assert layout(written(tmp_path, text)).delimiter == delimiter


@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
def test_excel_may_say_the_delimiter_itself(tmp_path, delimiter):
    found = layout(written(tmp_path, f"sep={delimiter}\r\nTéléphone{delimiter}Nom\r\n0199001234{delimiter}A;B,C|D\r\n"))
    assert (found.delimiter, found.header_row) == (delimiter, 2)


def test_titles_and_blank_lines_above_the_header_are_passed(tmp_path):
    table = recognise(written(tmp_path, "Fichier prospects 2026;;\n;;\n\n" + FEW))
    assert table.layout.header_row == 4
    assert [number for number, _cells in table.rows()] == [5, 6]


def test_a_file_without_header_is_read_from_its_first_row(tmp_path):
    table = recognise(written(tmp_path, "Armor;01 99 00 12 34\nBreizh;01 99 00 12 35\n"))
    assert (table.layout.header_row, table.mapping) == (0, {"phone": "Colonne 2"})
    assert len(list(table.rows())) == 2


def test_what_was_recognised_can_be_corrected(tmp_path):
    path = written(tmp_path, FEW)
    assert layout(path, encoding="cp1252").headers[0] == "SociÃ©tÃ©"
    assert layout(path, delimiter=",").headers == ("Société;Téléphone;Ville",)
    assert layout(path, header_row=2).headers[0] == "Traiteur Armor"


def test_a_quoted_cell_may_hold_lines_and_nuls_are_dropped(tmp_path):
    rows = list(
        recognise(written(tmp_path, 'Nom;Tél\n"Armor\nTraiteur";01\x0099001234\n;\nBreizh;0199001235\n')).rows()
    )
    assert rows == [(2, ["Armor\nTraiteur", "0199001234"]), (4, ["Breizh", "0199001235"])]


def test_a_cell_of_a_million_characters_is_read(tmp_path):
    rows = list(recognise(written(tmp_path, f"Nom;Tél\n{'x' * 1_000_000};0199001234\n")).rows())
    assert len(rows[0][1][0]) == 1_000_000


def test_three_hundred_columns_are_read(tmp_path):
    names, cells = (";".join(f"{kind}{n}" for n in range(300)) for kind in ("c", "v"))
    assert len(layout(written(tmp_path, f"Tél;{names}\n0199001234;{cells}\n")).headers) == 301


def test_a_file_cut_in_the_middle_of_a_letter_is_still_utf8(tmp_path):
    assert layout(written(tmp_path, FEW.encode()[:-1] + "é".encode()[:1])).encoding == "utf-8"


REFUSED = {
    "empty": (b"", "empty"),
    "blank": (b"\r\n ;\r\n", "empty"),
    "only a header": ("Nom;Téléphone\n".encode(), "empty"),
    "a PDF": (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3", "not_a_spreadsheet"),
    "a picture": (b"\x89PNG\r\n\x1a\n" + bytes(range(32)) * 20, "not_a_spreadsheet"),
    "an old workbook": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512), "not_a_spreadsheet"),
    "a web page": (b"<html><table><tr><td>0199001234", "not_a_spreadsheet"),
    "a JSON": (b'{"phone": "0199001234"}', "not_a_spreadsheet"),
    "a broken zip": (b"PK\x03\x04" + b"x" * 400, "workbook_unreadable"),
    "Russian": ("Имя;Телефон\nИван;0199001234\nПётр;0199001235\n".encode("koi8-r"), "undecodable"),
    "an open quotation": (b'Nom;Tel\n"Armor;0199001234\n' + b"x;y\n" * 1_500_000, "open_quotation"),
}


@pytest.mark.parametrize(("content", "code"), REFUSED.values(), ids=REFUSED)
def test_what_is_no_table_is_refused_in_one_sentence(tmp_path, content, code):
    with pytest.raises(Invalid) as refused:
        list(recognise(written(tmp_path, content)).rows())
    assert refused.value.code == code
    assert refused.value.sentence.endswith(".") and "\n" not in refused.value.sentence


def test_a_file_in_another_encoding_than_said_is_refused(tmp_path):
    with pytest.raises(Invalid) as refused:
        recognise(written(tmp_path, FRENCH, encoding="cp1252"), encoding="utf-8")
    assert refused.value.code == "undecodable"
    with pytest.raises(Invalid):
        recognise(written(tmp_path, FRENCH), encoding="klingon")


@pytest.mark.parametrize("said", ["windows-1252", "CP1252", "latin-1"])
def test_an_encoding_may_be_called_by_its_other_names(tmp_path, said):
    path = written(tmp_path, FRENCH.replace("’", "'"), encoding="cp1252")
    assert layout(path, encoding=said).encoding == "cp1252"


def test_a_file_over_the_limit_is_refused_before_it_is_read(tmp_path, settings):
    settings.IMPORT_MAX_BYTES = 1024 * 1024
    with pytest.raises(Invalid) as refused:
        recognise(written(tmp_path, b"x" * (1024 * 1024 + 1)))
    assert (refused.value.code, refused.value.data["limit"]) == ("too_large", 1024 * 1024)


def test_a_workbook_is_known_by_its_content_not_its_name(tmp_path):
    path = workbook(tmp_path / "prospects.csv", [["Tél", "Actif"], [199001234, True]])
    assert list(recognise(path).rows()) == [(2, ["199001234", "oui"])]
    text = written(tmp_path, FEW, name="prospects.xlsx")
    assert layout(text).delimiter == ";"


def test_a_cut_workbook_is_refused(tmp_path):
    path = real("dep35_title-row_numeric-phones.xlsx", tmp_path)
    path.write_bytes(path.read_bytes()[:50_000])
    with pytest.raises(Invalid) as refused:
        recognise(path)
    assert refused.value.code == "workbook_unreadable"


DYING = """
import os
print('{"sheets": ["A"]}')
print('["T"]')
print('["0199001234"]', flush=True)
os.abort()
"""


def test_a_reader_that_dies_half_way_makes_the_file_unreadable(tmp_path, monkeypatch):
    monkeypatch.setattr(workbooks, "CHILD", written(tmp_path, DYING, name="dying.py"))
    with pytest.raises(Invalid) as refused:
        recognise(real("dep35_title-row_numeric-phones.xlsx", tmp_path))
    assert refused.value.code == "workbook_unreadable"
