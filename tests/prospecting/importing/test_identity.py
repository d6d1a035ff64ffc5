"""By what a row is recognised as a contact, rows that share a number, and newer versions of a file."""

import pytest

from config.errors import Invalid, Refused
from prospecting.importing.receiving import correct_lead_file, queue_lead_file
from prospecting.models import Contact, ContactChange, LeadFile
from prospecting.queue import next_contact
from tests.cast import TUESDAY_10H, running_mission
from tests.prospecting.importing.lead_files import contact, counts, loaded, received

A, B, C = "+33199001234", "+33199001235", "+33199001236"


@pytest.fixture(autouse=True)
def media(request, tmp_path):
    request.getfixturevalue("settings").MEDIA_ROOT = tmp_path / "media"


def changes(lead_file, what="updated"):
    rows = lead_file.changes.filter(what=what).order_by("contact_id")
    return [(row.before, row.after) for row in rows]


def numbers(lead_file):
    return sorted(lead_file.contacts.values_list("phone", "apart"))


def test_a_newer_version_wins_where_it_says_something_and_tells_what_it_changed(world):
    old = loaded(world, "Société;Tél;Ville;Effectif\nArmor;0199001234;Rennes;3\nBreizh;0199001235;Brest;\n")
    new = loaded(
        world, "Société;Tél;Ville;Effectif\nArmor Traiteur;0199001234;;4\nBreizh;0199001235;Brest;\n", newer_than=old
    )
    assert counts(new) == (0, 1, 1, 0, 0)
    assert changes(new) == [
        (
            {"company": "Armor", "columns": {"Effectif": "3"}},
            {"company": "Armor Traiteur", "columns": {"Effectif": "4"}},
        )
    ]
    armor = contact(A)
    assert (armor.company, armor.city, armor.columns, armor.lead_file) == (
        "Armor Traiteur",
        "Rennes",
        {"Effectif": "4"},
        old,
    )
    assert new.changed_fields == {"columns": 1, "company": 1} and armor.also_at == []


def test_a_newer_version_only_completes_the_contacts_of_other_files(world):
    loaded(world, "Société;Tél;Ville\nArmor;0199001234;\n", name="annuaire.csv")
    old = loaded(world, "Société;Tél\nBreizh;0199001235\n", name="salon.csv")
    loaded(world, "Société;Tél;Ville\nL’Armor;0199001234;Rennes\nBreizh SA;0199001235;\n", newer_than=old)
    assert (contact(A).company, contact(A).city, contact(B).company) == ("Armor", "Rennes", "Breizh SA")


def test_what_a_newer_version_no_longer_names_is_counted_listed_and_kept(world):
    old = loaded(world, "Société;Tél\nArmor;0199001234\nBreizh;0199001235\nCrêpes;0199001236\n")
    new = loaded(world, "Société;Tél;Ne pas appeler\nArmor;0199001234;\nCrêpes;0199001236;oui\n", newer_than=old)
    assert (new.missing, [change.contact.phone for change in new.changes.filter(what="missing")]) == (1, [B])
    assert contact(B).state == "fresh" and contact(C).state == "blocked"


def test_a_third_version_knows_the_contacts_of_the_first(world):
    first = loaded(world, "Société;Tél\nArmor;0199001234\nBreizh;0199001235\n")
    second = loaded(world, "Société;Tél\nArmor;0199001234\n", newer_than=first)
    third = loaded(world, "Société;Tél\nArmor SA;0199001234\nBreizh SA;0199001235\n", newer_than=second)
    assert (counts(third), third.missing) == ((0, 2, 0, 0, 0), 0)


def test_the_newer_version_of_a_source_is_recognised_and_a_new_batch_is_none(world):
    old = loaded(world, "Société;Tél\nArmor;0199001234\nBreizh;0199001235\n", name="Prospects 2026-10.csv")
    newer = received(world, "Société;Tél\nArmor SA;0199001234\nBreizh;0199001235\n", name="Prospects 2026-11 (v2).csv")
    batch = received(world, "Société;Tél\nDébit;0199001237\nNeuve;0199001236\n", name="Prospects 2026-12.csv")
    other = received(world, "Nom;Numéro\nArmor SA;0199001234\n", name="salon.csv", mapping={"phone": "Numéro"})
    assert (newer.newer_than, batch.newer_than, other.newer_than) == (old, None, None)
    assert correct_lead_file(lead_file=newer).newer_than == old
    assert received(world, "Société;Tél\nArmor;0199001234\n", newer_than="").newer_than is None


def test_a_version_of_nothing_is_refused(world):
    elsewhere = loaded(world, "Société;Tél\nA;0199001234\n", mission=running_mission(world.organisation, slug="autre"))
    waiting = received(world, "Société;Tél\nA;0199001234\n")
    for wrong in (str(elsewhere.public_id), str(waiting.public_id), "n’importe quoi"):
        with pytest.raises(Invalid) as refused:
            received(world, "Société;Tél\nA;0199001234\n", newer_than=wrong)
        assert (refused.value.code, refused.value.field) == ("unknown_version", "newer_than")


def test_the_newer_version_of_a_file_that_is_still_loading_waits(world):
    old = loaded(world, "Société;Tél\nArmor;0199001234\n")
    newer = received(world, "Société;Tél\nArmor SA;0199001234\n", newer_than=old)
    LeadFile.objects.filter(pk=old.pk).update(state="loading")
    with pytest.raises(Refused) as refused:
        queue_lead_file(lead_file=newer, at=TUESDAY_10H)
    assert refused.value.code == "older_version_not_loaded"


def test_an_identity_without_its_column_is_refused(world):
    lead_file = received(world, "Société;Tél\nArmor;0199001234\n", identity="external_id")
    with pytest.raises(Invalid) as refused:
        queue_lead_file(lead_file=lead_file, at=TUESDAY_10H)
    assert (refused.value.code, refused.value.field) == ("no_identity_column", "identity")
    with pytest.raises(Invalid) as refused:
        received(world, "Société;Tél\nArmor;0199001234\n", identity="nom")
    assert refused.value.code == "unknown_identity"


def test_a_contact_recognised_by_its_identifier_takes_its_new_number_and_keeps_the_old_one(world):
    old = loaded(world, "Id;Société;Tél\nx1;Armor;0199001234\n")
    new = loaded(world, "Id;Société;Tél\nx1;Armor;0199001235\n", identity="external_id", newer_than=old)
    armor = Contact.objects.get(external_id="x1")
    assert (counts(new), armor.phone, armor.phone_raw) == ((0, 1, 0, 0, 0), B, "0199001235")
    assert armor.other_phones == [A]


def test_a_file_that_is_no_newer_version_adds_its_number_behind_the_first(world):
    loaded(world, "Id;Société;Tél\nx1;Armor;0199001234\n")
    loaded(world, "Id;Société;Tél\nx1;Armor;0199001235\n", identity="external_id", newer_than="")
    armor = Contact.objects.get(external_id="x1")
    assert (armor.phone, armor.other_phones) == (A, [B])


def test_a_number_that_another_contact_has_is_not_taken_from_it(world):
    old = loaded(world, "Id;Société;Tél\nx1;Armor;0199001234\nx2;Breizh;0199001235\n")
    swapped = "Id;Société;Tél\nx1;Armor;0199001235\nx2;Breizh;0199001234\n"
    new = loaded(world, swapped, identity="external_id", newer_than=old)
    assert [(c.external_id, c.phone, c.other_phones) for c in old.contacts.order_by("external_id")] == [
        ("x1", A, [B]),
        ("x2", B, [A]),
    ]
    assert counts(new) == (0, 2, 0, 0, 0)


def test_a_number_never_moves_under_the_hand_that_holds_it(world):
    old = loaded(world, "Id;Société;Tél\nx1;Armor;0199001234\n")
    assert next_contact(engagement=world.bobs, at=TUESDAY_10H)
    loaded(world, "Id;Société;Tél\nx1;Armor;0199001235\n", identity="external_id", newer_than=old)
    armor = Contact.objects.get(external_id="x1")
    assert (armor.phone, armor.other_phones, armor.state) == (A, [B], "in_hand")


def test_two_rows_of_one_identifier_are_one_contact_with_both_numbers(world):
    lead_file = loaded(world, "Id;Société;Tél\nx1;Armor;0199001234\nx1;Armor bis;0199001235\n", identity="external_id")
    armor = lead_file.contacts.get()
    assert (counts(lead_file), armor.phone, armor.other_phones) == ((1, 0, 0, 1, 0), A, [B])
    assert armor.also_at == [
        {"file": "prospects.csv", "row": 3, "phone": B, "company": "Armor bis", "external_id": "x1"}
    ]


def test_two_identifiers_at_one_number_are_one_contact_unless_kept_apart(world):
    text = "Id;Société;Tél\nx1;Lycée;0199001234\nx2;Collège;0199001234\n"
    lead_file = loaded(world, text, identity="external_id")
    assert counts(lead_file) == (1, 0, 0, 1, 0)
    newer = loaded(world, text.replace("Collège", "Collège Sévigné"), identity="external_id", newer_than=lead_file)
    assert contact(A).company == "Lycée" and counts(newer) == (0, 1, 0, 1, 0)
    assert [row["company"] for row in contact(A).also_at] == ["Collège", "Collège Sévigné"]


def test_an_identity_at_the_number_of_another_never_overwrites_it(world):
    old = loaded(world, "Id;Société;Tél\nx1;Lycée;0199001234\n", identity="external_id")
    new = loaded(world, "Id;Société;Tél\nx2;Collège;0199001234\n", identity="external_id", newer_than=old)
    assert (counts(new), contact(A).company, contact(A).also_at[0]["company"]) == ((0, 0, 0, 1, 0), "Lycée", "Collège")
    assert new.changes.get().what == "beside"


def test_a_siret_identifies_too(world):
    text = "Siret;Société;Tél\n73282932000074;Armor;{}\n"
    old = loaded(world, text.format("0199001234"))
    loaded(world, text.format("0199001235"), identity="siret", newer_than=old)
    assert Contact.objects.get(siret="73282932000074").phone == B


def test_rows_that_share_a_number_stay_apart_when_asked(world):
    text = "Société;Tél;Ville\nLycée;0199001234;Rennes\nCollège;0199001234;Rennes\nÉcole;0199001235;Brest\n"
    lead_file = loaded(world, text + "Lycée;0199001234;Rennes\n", keep_apart=True)
    assert (counts(lead_file), lead_file.kept_apart) == ((3, 0, 0, 1, 0), 2)
    assert numbers(lead_file) == [(A, 1), (A, 2), (B, 0)]
    again = loaded(world, text, keep_apart=True)
    assert counts(again) == (0, 0, 3, 0, 0)


def test_a_contact_that_was_alone_at_its_number_is_told_that_it_is_no_longer(world):
    first = loaded(world, "Société;Tél\nLycée;0199001234\n", name="a.csv")
    text = "Société;Tél\nCollège;0199001234\nÉcole;0199001234\n"
    second = loaded(world, text, keep_apart=True, newer_than="")
    assert (numbers(first), numbers(second)) == ([(A, 1)], [(A, 2), (A, 3)])
    assert changes(second, "beside") == [({"apart": 0}, {"apart": 1})] and counts(second) == (2, 0, 0, 0, 0)


def test_a_place_that_changed_its_name_stays_itself_in_a_newer_version(world):
    old = loaded(world, "Société;Tél\nLycée;0199001234\nCollège;0199001234\n", keep_apart=True)
    new = loaded(world, "Société;Tél\nLycée Zola;0199001234\nCollège;0199001234\n", keep_apart=True, newer_than=old)
    assert counts(new) == (0, 1, 1, 0, 0) and contact(A, 1).company == "Lycée Zola"


def test_a_later_file_that_joins_by_number_finds_contacts_kept_apart(world):
    loaded(world, "Société;Tél\nLycée;0199001234\nCollège;0199001234\n", keep_apart=True)
    joined = loaded(world, "Société;Tél\nStade;0199001234\n", newer_than="")
    assert counts(joined) == (0, 1, 0, 0, 0) and Contact.objects.filter(phone=A).count() == 2


def test_an_identifier_that_comes_later_finds_its_place(world):
    loaded(world, "Société;Tél\nLycée;0199001234\n")
    text = "Id;Société;Tél\nx2;Collège;0199001234\nx1;Lycée;0199001234\n"
    new = loaded(world, text, identity="external_id", keep_apart=True, newer_than="")
    assert counts(new) == (1, 1, 0, 0, 0)
    assert Contact.objects.get(company="Lycée").external_id == "x1"
    assert ContactChange.objects.get(lead_file=new).after == {"external_id": "x1", "apart": 1}
