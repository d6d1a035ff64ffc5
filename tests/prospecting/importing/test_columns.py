"""Which column becomes which field."""

import csv
from pathlib import Path

import pytest

from config.errors import Invalid
from prospecting.importing.columns import check_mapping, guess_mapping, unique_headers

HEADERS = Path(__file__).parents[2] / "data" / "leads" / "header_rows.csv"
EXPECTED = {
    "1": "phone=Phone company=Company first_name=First Name last_name=Last Name job_title=Title email=email "
    "address=Address Line 1 postal_code=Postal Code city=City country=Country",
    "3": "phone=Phone company=Account Name first_name=First Name last_name=Last Name email=Email "
    "postal_code=Mailing Zip/Postal Code city=Mailing City",
    "5": "phone=Phone first_name=First Name last_name=Last Name email=Email external_id=Lead ID",
    "7": "phone=Phone Number company=Associated Company first_name=First Name last_name=Last Name email=Email "
    "postal_code=Postal Code city=City external_id=Record ID",
    "9": "phone=Person - Phone company=Organization - Name person=Person - Name email=Person - Email "
    "external_id=Person - ID",
    "11": "phone=Phone mobile=Mobile company=Company Name person=Contact Name job_title=Job Position email=Email "
    "address=Street postal_code=Zip city=City country=Country external_id=External ID",
    "13": "company=Name address=Street city=City country=Country",
    "15": "phone=phone_number mobile=alt_phone first_name=first_name last_name=last_name job_title=title email=email "
    "address=address1 postal_code=postal_code city=city country=country_code external_id=vendor_lead_code",
    "17": "phone=Work Direct Phone mobile=Mobile Phone other_phone=Other Phone phone_4=Home Phone "
    "phone_5=Corporate Phone company=Company Name "
    "first_name=First Name last_name=Last Name job_title=Title email=Email address=Company Address city=City",
    "19": "external_id=id",
    "21": "phone=Phone 1 - Value company=Organization 1 - Name first_name=Given Name last_name=Family Name "
    "email=E-mail 1 - Value",
    "23": "phone=Téléphone (bureau) other_phone=Téléphone (domicile)",
    "25": "phone=Billing Phone first_name=First name last_name=Last name email=Email city=City external_id=Customer ID",
    "27": "phone=telefono first_name=nombre last_name=apellido email=email",
    "29": "phone=Téléphone company=Société first_name=Prénom last_name=Nom job_title=Fonction email=Adresse email "
    "address=Adresse postale postal_code=Code postal city=Ville country=Pays siret=Siret",
    "31": "phone=Téléphone first_name=Prénom last_name=Nom email=Email address=Adresse postal_code=Code Postal "
    "city=Ville external_id=ID",
    "33": "phone=Téléphone first_name=Prénom last_name=Nom email=Email accepts_offers=Accepte les offres",
    "35": "phone=Téléphone company=Raison sociale person=Contact email=E-mail siret=SIRET",
    "37": "phone=téléphone company=intitulé email=email address=adresse postal_code=code postal city=ville "
    "country=pays siret=n° siret external_id=numéro de compte",
    "39": "phone=Tél fixe mobile=Tél portable company=Structure first_name=Prénom last_name=Nom email=Courriel "
    "address=Adresse",
    "41": "phone=Téléphone company=Dénomination commerciale address=Adresse postal_code=Code postal city=Commune "
    "siret=Siret external_id=Numéro d'établissement",
    "43": "phone=telephone company=nom_entreprise email=email address=adresse postal_code=code_postal city=commune "
    "siret=siret",
    "45": "phone=Telephone company=Nom_etablissement email=Mail postal_code=Code postal siret=SIREN_SIRET "
    "external_id=Identifiant_de_l_etablissement",
    "47": "phone=tel2 company=nom address=adresse",
    "49": "",
}
ROWS = list(csv.DictReader(HEADERS.open(encoding="utf-8", newline="")))


def headers_of(row):
    separator = row["separator"] if row["separator"] in {",", ";"} else "|"
    return unique_headers(row["header_row"].split(separator))


def said(mapping):
    return " ".join(f"{field}={header}" for field, header in mapping.items())


def test_every_known_header_row_has_its_expectation():
    assert len(ROWS) == len(EXPECTED) == 25


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["origin"])
def test_a_real_header_row_is_mapped_whole(row):
    assert said(guess_mapping(headers_of(row))) == EXPECTED[row["n"]]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["origin"])
def test_a_fax_is_never_a_phone(row):
    assert not any("fax" in header.lower() for header in guess_mapping(headers_of(row)).values())


@pytest.mark.parametrize(
    ("headers", "mapping"),
    [
        (["Nom", "Tél."], "phone=Tél. company=Nom"),
        (["Nom", "Prénom", "Tel"], "phone=Tel first_name=Prénom last_name=Nom"),
        (["Société", "Nom", "Tel"], "phone=Tel company=Société person=Nom"),
        (["Portable", "rs", "CP"], "phone=Portable company=rs postal_code=CP"),
        (["Fax", "Num_téléphone"], "phone=Num_téléphone"),
        (["Téléphone du dirigeant", "Date du téléphone"], "phone=Téléphone du dirigeant"),
        (["Tel", "Portable", "Fax", "Tel assistante", "Standard", "Tel direct"],
         "phone=Tel mobile=Portable other_phone=Tel direct phone_4=Tel assistante phone_5=Standard"),
        (["Company Phone", "Do Not Call"], "phone=Company Phone do_not_call=Do Not Call"),
        (["CODE_POSTAL", "telephone", "Accepts Email Marketing"],
         "phone=telephone postal_code=CODE_POSTAL accepts_email=Accepts Email Marketing"),
    ],
)  # fmt: skip
def test_words_are_read_as_the_field_writes_them(headers, mapping):
    assert said(guess_mapping(headers)) == mapping


def test_cells_tell_what_words_do_not():
    rows = [["M.", "01 99 00 12 34"], ["Mme", "01 99 00 12 35"]]
    assert said(guess_mapping(["Title", "Contact no"], rows)) == "phone=Contact no"
    assert said(guess_mapping(["Title", "Phone"], [["Directrice", ""]])) == "phone=Phone job_title=Title"


def test_columns_of_one_name_are_told_apart():
    assert unique_headers(["Adresse", "", "Adresse", " Tél \n portable"]) == [
        "Adresse",
        "Colonne 2",
        "Adresse (2)",
        "Tél portable",
    ]


def test_a_correction_forgives_case_and_accents_but_not_a_column_that_is_not_there():
    assert check_mapping({"phone": "telephone"}, ["Nom", "Téléphone"]) == {"phone": "Téléphone"}
    with pytest.raises(Invalid) as refused:
        check_mapping({"phone": "Portable"}, ["Nom", "Téléphone"])
    assert (refused.value.code, refused.value.field) == ("unknown_column", "mapping.phone")


def test_without_a_phone_column_nothing_is_mapped_for_loading():
    with pytest.raises(Invalid) as refused:
        check_mapping({"company": "Nom", "phone": ""}, ["Nom", "Fax"])
    assert refused.value.code == "no_phone_column"


def test_an_unknown_field_is_named_with_those_that_exist():
    with pytest.raises(Invalid) as refused:
        check_mapping({"fax": "Fax"}, ["Fax"])
    assert refused.value.code == "unknown_field" and "postal_code" in refused.value.sentence


def test_names_that_come_back_say_which_time_it_is_however_many_they_are() -> None:
    assert unique_headers(["a", "a (2)", "a", "", "a"]) == ["a", "a (2)", "a (3)", "Colonne 4", "a (4)"]
    assert unique_headers(["a"] * 100_000)[-1] == "a (100000)"
