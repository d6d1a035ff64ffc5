"""Files that hurt, built on the spot: each of a few kilobytes, or written in a moment."""

import zipfile
from collections.abc import Callable
from pathlib import Path

import xlsxwriter

CELL = b'<c r="A2" t="inlineStr"><is><t>%s</t></is></c>'
ODS_ROW = "<table:table-row>{}</table:table-row>"
ODS_CELL = '<table:table-cell office:value-type="string"><text:p>{}</text:p></table:table-cell>'
ODS_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?><office:document-content '
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:spreadsheet>'
)
ODS_TAIL = "</office:spreadsheet></office:body></office:document-content>"


def workbook(path: Path, rows: list[list[object]], sheets: int = 1) -> Path:
    book = xlsxwriter.Workbook(str(path))
    for number in range(sheets):
        sheet = book.add_worksheet(f"Feuille {number + 1}")
        for place, row in enumerate(rows):
            sheet.write_row(place, 0, row)
    book.close()
    return path


def repacked(path: Path, change: Callable[[bytes], bytes], part: str = "xl/worksheets/sheet1.xml") -> Path:
    """The same workbook, one part of it changed."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts[part] = change(parts[part])
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def ods(path: Path, sheets: dict[str, list[list[str]]], inside: str = "") -> Path:
    """A LibreOffice workbook of texts; `inside` goes into its last sheet as it is."""
    body = []
    for name, rows in sheets.items():
        lines = "".join(ODS_ROW.format("".join(ODS_CELL.format(cell) for cell in row)) for row in rows)
        body.append(f'<table:table table:name="{name}">{lines}')
    text = ODS_HEAD + "</table:table>".join(body) + inside + "</table:table>" + ODS_TAIL
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    manifest = (
        '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
        f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{kind}"/></manifest:manifest>'
    )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", kind, zipfile.ZIP_STORED)
        archive.writestr("META-INF/manifest.xml", manifest)
        archive.writestr("content.xml", text)
    return path


def small(folder: Path) -> Path:
    return workbook(folder / "prospects.xlsx", [["Société", "Tél"], ["Armor", "0199001234"]])


def five_kilobytes_claiming_17_billion_cells(folder: Path) -> Path:
    row = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
    return repacked(small(folder), lambda xml: xml.replace(b"</sheetData>", row))


def zip_bomb(folder: Path) -> Path:
    return repacked(small(folder), lambda xml: xml + b" " * 300_000_000)


def claiming_ten_gigabytes(folder: Path) -> Path:
    """The zip's list says 10 GB of the sheet; nothing of it is there."""
    path = small(folder)
    packed = bytearray(path.read_bytes())
    at = packed.rindex(b"xl/worksheets/sheet1.xml") - 46  # its record in the central directory
    packed[at + 24 : at + 28] = (4_294_967_294).to_bytes(4, "little")
    path.write_bytes(packed)
    return path


def one_text_in_a_million_cells(folder: Path) -> Path:
    """A shared text of 32,767 characters, in as many cells as fit into a few megabytes: 30 GB when written out."""
    path = workbook(folder / "prospects.xlsx", [["Société", "Tél"], ["x" * 32_767, "0199001234"]])
    row = b'<row><c t="s"><v>2</v></c><c t="s"><v>3</v></c></row>'
    return repacked(path, lambda xml: xml.replace(b"</sheetData>", row * 100_000 + b"</sheetData>"))


def cut_in_half(folder: Path) -> Path:
    path = small(folder)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    return path


def broken_inside(folder: Path) -> Path:
    return repacked(small(folder), lambda xml: xml[:-60])


def thousands_of_sheets(folder: Path) -> Path:
    sheet = b'<sheet name="S%d" sheetId="%d" r:id="rId1"/>'
    many = b"".join(sheet % (number, number) for number in range(10, 5_010))
    return repacked(small(folder), lambda xml: xml.replace(b"</sheets>", many + b"</sheets>"), "xl/workbook.xml")


def encrypted_zip(folder: Path) -> Path:
    """Every part says that it is encrypted."""
    path = small(folder)
    packed = bytearray(path.read_bytes())
    at = 0
    while (at := packed.find(b"PK\x01\x02", at)) >= 0:
        packed[at + 8] |= 1
        at += 4
    path.write_bytes(packed)
    return path


def written(name: str, content: bytes) -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        (folder / name).write_bytes(content)
        return folder / name

    return write


def wide_ods(folder: Path) -> Path:
    cell = '<table:table-cell table:number-columns-repeated="1000000" office:value-type="string"><text:p>x</text:p>'
    row = f"<table:table-row>{cell}</table:table-cell></table:table-row>"
    return ods(folder / "large.ods", {"Prospects": [["Tél"], ["0199001234"]]}, row)


def tall_ods(folder: Path) -> Path:
    row = f'<table:table-row table:number-rows-repeated="2000000000">{ODS_CELL.format("x" * 200)}</table:table-row>'
    return ods(folder / "haut.ods", {"Prospects": [["Tél"], ["0199001234"]]}, row)


def a_line_without_end(folder: Path) -> Path:
    return written("ligne.csv", "Société;Tél\n".encode() + b"x" * 12_000_000)(folder)


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
PROTECTED = OLE + bytes(1016) + "EncryptedPackage".encode("utf-16-le") + bytes(512)
# what it is: (how it is made, the code of its one error)
BAD = {
    "zip bomb": (zip_bomb, "workbook_too_large"),
    "4.9 kB that claim 17 billion cells": (five_kilobytes_claiming_17_billion_cells, "workbook_unreadable"),
    "claims 10 GB": (claiming_ten_gigabytes, "workbook_too_large"),
    "one text in a million cells": (one_text_in_a_million_cells, "workbook_unreadable"),
    "cut": (cut_in_half, "workbook_unreadable"),
    "broken inside": (broken_inside, "workbook_unreadable"),
    "thousands of sheets": (thousands_of_sheets, "too_many_sheets"),
    "an encrypted zip": (encrypted_zip, "protected"),
    "a workbook with a password": (written("p.xlsx", PROTECTED), "protected"),
    "an old workbook": (written("p.xlsx", OLE + bytes(2048)), "not_a_spreadsheet"),
    "another zip": (written("p.xlsx", b"PK\x05\x06" + bytes(18)), "not_a_spreadsheet"),
    "a page named csv": (written("p.csv", b"<!DOCTYPE html><html><table>"), "not_a_spreadsheet"),
    "a PDF named csv": (written("p.csv", b"%PDF-1.7\n"), "not_a_spreadsheet"),
    "a line of 12 million characters": (a_line_without_end, "line_too_long"),
    "a million columns": (wide_ods, "too_many_columns"),
    "two billion rows": (tall_ods, "workbook_unreadable"),
    "900 columns of text": (
        written("p.csv", ";".join(f"c{n}" for n in range(900)).encode() + b"\n1;2\n"),
        "too_many_columns",
    ),
}
