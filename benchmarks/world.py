"""Organisations, missions, contacts, agents and calls in bulk, seeded: the same on every run.

Numbers begin like those reserved for fiction and have too many digits to be anybody's.
"""

from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from hashlib import sha256
from importlib import import_module
from itertools import count
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.utils.crypto import get_random_string

from marketplace.api.tokens import PREFIX, digest
from marketplace.models import ApiToken, Engagement, Membership, Mission, Organisation, Telemarketer, User
from prospecting.models import LeadFile

NUMBERS = count(1)
CONTACTS = """
INSERT INTO prospecting_contact (organisation_id, mission_id, lead_file_id, phone, company, first_name, last_name,
                                 postal_code, city, columns, state)
SELECT %(organisation)s, %(mission)s, (%(files)s::bigint[])[1 + n %% cardinality(%(files)s::bigint[])],
       '+3319900' || lpad(n::text, 7, '0'), 'Société ' || n, 'Camille', 'Martin',
       '35000', 'Rennes', '{"Effectif": "10 à 19", "Code NAF": "5621Z"}', %(state)s
FROM generate_series(%(first)s::int, %(last)s::int) n"""


def run(sql: str, values: Any = None) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall() if cursor.description else []


@dataclass
class Agent:
    """A telemarketer with a token and a session, engaged in one mission."""

    engagement: Engagement
    user: User
    secret: str

    @property
    def bearer(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.secret}"}

    @cached_property
    def cookies(self) -> dict[str, str]:
        """What a browser sends: the session of a signed-in person, and the token against forged requests."""
        sessions = import_module(settings.SESSION_ENGINE)
        key, csrf = get_random_string(32, "abcdefghijklmnopqrstuvwxyz0123456789"), get_random_string(32)
        signed_in = {
            "_auth_user_id": str(self.user.pk),
            "_auth_user_backend": settings.AUTHENTICATION_BACKENDS[0],
            "_auth_user_hash": self.user.get_session_auth_hash(),
        }
        cache.set(sessions.KEY_PREFIX + key, signed_in, 3600)
        return {"Cookie": f"sessionid={key}; csrftoken={csrf}", "X-CSRFToken": csrf}


@dataclass
class House:
    """One business with one mission and its files."""

    at: datetime
    files: int = 2
    beside: "House | None" = None  # whose business and numbers it shares, with a mission of its own
    mission: Mission = field(init=False)
    lead_files: list[LeadFile] = field(init=False)
    manager: User = field(init=False)
    contacts: int = 0

    def __post_init__(self) -> None:
        number = next(NUMBERS)
        organisation = (
            self.beside.mission.organisation if self.beside else Organisation.objects.create(name=f"Traiteur {number}")
        )
        self.manager = User.objects.create(email=f"manager-{number}@bench.test", password="!")
        Membership.objects.create(organisation=organisation, user=self.manager, role="owner")
        self.mission = Mission.objects.create(
            organisation=organisation, slug=f"bench-{number}", title=f"Bench {number}", state="running"
        )
        self.lead_files = LeadFile.objects.bulk_create(
            LeadFile(organisation=organisation, mission=self.mission, name=f"Fichier {n}", state="loaded")
            for n in range(self.files)
        )

    def add_contacts(self, number: int, state: str = "fresh") -> None:
        run("SELECT setseed(0.42)")
        values = {
            "organisation": self.mission.organisation_id,
            "mission": self.mission.pk,
            "files": [file.pk for file in self.lead_files],
            "state": state,
            "first": self.contacts + 1,
            "last": self.contacts + number,
        }
        run(CONTACTS, values)
        self.contacts += number
        run("VACUUM (ANALYZE) prospecting_contact")

    def add_agents(self, number: int) -> list[Agent]:
        people = _people(number)
        engagements = Engagement.objects.bulk_create(
            Engagement(
                organisation_id=self.mission.organisation_id,
                mission=self.mission,
                telemarketer=telemarketer,
                label=telemarketer.display_name,
                started_at=self.at,
            )
            for telemarketer, _secret in people
        )
        return [
            Agent(engagement, telemarketer.user, secret)
            for engagement, (telemarketer, secret) in zip(engagements, people, strict=True)
        ]

    def token_of_the_manager(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {_tokens([self.manager], self.mission.slug)[0]}"}


def _people(number: int) -> list[tuple[Telemarketer, str]]:
    first = User.objects.count()
    users = User.objects.bulk_create(
        User(email=f"agent-{first + n}@bench.test", password="!", display_name=f"Agent {first + n}")
        for n in range(number)
    )
    telemarketers = Telemarketer.objects.bulk_create(Telemarketer(user=user, display_name=str(user)) for user in users)
    return list(zip(telemarketers, _tokens(users, "bench"), strict=True))


def _tokens(users: list[User], name: str) -> list[str]:
    """Secrets that were used a moment ago, so that their next use writes nothing, as in the middle of a day."""
    secrets = {user.pk: PREFIX + sha256(user.email.encode()).hexdigest() for user in users}
    now = run("SELECT now() + interval '1 hour'")[0][0]
    ApiToken.objects.bulk_create(
        ApiToken(user=user, name=name, digest=digest(secrets[user.pk]), last_used_at=now) for user in users
    )
    return list(secrets.values())
