"""An agenda's own diary, read by address: what is taken and nothing else; nothing private is reached."""

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.request import OpenerDirector

import pytest
from celery.exceptions import SoftTimeLimitExceeded

from prospecting import feeds, tasks
from prospecting.feeds import is_public, public_opener, read_due, read_feed
from prospecting.models import Agenda
from tests.cast import TUESDAY_10H, World
from tests.prospecting.booking.given import agenda

pytestmark = pytest.mark.django_db
EVENT = """BEGIN:VEVENT
UID:{uid}
DTSTAMP:20261101T000000Z
{lines}
SUMMARY:Dentiste
END:VEVENT
"""
WEEKLY = "DTSTART;TZID=Europe/Paris:20261102T090000\nDTEND;TZID=Europe/Paris:20261102T100000\nRRULE:FREQ=WEEKLY"
ONE_DAY = "DTSTART;VALUE=DATE:20261201"
FLOATING = "DTSTART:20261203T140000\nDTEND:20261203T150000"


def ics(*events: str, uid: str = "1") -> bytes:
    body = "".join(EVENT.format(uid=f"{uid}-{n}", lines=lines) for n, lines in enumerate(events))
    return f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:x\n{body}END:VCALENDAR\n".replace("\n", "\r\n").encode()


class Answers(BaseHTTPRequestHandler):
    """What the server says is a class attribute: (status, headers, body)."""

    said: tuple[int, dict[str, str], bytes] = (200, {}, b"")

    def do_GET(self) -> None:
        status, headers, body = self.said
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[str]:
    served = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    threading.Thread(target=served.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{served.server_port}/agenda.ics"
    served.shutdown()
    served.server_close()


@pytest.fixture
def read(world: World, server: str, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Agenda]:
    """Read the feed that the server now gives; the test's own network counts as public unless told."""

    def run(
        body: bytes = b"", status: int = 200, allowed: Callable[[str], bool] = lambda ip: True, **headers: str
    ) -> Agenda:
        monkeypatch.setattr(Answers, "said", (status, headers, body))
        found = Agenda.objects.first() or agenda(world, feed_url=server)
        read_feed(agenda=found, at=TUESDAY_10H, opener=lambda: public_opener(allowed))
        found.refresh_from_db()
        return found

    return run


def paris(day: int, hour: int, month: int = 12) -> datetime:
    return datetime(2026, month, day, hour - 1, tzinfo=UTC)


def taken(found: Agenda) -> list[tuple[datetime, datetime]]:
    return list(found.busy_times.order_by("starts_at").values_list("starts_at", "ends_at"))


def test_recurring_whole_days_and_floating_hours_are_taken_on_the_agendas_clock(read: Callable[..., Agenda]) -> None:
    found = read(ics(WEEKLY, ONE_DAY, FLOATING))
    mondays = [(paris(30, 9, 11), paris(30, 10, 11)), *((paris(day, 9), paris(day, 10)) for day in (7, 14, 21))]
    whole = (datetime(2026, 11, 30, 23, tzinfo=UTC), datetime(2026, 12, 1, 23, tzinfo=UTC))
    assert taken(found) == sorted([*mondays, whole, (paris(3, 14), paris(3, 15))])
    assert (found.feed_problem, found.feed_read_at) == ("", TUESDAY_10H)
    assert set(found.busy_times.values_list("what", "from_feed")) == {("", True)}  # never what they do


@pytest.mark.parametrize("line", ["TRANSP:TRANSPARENT", "STATUS:CANCELLED"])
def test_what_is_free_or_cancelled_is_not_taken(read: Callable[..., Agenda], line: str) -> None:
    assert taken(read(ics(f"{FLOATING}\n{line}"))) == []


def test_our_own_invitations_come_back_as_nothing(read: Callable[..., Agenda]) -> None:
    body = ics(FLOATING).replace(b"UID:1-0", b"UID:01a2@decroche")
    assert taken(read(body)) == []


def test_free_busy_periods_are_taken(read: Callable[..., Agenda]) -> None:
    times = "FREEBUSY;FBTYPE=BUSY:20261203T090000Z/PT30M\nFREEBUSY;FBTYPE=FREE:20261204T090000Z/PT30M\n"
    lines = f"BEGIN:VFREEBUSY\nUID:3\nDTSTAMP:20261101T000000Z\n{times}END:VFREEBUSY\n"
    body = ics().replace(b"END:VCALENDAR", lines.replace("\n", "\r\n").encode() + b"END:VCALENDAR")
    assert taken(read(body)) == [(paris(3, 10), paris(3, 10) + timedelta(minutes=30))]


def test_a_new_reading_replaces_the_former_and_leaves_what_was_blocked_by_hand(read: Callable[..., Agenda]) -> None:
    found = read(ics(WEEKLY))
    found.busy_times.create(starts_at=paris(2, 9), ends_at=paris(2, 10), from_feed=False)
    assert taken(read(ics(FLOATING))) == [(paris(2, 9), paris(2, 10)), (paris(3, 14), paris(3, 15))]


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"status": 404}, "L’adresse répond par l’erreur 404."),
        ({"body": b"<html>"}, "pas un agenda lisible"),
        ({"body": b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n"}, "pas un agenda lisible"),
        ({"body": b"\x00" * 100}, "pas un agenda lisible"),
        ({"body": ics("DTSTART:20261101T000000Z\nDURATION:PT1S\nRRULE:FREQ=SECONDLY")}, "pas un agenda lisible"),
        ({"body": b"x" * (feeds.LARGEST + 10)}, "dépasse 5"),
        ({"status": 302, "Location": "file:///etc/passwd"}, "L’adresse répond par l’erreur"),
    ],
)
def test_a_feed_that_cannot_be_read_says_why_and_keeps_what_it_said(
    read: Callable[..., Agenda], said: dict[str, object], sentence: str
) -> None:
    before = taken(read(ics(FLOATING)))
    found = read(**said)
    assert sentence in found.feed_problem.replace("\u202f", " ")
    assert taken(found) == before != []


def test_nothing_of_our_own_network_is_reached(world: World, server: str, read: Callable[..., Agenda]) -> None:
    found = read(ics(FLOATING), allowed=is_public)
    assert (found.feed_problem, taken(found)) == ("Cette adresse ne mène pas à un serveur public.", [])


def test_a_redirect_to_our_own_network_is_not_followed(read: Callable[..., Agenda], server: str) -> None:
    inside = server.replace("127.0.0.1", "127.0.0.2")
    found = read(status=302, Location=inside, allowed=lambda ip: ip != "127.0.0.2")
    assert found.feed_problem == "Cette adresse ne mène pas à un serveur public."


@pytest.mark.parametrize(
    ("ip", "public"),
    [
        ("93.184.216.34", True), ("2606:2800:220:1::1", True), ("127.0.0.1", False), ("10.0.0.8", False),
        ("192.168.1.1", False), ("169.254.169.254", False), ("172.16.0.1", False), ("100.64.0.1", False),
        ("0.0.0.1", False), ("::1", False), ("fe80::1%eth0", False), ("fc00::1", False),
        ("::ffff:127.0.0.1", False), ("224.0.0.1", False), ("64:ff9b::a00:8", False),
    ],
)  # fmt: skip
def test_which_addresses_are_public(ip: str, public: bool) -> None:
    assert is_public(ip) is public


@pytest.mark.parametrize("address", ["file:///etc/passwd", "ftp://127.0.0.1/x", "data:text/plain,x"])
def test_only_the_web_is_opened(world: World, address: str) -> None:
    found = agenda(world, feed_url=address)
    read_feed(agenda=found, at=TUESDAY_10H, opener=lambda: public_opener(lambda ip: True))
    found.refresh_from_db()
    assert found.feed_problem == "L’adresse ne répond pas."


def test_each_is_read_every_quarter_of_an_hour(world: World, server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Answers, "said", (200, {}, ics(FLOATING)))
    agenda(world, feed_url=server)
    agenda(world, "sans adresse")
    agenda(world, "fermé", feed_url=server, active=False)
    counts = [
        read_due(at=TUESDAY_10H + timedelta(minutes=n), opener=lambda: public_opener(lambda ip: True))
        for n in (0, 14, 15)
    ]
    assert counts == [1, 0, 1]


def test_one_that_holds_its_reader_up_is_not_the_first_of_the_next_round(world: World) -> None:
    """A feed dripping byte by byte is stopped by the limit of its task."""
    slow = agenda(world, "lent", feed_url="https://lent.example/", feed_read_at=TUESDAY_10H - timedelta(days=1))
    never_read = agenda(world, "neuf", feed_url="https://neuf.example/")
    asked: list[str] = []

    def stopped() -> OpenerDirector:
        asked.append("asked")
        raise SoftTimeLimitExceeded

    for _round in range(2):
        with pytest.raises(SoftTimeLimitExceeded):
            read_due(at=TUESDAY_10H, opener=stopped)
    assert read_due(at=TUESDAY_10H, opener=stopped) == 0
    assert len(asked) == 2
    assert [Agenda.objects.get(pk=one.pk).feed_read_at for one in (slow, never_read)] == [TUESDAY_10H, TUESDAY_10H]
    assert tasks.read_agenda_feeds.time_limit < 60
