"""P5: a lead file becomes contacts with every check, beside COPY of the same columns and django-import-export."""

import csv
import os
import random
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.conf import settings
from django.core.files import File
from django.db import connection

from benchmarks.tables import table
from benchmarks.world import House, run
from config import clock
from prospecting.importing.loading import load_lead_file
from prospecting.importing.receiving import Origin, queue_lead_file, receive_lead_file
from prospecting.models import Contact, LeadFile

HEADERS = ("Raison sociale", "Prénom", "Nom", "Fonction", "Téléphone", "Portable", "E-mail", "Adresse")
HEADERS += ("Code postal", "Ville", "SIRET", "Effectif", "Code NAF")
ODD = ("0{} / 0{}", "Tél : 0{}", "0{} poste 12", "(0){}")
CITIES = (("35000", "Rennes"), ("44000", "Nantes"), ("29200", "Brest"), ("97410", "Saint-Pierre"), ("75011", "Paris"))
FLAT = 200  # megabytes above the start


def rows(count: int) -> Iterator[tuple[str, ...]]:
    """Prospects as a directory gives them: 3 % without phone, 3 % twice, 2 % cut, 5 % in odd forms."""
    dice = random.Random(42)
    for n in range(count):
        national = f"1{n % int(count * 0.97) + 10_000_000:08}"
        phone = "" if dice.random() < 0.03 else written(national, dice)
        postal_code, city = dice.choice(CITIES)
        yield (
            f"Société {n}", "Camille", f"Martin {n % 977}", "Gérance", phone,
            f"06 {n // 10**6 % 10 + 10} {n // 10**4 % 100:02} {n // 100 % 100:02} {n % 100:02}" if n % 5 == 0 else "",
            f"contact{n}@exemple.test", f"{n % 200} rue de la Paix", postal_code, city, "", "10 à 19", "5621Z",
        )  # fmt: skip


def written(national: str, dice: random.Random) -> str:
    if dice.random() < 0.02:
        return "99 99"
    grouped = " ".join((national[0], national[1:3], national[3:5], national[5:7], national[7:9]))
    form = dice.choice(ODD) if dice.random() < 0.05 else dice.choice(("0{}", "0{}", "+33{}"))
    return form.format(grouped if dice.random() < 0.6 else national, national)


def write_csv(path: Path, count: int) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, delimiter=";")
        writer.writerow(HEADERS)
        writer.writerows(rows(count))


def write_xlsx(path: Path, count: int) -> None:
    import xlsxwriter

    book = xlsxwriter.Workbook(str(path), {"constant_memory": True})
    sheet = book.add_worksheet("Prospects")
    for place, row in enumerate((HEADERS, *rows(count))):
        sheet.write_row(place, 0, row)
    book.close()


@dataclass
class Measured:
    name: str
    rows: int
    seconds: float
    above: float = 0.0  # megabytes of memory above the start, at most

    @property
    def rate(self) -> float:
        return self.rows / self.seconds


class Watch:
    """The most memory that this process holds while it works, above what it held before."""

    def __enter__(self) -> "Watch":
        self.start, self.most, self.over = resident(), resident(), threading.Event()
        self.thread = threading.Thread(target=self.look)
        self.thread.start()
        self.began = time.monotonic()
        return self

    def look(self) -> None:
        while not self.over.wait(0.1):
            self.most = max(self.most, resident())

    def __exit__(self, *_said: object) -> None:
        self.seconds = time.monotonic() - self.began
        self.over.set()
        self.thread.join()

    @property
    def above(self) -> float:
        return self.most - self.start


def resident() -> float:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


def measure(*, small: bool) -> bool:
    few, many = (2_000, 5_000) if small else (100_000, 1_000_000)
    settings.IMPORT_MAX_BYTES = 1024**3
    with TemporaryDirectory() as folder:
        settings.MEDIA_ROOT = Path(folder) / "media"
        right, hundred = measure_csv(Path(folder), few)
        path = Path(folder) / "prospects.xlsx"
        write_xlsx(path, few)
        workbook = load(path, few)
        theirs = [import_export(500 if small else 2_000, bulk) for bulk in (False, True)]
        right &= report(f"XLSX, {few} rows; django-import-export", [workbook, *theirs], workbook)
        print(f"CSV × django-import-export: {hundred.rate / theirs[0].rate:.0f} (row by row),", end=" ")
        print(f"{hundred.rate / theirs[1].rate:.0f} (its bulk mode).\n", flush=True)
        return measure_csv(Path(folder), many)[0] and right


def measure_csv(folder: Path, count: int) -> tuple[bool, Measured]:
    path = folder / f"{count}.csv"
    write_csv(path, count)
    copies = [copy_text(path, count), copy_contacts(path, count)]
    loaded = load(path, count)
    return report(f"CSV, {count} rows", [*copies, loaded], loaded), loaded


def report(name: str, found: list[Measured], ours: Measured) -> bool:
    print(f"**{name}**\n")
    head = ["", "rows", "seconds", "rows a second", "ours ÷ it", "MB above the start"]
    table(head, [[one.name, one.rows, one.seconds, one.rate, ours.rate / one.rate, one.above] for one in found])
    return ours.above <= FLAT


def load(path: Path, count: int) -> Measured:
    """The whole way of a file: received, recognised, queued, loaded; as the worker does it."""
    house, at = House(at=clock.now(), files=0), clock.now()
    with path.open("rb") as stream, Watch() as received:
        file = receive_lead_file(
            mission=house.mission, content=File(stream), name=path.name, by=None, origin=Origin(supplier="Bench")
        )
    queue_lead_file(lead_file=file, at=at)
    with Watch() as watch:
        loaded = load_lead_file(lead_file_id=file.pk, at=at)
    print(
        f"{path.name}: received in {received.seconds:.1f} s; created {loaded.created}, merged {loaded.merged},", end=" "
    )
    print(f"set aside {loaded.set_aside}: {loaded.reasons}\n", flush=True)
    assert loaded.state == LeadFile.State.LOADED and loaded.rows == count, loaded.refusal
    return Measured(f"Décroche, {path.suffix[1:]}", count, watch.seconds, watch.above)


def copy_text(path: Path, count: int) -> Measured:
    """PostgreSQL's own reading of the same file: every cell a text, no index, nothing looked at."""
    run("DROP TABLE IF EXISTS copied")
    run("CREATE TABLE copied (" + ", ".join(f'"{name}" text' for name in HEADERS) + ")")
    seconds = copied("COPY copied FROM STDIN (FORMAT csv, DELIMITER ';', HEADER)", path)
    run("DROP TABLE copied")
    return Measured("COPY into texts without index", count, seconds)


def copy_contacts(path: Path, count: int) -> Measured:
    """The same columns into a table with the constraints and indexes that contacts have; numbers made ready before."""
    house = House(at=clock.now(), files=1)
    ready = path.with_suffix(".ready")
    fixed = (house.mission.organisation_id, house.mission.pk, house.lead_files[0].pk)
    with ready.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        for n, row in enumerate(rows(count)):
            phone = f"+331{n:09}"
            writer.writerow(
                (*fixed, phone, row[4], *row[:4], *row[6:11], '{"Effectif": "10 à 19", "Code NAF": "5621Z"}', n)
            )
    names = "organisation_id, mission_id, lead_file_id, phone, phone_raw, company, first_name, last_name, job_title, "
    names += "email, address, postal_code, city, siret, columns, row_number"
    seconds = copied(f"COPY prospecting_contact ({names}) FROM STDIN (FORMAT csv, FORCE_NOT_NULL *)", ready)
    return Measured("COPY into contacts, indexes and constraints", count, seconds)


def copied(statement: str, path: Path) -> float:
    began = time.monotonic()
    with connection.cursor() as cursor, cursor.cursor.copy(statement) as copy, path.open("rb") as stream:
        while chunk := stream.read(1024 * 1024):
            copy.write(chunk)
    return time.monotonic() - began


def import_export(count: int, bulk: bool) -> Measured:
    """django-import-export's own way with a model resource: one contact per row, nothing read, nothing judged."""
    import tablib
    from import_export import resources

    house = House(at=clock.now(), files=1)

    class Prospects(resources.ModelResource):
        class Meta:
            model = Contact
            fields = ("phone", "company", "first_name", "last_name", "email", "postal_code", "city")
            import_id_fields = ("phone",)
            use_bulk = bulk
            skip_diff = bulk
            force_init_instance = bulk

        def before_save_instance(self, instance: Contact, row: Any, **kwargs: Any) -> None:
            instance.organisation_id, instance.mission = house.mission.organisation_id, house.mission
            instance.lead_file = house.lead_files[0]

    text = StringIO()
    writer = csv.writer(text)
    writer.writerow(("phone", "company", "first_name", "last_name", "email", "postal_code", "city"))
    writer.writerows((f"+331{n:09}", *row[:3], *row[6:7], *row[8:10]) for n, row in enumerate(rows(count)))
    with Watch() as watch:
        result = Prospects().import_data(tablib.Dataset().load(text.getvalue(), format="csv"), raise_errors=True)
    assert not result.has_errors()
    return Measured(f"django-import-export{', bulk' if bulk else ''}", count, watch.seconds, watch.above)
