"""An agenda's own diary, read from its ICS address: only when it is taken is kept. The address is not trusted.

Nothing but public addresses is ever connected to, at each redirect again; slow, large and twisted answers end early.
"""

import http.client
import ipaddress
import json
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import (
    HTTPHandler,
    HTTPRedirectHandler,
    HTTPSHandler,
    OpenerDirector,
    ProxyHandler,
    Request,
    build_opener,
)

from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _

from config.errors import Refused
from prospecting.calendars import OURS
from prospecting.models import Agenda, BusyTime
from prospecting.rules.openings import Span, joined

EVERY = timedelta(minutes=15)
AT_ONCE = 50
PATIENCE = 5.0  # seconds of silence
LONGEST = 20.0  # seconds in all
LARGEST = 5 * 1024 * 1024
PIECE = 65_536
REDIRECTS = 3
NAT64 = ipaddress.ip_network("64:ff9b::/96")
CHILD = Path(__file__).with_name("feed_child.py")
MEMORY, SECONDS = 768 * 1024 * 1024, 10
MOST_SPANS = 5_000

Opener = Callable[[], OpenerDirector]


def read_due(*, at: datetime, opener: "Opener | None" = None) -> int:
    """Read again the feeds that were not for a quarter of an hour, the longest unread first; how many.

    Each is taken before it is read: one that holds its reader up until it is stopped waits its turn like the others.
    """
    stale = Agenda.objects.filter(Q(feed_read_at=None) | Q(feed_read_at__lte=at - EVERY), active=True)
    due = stale.exclude(feed_url="").order_by(F("feed_read_at").asc(nulls_first=True))[:AT_ONCE]
    done = 0
    for agenda in due:
        if stale.filter(pk=agenda.pk).update(feed_read_at=at):
            read_feed(agenda=agenda, at=at, opener=opener)
            done += 1
    return done


def read_feed(*, agenda: Agenda, at: datetime, opener: "Opener | None" = None) -> None:
    """Replace what the feed said by what it says now; when it cannot be read, say why and keep what it said."""
    address = agenda.feed_url
    try:
        spans = taken_in(fetch(address, opener or public_opener), agenda, at)
    except Refused as problem:
        mine = Agenda.objects.filter(pk=agenda.pk, feed_url=address)
        mine.update(feed_problem=problem.sentence, feed_read_at=at)
        return
    with transaction.atomic():
        held = Agenda.objects.select_for_update(no_key=True).filter(pk=agenda.pk, feed_url=address)
        if not held.exists():
            return  # the address changed meanwhile
        BusyTime.objects.filter(agenda=agenda, from_feed=True).delete()
        BusyTime.objects.bulk_create(
            [BusyTime(agenda=agenda, starts_at=opens, ends_at=closes, from_feed=True) for opens, closes in spans]
        )
        held.update(feed_problem="", feed_read_at=at)


def fetch(address: str, opener: Opener) -> bytes:
    """The feed's bytes. Raises Refused with a sentence for the agenda's page."""
    until = time.monotonic() + LONGEST
    try:
        if not address.startswith(("http://", "https://")):
            raise ValueError(address)
        request = Request(address, headers={"User-Agent": "Decroche", "Accept": "text/calendar"})  # noqa: S310 (the opener takes http and https only)
        with opener().open(request, timeout=PATIENCE) as answer:
            return _all_of(answer, until)
    except Private as error:
        raise Refused("feed_private", _("Cette adresse ne mène pas à un serveur public.")) from error
    except HTTPError as error:
        raise Refused("feed_status", _("L’adresse répond par l’erreur %d.") % error.code) from error
    except (URLError, OSError, http.client.HTTPException, ValueError) as error:
        if isinstance(getattr(error, "reason", None), Private):
            raise Refused("feed_private", _("Cette adresse ne mène pas à un serveur public.")) from error
        raise Refused("feed_unreached", _("L’adresse ne répond pas.")) from error


def taken_in(content: bytes, agenda: Agenda, at: datetime) -> list[Span]:
    """When the feed says that its owner is taken, within the agenda's horizon, recurring events unfolded.

    Read in a child with little memory and time: a feed of a thousand rules kills it, never this worker.
    """
    until = at + timedelta(days=agenda.horizon_days + 2)
    limits = [str(MEMORY), str(SECONDS)]
    command = [sys.executable, "-I", str(CHILD), at.isoformat(), until.isoformat(), agenda.time_zone, OURS, *limits]
    unreadable = Refused("feed_unreadable", _("Ce qui vient de cette adresse n’est pas un agenda lisible."))
    try:
        child = subprocess.run(command, input=content, capture_output=True, timeout=SECONDS * 2, check=True)  # noqa: S603 (our own script)
        spans = [(_instant(opens), _instant(closes)) for opens, closes in json.loads(child.stdout)]
    except (subprocess.SubprocessError, ValueError) as error:
        raise unreadable from error
    if len(spans) > MOST_SPANS:
        raise unreadable
    return joined(sorted(spans))


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def _all_of(answer: Any, until: float) -> bytes:
    pieces, size = [], 0
    while piece := answer.read1(PIECE):
        size += len(piece)
        pieces.append(piece)
        if size > LARGEST:
            raise Refused("feed_large", _("Cet agenda dépasse 5 Mo : donnez une adresse qui n’a que le présent."))
        if time.monotonic() > until:
            raise Refused("feed_slow", _("L’adresse répond trop lentement."))
    return b"".join(pieces)


class Private(OSError):
    """The name leads to an address of our own network, or of no network."""


Allowed = Callable[[str], bool]


def is_public(ip: str) -> bool:
    address = ipaddress.ip_address(ip.partition("%")[0])
    inner = getattr(address, "ipv4_mapped", None) or getattr(address, "sixtofour", None)
    translated = address.version == NAT64.version and address in NAT64  # to an address of any IPv4 network
    return address.is_global and not (address.is_multicast or translated) and (inner is None or inner.is_global)


def public_opener(allowed: Allowed = is_public) -> OpenerDirector:
    """Opens http and https, through no proxy, and checks every address that it connects to at that very moment."""

    def connect(
        address: tuple[str, int], timeout: float | None = None, source_address: tuple[str, int] | None = None
    ) -> socket.socket:
        """The name is looked up once, and what was checked is what is connected to: no second look-up can differ."""
        host, port = address
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        if not found or not all(allowed(str(one[4][0])) for one in found):
            raise Private(host)
        return socket.create_connection((str(found[0][4][0]), port), timeout, source_address)

    class Plain(http.client.HTTPConnection):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            self._create_connection = connect

    class Secure(http.client.HTTPSConnection):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            self._create_connection = connect

    class PlainHandler(HTTPHandler):
        def http_open(self, req: Request) -> Any:
            return self.do_open(Plain, req)

    class SecureHandler(HTTPSHandler):
        def https_open(self, req: Request) -> Any:
            return self.do_open(Secure, req)

    class Redirects(HTTPRedirectHandler):
        max_redirections = REDIRECTS

        def redirect_request(self, req: Request, fp: Any, code: int, msg: str, headers: Any, newurl: str) -> Any:
            if not newurl.startswith(("http://", "https://")):
                raise HTTPError(newurl, HTTPStatus.BAD_GATEWAY, "not http", headers, fp)
            return super().redirect_request(req, fp, code, msg, headers, newurl)

    made = build_opener(ProxyHandler({}), PlainHandler, SecureHandler, Redirects)
    for scheme in ("file", "ftp", "data"):
        made.handle_open.pop(scheme, None)  # type: ignore[attr-defined]
    return made
