"""Secrets for machines: `Authorization: Bearer dcr_…`. Shown once, kept as a SHA-256, with their person's rights."""

import secrets
from datetime import datetime, timedelta
from hashlib import sha256

from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from config import rows
from config.rows import Columns
from marketplace.models import ApiToken, User

PREFIX = "dcr_"
TOKEN, USER = Columns(ApiToken), Columns(User)
LIVE = f"""
SELECT {TOKEN.of("token")}, {USER.of("person")}
FROM marketplace_apitoken token JOIN marketplace_user person ON person.id = token.user_id
WHERE token.digest = %(digest)s AND token.revoked_at IS NULL AND person.is_active
  AND (token.expires_at IS NULL OR token.expires_at > %(at)s)"""
USE_STEP = timedelta(minutes=1)  # last_used_at is written once a minute, not at each call


def create_token(*, user: User, name: str) -> tuple[ApiToken, str]:
    """A new secret for this person; the second value is the only time it is ever seen."""
    secret = PREFIX + secrets.token_urlsafe(32)
    return ApiToken.objects.create(user=user, name=name, digest=digest(secret)), secret


def revoke_token(*, token: ApiToken, at: datetime) -> None:
    """At once and for good; revoking twice changes nothing."""
    ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=at)


def digest(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()


class TokenAuthentication(BaseAuthentication):
    """Reads the bearer token. An unknown, expired or revoked one is a 401; no token lets the session try."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        scheme, _space, secret = get_authorization_header(request).decode("latin-1").partition(" ")
        if scheme.lower() != "bearer":
            return None
        now = timezone.now()
        found = rows.first(LIVE, {"digest": digest(secret.strip()), "at": now})
        if found is None:
            raise AuthenticationFailed(_("Ce jeton est inconnu, expiré ou révoqué."), code="bad_token")
        token, user = rows.split(found, TOKEN, USER)
        token.user = user
        _note_use(token, now)
        return user, token

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


def _note_use(token: ApiToken, at: datetime) -> None:
    if token.last_used_at is None or at - token.last_used_at > USE_STEP:
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=at)


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """What the API's schema says of it."""

    target_class = TokenAuthentication
    name = "token"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer"}
