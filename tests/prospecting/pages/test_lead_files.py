"""Bringing a file through the pages: drop it, check it, load it, read what it became."""

import re
from html import unescape
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from marketplace.models import User
from prospecting.importing.loading import load_lead_file
from prospecting.importing.progress import pace, seconds_left
from prospecting.models import LeadFile
from tests.cast import TUESDAY_10H, World, running_mission
from tests.prospecting.importing.files import CENTRES, real

LIST = "/missions/receptions-2027/fichiers/"
TEXT = "Raison sociale;Tél;CP;Effectif\nArmor;01 99 00 12 34;35000;12\nBreizh;3975;;\nArmor bis;0199001234;;\n"
ORIGIN = {
    "supplier": "Data Ouest",
    "received_on": "2026-11-24",
    "cost": "337,14",
    "legal_basis": "legitimate_interest",
    "source_sentence": "Votre numéro vient de l’annuaire public.",
}
READING = {"encoding": "utf-8", "delimiter": ";", "header_row": "1"}
COLUMNS = {"col-0": "company", "col-1": "phone", "col-2": "postal_code", "col-3": ""}


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def drop(client: Client, content: str | bytes = TEXT, name: str = "prospects.csv", url: str = LIST) -> Any:
    data = content.encode() if isinstance(content, str) else content
    return client.post(url, {"mission": "receptions-2027", "file": SimpleUploadedFile(name, data)})


def dropped(client: Client, **more: Any) -> LeadFile:
    assert drop(client, **more).status_code == 302
    return LeadFile.objects.latest("pk")


def page(client: Client, lead_file: LeadFile, door: str = "") -> str:
    response = client.get(f"/fichiers/{lead_file.public_id}/{door}")
    assert response.status_code == 200
    return words(response)


def words(response: Any) -> str:
    """What a person reads: no tags, one space."""
    html = re.sub(r"<[^>]+>", " ", unescape(response.content.decode()))
    return re.sub(r"[\s\u202f\xa0]+", " ", html)


def test_a_dropped_file_is_shown_before_anything_enters(world: World) -> None:
    carole = client_of(world.carole)
    lead_file = dropped(carole)
    seen = page(carole, lead_file)
    assert "1 fiche entrera, nouvelle. 1 ligne restera de côté, avec sa raison." in seen
    assert "Importer 1 fiche" in seen and "4 colonnes dans 3 lignes sur 3" in seen
    assert "de côté · numéro court" in seen and "même numéro que la 2" in seen
    assert lead_file.contacts.count() == 0 and lead_file.uploaded_by == world.carole


def test_a_changed_column_is_judged_anew_and_what_was_typed_stays(world: World) -> None:
    carole = client_of(world.carole)
    lead_file = dropped(carole)
    body = READING | COLUMNS | {"col-1": "", "col-3": "phone", "supplier": "Data Ouest"}
    response = carole.post(f"/fichiers/{lead_file.public_id}/corriger/", body)
    assert "Rien à importer" in words(response) and 'value="Data Ouest"' in response.content.decode()
    assert "Ce champ est obligatoire" not in words(response)
    lead_file.refresh_from_db()
    assert lead_file.mapping == {"company": "Raison sociale", "phone": "Effectif", "postal_code": "CP"}


def test_a_field_given_to_another_column_leaves_the_first_one(world: World) -> None:
    carole = client_of(world.carole)
    lead_file = dropped(carole)
    carole.post(f"/fichiers/{lead_file.public_id}/corriger/", READING | COLUMNS | {"col-3": "phone"})
    lead_file.refresh_from_db()
    assert lead_file.mapping["phone"] == "Effectif"


def test_the_order_of_two_phone_columns_is_changed_by_choosing_the_first(world: World) -> None:
    carole = client_of(world.carole)
    lead_file = dropped(carole, content="Société;Téléphone;Portable\nArmor;0199001234;0612345678\n")
    assert (lead_file.mapping["phone"], lead_file.mapping["mobile"]) == ("Téléphone", "Portable")
    body = READING | {"col-0": "company", "col-1": "phone", "col-2": "phone"}
    carole.post(f"/fichiers/{lead_file.public_id}/corriger/", body)
    lead_file.refresh_from_db()
    assert (lead_file.mapping["phone"], lead_file.mapping["mobile"]) == ("Portable", "Téléphone")


def test_another_reading_is_recognised_anew(world: World) -> None:
    carole = client_of(world.carole)
    lead_file = dropped(carole, content=TEXT.encode("cp1252"))
    assert lead_file.encoding == "cp1252"
    response = carole.post(f"/fichiers/{lead_file.public_id}/corriger/", READING | {"encoding": "mac_roman"})
    lead_file.refresh_from_db()
    assert lead_file.encoding == "mac_roman" and "Macintosh" in words(response)
    response = carole.post(f"/fichiers/{lead_file.public_id}/corriger/", READING)
    assert "Ce fichier n’est pas écrit en utf-8." in words(response)


def test_without_a_phone_column_the_page_asks_for_it(world: World) -> None:
    carole = client_of(world.carole)
    lead_file = dropped(carole, content="Société;Ville\nArmor;Rennes\n")
    seen = page(carole, lead_file)
    assert "Quelle colonne porte le téléphone" in seen and "Rien à importer" in seen


def test_a_file_is_loaded_with_its_origin_and_its_result_is_read(world: World, monkeypatch: Any) -> None:
    monkeypatch.setattr("prospecting.importing.receiving.ring", lambda pk: None)
    carole = client_of(world.carole)
    lead_file = dropped(carole)
    response = carole.post(f"/fichiers/{lead_file.public_id}/importer/", READING | COLUMNS | ORIGIN)
    assert (response.status_code, response["Location"]) == (302, f"/fichiers/{lead_file.public_id}/")
    assert "Le fichier attend son tour." in page(carole, lead_file)
    load_lead_file(lead_file_id=lead_file.pk, at=TUESDAY_10H)
    seen = page(carole, lead_file)
    assert "1 fiche est entrée, nouvelle. 1 ligne est restée de côté." in seen
    assert "Data Ouest" in seen and "337,14 €" in seen
    assert 'value="3975"' in carole.get(f"/fichiers/{lead_file.public_id}/").content.decode()
    lead_file.refresh_from_db()
    assert (lead_file.cost_cents, lead_file.source_sentence) == (33714, ORIGIN["source_sentence"])


def test_a_file_of_one_row_that_stays_aside_is_told_in_the_singular(world: World) -> None:
    carole = client_of(world.carole)
    lead_file = dropped(carole, content="Société;Tél\nBreizh;3975\n")
    assert "Aucune fiche n’entrera. 1 ligne restera de côté" in page(carole, lead_file)
    LeadFile.objects.filter(pk=lead_file.pk).update(state="loaded", rows=1, set_aside=1, finished_at=TUESDAY_10H)
    seen = page(carole, lead_file)
    assert "Aucune fiche n’est entrée. 1 ligne est restée de côté." in seen
    assert "La seule ligne du fichier." in seen and "sur 1 ligne " in seen


def test_an_origin_that_lacks_something_loads_nothing(world: World) -> None:
    carole = client_of(world.carole)
    lead_file = dropped(carole)
    response = carole.post(f"/fichiers/{lead_file.public_id}/importer/", READING | COLUMNS | ORIGIN | {"supplier": ""})
    assert response.status_code == 400 and "Ce champ est obligatoire." in words(response)
    lead_file.refresh_from_db()
    assert lead_file.state == "received"


def test_progress_is_told_and_its_end_opens_the_page_anew(world: World) -> None:
    carole = client_of(world.carole)
    lead_file = dropped(carole)
    LeadFile.objects.filter(pk=lead_file.pk).update(state="loading", rows=1000, rows_done=250, started_at=TUESDAY_10H)
    response = carole.get(f"/fichiers/{lead_file.public_id}/avancement/")
    assert "250 lignes lues sur 1 000" in words(response) and "HX-Refresh" not in response
    lead_file.refresh_from_db()
    assert seconds_left(lead_file, TUESDAY_10H.replace(second=10)) == 30
    assert pace(lead_file, TUESDAY_10H.replace(second=10)) == 25
    LeadFile.objects.filter(pk=lead_file.pk).update(state="refused", refusal="Trop tard.")
    assert carole.get(f"/fichiers/{lead_file.public_id}/avancement/")["HX-Refresh"] == "true"


def test_the_rows_set_aside_are_downloaded_safely_before_and_after(world: World) -> None:
    carole = client_of(world.carole)
    lead_file = dropped(carole, content="Nom;Tél;Note\nArmor;8;=1+1\nÉcole;0199001234;ok\n")
    said = carole.get(f"/fichiers/{lead_file.public_id}/lignes-de-cote.csv")
    before = b"".join(said).decode()
    assert before == (
        f"\ufeffLigne #{lead_file.public_id.hex[-12:]};Raison;Colonne;Valeur;Nom;Tél;Note\r\n"
        "2;numéro incomplet ou trop long;Tél;8;Armor;8;'=1+1\r\n"
    )
    LeadFile.objects.filter(pk=lead_file.pk).update(state="queued")
    load_lead_file(lead_file_id=lead_file.pk, at=TUESDAY_10H)
    after = carole.get(f"/fichiers/{lead_file.public_id}/lignes-de-cote.csv")
    assert b"".join(after).decode() == before
    assert after["Content-Disposition"].startswith("attachment")


def test_the_same_file_brought_again_is_recognised(world: World) -> None:
    carole = client_of(world.carole)
    first = dropped(carole)
    LeadFile.objects.filter(pk=first.pk).update(state="queued")
    load_lead_file(lead_file_id=first.pk, at=TUESDAY_10H)
    seen = page(carole, dropped(carole))
    assert "Ce même fichier est déjà dans la mission" in seen and "1 fiche, déjà connue : rien n’y change." in seen


def test_what_cannot_be_read_is_refused_where_it_was_dropped(world: World) -> None:
    response = drop(client_of(world.carole), content=b"%PDF-1.7", name="plaquette.pdf")
    assert response.status_code == 400
    assert "Ce fichier n’est ni un CSV, ni un classeur Excel (.xlsx) ou LibreOffice (.ods)." in words(response)
    response = client_of(world.carole).post(LIST, {"mission": "receptions-2027"})
    assert response.status_code == 400


def test_the_real_vaccination_file_is_shown_with_its_worst_rows(world: World, tmp_path: Any) -> None:
    carole = client_of(world.carole)
    seen = page(carole, dropped(carole, content=real(CENTRES, tmp_path).read_bytes(), name=CENTRES))
    assert "697 fiches entreront, toutes nouvelles. 1 666 lignes resteront de côté" in seen
    for reason in ("sans téléphone", "numéro en 08", "numéro court", "hors de France", "du texte à la place"):
        assert reason in seen


def test_the_list_names_files_and_their_results(world: World) -> None:
    dropped(client_of(world.alice))
    for url in (LIST, "/fichiers/"):
        seen = words(client_of(world.victor).get(url))
        assert "prospects.csv" in seen and "à vérifier" in seen and "Déposer un fichier" not in seen
    assert "Déposer un fichier" in words(client_of(world.alice).get("/fichiers/"))
    partial = client_of(world.alice).get("/fichiers/", headers={"HX-Request": "true"})
    assert partial.content.decode().lstrip().startswith("<table")


def test_english_has_its_own_words(world: World) -> None:
    world.carole.language = "en"
    world.carole.save()
    carole = client_of(world.carole)
    lead_file = dropped(carole)
    seen = words(carole.get(f"/fichiers/{lead_file.public_id}/", headers={"Accept-Language": "en"}))
    assert "1 contact will come in, new." in seen


def test_rows_copied_from_a_spreadsheet_are_pasted_like_a_file(world: World) -> None:
    carole = client_of(world.carole)
    response = carole.post(LIST, {"mission": "receptions-2027", "pasted": TEXT.replace(";", "\t")})
    lead_file = LeadFile.objects.latest("pk")
    assert response["Location"] == f"/fichiers/{lead_file.public_id}/"
    assert (lead_file.delimiter, lead_file.encoding, lead_file.rows) == ("\t", "utf-8", 3)
    assert lead_file.name.startswith("lignes collées le ") and "1 fiche entrera" in page(carole, lead_file)
    nothing = carole.post(LIST, {"mission": "receptions-2027", "pasted": " \n"})
    assert nothing.status_code == 400 and "Choisissez un fichier, ou collez des lignes." in words(nothing)


def loaded(client: Client, content: str = TEXT, **more: Any) -> LeadFile:
    lead_file = dropped(client, content=content, **more)
    LeadFile.objects.filter(pk=lead_file.pk).update(state="queued", supplier="Data Ouest")
    return load_lead_file(lead_file_id=lead_file.pk, at=TUESDAY_10H)


def test_a_wrong_cell_is_corrected_in_the_page_and_its_row_comes_in_alone(world: World, monkeypatch: Any) -> None:
    monkeypatch.setattr("prospecting.importing.receiving.ring", lambda pk: None)
    carole = client_of(world.carole)
    first = loaded(carole)
    door = f"/fichiers/{first.public_id}/lignes-de-cote/"
    unchanged = carole.post(door, {"row-3": "3975"})
    assert unchanged.status_code == 400 and "changez au moins une case" in words(unchanged)
    response = carole.post(door, {"row-3": "01 99 00 12 39", "row-2": "0199001240", "autre": "x"})
    child = LeadFile.objects.get(corrects=first)
    assert response["Location"] == f"/fichiers/{child.public_id}/"
    load_lead_file(lead_file_id=child.pk, at=TUESDAY_10H)
    assert list(child.contacts.values_list("phone", "company")) == [("+33199001239", "Breizh")]
    seen = page(carole, first)
    assert "1 ligne est restée de côté. 1 a été reprise depuis." in seen and "1 ligne reprise, 1 entrée" in seen
    assert "Corrige prospects.csv" in page(carole, child)


def test_rows_set_aside_are_seen_by_reason_a_page_at_a_time(world: World, django_assert_max_num_queries: Any) -> None:
    carole = client_of(world.carole)
    rows = "".join(f"Armor {n};0{n};;\n" for n in range(30)) + "Breizh;3975;;\n"
    lead_file = loaded(carole, "Raison sociale;Tél;CP;Effectif\n" + rows)
    door = f"/fichiers/{lead_file.public_id}/"
    with django_assert_max_num_queries(25):
        assert "1 à 25 sur 31" in words(carole.get(door))
    assert "26 à 31 sur 31" in words(carole.get(door + "?page=2"))
    short = words(carole.get(door + "?raison=phone_short"))
    assert "Seulement : numéro court." in short and "Breizh" in short and "Armor 3" not in short
    assert 'name="row-32"' not in client_of(world.victor).get(door + "?raison=phone_short").content.decode()


def test_what_the_columns_changed_since_the_last_file_is_said(world: World) -> None:
    carole = client_of(world.carole)
    loaded(carole)
    text = TEXT.replace("CP;Effectif", "CP;Effectif;Site").replace("Raison sociale", "Raison_sociale")
    after = dropped(carole, content=text)
    assert 'value="Data Ouest"' in carole.get(f"/fichiers/{after.public_id}/").content.decode()
    seen = page(carole, after)
    assert "Même source que « prospects.csv »" in seen
    assert "« Raison sociale » s’appelle maintenant « Raison_sociale »." in seen
    assert "Site" in seen and "nouveau" in seen


DOORS = {
    #                          nobody charlie bob victor carole alice
    ("get", ""): (302, 404, 404, 200, 200, 200),
    ("get", "avancement/"): (302, 404, 404, 200, 200, 200),
    ("get", "lignes-de-cote.csv"): (302, 404, 404, 200, 200, 200),
    ("post", "lignes-de-cote/"): (302, 404, 404, 404, 400, 400),
    ("post", "corriger/"): (302, 404, 404, 404, 200, 200),
    ("post", "importer/"): (302, 404, 404, 404, 400, 400),
}


@pytest.mark.parametrize(("method", "door"), DOORS)
def test_who_may_open_what(world: World, method: str, door: str) -> None:
    lead_file = dropped(client_of(world.alice))
    found = []
    for name in ("nobody", "charlie", "bob", "victor", "carole", "alice"):
        client = client_of(getattr(world, name)) if name != "nobody" else Client()
        found.append(getattr(client, method)(f"/fichiers/{lead_file.public_id}/{door}").status_code)
    assert tuple(found) == DOORS[method, door]


def test_nobody_brings_a_file_to_a_mission_that_is_not_theirs(world: World) -> None:
    from marketplace.models import Membership, Organisation

    other = Organisation.objects.create(name="Ailleurs")
    Membership.objects.create(organisation=other, user=world.charlie, role="owner")
    running_mission(other, slug="ailleurs")
    charlie = client_of(world.charlie)
    assert drop(charlie).status_code == 404
    assert drop(charlie, url="/fichiers/").status_code == 400
    assert drop(client_of(world.victor)).status_code == 404
    assert charlie.get("/fichiers/").status_code == 200 and "Annuaire 35" not in words(charlie.get("/fichiers/"))
    assert client_of(world.bob).get("/fichiers/").status_code == 404
    assert LeadFile.objects.count() == 1
