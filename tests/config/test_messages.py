"""The catalogues, gathered from a small house of three files."""

import gettext
from pathlib import Path

import pytest
from babel.messages.pofile import read_po, write_po
from django.utils import translation
from django.utils.translation import ngettext

from config.messages import faults, gather, po_path, update

CODE = """
from django.utils.translation import gettext as _, ngettext, pgettext_lazy
def say(n: int) -> str:
    return _("Bonjour") + ngettext("%(n)d appel", "%(n)d appels", n) + pgettext_lazy("verbe", "Appel")
"""
PAGE = """{% load i18n %}
  {% if x %}
      <h1 title="l'été">{% translate "Fiche" %}</h1>
    {% endif %}
{% blocktranslate count n=rows|length trimmed %}
    {{ n }} ligne
  {% plural %}
    {{ n }} lignes
{% endblocktranslate %}
"""


@pytest.fixture
def house(tmp_path: Path) -> Path:
    (tmp_path / "prospecting" / "templates").mkdir(parents=True)
    (tmp_path / "prospecting" / "calling.py").write_text(CODE)
    (tmp_path / "prospecting" / "templates" / "page.html").write_text(PAGE)
    (tmp_path / "prospecting" / "migrations").mkdir()
    (tmp_path / "prospecting" / "migrations" / "0001.py").write_text('_("jamais montré")')
    return tmp_path


def write(locale: Path, english: dict[str, str | tuple[str, str]]) -> None:
    """What a translator does: fills the catalogue by hand."""
    with po_path(locale, "en").open("rb") as file:
        catalogue = read_po(file, locale="en")
    for message in catalogue:
        first = message.id[0] if isinstance(message.id, tuple) else message.id
        message.string = english.get(first, message.string)
    with po_path(locale, "en").open("wb") as file:
        write_po(file, catalogue)


ENGLISH: dict[str, str | tuple[str, str]] = {
    "Bonjour": "Hello",
    "Appel": "Call",
    "Fiche": "Contact",
    "%(n)d appel": ("%(n)d call", "%(n)d calls"),
    "%(n)s ligne": ("%(n)s row", "%(n)s rows"),
}


@pytest.fixture
def locale(house: Path) -> Path:
    """The catalogues of the house, whole."""
    folder = house / "locale"
    update(house, folder)
    write(folder, ENGLISH)
    update(house, folder)
    return folder


def compiled(locale: Path, language: str) -> gettext.GNUTranslations:
    with po_path(locale, language).with_suffix(".mo").open("rb") as file:
        return gettext.GNUTranslations(file)


def test_it_finds_the_strings_of_code_and_templates_and_none_of_migrations(house: Path) -> None:
    assert {message.id: [name for name, _ in message.locations] for message in gather(house) if message.id} == {
        "Bonjour": ["prospecting/calling.py"],
        ("%(n)d appel", "%(n)d appels"): ["prospecting/calling.py"],
        "Appel": ["prospecting/calling.py"],
        "Fiche": ["prospecting/templates/page.html"],
        ("%(n)s ligne", "%(n)s lignes"): ["prospecting/templates/page.html"],
    }


def test_a_whole_catalogue_has_no_fault(house: Path, locale: Path) -> None:
    assert list(faults(house, locale)) == []


def test_what_is_written_is_what_english_readers_get(locale: Path) -> None:
    english = compiled(locale, "en")
    assert english.gettext("Bonjour") == "Hello"
    assert english.pgettext("verbe", "Appel") == "Call"
    assert [english.ngettext("%(n)d appel", "%(n)d appels", n) for n in (0, 1, 2)] == [
        "%(n)d calls",
        "%(n)d call",
        "%(n)d calls",
    ]


def test_french_counts_nought_as_one(locale: Path) -> None:
    french = compiled(locale, "fr")
    assert [french.ngettext("%(n)d appel", "%(n)d appels", n) for n in (0, 1, 2)] == [
        "%(n)d appel",
        "%(n)d appel",
        "%(n)d appels",
    ]


def test_writing_them_again_changes_nothing(house: Path, locale: Path) -> None:
    before = {path: path.read_bytes() for path in locale.rglob("django.*")}
    update(house, locale)
    assert {path: path.read_bytes() for path in locale.rglob("django.*")} == before


def test_a_string_without_english_is_named_with_its_file(house: Path, locale: Path) -> None:
    (house / "prospecting" / "queue.py").write_text('_("Suivant")')
    assert list(faults(house, locale)) == [
        "untranslated: “Suivant” (prospecting/queue.py)",
        "stale: fr/django.mo; run bin/messages",
    ]


def test_french_says_each_string_as_it_is_written(locale: Path) -> None:
    """Or Django's own catalogue would answer for the French words that are English ones too: File, Note, Page…"""
    assert compiled(locale, "fr").gettext("Bonjour") == "Bonjour"
    assert compiled(locale, "fr").info()["language"] == "fr"
    assert "Bonjour" in po_path(locale, "fr").read_text()


def test_a_string_gone_from_the_code_is_obsolete_until_the_next_update(house: Path, locale: Path) -> None:
    (house / "prospecting" / "templates" / "page.html").write_text('{% load i18n %}{% translate "Fiche" %}')
    assert "obsolete: “%(n)s ligne”" in list(faults(house, locale))
    update(house, locale)
    assert list(faults(house, locale)) == []


def test_a_placeholder_lost_in_translation_is_named(house: Path, locale: Path) -> None:
    write(locale, {"%(n)d appel": ("one call", "%(m)d calls")})
    assert any(fault.startswith("broken: “%(n)d appel”") for fault in faults(house, locale))


def test_a_catalogue_written_but_not_compiled_is_stale(house: Path, locale: Path) -> None:
    write(locale, {"Bonjour": "Hi"})
    assert list(faults(house, locale)) == ["stale: en/django.mo; run bin/messages"]


def test_a_fuzzy_string_is_named(house: Path, locale: Path) -> None:
    path = po_path(locale, "en")
    path.write_text(path.read_text().replace('msgid "Bonjour"', '#, fuzzy\nmsgid "Bonjour"'))
    assert "fuzzy: “Bonjour”" in list(faults(house, locale))


def test_django_reads_our_french_with_the_rule_of_french(house: Path, locale: Path, settings) -> None:
    settings.LOCALE_PATHS = [locale]
    translation.trans_real._translations.clear()
    with translation.override("fr"):
        assert [ngettext("%(n)d appel", "%(n)d appels", n) % {"n": n} for n in (0, 1, 2)] == [
            "0 appel",
            "1 appel",
            "2 appels",
        ]
    translation.trans_real._translations.clear()
