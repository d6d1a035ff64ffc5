"""The nouns of prospecting: who is called, by whom, with what result."""

from prospecting.models.appointments import Appointment
from prospecting.models.callbacks import Callback
from prospecting.models.calls import Call, Conversion
from prospecting.models.claims import Claim, Dial
from prospecting.models.contacts import Contact
from prospecting.models.lead_files import CallLog, LeadFile, SetAsideRow
from prospecting.models.oppositions import Opposition
from prospecting.models.outcomes import Outcome

__all__ = [
    "Appointment",
    "Call",
    "CallLog",
    "Callback",
    "Claim",
    "Contact",
    "Conversion",
    "Dial",
    "LeadFile",
    "Opposition",
    "Outcome",
    "SetAsideRow",
]
