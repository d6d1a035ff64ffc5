from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from reporting.folding import fold_everything
from tests.reporting import given


def paris(day: int, hour: int = 10) -> datetime:
    """A moment of March 2026 on a French clock."""
    return datetime(2026, 3, day, hour, tzinfo=ZoneInfo("Europe/Paris"))


@pytest.fixture
def golden(db):
    """Six contacts of two files, called by Bob and Dora in March 2026; counted by hand in test_rates.py.

    S1 reached by Bob on the 3rd, won by Dora on the 4th. S2 won by Bob at once. S3 pitched by Dora, converted elsewhere
    six days later. A1 pitched by Bob, won nine days later: too late for a window of seven. A2 never reached. A3 never
    called.
    """
    mission = given.a_mission("traiteur", window_days=7)
    salon, annuaire = given.a_file(mission, "Salon"), given.a_file(mission, "Annuaire")
    bob, dora = given.an_agent(mission, "Bob"), given.an_agent(mission, "Dora")
    s1, s3 = given.contacts(salon, 2, city="Rennes", columns={"Taille": "10 à 50"})
    (s2,) = given.contacts(salon, 1, city="Vitré", columns={"Taille": "50 et plus"})
    a1, a2, _a3 = given.contacts(annuaire, 3, city="Fougères")
    given.a_call(s1, bob, paris(2), "nobody")
    given.a_call(s1, bob, paris(3), "talk")
    given.a_call(s1, dora, paris(4), "won")
    given.a_call(s2, bob, paris(3), "won")
    given.a_call(s3, dora, paris(3), "pitch")
    given.a_conversion(s3, paris(9))
    given.a_call(a1, bob, paris(3), "pitch")
    given.a_call(a1, bob, paris(12), "won")
    given.a_call(a2, dora, paris(4), "nobody")
    given.a_call(a2, dora, paris(5), "standard")
    fold_everything()
    return mission
