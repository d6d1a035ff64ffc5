"""The one door: which missions, files and engagements may this person touch. Everything else is a 404."""

from typing import Any, TypeVar, cast
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.db.models import Model, Q, QuerySet
from django.http import Http404

from config import rows
from config.rows import Columns
from marketplace.models import Engagement, Membership, Mission, Organisation, Telemarketer, User
from prospecting.models import (
    Acceptance,
    Agenda,
    Appointment,
    Call,
    Callback,
    Claim,
    Contact,
    LeadFile,
    Recording,
    TeamMessage,
)

Row = TypeVar("Row", bound=Model)
Person = User | AnonymousUser
APPOINTMENT = ("contact", "engagement", "mission__organisation", "agenda", "moved_to")  # what its pages and mails read


def missions_read_by(person: Person) -> QuerySet[Mission]:
    """The missions of the businesses this person belongs to, in any role."""
    return Mission.objects.filter(organisation__memberships__user_id=_pk(person))


def missions_written_by(person: Person) -> QuerySet[Mission]:
    return Mission.objects.filter(
        organisation__memberships__user_id=_pk(person), organisation__memberships__role__in=Membership.WRITERS
    )


def mission_to_read(person: Person, slug: str) -> Mission:
    return only(missions_read_by(person).select_related("organisation"), slug=slug)


def mission_to_write(person: Person, slug: str) -> Mission:
    return only(missions_written_by(person).select_related("organisation"), slug=slug)


def lead_file_to_read(person: Person, public_id: UUID) -> LeadFile:
    return only(LeadFile.objects.filter(mission__in=missions_read_by(person)), public_id=public_id)


def lead_file_to_write(person: Person, public_id: UUID) -> LeadFile:
    return only(LeadFile.objects.filter(mission__in=missions_written_by(person)), public_id=public_id)


def engagement_to_call(person: Person, public_id: UUID) -> Engagement:
    """The telemarketer's own engagement, unless it has ended: access is gone at that moment."""
    engagement = engagement_to_log(person, public_id)
    if engagement.state == Engagement.State.ENDED:
        raise Http404
    return engagement


ENGAGEMENT, MISSION = Columns(Engagement), Columns(Mission)
ORGANISATION, TELEMARKETER = Columns(Organisation), Columns(Telemarketer)
OWN_ENGAGEMENT = f"""
SELECT {ENGAGEMENT.of("engagement")}, {MISSION.of("mission")}, {ORGANISATION.of("organisation")},
       {TELEMARKETER.of("telemarketer")}
FROM marketplace_engagement engagement
JOIN marketplace_telemarketer telemarketer ON telemarketer.id = engagement.telemarketer_id
JOIN marketplace_mission mission ON mission.id = engagement.mission_id
JOIN marketplace_organisation organisation ON organisation.id = mission.organisation_id
WHERE telemarketer.user_id = %s AND engagement.public_id = %s"""


def engagement_to_log(person: Person, public_id: UUID) -> Engagement:
    """The telemarketer's own engagement in any state: a call already made is never lost, not even after the end."""
    found = rows.first(OWN_ENGAGEMENT, [_pk(person), public_id])
    if found is None:
        raise Http404
    engagement, mission, organisation, telemarketer = rows.split(found, ENGAGEMENT, MISSION, ORGANISATION, TELEMARKETER)
    mission.organisation = organisation
    engagement.mission, engagement.telemarketer = mission, telemarketer
    return cast(Engagement, engagement)


def telemarketer_to_call(person: Person) -> User:
    """Whoever calls, whatever for."""
    return only(User.objects.filter(telemarketer__isnull=False), pk=_pk(person))


CLAIM = Columns(Claim)
OWN_CLAIM = f"""
SELECT {CLAIM.of("claim")}, {ENGAGEMENT.of("engagement")}, {MISSION.of("mission")}
FROM prospecting_claim claim
JOIN marketplace_engagement engagement ON engagement.id = claim.engagement_id
JOIN marketplace_telemarketer telemarketer ON telemarketer.id = engagement.telemarketer_id
JOIN marketplace_mission mission ON mission.id = engagement.mission_id
WHERE telemarketer.user_id = %s AND claim.public_id = %s"""


def claim_in_hand(person: Person, public_id: UUID) -> Claim:
    found = rows.first(OWN_CLAIM, [_pk(person), public_id])
    if found is None:
        raise Http404
    claim, engagement, mission = rows.split(found, CLAIM, ENGAGEMENT, MISSION)
    claim.engagement, engagement.mission = engagement, mission
    return cast(Claim, claim)


def own_call(person: Person, public_id: UUID) -> Call:
    calls = Call.objects.filter(engagement__telemarketer__user_id=_pk(person)).select_related("engagement")
    return only(calls, public_id=public_id)


def appointments_read_by(person: Person) -> QuerySet[Appointment]:
    """Those of the businesses this person belongs to."""
    return Appointment.objects.filter(mission__in=missions_read_by(person))


def appointment_to_read(person: Person, public_id: UUID) -> Appointment:
    return only(appointments_read_by(person).select_related(*APPOINTMENT), public_id=public_id)


def appointment_to_write(person: Person, public_id: UUID) -> Appointment:
    rows = Appointment.objects.filter(mission__in=missions_written_by(person)).select_related(*APPOINTMENT)
    return only(rows, public_id=public_id)


def own_appointments(person: Person) -> QuerySet[Appointment]:
    """Those that this telemarketer booked, under any engagement."""
    return Appointment.objects.filter(engagement__telemarketer__user_id=_pk(person)).select_related(*APPOINTMENT)


def agendas_read_by(person: Person) -> QuerySet[Agenda]:
    return Agenda.objects.filter(organisation__memberships__user_id=_pk(person))


def agenda_to_read(person: Person, public_id: UUID) -> Agenda:
    return only(agendas_read_by(person).select_related("organisation", "user"), public_id=public_id)


def agenda_to_write(person: Person, public_id: UUID) -> Agenda:
    writers = Agenda.objects.filter(
        organisation__memberships__user_id=_pk(person), organisation__memberships__role__in=Membership.WRITERS
    )
    return only(writers.select_related("organisation", "user"), public_id=public_id)


def organisation_to_write(person: Person, public_id: UUID) -> Organisation:
    organisations = Organisation.objects.filter(
        memberships__user_id=_pk(person), memberships__role__in=Membership.WRITERS
    )
    return only(organisations, public_id=public_id)


def own_calls(person: Person) -> QuerySet[Call]:
    """What this telemarketer logged and did not take back, over all their engagements, the latest first."""
    mine = Call.objects.filter(engagement__telemarketer__user_id=_pk(person), void=False, corrected_by=None)
    return mine.select_related("contact", "mission", "engagement").order_by("-started_at", "-id")


def recording_to_hear(person: Person, public_id: UUID) -> Recording:
    """Heard by those who write for the business, and by the agent who made it, until the engagement ends."""
    made = Recording.objects.filter(engagement__telemarketer__user_id=_pk(person)).exclude(
        engagement__state=Engagement.State.ENDED
    )
    theirs = Recording.objects.filter(call__mission__in=missions_written_by(person))
    return only((made | theirs).select_related("call__mission").distinct(), public_id=public_id)


def team_message_to_write(person: Person, public_id: UUID) -> TeamMessage:
    messages = TeamMessage.objects.filter(mission__in=missions_written_by(person))
    return only(messages.select_related("mission"), public_id=public_id)


def contact_to_write(person: Person, public_id: UUID) -> Contact:
    contacts = Contact.objects.filter(mission__in=missions_written_by(person), anonymised_at=None)
    return only(contacts.select_related("organisation", "mission"), public_id=public_id)


def only_operator(person: Person) -> None:
    """What reaches the whole platform is its operator's alone; for anybody else it does not exist."""
    if not getattr(person, "is_operator", False):
        raise Http404


def same_organisation(organisation: Organisation, mission: Mission | None) -> None:
    if mission is not None and mission.organisation_id != organisation.pk:
        raise Http404


def promises_of(person: Person) -> QuerySet[Callback]:
    """Everything this telemarketer ever promised, kept or not."""
    return Callback.objects.filter(engagement__telemarketer__user_id=_pk(person))


def callbacks_of(person: Person) -> QuerySet[Callback]:
    """What this telemarketer promised and has not kept yet, over the engagements that have not ended."""
    mine = Callback.objects.filter(engagement__telemarketer__user_id=_pk(person), state=Callback.State.PROMISED)
    return mine.exclude(engagement__state=Engagement.State.ENDED).select_related(
        "contact", "mission", "engagement", "made_in"
    )


def acceptances_read_by(person: Person) -> QuerySet[Acceptance]:
    """What was won for the businesses this person belongs to; the undone left out."""
    return Acceptance.objects.filter(mission__in=missions_read_by(person))


def acceptances_written_by(person: Person) -> QuerySet[Acceptance]:
    return Acceptance.objects.filter(mission__in=missions_written_by(person))


def acceptance_to_write(person: Person, public_id: UUID) -> Acceptance:
    return only(acceptances_written_by(person).select_related("mission", "contact"), public_id=public_id)


def own_acceptances(person: Person) -> QuerySet[Acceptance]:
    """What this telemarketer won, under engagements of any state: money owed is seen after the end too."""
    return Acceptance.objects.filter(engagement__telemarketer__user_id=_pk(person))


def own_acceptance(person: Person, public_id: UUID) -> Acceptance:
    return only(own_acceptances(person).select_related("mission", "contact"), public_id=public_id)


def acceptances_seen_by(person: Person) -> QuerySet[Acceptance]:
    """From every side on which this person stands."""
    seen = [access(person).values("pk") for access in (acceptances_read_by, own_acceptances)]
    if isinstance(person, User) and person.is_operator:
        seen.append(contests(person).values("pk"))
    return Acceptance.objects.filter(Q(*[("pk__in", keys) for keys in seen], _connector=Q.OR))


def acceptance_seen(person: Person, public_id: UUID) -> Acceptance:
    return only(acceptances_seen_by(person), public_id=public_id)


def contests(person: Person) -> QuerySet[Acceptance]:
    """What was ever contested, for the operators; never one in which this person has a part."""
    if not (isinstance(person, User) and person.is_operator):
        raise Http404
    ever = Acceptance.objects.filter(contested_at__isnull=False)
    mine = Q(organisation__memberships__user_id=person.pk) | Q(engagement__telemarketer__user_id=person.pk)
    return ever.exclude(pk__in=Acceptance.objects.filter(mine).values("pk"))


def contest_to_rule(person: Person, public_id: UUID) -> Acceptance:
    return only(contests(person), public_id=public_id)


def appointment_to_tell(person: Person, public_id: UUID) -> tuple[Appointment, str]:
    """The appointment, and the side for which this person may say what became of it."""
    found = only(Appointment.objects.select_related("mission", "engagement__telemarketer"), public_id=public_id)
    if missions_written_by(person).filter(pk=found.mission_id).exists():
        return found, Appointment.By.BUSINESS
    telemarketer = found.engagement.telemarketer
    if telemarketer is None or telemarketer.user_id != _pk(person):
        raise Http404
    return found, Appointment.By.AGENT


def _pk(person: Person) -> int:
    """Nobody is never looked up: a filter on NULL would find the rows without an owner."""
    if person.pk is None:
        raise Http404
    return person.pk


def only(rows: QuerySet[Row], **key: Any) -> Row:
    row = rows.filter(**key).first()
    if row is None:
        raise Http404
    return row
