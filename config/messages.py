"""The message catalogues, without any gettext program: msgids are French, the English is written by people.

`update()` gathers the strings of the code and the templates into the catalogues and compiles them; `faults()` says
what is missing. French needs a catalogue too, generated: each string as itself, with the plural forms. Without it
gettext falls back on the rule of English, and "0 appels" is wrong in French; and Django's own catalogue would answer
for the words that are also English ones: our « File » became « Fichier », our « Note » « Remarque ».
"""

import io
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from babel.messages import Catalog
from babel.messages.catalog import Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
LOCALE = ROOT / "config" / "locale"
APPS = ("config", "marketplace", "prospecting", "reporting")
WRITTEN, GENERATED = "en", "fr"
KEYWORDS: dict[str, tuple[int | tuple[int, str], ...] | None] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
NEVER = datetime(2026, 1, 1, tzinfo=UTC)  # a date that moves would make every run a change


def update(root: Path = ROOT, locale: Path = LOCALE) -> None:
    """Writes both catalogues: translations are kept, new strings wait for theirs, strings gone from the code go."""
    found = gather(root)
    for language, catalogue in ((WRITTEN, _merged(found, locale)), (GENERATED, _as_they_are(found))):
        path = po_path(locale, language)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(_po(catalogue))
        path.with_suffix(".mo").write_bytes(_mo(catalogue))


def faults(root: Path = ROOT, locale: Path = LOCALE) -> Iterator[str]:
    """One sentence per string without English, obsolete, fuzzy or broken, and per catalogue that is not compiled."""
    found, written = gather(root), _read(po_path(locale, WRITTEN), WRITTEN)
    yield from (f"untranslated: {_first(m)} ({_where(m)})" for m in _all(found) if not _is_translated(written, m))
    yield from (f"obsolete: {_first(m)}" for m in _all(written) if _known(found, m) is None)
    yield from (f"fuzzy: {_first(m)}" for m in _all(written) if m.fuzzy)
    yield from (f"broken: {_first(m)}: {error}" for m, errors in written.check() for error in errors)
    for language, catalogue in ((WRITTEN, written), (GENERATED, _as_they_are(found))):
        mo = po_path(locale, language).with_suffix(".mo")
        if not mo.exists() or mo.read_bytes() != _mo(catalogue):
            yield f"stale: {language}/{mo.name}; run bin/messages"


def gather(root: Path) -> Catalog:
    """Every string that the code and the templates mark for translation, with the files that hold it."""
    catalogue = _empty(WRITTEN)
    for path in sorted(path for app in APPS for path in (root / app).rglob("*") if _is_source(path)):
        for _, id_, comments, context in extract("python", io.BytesIO(_as_python(path)), KEYWORDS, ["Translators:"]):
            name = path.relative_to(root).as_posix()
            catalogue.add(id_, locations=[(name, 0)], auto_comments=comments, context=context)
    return catalogue


def po_path(locale: Path, language: str) -> Path:
    return locale / language / "LC_MESSAGES" / "django.po"


def _is_source(path: Path) -> bool:
    return path.suffix in {".py", ".html", ".txt"} and not {"migrations", "static", "locale"} & set(path.parts)


def _as_python(path: Path) -> bytes:
    """A template turned into calls of gettext; its indentation means nothing, and Python's reader minds it."""
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".py":
        text = "\n".join(line.lstrip() for line in templatize(text, origin=str(path)).split("\n"))
    return text.encode()


def _merged(found: Catalog, locale: Path) -> Catalog:
    written = _read(po_path(locale, WRITTEN), WRITTEN)
    for message in _all(found):
        known = _known(written, message)
        if known is not None and isinstance(known.id, tuple) == isinstance(message.id, tuple):
            message.string = known.string
            message.flags |= known.flags
    return found


def _as_they_are(found: Catalog) -> Catalog:
    catalogue = _empty(GENERATED)
    for message in _all(found):
        catalogue.add(message.id, string=message.id, context=message.context, locations=message.locations)
    return catalogue


def _read(path: Path, language: str) -> Catalog:
    if not path.exists():
        return _empty(language)
    with path.open("rb") as file:
        catalogue = read_po(file, locale=language)
    catalogue.creation_date = catalogue.revision_date = NEVER
    catalogue.fuzzy = False
    return catalogue


def _empty(language: str) -> Catalog:
    return Catalog(
        locale=language,
        project="Décroche",
        version="1",
        header_comment="# Written by bin/messages. The msgids are French: the source language.",
        creation_date=NEVER,
        revision_date=NEVER,
        fuzzy=False,
    )


def _po(catalogue: Catalog) -> bytes:
    buffer = io.BytesIO()
    write_po(buffer, catalogue, width=120, sort_output=True, include_lineno=False)
    return buffer.getvalue()


def _mo(catalogue: Catalog) -> bytes:
    buffer = io.BytesIO()
    write_mo(buffer, catalogue)
    return buffer.getvalue()


def _known(catalogue: Catalog, message: Message) -> Message | None:
    return catalogue.get(message.id, message.context)


def _all(catalogue: Catalog) -> list[Message]:
    """Its messages without the header, whose msgid is empty."""
    return [message for message in catalogue if message.id]


def _is_translated(written: Catalog, message: Message) -> bool:
    known = _known(written, message)
    string = known.string if known is not None else ""
    return all(string) if isinstance(string, tuple) else bool(string)


def _first(message: Message) -> str:
    return f"“{message.id[0] if isinstance(message.id, tuple) else message.id}”"


def _where(message: Message) -> str:
    return ", ".join(sorted({name for name, _ in message.locations}))
