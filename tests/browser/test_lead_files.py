"""A lead file in the browser: dropped, corrected column by column, loaded, and what stayed aside brought home."""

import gzip
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_look import come_in, serious

LEADS = Path(__file__).resolve().parents[1] / "data" / "leads"
SCHOOLS = "dep35_slim_excel-mangled.csv"


def drop(page: Page, folder: Path, name: str = SCHOOLS) -> None:
    path = folder / name
    path.write_bytes(gzip.decompress((LEADS / f"{name}.gz").read_bytes()))
    page.goto("/missions/receptions-2027/fichiers/")
    page.locator('input[type="file"]').set_input_files(path)
    page.get_by_role("button", name="Voir ce qu’il contient").click()


def test_columns_are_corrected_where_they_are_seen_and_nothing_typed_is_lost(
    visit: Callable[..., Page], shoot: Callable[[Page, str], None], tmp_path: Path
) -> None:
    page = visit()
    come_in(page, "alice")
    drop(page, tmp_path)
    sentence = page.locator("#work .lead")
    expect(sentence).to_contain_text("919 fiches entreront")
    expect(page.locator(".notices")).to_contain_text("960 SIRET en notation scientifique")
    page.get_by_label("Fournisseur").fill("Ministère")
    page.get_by_label("Telephone devient").select_option("")
    expect(page.locator("#work [role=status]")).to_contain_text("Aucune colonne de téléphone")
    with page.expect_response(re.compile("/corriger/")):
        page.get_by_label("Encodage").select_option("mac_roman")
    expect(page.locator(".det")).to_contain_text("Macintosh")
    with page.expect_response(re.compile("/corriger/")):  # what is typed while the preview is made anew comes with it
        page.get_by_label("Encodage").select_option("cp1252")
    with page.expect_response(re.compile("/corriger/")):
        page.get_by_label("Telephone devient").select_option("phone")
    expect(page.locator("#work [role=status]")).not_to_contain_text("Aucune colonne de téléphone")
    expect(sentence).to_contain_text("919 fiches entreront")
    expect(page.get_by_label("Fournisseur")).to_have_value("Ministère")
    shoot(page, "files-1-preview")
    page.get_by_label("Ce que le téléprospecteur répondra").fill("L’annuaire public des établissements.")
    page.get_by_role("button", name=re.compile("^Importer 919")).click()
    expect(page.locator("h1 + *, .lead").first).to_be_visible()
    expect(page.locator("body")).to_contain_text("sont restées de côté", timeout=30_000)
    shoot(page, "files-2-result")
    with page.expect_download() as download:
        page.get_by_role("link", name="Les 16 lignes de côté").click()
    assert Path(download.value.path()).read_text(encoding="utf-8-sig").count("sans téléphone") == 16


@pytest.mark.parametrize(("language", "width", "scheme"), [("fr", 1366, "light"), ("fr", 360, "dark")])
def test_the_preview_reads_well(
    visit: Callable[..., Page],
    shoot: Callable[[Page, str], None],
    tmp_path: Path,
    language: str,
    width: int,
    scheme: str,
) -> None:
    page = visit(language=language, width=width, scheme=scheme)
    come_in(page, "alice")
    drop(page, tmp_path)
    page.wait_for_load_state("networkidle")
    shoot(page, f"files-preview-{width}-{scheme}")
    assert serious(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
