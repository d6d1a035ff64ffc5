"""A random history of two missions: everything that may happen to calls, contacts, terms and folds, in any order."""

import random
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection, transaction

from marketplace.models import Mission, Organisation
from prospecting.models import Contact
from reporting.folding import SUMS, fold, fold_everything, rebuild
from tests.reporting import brute, given

START = datetime(2026, 3, 26, 7, tzinfo=UTC)  # the French clock changes on 29 March
OPERATIONS = {
    "log": 14,
    "log_late": 5,
    "log_many": 3,
    "copy": 3,
    "correct": 6,
    "correct_elsewhere": 1,
    "void": 4,
    "delete": 3,
    "edit": 3,
    "bulk_edit": 1,
    "merge": 1,
    "convert_outside": 4,
    "unconvert": 1,
    "move": 2,
    "change_terms": 1,
    "erase": 1,
    "fold_some": 8,
    "roll_back": 2,
    "rebuild": 1,
}


class History:
    def __init__(self, seed: int) -> None:
        self.random, self.now = random.Random(seed), START
        self.done: Counter[str] = Counter()
        organisation = Organisation.objects.create(name="Traiteur Armor")
        window = self.random.choice([1, 3, 7, 30, 60])
        zones = {"armor": "Europe/Paris", "reunion": "Indian/Reunion"}
        self.missions = [
            given.a_mission(f"{slug}-{seed}", organisation=organisation, time_zone=zone, window_days=window)
            for slug, zone in zones.items()
        ]
        self.files = [given.a_file(mission, name) for mission in self.missions for name in ("Salon", "Annuaire")]
        self.agents = [given.an_agent(self.missions[0], name).pk for name in ("Bob", "Dora", "Emma")]
        self.contacts = [
            contact.pk
            for _ in range(self.random.randint(3, 9))
            for contact in given.contacts(self.random.choice(self.files), 1)
        ]

    def run(self) -> None:
        for _ in range(self.random.randint(10, 70)):
            self.now += timedelta(minutes=self.random.randint(1, 60 * 30))
            self.one(*self.random.choices(list(OPERATIONS), list(OPERATIONS.values())))

    def one(self, operation: str) -> None:
        getattr(self, operation)()
        self.done[operation] += 1

    # what happens

    def log(self) -> None:
        given.insert_calls([self.row()])

    def log_late(self) -> None:
        given.insert_calls([self.row(late=True)])

    def log_many(self) -> None:
        given.insert_calls([self.row(late=self.chance(0.3)) for _ in range(self.random.randint(2, 8))])

    def copy(self) -> None:
        given.copy_calls([self.row(late=self.chance(0.8)) for _ in range(self.random.randint(1, 25))])

    def correct(self) -> None:
        if call := self.some_call():
            given.insert_calls([self.correction(call)])

    def correct_elsewhere(self) -> None:
        if call := self.some_call():
            given.insert_calls([self.row() | {"corrects_id": call["id"]}])

    def void(self) -> None:
        if call := self.some_call():
            given.insert_calls([self.correction(call) | dict.fromkeys(given.FLAGS, False) | {"void": True}])

    def delete(self) -> None:
        calls = [call["id"] for call in self.calls("true")]
        self.sql(
            "DELETE FROM prospecting_call WHERE id = ANY (%s)",
            [self.and_corrections(self.random.sample(calls, min(2, len(calls))))],
        )

    def edit(self) -> None:
        if call := self.some_call():
            self.sql(
                "UPDATE prospecting_call SET reached = NOT reached AND NOT void, answered = true, argued = false,"
                " converted = false, engagement_id = %s, started_at = %s WHERE id = %s",
                [self.random.choice(self.agents), self.when(late=True), call["id"]],
            )

    def bulk_edit(self) -> None:
        agents = [self.random.choice(self.agents), self.random.randint(0, 2)]
        self.sql("UPDATE prospecting_call SET seconds = seconds + 1, engagement_id = %s WHERE id %% 3 = %s", agents)

    def merge(self) -> None:
        gone, stays = self.random.sample(self.contacts, 2)
        mission = Contact.objects.get(pk=stays).mission_id
        self.sql(
            "UPDATE prospecting_call SET contact_id = %s, mission_id = %s WHERE contact_id = %s", [stays, mission, gone]
        )

    def convert_outside(self) -> None:
        contact = Contact.objects.get(pk=self.random.choice(self.contacts))
        at = self.when(late=True) + timedelta(days=self.random.choice([0, 0, 2, 5, 30, 35, 45]))
        self.sql(
            "INSERT INTO prospecting_conversion"
            " (organisation_id, mission_id, contact_id, at, source, currency, recorded_at)"
            " VALUES (%s, %s, %s, %s, 'file', 'EUR', now()) ON CONFLICT (contact_id) DO UPDATE SET at = excluded.at",
            [contact.organisation_id, contact.mission_id, contact.pk, at],
        )

    def unconvert(self) -> None:
        self.sql("DELETE FROM prospecting_conversion WHERE contact_id = %s", [self.random.choice(self.contacts)])

    def move(self) -> None:
        lead_file = self.random.choice(self.files)
        Contact.objects.filter(pk=self.random.choice(self.contacts)).update(
            lead_file=lead_file, mission=lead_file.mission
        )

    def change_terms(self) -> None:
        mission = Mission.objects.filter(pk=self.random.choice(self.missions).pk)
        if self.chance(0.5):
            mission.update(window_days=self.random.choice([1, 3, 7, 60]))
        else:
            mission.update(time_zone=self.random.choice(["Europe/Paris", "Indian/Reunion", "America/Guadeloupe"]))

    def erase(self) -> None:
        if len(self.contacts) < 3:
            return
        contact = self.random.choice(self.contacts)
        calls = [call["id"] for call in self.calls("contact_id = %s", [contact])]
        self.sql("DELETE FROM prospecting_call WHERE id = ANY (%s)", [self.and_corrections(calls)])
        self.sql("DELETE FROM prospecting_conversion WHERE contact_id = %s", [contact])
        self.sql("DELETE FROM prospecting_contact WHERE id = %s", [contact])
        self.contacts.remove(contact)

    def fold_some(self) -> None:
        fold(batch=self.random.choice([1, 3, 1000]))

    def rebuild(self) -> None:
        rebuild()

    def roll_back(self) -> None:
        kept = list(self.contacts)
        with transaction.atomic():
            for _ in range(3):
                self.one(self.random.choice([name for name in OPERATIONS if name != "roll_back"]))
            transaction.set_rollback(True)
        self.contacts[:] = kept

    # pieces

    def chance(self, probability: float) -> bool:
        return self.random.random() < probability

    def when(self, *, late: bool) -> datetime:
        return self.now - timedelta(minutes=self.random.randint(0, 60 * 24 * 6) if late else 0)

    def row(self, contact: int | None = None, *, late: bool = False) -> dict[str, Any]:
        owner = Contact.objects.get(pk=contact or self.random.choice(self.contacts))
        answered = self.chance(0.75)
        reached = answered and self.chance(0.8)
        argued = reached and self.chance(0.6)
        return {
            "organisation_id": owner.organisation_id,
            "mission_id": owner.mission_id,
            "contact_id": owner.pk,
            "engagement_id": self.random.choice(self.agents),
            "started_at": self.when(late=late),
            "seconds": self.random.randint(0, 300),
            "dials": self.random.choice([1, 1, 1, 4]),
            "answered": answered,
            "reached": reached,
            "argued": argued,
            "converted": argued and self.chance(0.3),
        }

    def correction(self, call: dict[str, Any]) -> dict[str, Any]:
        row = self.row(call["contact_id"]) | {"corrects_id": call["id"]}
        row["started_at"] = call["started_at"] if self.chance(0.8) else self.when(late=True)
        row["engagement_id"] = call["engagement_id"] if self.chance(0.8) else row["engagement_id"]
        return row

    def some_call(self) -> dict[str, Any] | None:
        """A call that nothing corrects yet, of a contact that is still there."""
        calls = self.calls("NOT EXISTS (SELECT 1 FROM prospecting_call x WHERE x.corrects_id = c.id)")
        return self.random.choice(calls) if calls else None

    def and_corrections(self, ids: list[int]) -> list[int]:
        found = self.sql(
            "WITH RECURSIVE chain AS (SELECT id FROM prospecting_call WHERE id = ANY (%s)"
            " UNION SELECT c.id FROM prospecting_call c JOIN chain ON c.corrects_id = chain.id) SELECT id FROM chain",
            [ids],
        )
        return [row["id"] for row in found]

    def calls(self, where: str, values: Any = ()) -> list[dict[str, Any]]:
        return self.sql(f"SELECT c.* FROM prospecting_call c WHERE {where} ORDER BY id", values)

    def sql(self, statement: str, values: Any = ()) -> list[dict[str, Any]]:
        with connection.cursor() as cursor:
            cursor.execute(statement, values)
            names = [column.name for column in cursor.description or ()]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()] if names else []

    # what came of it

    def cells(self) -> dict[brute.Cell, Counter[str]]:
        fold_everything(batch=self.random.choice([2, 1000]))
        rows = self.sql(f"SELECT mission_id, lead_file_id, agent_id, day, {', '.join(SUMS)} FROM rate_cell")
        return {
            (row.pop("mission_id"), row.pop("lead_file_id"), row.pop("agent_id"), row.pop("day")): +Counter(row)
            for row in rows
        }

    def expected(self) -> tuple[dict[brute.Cell, Counter[str]], set[tuple[int, int, int, int, Any]]]:
        every = self.calls("true")
        replaced = {call["corrects_id"] for call in every}
        live = [
            brute.Call(
                **{name: call[name] for name in ("id", "seconds", "dials", *given.FLAGS)},
                contact=call["contact_id"],
                agent=call["engagement_id"],
                at=call["started_at"],
            )
            for call in every
            if not call["void"] and call["id"] not in replaced
        ]
        contacts = [
            brute.Contact(c.pk, c.mission_id, c.lead_file_id, c.mission.time_zone, c.mission.window_days)
            for c in Contact.objects.select_related("mission")
        ]
        events = {row["contact_id"]: row["at"] for row in self.sql("SELECT * FROM prospecting_conversion")}
        return brute.count(contacts, live, events)
