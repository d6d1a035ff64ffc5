"""The next file of a source is read as the last one was; what its columns changed is said."""

import pytest

from prospecting.importing.known_layouts import drift_of
from prospecting.importing.receiving import Corrections, correct_lead_file, table_of
from prospecting.models import KnownLayout, LeadFile
from tests.prospecting.importing.test_loading import contacts, loaded, received

FIRST = "Raison sociale;Code postal;Tel;Effectif;Ville\nArmor;35000;0199001234;12;Rennes\n"


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


def taught(world, text=FIRST, mapping=None, **more):
    """A loaded file whose columns a person mapped in their own way: the workforce is the client's own number."""
    mapping = mapping or {"phone": "Tel", "company": "Raison sociale", "postal_code": "Code postal"}
    return loaded(world, text, mapping={**mapping, "external_id": "Effectif", "city": ""}, **more)


def drift(lead_file):
    found = drift_of(lead_file, table_of(lead_file).layout.headers)
    return found and (found.renamed, found.added, found.removed, found.lost)


def test_the_next_file_of_a_source_gets_the_mapping_chosen_before(world):
    before = taught(world)
    after = received(world, FIRST.replace("0199001234", "0199001235"))
    assert after.mapping == before.mapping and "city" not in after.mapping
    assert drift(after) == ((), (), (), ())
    assert KnownLayout.objects.get().lead_file == before


def test_another_business_learns_nothing_from_it(world):
    from marketplace.models import Organisation
    from tests.cast import running_mission

    taught(world)
    other = running_mission(Organisation.objects.create(name="Ailleurs"), slug="ailleurs")
    assert received(world, FIRST, mission=other).mapping["city"] == "Ville"


def test_a_column_written_another_way_keeps_its_field(world):
    taught(world)
    after = received(world, FIRST.replace("Code postal", "Code_postal").replace("Raison sociale", "RAISON SOCIALE"))
    assert after.mapping["postal_code"] == "Code_postal" and after.mapping["company"] == "RAISON SOCIALE"
    assert drift(after) == ((("Code postal", "Code_postal"),), (), (), ())


def test_a_column_added_renamed_or_removed_is_said_and_the_others_keep_their_field(world):
    taught(world)
    text = "Raison sociale;Téléphone fixe;Code postal;Effectif;Site\nArmor;0199001236;35000;12;armor.test\n"
    after = received(world, text)
    assert after.mapping == {
        "phone": "Téléphone fixe",
        "company": "Raison sociale",
        "postal_code": "Code postal",
        "external_id": "Effectif",
    }
    assert drift(after) == ((("Tel", "Téléphone fixe"),), ("Site",), ("Ville",), ())


def test_a_field_whose_column_is_gone_is_asked_for(world):
    taught(world)
    after = received(world, "Raison sociale;Code postal;Effectif;Ville\nArmor;35000;12;Rennes\n")
    assert drift(after) == ((), (), ("Tel",), ("phone",)) and "phone" not in after.mapping


def test_two_numbered_columns_are_not_one_renamed(world):
    taught(world, "Société;Tel 1;CP;Effectif;Ville\nA;0199001234;35000;3;R\n", {"phone": "Tel 1", "company": "Société"})
    after = received(world, "Société;Tel 2;CP;Effectif;Ville\nA;0199001237;35000;3;R\n")
    assert drift(after)[1:] == ((), (), ()) or drift(after)[0] == ()
    assert after.mapping["phone"] == "Tel 2"


def test_another_source_is_guessed_anew(world):
    taught(world)
    after = received(world, "Nom;Tél;Mail\nArmor;0199001238;a@exemple.test\n")
    assert drift(after) is None and after.mapping["email"] == "Mail"


def test_a_way_of_reading_that_was_corrected_is_tried_on_the_next_file(world):
    text = "Société,Contact;Ville\nArmor,0199001234;Rennes\n"
    first = received(world, text, corrections=Corrections(delimiter=","))
    correct_lead_file(lead_file=first, mapping={"company": "Société", "phone": "Contact;Ville"})
    LeadFile.objects.filter(pk=first.pk).update(state="queued")
    from prospecting.importing.loading import load_lead_file
    from tests.cast import TUESDAY_10H

    load_lead_file(lead_file_id=first.pk, at=TUESDAY_10H)
    after = received(world, text.replace("1234", "1239"))
    assert (after.delimiter, after.mapping) == (",", {"phone": "Contact;Ville", "company": "Société"})
    told = received(world, text, corrections=Corrections(delimiter=";"))
    assert told.delimiter == ";"  # what a person says counts more than what was learnt


def test_a_file_without_header_teaches_nothing(world):
    assert contacts(loaded(world, "Armor;0199001234\nBreizh;0199001235\n"))
    assert not KnownLayout.objects.exists()
