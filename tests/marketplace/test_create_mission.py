"""`bin/manage create_mission`: one slug on standard output."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from marketplace.models import Mission, Organisation

pytestmark = pytest.mark.django_db


def run(*arguments: str) -> tuple[str, str]:
    out, err = StringIO(), StringIO()
    call_command("create_mission", *arguments, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def test_it_prints_the_slug_and_makes_the_organisation_once():
    slugs = [run("--organisation", "Banque Sud", "--title", "Dépôts à terme", "--objective", "sale")[0] for _ in "ab"]
    assert slugs == ["depots-a-terme\n", "depots-a-terme-2\n"]
    assert Organisation.objects.filter(name="Banque Sud").count() == 1
    assert Mission.objects.get(slug="depots-a-terme").objective == "sale"


def test_without_a_number_and_a_price_it_stays_a_draft_and_says_why():
    _out, err = run("--organisation", "A", "--title", "B")
    assert Mission.objects.get().state == "draft"
    assert err.count("\n") == 2


def test_with_them_it_runs():
    _out, err = run("--organisation", "A", "--title", "B", "--pay", "32", "--caller-number", "0199001234")
    assert (Mission.objects.get().state, err) == ("running", "")


def test_a_wrong_number_is_one_sentence_and_nothing_is_made():
    with pytest.raises(CommandError, match="Ce numéro n’en est pas un"):
        run("--organisation", "A", "--title", "B", "--caller-number", "douze")
    assert not Organisation.objects.exists()
