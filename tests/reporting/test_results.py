"""The manager's page, its export, and the calls behind each of its figures."""

from datetime import date, datetime, timedelta
from itertools import product

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from config.spreadsheets import guarded
from prospecting.models import CallLog, Contact
from reporting.drilling import Asked, Figure, counted_calls
from reporting.folding import fold_everything
from reporting.rates import ALWAYS, Period, read_rates
from reporting.results import read_results
from tests import cast
from tests.reporting import given
from tests.reporting.conftest import paris

NOW = paris(13)
PAGE = "/missions/receptions-2027/resultats/"


def row(row):
    return row.label, row.dials, row.reached, row.argued, row.converted


class TestReading:
    def test_the_whole_of_the_golden_world(self, golden):
        read = read_results(mission=golden, code="all", at=NOW)
        assert row(read.total) == ("Mission", 9, 4, 4, 3)
        assert [row(agent) for agent in read.agents] == [("Bob", 5, 3, 2, 1), ("Dora", 4, 2, 2, 2)]
        assert [row(file.row) for file in read.files] == [("Salon", 5, 3, 3, 3), ("Annuaire", 4, 1, 1, 0)]
        assert [[cell and row(cell)[1:] for cell in cells] for _agent, cells in read.matrix.lines] == [
            [(3, 2, 1, 1), (2, 1, 1, 0)],
            [(2, 2, 2, 2), (2, 0, 0, 0)],
        ]
        assert [(day.key[-2:], day.dials, day.reached, day.converted) for day in read.days] == [
            ("02", 1, 0, 0),
            ("03", 4, 4, 3),
            ("04", 2, 0, 0),
            ("05", 1, 0, 0),
            ("12", 1, 0, 0),
        ]
        assert [(week.monday.day, week.row.reached, week.row.converted) for week in read.weeks] == [(2, 4, 3)]
        assert [(step.code, step.number, step.base) for step in read.funnel] == [
            ("received", 6, None),
            ("callable", 6, 6),
            ("called", 5, 6),
            ("answered", 5, 5),
            ("reached", 4, 5),
            ("argued", 4, 4),
            ("converted", 3, 4),
        ]

    def test_it_says_what_the_rates_say(self, golden):
        for code, period in (("all", ALWAYS), ("month", Period(date(2026, 2, 12), date(2026, 3, 14)))):
            read = read_results(mission=golden, code=code, at=NOW)
            for by, rows in (("agent", read.agents), ("file", [f.row for f in read.files]), ("day", read.days)):
                rates = read_rates(mission=golden, by=by, at=NOW, period=period)
                assert (rows, read.total) == (rates.rows, rates.total)

    def test_the_shortest_span_with_enough_contacts_is_shown_first(self, golden, monkeypatch):
        assert read_results(mission=golden, code="", at=paris(3, 20)).span.code == "all"  # 4 reached: too few
        monkeypatch.setattr("reporting.results.FEW", 4)
        assert read_results(mission=golden, code="", at=paris(3, 20)).span.code == "week"
        assert read_results(mission=golden, code="", at=NOW).span.code == "month"

    def test_the_week_starts_on_monday(self, golden):
        third = read_results(mission=golden, code="week", at=paris(3, 20))
        assert (third.span.code, third.span.period) == ("week", Period(date(2026, 3, 2), date(2026, 3, 4)))
        assert row(third.total) == ("Mission", 5, 4, 4, 3)
        assert row(read_results(mission=golden, code="week", at=NOW).total) == ("Mission", 1, 0, 0, 0)

    def test_a_rate_may_rise_while_its_contacts_may_still_convert(self, golden):
        assert read_results(mission=golden, code="all", at=paris(10)).may_rise_until == date(2026, 3, 10)
        assert read_results(mission=golden, code="all", at=paris(11)).may_rise_until is None
        (week,) = read_results(mission=golden, code="all", at=paris(15)).weeks
        assert week.open  # reached on Sunday the 8th at the latest, converted on the 15th at the latest
        (week,) = read_results(mission=golden, code="all", at=paris(16)).weeks
        assert not week.open

    def test_where_the_contacts_stand(self, golden):
        ids = list(Contact.objects.order_by("pk").values_list("pk", flat=True))
        Contact.objects.filter(pk=ids[0]).update(state="retry", next_at=NOW)
        Contact.objects.filter(pk=ids[1]).update(state="converted")
        Contact.objects.filter(pk=ids[2]).update(state="blocked", blocked_reason="opposition")  # once called
        Contact.objects.filter(pk=ids[5]).update(state="blocked", blocked_reason="opposition")  # never called
        standing = read_results(mission=golden, code="all", at=NOW).standing
        assert (standing.waiting, standing.converted, standing.over, standing.received) == (3, 1, 2, 6)
        assert standing.states == {"fresh": 2, "retry": 1, "converted": 1, "blocked": 2}
        assert standing.never_callable == 1


class TestCallsBehindAFigure:
    @pytest.mark.parametrize("figure", Figure)
    def test_there_are_as_many_as_the_figure_says(self, golden, figure):
        periods = [ALWAYS, Period(date(2026, 3, 4)), Period(date(2026, 3, 2), date(2026, 3, 4))]
        agents, files = [None, *golden.engagements.all()], [None, *golden.lead_files.all()]
        for agent, file, period in product(agents, files, periods):
            page = counted_calls(mission=golden, asked=Asked(figure, agent, file, period))
            assert len(page.calls) == page.number, (figure, agent, file, period)

    def test_a_conversion_is_the_call_that_won_it_or_the_last_talk_before_it(self, golden):
        page = counted_calls(mission=golden, asked=Asked(Figure.CONVERTED))
        assert [(call.at.day, call.agent, call.elsewhere_at) for call in page.calls] == [
            (4, "Dora", None),
            (3, "Dora", paris(9)),
            (3, "Bob", None),
        ]

    def test_long_lists_come_in_pages_without_a_gap(self, db):
        mission = given.a_mission("long")
        agent, lead_file = given.an_agent(mission, "Bob"), given.a_file(mission)
        for number, contact in enumerate(given.contacts(lead_file, 120)):
            given.a_call(contact, agent, paris(1) + timedelta(minutes=number // 7))
        fold_everything()
        seen, before = [], None
        while True:
            page = counted_calls(mission=mission, asked=Asked(Figure.REACHED), before=before)
            seen += [call.public_id for call in page.calls]
            before = page.next
            if not before:
                break
        assert (len(seen), len(set(seen)), page.number) == (120, 120, 120)


@pytest.fixture
def called(world):
    """Bob reached 40 contacts of the file and won 8; Amina called one who did not answer."""
    at = timezone.now() - timedelta(hours=1)
    for number in range(40):
        given.a_call(world.contact(), world.bobs, at, "won" if number < 8 else "pitch")
    given.a_call(world.contact(phone="+33299000001", company="=Cabinet"), world.aminas, at, "nobody")
    fold_everything()
    return world


@pytest.fixture
def carole(called, client):
    client.force_login(called.carole)
    return client


def text(response):
    return " ".join(response.content.decode().replace("\u202f", " ").replace("\xa0", " ").split())


class TestPage:
    def test_a_manager_reads_the_sentence_and_each_figure_with_its_base(self, carole):
        page = text(carole.get(PAGE))
        assert "8 rendez-vous</a> pour" in page
        assert "40 contacts joints</a> : 20,0 %, entre 10,5 et 34,8 %." in page
        assert "personne joint : aucun taux" in page  # Amina
        assert "style=" not in page

    def test_it_takes_no_more_than_twelve_queries_whatever_the_size(self, carole, called):
        def queries():
            cache.clear()
            with CaptureQueriesContext(connection) as captured:
                assert carole.get(PAGE).status_code == 200
            return len(captured)

        before = queries()
        for name in ("Chloé", "David"):
            agent, lead_file = given.an_agent(called.mission, name), given.a_file(called.mission, name)
            for contact in given.contacts(lead_file, 3):
                given.a_call(contact, agent, timezone.now() - timedelta(days=9), "won")
        fold_everything()
        assert queries() == before <= 12

    def test_somebody_else_s_mission_is_not_there(self, called, client):
        for person in (called.charlie, called.bob):
            client.force_login(person)
            for path in (PAGE, "/missions/receptions-2027/resultats.csv", "/missions/receptions-2027/appels/"):
                assert client.get(path).status_code == 404

    def test_nobody_is_sent_to_sign_in(self, called, client):
        assert client.get(PAGE).status_code == 302

    def test_a_mission_without_a_call_says_what_will_stand_there(self, world, client):
        client.force_login(world.victor)
        page = text(client.get(PAGE))
        assert "Aucun appel encore." in page
        assert "0,0 %" not in page

    def test_a_log_without_dates_says_so(self, carole, called):
        CallLog.objects.create(
            organisation=called.organisation,
            mission=called.mission,
            lead_file=called.file,
            name="bank.csv",
            sha256="0",
            dated=False,
        )
        assert "« bank.csv » ne donne pas la date des appels" in (page := text(carole.get(PAGE)))
        assert "Depuis le début, <a" in page  # and not « cette semaine »

    def test_in_english_too(self, called, client):
        called.carole.language = "en"
        called.carole.save()
        client.force_login(called.carole)
        page = text(client.get(PAGE, headers={"accept-language": "en"}))
        assert "8 appointments</a> from" in page
        assert "40 contacts reached</a>: 20.0%, between 10.5 and 34.8%." in page


class TestExport:
    def test_it_is_exactly_what_the_table_shows(self, carole):
        answer = carole.get("/missions/receptions-2027/resultats.csv?period=all")
        assert answer["Content-Disposition"] == 'attachment; filename="receptions-2027-all.csv"'
        assert answer.content.decode("utf-8-sig").splitlines() == [
            "Téléprospecteur;Fichier;Appels;Joints;Argumentés;RDV;Taux (%);De (%);À (%)",
            "Bob;Annuaire 35;40;40;40;8;20,0;10,5;34,8",
            "Bob;Ensemble;40;40;40;8;20,0;10,5;34,8",
            "Amina;Annuaire 35;1;0;0;0;;;",
            "Amina;Ensemble;1;0;0;0;;;",
            "Mission;Annuaire 35;41;40;40;8;20,0;10,5;34,8",
            "Mission;Ensemble;41;40;40;8;20,0;10,5;34,8",
        ]
        assert answer.content.startswith(b"\xef\xbb\xbf")

    @pytest.mark.parametrize("cell", ["=1+1", "+33", "-2", "@SUM(A1)", "\t=1", "\r=1"])
    def test_a_cell_that_a_spreadsheet_would_run_is_a_text(self, cell):
        assert guarded(cell) == "'" + cell

    def test_a_name_that_is_a_formula_is_guarded_in_the_file(self, carole, called):
        called.file.name = '=HYPERLINK("http://example.test")'
        called.file.save()
        body = carole.get("/missions/receptions-2027/resultats.csv").content.decode()
        assert "'=HYPERLINK" in body
        assert ";=" not in body


class TestCallsPage:
    PATH = "/missions/receptions-2027/appels/"

    def test_the_calls_of_a_figure_with_masked_numbers(self, carole, called):
        page = text(carole.get(f"{self.PATH}?agent={called.aminas.public_id}"))
        assert "<h1>1 appel, Amina</h1>" in page
        assert "02 99 •• •• ••" in page
        assert "299000001" not in page

    def test_a_figure_s_own_number_heads_the_list(self, carole, called):
        assert "<h1>8 rendez-vous, Bob</h1>" in text(
            carole.get(f"{self.PATH}?count=converted&agent={called.bobs.public_id}")
        )

    @pytest.mark.parametrize(
        "query", ["?count=moon", "?agent=1", "?from=yesterday", "?from=2026-02-02&to=2026-02-01", "?before=x"]
    )
    def test_what_cannot_be_read_is_said_and_nothing_is_listed(self, carole, query):
        answer = carole.get(self.PATH + query)
        assert answer.status_code == 200
        assert "<table" not in text(answer)
        assert "wrong" in text(answer) or "flag" in text(answer)

    def test_another_mission_s_agent_is_unknown_here(self, carole, called):
        other = cast.running_mission(called.organisation, "autre")
        stranger = cast.engaged(called.bob, other, datetime(2026, 1, 1, tzinfo=paris(1).tzinfo))
        assert "<table" not in text(carole.get(f"{self.PATH}?agent={stranger.public_id}"))
