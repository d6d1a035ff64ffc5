"""The nouns of the marketplace: who works with whom, and on what terms."""

from marketplace.models.applications import Application
from marketplace.models.engagements import Engagement
from marketplace.models.invitations import Invitation
from marketplace.models.missions import Mission
from marketplace.models.organisations import Membership, Organisation
from marketplace.models.telemarketers import Telemarketer
from marketplace.models.tokens import ApiToken
from marketplace.models.users import User

__all__ = [
    "ApiToken",
    "Application",
    "Engagement",
    "Invitation",
    "Membership",
    "Mission",
    "Organisation",
    "Telemarketer",
    "User",
]
