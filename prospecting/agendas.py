"""Who receives a business's appointments, and when: agendas made and changed, times blocked, addresses renewed."""

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext as _

from config.errors import Invalid
from marketplace.models import Mission, Organisation, User
from prospecting.availability import new_secret
from prospecting.models import Agenda, BusyTime, CalendarAddress

HOUR = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
LONGEST_BLOCK = timedelta(days=370)
MOST_SPANS = 42  # six a day
LIMITS = {"buffer_minutes": 240, "notice_hours": 336, "horizon_days": 180}
FIELDS = (
    "name", "user", "email", "time_zone", "weekly", "buffer_minutes", "notice_hours", "horizon_days", "video_link",
    "feed_url", "active",
)  # fmt: skip


@transaction.atomic
def create_agenda(*, organisation: Organisation, missions: Iterable[Mission] = (), **fields: Any) -> Agenda:
    """`fields` are those of FIELDS. Raises Invalid naming the field."""
    agenda = Agenda(organisation=organisation, secret=new_secret())
    return _written(agenda, missions, fields)


@transaction.atomic
def update_agenda(*, agenda: Agenda, missions: Iterable[Mission] | None = None, **fields: Any) -> Agenda:
    """What is not named stays. Appointments already booked stay too, whatever the new hours."""
    agenda = Agenda.objects.select_for_update(no_key=True).get(pk=agenda.pk)
    return _written(agenda, missions, fields)


def block(*, agenda: Agenda, starts_at: datetime, ends_at: datetime, what: str = "") -> BusyTime:
    """Not free, by hand. Appointments already booked in it stay."""
    if not starts_at < ends_at <= starts_at + LONGEST_BLOCK:
        raise Invalid("block_ends", _("La fin vient après le début, un an plus tard au plus."), field="ends_at")
    return BusyTime.objects.create(
        agenda=agenda, starts_at=starts_at, ends_at=ends_at, what=what.strip()[:200], from_feed=False
    )


def unblock(*, agenda: Agenda, busy_id: int) -> None:
    """Only what was blocked by hand; what a feed says is changed where the feed comes from."""
    agenda.busy_times.filter(pk=busy_id, from_feed=False).delete()


def renew_secret(*, agenda: Agenda) -> Agenda:
    """Another ICS address: the former one answers nothing from now on."""
    agenda.secret = new_secret()
    agenda.save(update_fields=["secret"])
    return agenda


def calendar_address(*, user: User, renew: bool = False) -> CalendarAddress:
    """A telemarketer's own ICS address, made at the first look; `renew` revokes it for another."""
    address, new = CalendarAddress.objects.get_or_create(user=user, defaults={"secret": new_secret()})
    if renew and not new:
        address.secret = new_secret()
        address.save(update_fields=["secret"])
    return address


def _written(agenda: Agenda, missions: Iterable[Mission] | None, fields: dict[str, Any]) -> Agenda:
    for name, value in fields.items():
        if name not in FIELDS:
            raise TypeError(name)
        setattr(agenda, name, value)
    _check(agenda)
    if "feed_url" in fields:
        _feed_changed(agenda)
    agenda.save()
    if missions is not None:
        agenda.missions.set([mission for mission in missions if mission.organisation_id == agenda.organisation_id])
    return agenda


def _feed_changed(agenda: Agenda) -> None:
    """Another address, or none: what the former one said no longer holds, and the new one is read at the next round."""
    before = Agenda.objects.filter(pk=agenda.pk).values_list("feed_url", flat=True).first()
    if before is not None and before != agenda.feed_url:
        agenda.busy_times.filter(from_feed=True).delete()
        agenda.feed_read_at, agenda.feed_problem = None, ""


def _check(agenda: Agenda) -> None:
    agenda.name = agenda.name.strip()
    if not agenda.name:
        raise Invalid("name_required", _("Donnez un nom à cet agenda."), field="name")
    try:
        ZoneInfo(agenda.time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise Invalid("time_zone", _("Ce fuseau horaire n’existe pas."), field="time_zone") from error
    for name, most in LIMITS.items():
        if not 0 <= int(getattr(agenda, name)) <= most or (name == "horizon_days" and not agenda.horizon_days):
            raise Invalid("out_of_range", _("De 0 à %d.") % most, field=name)
    _check_email(agenda.email)
    if agenda.user and not agenda.organisation.memberships.filter(user=agenda.user).exists():
        raise Invalid("not_a_member", _("Cette personne n’est pas membre de l’entreprise."), field="user")
    _check_feed(agenda.feed_url)
    agenda.weekly = [_span(one) for one in _spans(agenda.weekly)]


def _check_email(email: str) -> None:
    try:
        if email:
            validate_email(email)
    except ValidationError as error:
        raise Invalid("email", _("Cette adresse e-mail ne s’écrit pas ainsi."), field="email") from error


def _check_feed(address: str) -> None:
    if address and (urlsplit(address).scheme not in {"http", "https"} or not urlsplit(address).hostname):
        raise Invalid("feed_url", _("Une adresse ICS commence par https://."), field="feed_url")


def _spans(weekly: Any) -> list[Any]:
    if not isinstance(weekly, list) or len(weekly) > MOST_SPANS:
        raise _weekly()
    return weekly


def _span(one: Any) -> dict[str, Any]:
    """One opening, read as strictly as it will be used."""
    if not isinstance(one, dict) or not {"day", "from", "to"} <= set(one):
        raise _weekly()
    day, opens, closes = one["day"], str(one["from"]), str(one["to"])
    if day not in range(7) or not HOUR.fullmatch(opens) or not HOUR.fullmatch(closes):
        raise _weekly()
    if opens >= closes:
        raise Invalid(
            "weekly_ends", _("Une ouverture finit après son début (%s).") % f"{opens}–{closes}", field="weekly"
        )
    return {"day": int(day), "from": opens, "to": closes}


def _weekly() -> Invalid:
    return Invalid("weekly", _("Écrivez les heures ainsi : 09:00 à 12:00, jour par jour."), field="weekly")
