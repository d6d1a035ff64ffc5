"""The rates through the API and through the command line: the same numbers, and nobody who should not."""

import json

import pytest
from django.core.management import call_command
from rest_framework.test import APIClient

from reporting.folding import fold_everything
from tests.reporting import given
from tests.reporting.conftest import paris

SALON = {"label": "Salon", "dials": 2, "reached": 2, "argued": 1, "converted": 1, "rate": 0.5}
AT = paris(3).replace(month=11, day=24)


@pytest.fixture
def called(world):
    """Bob reached two contacts of Carole's mission and won one."""
    world.file.name = "Salon"
    world.file.save()
    for what in ("talk", "won"):
        given.a_call(world.contact(columns={"Taille": what}), world.bobs, AT, what)
    fold_everything()
    return world


def api(user, path):
    client = APIClient()
    client.force_authenticate(user)
    return client.get(path)


def rounded(row):
    return {name: round(value, 4) if isinstance(value, float) else value for name, value in row.items()}


class TestApi:
    PATH = "/api/v1/missions/receptions-2027/rates/"

    def test_a_member_reads_the_rates_by_agent(self, called):
        answer = api(called.victor, self.PATH)
        assert answer.status_code == 200
        body = answer.json()
        as_of = body.pop("as_of")
        assert as_of.endswith(("+01:00", "+02:00"))
        counts = {"dials": 2, "reached": 2, "argued": 1, "converted": 1, "rate": 0.5, "low": 0.0945, "high": 0.9055}
        assert [rounded(row) for row in body.pop("rows")] == [
            {"key": str(called.bobs.public_id), "label": "Bob", **counts}
        ]
        assert rounded(body.pop("total")) == {"key": None, "label": "Mission", **counts, "reached_by_several": 0}
        assert body == {"mission": "receptions-2027", "objective": "appointment", "by": "agent"}

    @pytest.mark.parametrize(
        ("by", "labels"),
        [("file", ["Salon"]), ("day", ["24/11/2026"]), ("column:Taille", ["talk", "won"]), ("column:city", ["Rennes"])],
    )
    def test_by_anything_else(self, called, by, labels):
        answer = api(called.carole, f"{self.PATH}?by={by}")
        assert [row["label"] for row in answer.json()["rows"]] == labels

    def test_a_period_is_half_open(self, called):
        def reached(query):
            return api(called.carole, self.PATH + query).json()["total"]["reached"]

        assert reached("?from=2026-11-24&to=2026-11-25") == 2
        assert reached("?to=2026-11-24") == 0
        assert reached("?from=2026-11-25") == 0

    @pytest.mark.parametrize(
        ("query", "field", "code"),
        [
            ("?by=moon", "by", "by"),
            ("?by=column:Effectif", "by", "column"),
            ("?from=yesterday", "from", "invalid"),
            ("?from=2026-11-25&to=2026-11-24", "to", "period"),
        ],
    )
    def test_what_cannot_be_read_is_said_field_by_field(self, called, query, field, code):
        answer = api(called.carole, self.PATH + query)
        assert answer.status_code == 400
        assert answer["Content-Type"] == "application/problem+json"
        assert [(error["field"], error["code"]) for error in answer.json()["errors"]] == [(field, code)]

    def test_somebody_else_s_mission_is_not_there(self, called):
        for person in (called.charlie, called.bob):  # a stranger; a telemarketer, even of this mission
            assert api(person, self.PATH).status_code == 404
        assert api(called.carole, "/api/v1/missions/no-such/rates/").status_code == 404

    def test_nobody_is_asked_to_sign_in(self, called):
        assert APIClient().get(self.PATH).status_code in (401, 403)


class TestCommand:
    def test_json_has_the_shape_of_the_api(self, called, capsys):
        call_command("rates", mission="receptions-2027", by="agent", as_json=True)
        told = json.loads(capsys.readouterr().out)
        answer = api(called.carole, TestApi.PATH).json()
        del told["as_of"], answer["as_of"]
        assert told == answer

    def test_the_table_is_for_people(self, called, capsys):
        call_command("rates", "--mission=receptions-2027", "--by=file", "--from=2026-11-24", "--to=2026-11-25")
        *table, note = capsys.readouterr().out.splitlines()
        assert table == [
            "         dials  reached  argued  converted    rate    low    high",
            "Salon        2        2       1          1  50.00%  9.45%  90.55%",
            "Mission      2        2       1          1  50.00%  9.45%  90.55%",
        ]
        assert note.startswith("reached by several agents: 0; counted up to ")

    def test_nobody_reached_has_no_rate(self, called, capsys):
        call_command("rates", "--mission=receptions-2027", "--by=file", "--to=2026-01-01")
        assert "Mission      0        0       0          0     –    –     –" in capsys.readouterr().out

    @pytest.mark.parametrize(
        ("arguments", "sentence"),
        [
            (["--mission=no-such", "--by=agent"], "Aucune mission"),
            (["--mission=receptions-2027", "--by=column:Effectif"], "n’a de colonne"),
            (["--mission=receptions-2027", "--by=agent", "--from=2026-02-02", "--to=2026-02-01"], "après son début"),
        ],
    )
    def test_a_refusal_is_one_sentence_and_status_1(self, called, capsys, arguments, sentence):
        with pytest.raises(SystemExit) as exit_:
            call_command("rates", *arguments)
        assert exit_.value.code == 1
        out, err = capsys.readouterr()
        assert (out, len(err.splitlines())) == ("", 1)
        assert sentence in err


class TestHeadline:
    """The two cells that a list of missions fetches for each of its rows."""

    PATH = "/missions/receptions-2027/resultats/titre/"

    def test_a_member_reads_the_rate_and_its_base(self, called, client):
        client.force_login(called.victor)
        page = client.get(self.PATH).content.decode()
        assert "50,0\u202f%" in page
        assert "1 sur 2 joints" in page

    def test_nobody_else_does(self, called, client):
        client.force_login(called.charlie)
        assert client.get(self.PATH).status_code == 404
