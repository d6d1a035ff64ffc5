"""Undoing a load: the database is as it was, but for what somebody has worked on since."""

import random
from datetime import timedelta

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from config.errors import DecrocheError, Invalid, Refused
from prospecting.importing.loading import load_lead_file
from prospecting.importing.previewing import preview
from prospecting.importing.receiving import queue_lead_file
from prospecting.importing.undoing import WORK, stayed, undo_load
from prospecting.models import Basis, Call, Claim, Contact, LeadFile, Skip
from prospecting.objecting import oppose
from prospecting.queue import next_contact
from tests.cast import TUESDAY_10H
from tests.prospecting.importing.lead_files import COUNTS, contact, counts, loaded, received

A, B, C = "+33199001234", "+33199001235", "+33199001236"
LATER = TUESDAY_10H + timedelta(minutes=5)


@pytest.fixture(autouse=True)
def media(request, tmp_path):
    request.getfixturevalue("settings").MEDIA_ROOT = tmp_path / "media"


def undone(world, lead_file, at=LATER):
    return undo_load(lead_file=lead_file, by=world.carole, at=at, name=lead_file.name)


def whole_database(but=()):
    """Every row of every table of prospecting, but the given lead files' own; how a source is read stays learnt."""
    rows = {}
    with connection.cursor() as cursor:
        for table in sorted(name for name in connection.introspection.table_names() if name.startswith("prospecting_")):
            cursor.execute(f"SELECT to_jsonb(t) FROM {table} t")
            rows[table] = sorted(str(row) for (row,) in cursor.fetchall())
    own = LeadFile.objects.filter(pk__in=[file.pk for file in but])
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_jsonb(t) FROM prospecting_leadfile t WHERE id <> ALL(%s)", [[f.pk for f in own]])
        rows["prospecting_leadfile"] = sorted(str(row) for (row,) in cursor.fetchall())
    del rows["prospecting_knownlayout"]
    return rows


def called(world, engagement, claimed=None):
    """A call that nobody answered, as the cockpit saves it."""
    import uuid

    from prospecting.calling import Logged, dial, log_call

    claim = claimed or next_contact(engagement=engagement, at=LATER)
    dial(engagement=engagement, claim_id=claim.public_id, at=LATER)
    log_call(engagement=engagement, claim_id=claim.public_id, said=Logged(key=uuid.uuid4(), outcome="NRP"), at=LATER)
    return Contact.objects.get(pk=claim.contact_id)


def test_a_load_undone_leaves_every_table_as_it_was(world):
    before = whole_database()
    lead_file = loaded(world, "Société;Tél\nArmor;0199001234\nBis;0199001234\nBreizh;3975\nCrêpes;0199001235\n")
    result = undone(world, lead_file)
    assert (result.removed, result.restored, result.stayed) == (2, 0, {})
    assert whole_database(but=[lead_file]) == before
    lead_file.refresh_from_db()
    assert (lead_file.state, lead_file.undone_by, lead_file.undone_at) == ("undone", world.carole, LATER)
    assert counts(lead_file) == (2, 0, 0, 1, 1)


def test_a_second_version_undone_gives_back_the_first(world):
    old = loaded(
        world, "Id;Société;Tél;Ville\nx1;Armor;0199001234;\nx2;Breizh;0199001235;Brest\nx3;Crêpes;0199001236;\n"
    )
    before = whole_database()
    text = "Id;Société;Tél;Ville;NAF\nx1;Armor SA;0199001299;Rennes;56\nx1;Armor bis;0199001298;;\n"
    text += "x2;Breizh;0199001235;;\nx4;Neuf;0199001237;;\n"
    new = loaded(world, text, identity="external_id", newer_than=old, at=LATER)
    assert counts(new) == (1, 1, 1, 1, 0) and new.missing == 1
    assert undone(world, new).restored == 1
    assert whole_database(but=[new]) == before


def test_numbers_kept_apart_and_numbers_held_back_are_given_back(world):
    first = loaded(world, "Société;Tél\nLycée;0199001234\nÀ rappeler;0199001235\n")
    waiting = contact(B)
    Contact.objects.filter(pk=waiting.pk).update(state="retry", next_at=LATER, attempts=1)
    before = whole_database()
    text = "Société;Tél;Ne pas appeler\nCollège;0199001234;\nÉcole;0199001234;\nÀ rappeler;0199001235;oui\n"
    second = loaded(world, text, keep_apart=True, newer_than="")
    assert contact(B).state == "blocked" and contact(A, 1).lead_file == first
    undone(world, second)
    assert whole_database(but=[second]) == before


def test_a_contact_goes_back_to_a_number_that_it_shared_before(world):
    old = loaded(world, "Id;Société;Tél\nx1;Lycée;0199001234\nx2;Collège;0199001234\n", keep_apart=True)
    before = whole_database()
    new = loaded(world, "Id;Société;Tél\nx2;Collège;0199001235\n", identity="external_id", newer_than=old)
    assert contact(B, 2).company == "Collège"
    assert undone(world, new).stayed == {} and whole_database(but=[new]) == before


def test_who_was_called_since_stays_and_is_named(world):
    lead_file = loaded(world, "Société;Tél\nArmor;0199001234\nBreizh;0199001235\nCrêpes;0199001236\n")
    kept = called(world, world.bobs)
    held = next_contact(engagement=world.aminas, at=LATER).contact
    result = undone(world, lead_file)
    assert (result.removed, result.stayed) == (1, {"called": 1, "in_hand": 1})
    assert dict(stayed(lead_file, 10)) == {kept: "called", held: "in_hand"}
    assert Call.objects.count() == 1 and set(Contact.objects.all()) == {kept, held}
    again = undone(world, lead_file)
    assert (again.removed, again.stayed) == (0, {"called": 1, "in_hand": 1})


def test_an_updated_contact_called_since_keeps_its_update_and_one_called_before_loses_it(world):
    old = loaded(world, "Société;Tél\nArmor;0199001234\nBreizh;0199001235\n")
    first = called(world, world.bobs)
    text = "Société;Tél\nArmor SA;0199001234\nBreizh SA;0199001235\n"
    new = loaded(world, text, newer_than=old, at=LATER + timedelta(minutes=1))
    claim = next_contact(engagement=world.bobs, at=LATER)
    result = undone(world, new)
    first.refresh_from_db()
    assert (result.restored, result.stayed) == (1, {"in_hand": 1})
    assert not first.company.endswith("SA") and claim.contact.company.endswith("SA")


def test_an_opposition_and_a_withdrawn_consent_outlive_the_undo(world):
    lead_file = loaded(world, "Société;Tél\nArmor;0199001234\n")
    oppose(organisation=world.organisation, phone=A, at=LATER, source="page")
    Basis.objects.create(
        organisation=world.organisation, contact=contact(A), lead_file=lead_file, number_hash="h", kind="consent",
        about="Traiteur", collected_at=TUESDAY_10H, until=LATER, proof_token="t", withdrawn_at=LATER,
    )  # fmt: skip
    undone(world, lead_file)
    assert not Contact.objects.exists() and Basis.objects.get().contact is None
    assert loaded(world, "Société;Tél\nArmor;0199001234\n").reasons == {"opposed": 1}


def test_who_opposed_after_a_file_held_them_back_stays_out_when_it_is_undone(world):
    loaded(world, "Société;Tél\nLycée;0199001234\nMairie;0199001235\n")
    text = "Société;Tél;Ne pas appeler\nLycée;0199001234;oui\nMairie;0199001235;oui\n"
    second = loaded(world, text)
    oppose(organisation=world.organisation, phone="+33199001234", at=LATER, source="page")
    undone(world, second)
    states = dict(Contact.objects.values_list("phone", "state"))
    assert states == {"+33199001234": "blocked", "+33199001235": "fresh"}


def test_a_contact_that_was_skipped_or_put_off_goes_all_the_same(world):
    lead_file = loaded(world, "Société;Tél\nArmor;0199001234\n")
    Skip.objects.create(contact=contact(A), engagement=world.bobs, reason="other", at=LATER)
    Contact.objects.update(state="retry", next_at=LATER)
    assert undone(world, lead_file).removed == 1


def test_only_its_name_undoes_a_file(world):
    lead_file = loaded(world, "Société;Tél\nArmor;0199001234\n")
    with pytest.raises(Invalid) as refused:
        undo_load(lead_file=lead_file, by=world.carole, at=LATER, name="autre.csv")
    assert (refused.value.code, refused.value.field, lead_file.contacts.count()) == ("other_name", "name", 1)


def test_what_is_not_loaded_or_is_a_log_is_not_undone(world):
    waiting = received(world, "Société;Tél\nArmor;0199001234\n")
    typed = LeadFile.objects.create(
        organisation=world.organisation, mission=world.mission, name="à la main", state="loaded", kind="typed"
    )
    for lead_file in (waiting, typed):
        with pytest.raises(Refused) as refused:
            undone(world, lead_file)
        assert refused.value.code == "not_loaded"


@pytest.mark.parametrize("text", ["Armor SA;0199001234", "Armor;0199001234", "Stade;0199001239"])
def test_a_file_that_a_later_one_knows_is_undone_after_it(world, text):
    """Changed by it, known to it unchanged, or only its newer version: the later one goes first."""
    old = loaded(world, "Société;Tél\nArmor;0199001234\n")
    new = loaded(world, f"Société;Tél\n{text}\n", newer_than=old if "Stade" in text else "", at=LATER)
    with pytest.raises(Refused) as refused:
        undone(world, old, at=LATER)
    assert (refused.value.code, refused.value.data["lead_file"]) == ("built_upon", str(new.public_id))
    undone(world, new)
    undone(world, old)
    assert not Contact.objects.exists()


def test_every_table_that_hangs_on_a_contact_is_thought_of():
    """A new one: does work done there keep a contact (WORK), or does it go with it (REMOVE)?"""
    work = {table.split()[0] for _why, table, _which in WORK}
    gone = {"basis", "accessentry", "skip", "kindreview", "callback", "contactchange"}
    known = {name.removeprefix("prospecting_") for name in work} | gone
    hanging = {relation.related_model._meta.model_name for relation in Contact._meta.related_objects}
    assert hanging - known <= {"acceptance"}, "an acceptance hangs on a call, which keeps its contact"


@pytest.mark.django_db(transaction=True)
def test_a_contact_that_somebody_works_on_is_passed_by_not_waited_for(tmp_path):
    from tests import cast

    world = cast.world()
    lead_file = loaded(world, "Société;Tél\nArmor;0199001234\nBreizh;0199001235\n")
    agent = connection.copy()
    with agent.cursor() as cursor:
        cursor.execute("BEGIN")
        cursor.execute("SELECT id FROM prospecting_contact WHERE phone = %s FOR NO KEY UPDATE", [A])
        result = undone(world, lead_file)
        cursor.execute("ROLLBACK")
    agent.close()
    assert (result.removed, result.stayed, Contact.objects.get().phone) == (1, {"in_hand": 1}, A)


def test_one_number_kept_apart_is_in_one_hand_at_a_time(world):
    loaded(world, "Société;Tél\nLycée;0199001234\nCollège;0199001234\n", keep_apart=True)
    assert next_contact(engagement=world.bobs, at=LATER).contact.phone == A
    assert next_contact(engagement=world.aminas, at=LATER) is None
    called(world, world.bobs, Claim.objects.get())
    assert next_contact(engagement=world.aminas, at=LATER) is None  # the gap between two attempts holds for the number


PHONES = st.sampled_from(["0199001234", "0199001235", "0199001236", "0199001237", "3975", ""])
ROWS = st.lists(
    st.tuples(
        st.sampled_from(["", "x1", "x2", "x3"]),
        st.sampled_from(["", "Lycée", "Collège", "Armor"]),
        PHONES,
        st.sampled_from(["", "", "", "oui"]),
    ),
    min_size=1,
    max_size=7,
)
WAYS = st.fixed_dictionaries(
    {"identity": st.sampled_from(["number", "external_id"]), "keep_apart": st.booleans(), "newer": st.booleans()}
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(files=st.lists(st.tuples(ROWS, WAYS), min_size=1, max_size=4), back=st.integers(0, 4), dice=st.randoms())
def test_whatever_is_loaded_the_trial_tells_it_and_the_undo_takes_it_back(world, files, back, dice: random.Random):
    with transaction.atomic():
        done, seen, older = [], [], None
        for turn, (rows, way) in enumerate(files):
            text = "Id;Société;Tél;Ne pas appeler\n" + "".join(";".join(row) + "\n" for row in rows)
            chosen = {"identity": way["identity"], "keep_apart": way["keep_apart"]}
            newer = older if way["newer"] and older else ""
            lead_file = received(world, text, name=f"f{turn}.csv", newer_than=newer, **chosen)
            seen.append(whole_database(but=[*done, lead_file]))
            tried = preview(lead_file).tally
            at = TUESDAY_10H + timedelta(minutes=turn)
            lead_file = load_lead_file(lead_file_id=queue_lead_file(lead_file=lead_file, at=at).pk, at=at)
            names = ("rows", *COUNTS, "missing", "kept_apart", "reasons")
            assert {name: getattr(lead_file, name) for name in names} == {name: getattr(tried, name) for name in names}
            assert lead_file.changed_fields == tried.fields
            assert sum(counts(lead_file)) == lead_file.rows == len([row for row in rows if any(row)])
            assert lead_file.contacts.count() == lead_file.created
            assert lead_file.changes.filter(what="updated").count() == lead_file.updated
            assert lead_file.set_aside_rows.count() == lead_file.set_aside
            shared = Contact.objects.filter(mission=world.mission).values_list("phone", "apart")
            assert len(set(shared)) == len(shared)
            done.append(lead_file)
            older = lead_file
        for turn in range(len(done) - 1, max(-1, len(done) - 1 - back), -1):
            try:
                undone(world, done[turn])
            except DecrocheError as refused:
                raise AssertionError(refused.sentence) from refused
            now = whole_database(but=done)
            assert now == {**seen[turn], "prospecting_leadfile": now["prospecting_leadfile"]}
        transaction.set_rollback(True)
