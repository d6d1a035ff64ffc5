"""The fixed cast: Alice owns the business, Carole manages it, Victor reads; Bob and Amina call; Charlie sees nothing.

Everything is made at one instant, a Tuesday at 10:00 in Paris, inside the calling hours.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from marketplace.models import Engagement, Membership, Mission, Organisation, Telemarketer, User
from prospecting.models import Contact, LeadFile

TUESDAY_10H = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)  # 10:00 in Paris

SCRIPT = [
    {
        "kind": "who",
        "text": "Bonjour {contact}, {agent}, je vous appelle pour {entreprise}. C’est un appel commercial.",
    },
    {
        "kind": "questions",
        "text": "Deux questions.",
        "questions": [{"key": "covers", "label": "Couverts", "required": True}],
    },
]


@dataclass
class World:
    alice: User
    carole: User
    victor: User
    bob: User
    amina: User
    charlie: User
    organisation: Organisation
    mission: Mission
    file: LeadFile
    bobs: Engagement
    aminas: Engagement

    def contact(self, phone: str | None = None, **more: Any) -> Contact:
        number = phone or f"+3319900{self.mission.contacts.count():04d}"
        fields = {"company": "Lycée Jean-Macé", "territory": "FR", "postal_code": "35000", "city": "Rennes"} | more
        contact = Contact.objects.create(
            organisation=self.organisation, mission=self.mission, lead_file=self.file, phone=number, **fields
        )
        contact.refresh_from_db()
        return contact


def person(name: str) -> User:
    return User.objects.create_user(email=f"{name.lower()}@example.test", password="décroche-tout", display_name=name)


def engaged(user: User, mission: Mission, at: datetime = TUESDAY_10H) -> Engagement:
    telemarketer, _new = Telemarketer.objects.get_or_create(user=user, defaults={"display_name": user.display_name})
    return Engagement.objects.create(
        organisation=mission.organisation,
        mission=mission,
        telemarketer=telemarketer,
        label=user.display_name,
        pay_cents=3200,
        started_at=at,
    )


def running_mission(organisation: Organisation, slug: str = "receptions-2027", **more: Any) -> Mission:
    fields = {"title": "Réceptions 2027", "state": "running", "script": SCRIPT, "pay_cents": 3200, "seats": 6} | more
    return Mission.objects.create(organisation=organisation, slug=slug, **fields)


def lead_file(mission: Mission, name: str = "Annuaire 35", **more: Any) -> LeadFile:
    return LeadFile.objects.create(
        organisation=mission.organisation, mission=mission, name=name, state="loaded", **more
    )


def world() -> World:
    people = {name.lower(): person(name) for name in ("Alice", "Carole", "Victor", "Bob", "Amina", "Charlie")}
    organisation = Organisation.objects.create(name="Traiteur Armor", city="Rennes")
    for name, role in (("alice", "owner"), ("carole", "manager"), ("victor", "viewer")):
        Membership.objects.create(organisation=organisation, user=people[name], role=role)
    mission = running_mission(organisation)
    return World(
        **people,
        organisation=organisation,
        mission=mission,
        file=lead_file(mission),
        bobs=engaged(people["bob"], mission),
        aminas=engaged(people["amina"], mission),
    )
