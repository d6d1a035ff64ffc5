"""Marks, folds and rebuilds: nothing that changes is missed, and nothing that is done twice counts twice."""

import threading

import pytest
from django.core.management import call_command
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import timezone

from marketplace.models import Engagement, Mission
from prospecting.models import Call, Contact, Conversion, LeadFile
from reporting.folding import Drift, check, fold, fold_everything, rebuild
from reporting.rates import read_rates
from tests.reporting import given
from tests.reporting.conftest import paris

LONG_AGO = paris(1).replace(year=2020)


def rows(sql, values=()):
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall()


def marked():
    return {contact for (contact,) in rows("SELECT contact_id FROM dirty_contact")}


def everything():
    """The facts and the sums, whole."""
    return rows("SELECT * FROM contact_day ORDER BY 1, 2, 3"), rows("SELECT * FROM rate_cell ORDER BY 1, 2, 3, 4")


@pytest.fixture
def bob(golden):
    return Engagement.objects.get(label="Bob")


@pytest.fixture
def contact(golden):
    return Contact.objects.filter(city="Vitré").get()


class TestMarks:
    def test_a_call_that_is_inserted_changed_or_deleted(self, contact, bob):
        call = given.a_call(contact, bob, paris(20))
        assert marked() == {contact.pk}
        fold_everything()
        Call.objects.filter(pk=call).update(seconds=7)
        assert marked() == {contact.pk}
        fold_everything()
        Call.objects.filter(pk=call).delete()
        assert marked() == {contact.pk}

    def test_many_calls_by_copy_or_in_bulk(self, contact, bob):
        row = {"organisation_id": contact.organisation_id, "mission_id": contact.mission_id, "engagement_id": bob.pk}
        row |= dict.fromkeys(given.FLAGS, True) | {"started_at": paris(20)}
        others = list(Contact.objects.exclude(pk=contact.pk))
        given.copy_calls([row | {"contact_id": each.pk} for each in others])
        assert marked() == {each.pk for each in others}
        fold_everything()
        Call.objects.filter(contact__in=others[:2]).update(answered=True, started_at=paris(21))
        assert marked() == {each.pk for each in others[:2]}

    def test_a_correction_also_marks_the_contact_of_the_call_it_replaces(self, contact, bob):
        was, other = Call.objects.filter(contact=contact).get(), Contact.objects.exclude(pk=contact.pk).first()
        correction = given.a_call(other, bob, paris(20), corrects=was.pk)
        assert marked() == {contact.pk, other.pk}
        fold_everything()
        Call.objects.filter(pk=correction).delete()
        assert marked() == {contact.pk, other.pk}

    def test_a_conversion_elsewhere(self, contact):
        conversion = given.a_conversion(contact, paris(20))
        assert marked() == {contact.pk}
        fold_everything()
        Conversion.objects.filter(pk=conversion.pk).update(at=paris(21))
        assert marked() == {contact.pk}
        fold_everything()
        conversion.delete()
        assert marked() == {contact.pk}

    def test_a_contact_that_moves_to_another_file_but_not_one_that_is_renamed(self, contact):
        Contact.objects.filter(pk=contact.pk).update(company="Autre", state="closed")
        assert marked() == set()
        Contact.objects.filter(pk=contact.pk).update(lead_file=LeadFile.objects.get(name="Annuaire"))
        assert marked() == {contact.pk}

    def test_a_mission_that_changes_its_clock_or_its_window_but_not_its_title(self, golden):
        Mission.objects.update(title="Autre", state="running")
        assert marked() == set()
        Mission.objects.filter(pk=golden.pk).update(window_days=10)
        assert marked() == set(Contact.objects.values_list("pk", flat=True))
        fold_everything()
        assert (
            read_rates(at=LONG_AGO, mission=golden, by="file").total.converted == 4
        )  # A1, won nine days after, is in the window now

    def test_a_change_that_is_rolled_back_leaves_no_mark(self, contact, bob):
        with transaction.atomic():
            given.a_call(contact, bob, paris(20))
            transaction.set_rollback(True)
        assert marked() == set()

    @pytest.mark.parametrize("table", ["prospecting_call", "prospecting_conversion", "prospecting_contact"])
    def test_truncate_is_refused_where_nobody_asked_for_it(self, golden, table):
        before = everything()
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # no event may wait for a table that is to be emptied
            with pytest.raises(DatabaseError, match="would leave the rates behind"), transaction.atomic():
                cursor.execute("SET LOCAL decroche.allow_truncate = 'off'")
                cursor.execute(f"TRUNCATE {table} CASCADE")
        assert everything() == before


class TestFolds:
    def test_a_fold_takes_no_more_than_its_batch_and_says_how_many(self, golden, bob):
        for contact in Contact.objects.all():
            given.a_call(contact, bob, paris(20))
        assert [fold(batch=4), fold(batch=4), fold(batch=4)] == [4, 2, 0]

    def test_folding_again_changes_nothing(self, golden):
        before = everything()
        for contact in Contact.objects.all():
            rows("INSERT INTO dirty_contact VALUES (%s) RETURNING 1", [contact.pk])
        fold_everything()
        assert everything() == before

    def test_a_call_taken_back_leaves_no_row_behind(self, golden, contact):
        before = everything()
        other = given.an_agent(golden, "Emma")
        was = Call.objects.filter(contact=contact).get()
        call = given.a_call(contact, other, paris(20), "won")
        fold_everything()
        assert everything() != before
        given.a_call(contact, other, paris(20), "nobody", corrects=call, void=True)
        fold_everything()
        assert everything() == before
        given.a_call(contact, other, paris(20), "nobody", corrects=was.pk, void=True)
        fold_everything()
        assert rows("SELECT * FROM contact_day WHERE contact_id = %s", [contact.pk]) == []

    def test_a_sum_that_cannot_be_is_stopped_by_the_database(self, golden):
        with pytest.raises(IntegrityError), transaction.atomic():
            rows("UPDATE rate_cell SET talks = dials + 1 RETURNING 1")


class TestRebuild:
    def test_it_gives_the_same_numbers_as_the_folds(self, golden):
        before = everything()
        rebuild()
        assert everything() == before

    def test_it_needs_nothing_of_what_was_there(self, golden):
        before = everything()
        rows("DELETE FROM contact_day RETURNING 1")
        rows("UPDATE rate_cell SET dials = dials + 7 RETURNING 1")
        call_command("rebuild_rates")
        assert everything() == before

    def test_it_answers_the_marks_that_were_waiting(self, golden, contact, bob):
        given.a_call(contact, bob, paris(20))
        rebuild()
        assert marked() == set()
        assert check(since=LONG_AGO) == Drift(contacts=0, cells=0)

    def test_the_tables_are_as_a_migration_makes_them_however_often_it_runs(self, golden):
        shape = """
            SELECT indexname, indexdef FROM pg_indexes WHERE tablename IN ('contact_day', 'rate_cell')
            UNION ALL SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint
              WHERE conrelid IN ('contact_day'::regclass, 'rate_cell'::regclass)
            UNION ALL SELECT relname, reloptions::text FROM pg_class WHERE relname IN ('contact_day', 'rate_cell')
            UNION ALL SELECT attname, attnum::text || attnotnull || atttypid FROM pg_attribute
              WHERE attrelid IN ('contact_day'::regclass, 'rate_cell'::regclass) AND attnum > 0
            ORDER BY 1, 2"""
        before = rows(shape)
        rebuild()
        rebuild()
        assert rows(shape) == before


class TestCheck:
    def test_it_finds_nothing_where_nothing_is_wrong_and_counts_what_waits_as_right(self, golden, contact, bob):
        assert check(since=LONG_AGO) == Drift(contacts=0, cells=0)
        given.a_call(contact, bob, paris(20))
        assert check(since=LONG_AGO) == Drift(contacts=0, cells=0)

    def test_it_counts_the_facts_and_the_sums_that_differ(self, golden, contact):
        rows("UPDATE contact_day SET seconds = seconds + 1 WHERE contact_id = %s RETURNING 1", [contact.pk])
        assert check(since=LONG_AGO) == Drift(contacts=1, cells=1)
        rebuild()
        rows("DELETE FROM rate_cell WHERE day = '2026-03-05' RETURNING 1")
        assert check(since=LONG_AGO) == Drift(contacts=0, cells=1)

    def test_the_command_says_so_and_fails(self, golden, capsys, settings):
        call_command("check_rates", days=20_000)
        assert capsys.readouterr().out == "rates equal the calls\n"
        rows("DELETE FROM rate_cell WHERE day = '2026-03-05' RETURNING 1")
        with pytest.raises(SystemExit) as exit_:
            call_command("check_rates", days=20_000)
        assert exit_.value.code == 1
        assert capsys.readouterr().err == "0 contacts and 1 cells differ: run rebuild_rates.\n"

    def test_what_is_older_than_asked_is_not_looked_at(self, golden):
        rows("DELETE FROM rate_cell WHERE day = '2026-03-05' RETURNING 1")
        assert check(since=timezone.now()) == Drift(contacts=0, cells=0)


@pytest.mark.django_db(transaction=True)
class TestSeveralAtOnce:
    """Real transactions on several connections."""

    @pytest.fixture
    def mission(self):
        mission = given.a_mission("traiteur")
        self.contacts = given.contacts(given.a_file(mission), 20)
        self.agent = given.an_agent(mission, "Bob")
        return mission

    def beside(self, work):
        """Runs `work` on another connection and waits for it."""
        errors = []

        def run():
            try:
                work()
            except Exception as error:
                errors.append(error)
            finally:
                connection.close()

        thread = threading.Thread(target=run)
        thread.start()
        thread.join()
        assert not errors

    def test_a_folder_that_meets_another_leaves_the_marks_to_it(self, mission):
        given.a_call(self.contacts[0], self.agent, paris(20))
        with transaction.atomic():
            assert fold() == 1
            met = []
            self.beside(lambda: met.append(fold()))
            assert met == [None]
        assert fold() == 0

    def test_a_fold_that_is_killed_leaves_marks_and_rates_as_they_were(self, mission):
        given.a_call(self.contacts[0], self.agent, paris(20))
        with pytest.raises(KeyboardInterrupt), transaction.atomic():
            assert fold() == 1
            raise KeyboardInterrupt
        assert read_rates(at=LONG_AGO, mission=mission, by="agent").rows == []
        assert fold() == 1
        assert read_rates(at=LONG_AGO, mission=mission, by="agent").total.reached == 1

    def test_a_call_committed_while_a_fold_runs_is_counted_by_the_next(self, mission):
        given.a_call(self.contacts[0], self.agent, paris(20))
        with transaction.atomic():
            assert fold() == 1
            self.beside(lambda: given.a_call(self.contacts[0], self.agent, paris(21), "won"))
        assert fold() == 1
        assert read_rates(at=LONG_AGO, mission=mission, by="agent").total.converted == 1
        assert check(since=LONG_AGO) == Drift(contacts=0, cells=0)

    def test_calls_go_on_during_a_rebuild_and_their_marks_are_kept(self, mission):
        for contact in self.contacts:
            given.a_call(contact, self.agent, paris(20))
        fold_everything()
        with transaction.atomic():
            rebuild()
            self.beside(lambda: given.a_call(self.contacts[0], self.agent, paris(21), "won"))
            met = []
            self.beside(lambda: met.append(fold()))
            assert met == [None]
        assert marked() == {self.contacts[0].pk}
        fold_everything()
        assert read_rates(at=LONG_AGO, mission=mission, by="agent").total.converted == 1
        assert check(since=LONG_AGO) == Drift(contacts=0, cells=0)

    def test_writers_of_the_same_contact_do_not_wait_for_each_other_s_marks(self, mission):
        with transaction.atomic():
            given.a_call(self.contacts[0], self.agent, paris(20))
            self.beside(lambda: given.a_call(self.contacts[0], self.agent, paris(20)))
        assert fold() == 2


@pytest.mark.django_db
def test_the_migration_can_be_undone_and_done_again():
    objects = """
        SELECT 'table ' || relname FROM pg_class
          WHERE relname IN ('contact_day', 'rate_cell', 'dirty_contact', 'call_live', 'contact_day_now')
        UNION ALL SELECT 'trigger ' || tgname || tgrelid::regclass FROM pg_trigger WHERE starts_with(tgname, 'rates_')
        UNION ALL SELECT 'function ' || proname FROM pg_proc WHERE starts_with(proname, 'mark_') ORDER BY 1"""
    before = rows(objects)
    call_command("migrate", "reporting", "zero", verbosity=0)
    assert rows(objects) == []
    call_command("migrate", "reporting", verbosity=0)
    assert rows(objects) == before != []
