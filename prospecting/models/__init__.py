"""The nouns of prospecting: who is called, by whom, with what result."""

from prospecting.models.acceptances import Acceptance, AcceptanceEvent
from prospecting.models.agendas import Agenda, BusyTime, CalendarAddress
from prospecting.models.appointments import Appointment, AppointmentEvent
from prospecting.models.bases import Basis, KindReview
from prospecting.models.callbacks import Callback
from prospecting.models.calls import Call, Conversion
from prospecting.models.claims import Claim, Dial, Skip
from prospecting.models.contacts import Contact, ContactChange
from prospecting.models.lead_files import CallLog, KnownLayout, LeadFile, SetAsideRow
from prospecting.models.oppositions import Opposition, OppositionList
from prospecting.models.outcomes import Outcome
from prospecting.models.privacy import AccessEntry, PersonRequest
from prospecting.models.queue_settings import QueueSettings
from prospecting.models.supervision import KeyChoice, Listening, MessageRead, Recording, TeamMessage

__all__ = [
    "Acceptance",
    "AcceptanceEvent",
    "AccessEntry",
    "Agenda",
    "Appointment",
    "AppointmentEvent",
    "Basis",
    "BusyTime",
    "CalendarAddress",
    "Call",
    "CallLog",
    "Callback",
    "Claim",
    "Contact",
    "ContactChange",
    "Conversion",
    "Dial",
    "KeyChoice",
    "KindReview",
    "KnownLayout",
    "LeadFile",
    "Listening",
    "MessageRead",
    "Opposition",
    "OppositionList",
    "Outcome",
    "PersonRequest",
    "QueueSettings",
    "Recording",
    "SetAsideRow",
    "Skip",
    "TeamMessage",
]
