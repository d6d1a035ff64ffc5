import pytest

from prospecting.rules.territories import TERRITORIES, territory_of


@pytest.mark.parametrize(
    ("postal_code", "phone", "territory"),
    [
        ("35000", "+33261910847", "FR"),
        ("35 000", None, "FR"),
        ("F-35000", None, "FR"),
        ("1000", None, "FR"),  # 01000 Bourg-en-Bresse, after a spreadsheet
        ("20000", None, "FR"),
        ("57000", None, "FR-ALM"),
        ("67000", None, "FR-ALM"),
        ("68100", None, "FR-ALM"),
        ("97110", None, "FR-GP"),
        ("97133", None, "FR-BL"),
        ("97150", None, "FR-MF"),
        ("97200", None, "FR-MQ"),
        ("97300", None, "FR-GF"),
        ("97400", None, "FR-RE"),
        ("97500", None, "FR-PM"),
        ("97600", None, "FR-YT"),
    ],
)
def test_a_postal_code_tells_the_territory(postal_code, phone, territory):
    assert territory_of(postal_code, phone) == territory


@pytest.mark.parametrize(
    ("phone", "territory"),
    [
        ("+33199001234", "FR"),
        ("+33261910847", "FR"),
        ("+33388123456", "FR-ALM"),
        ("+33387123456", "FR-ALM"),
        ("+262262123456", "FR-RE"),
        ("+262692123456", "FR-RE"),
        ("+262269123456", "FR-YT"),
        ("+262639123456", "FR-YT"),
        ("+508412345", "FR-PM"),
        ("+590590123456", "FR-GP"),
        ("+594594123456", "FR-GF"),
        ("+596596123456", "FR-MQ"),
    ],
)
def test_without_a_postal_code_the_prefix_tells(phone, territory):
    assert territory_of("", phone) == territory


def test_the_postal_code_wins_over_the_prefix():
    assert territory_of("97400", "+33261910847") == "FR-RE"
    assert territory_of("35000", "+262692123456") == "FR"


@pytest.mark.parametrize("phone", [None, "", "+33612345678", "+33712345678", "+33912345678", "+32212345678"])
@pytest.mark.parametrize("postal_code", ["", "?", "99999", "00100", "350", "350000"])
def test_when_nothing_tells_paris_is_assumed_and_flagged(postal_code, phone):
    assert territory_of(postal_code, phone) == "FR?"
    assert TERRITORIES["FR?"].assumed
    assert TERRITORIES["FR?"].zone.key == "Europe/Paris"


def test_every_territory_has_its_own_clock():
    assert {code: territory.zone.key for code, territory in TERRITORIES.items()} == {
        "FR": "Europe/Paris",
        "FR-ALM": "Europe/Paris",
        "FR-GP": "America/Guadeloupe",
        "FR-MQ": "America/Martinique",
        "FR-GF": "America/Cayenne",
        "FR-RE": "Indian/Reunion",
        "FR-YT": "Indian/Mayotte",
        "FR-BL": "America/St_Barthelemy",
        "FR-MF": "America/Marigot",
        "FR-PM": "America/Miquelon",
        "FR?": "Europe/Paris",
    }
    assert [code for code, territory in TERRITORIES.items() if territory.assumed] == ["FR?"]
