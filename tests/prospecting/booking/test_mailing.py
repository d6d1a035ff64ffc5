"""E-mails to both sides: what an independent reader finds in them, when they leave, and that they leave once."""

import re
from datetime import UTC, datetime, timedelta
from smtplib import SMTPRecipientsRefused, SMTPServerDisconnected
from typing import Any
from uuid import uuid4

import pytest
import vobject
from django.core import mail
from django.core.mail import EmailMultiAlternatives

from prospecting import mailing, moving
from prospecting.calling import undo
from prospecting.models import Appointment
from prospecting.moving import PROSPECT
from tests.cast import World
from tests.prospecting.booking.given import THURSDAY_10H, agenda, booked

pytestmark = pytest.mark.django_db
SOON = datetime(2026, 11, 24, 9, 2, tzinfo=UTC)
A_DAY = timedelta(days=1)


@pytest.fixture
def carole(world: World) -> World:
    agenda(world, user=world.carole)
    return world


def sent(at: datetime = SOON) -> list[EmailMultiAlternatives]:
    """What leaves now, the prospect's first."""
    mail.outbox.clear()
    mailing.tell_all(at=at)
    return list(mail.outbox)  # type: ignore[arg-type]


def calendar(message: EmailMultiAlternatives) -> Any:
    """The invitation, read by another library than the one that wrote it."""
    content, kind = message.alternatives[0]
    assert kind.startswith("text/calendar; method=")
    return vobject.readOne(content)


def told(message: EmailMultiAlternatives) -> dict[str, Any]:
    read = calendar(message)
    event = read.vevent
    return {
        "method": read.method.value, "uid": event.uid.value, "sequence": int(event.sequence.value),
        "starts": event.dtstart.value, "ends": event.dtend.value, "status": event.status.value,
        "title": event.summary.value, "place": event.location.value if hasattr(event, "location") else "",
        "organizer": event.organizer.value,
        "attendees": sorted((one.value, one.params["PARTSTAT"][0]) for one in event.attendee_list),
        "alarm": event.valarm.trigger.value if hasattr(event, "valarm") else None,
    }  # fmt: skip


def test_both_sides_are_invited_with_what_their_calendars_read(carole: World) -> None:
    one = booked(carole)
    prospect, business = sent()
    expected = {
        "method": "REQUEST", "uid": f"{one.public_id}@decroche", "sequence": 0, "starts": THURSDAY_10H,
        "ends": THURSDAY_10H + timedelta(minutes=30), "status": "CONFIRMED", "title": "Rendez-vous, Traiteur Armor",
        "place": "9 rue Saint-Louis, 35000 Rennes", "organizer": "mailto:carole@example.test",
        "attendees": [
            ("mailto:carole@example.test", "ACCEPTED"), ("mailto:intendance@example.test", "NEEDS-ACTION"),
        ], "alarm": timedelta(hours=-1),
    }  # fmt: skip
    assert told(prospect) == expected
    assert told(business) == expected | {"title": "Rendez-vous, Lycée Jean-Macé, Le Goff"}
    assert (prospect.to, business.to) == (["intendance@example.test"], ["carole@example.test"])
    assert prospect.reply_to == ["carole@example.test"]
    assert prospect.subject == "Rendez-vous avec Traiteur Armor, jeudi 26\xa0nov.\xa02026 à\xa010\xa0h\xa000"


def test_the_prospect_never_reads_the_note_nor_a_number_that_is_not_theirs(carole: World) -> None:
    one = booked(carole, note="ne décide pas seul")
    prospect, business = sent()
    for text in (prospect.body, prospect.alternatives[0][0]):
        assert "ne décide pas seul" not in text and str(one.contact.phone) not in text
    assert "ne décide pas seul" in business.body and "01\xa099\xa000" in business.body


def test_nothing_leaves_while_the_call_may_be_undone_and_nothing_after_it_was(carole: World) -> None:
    one = booked(carole)
    assert sent(one.booked_at + timedelta(seconds=14)) == []
    undo(engagement=carole.bobs, call_id=one.call.public_id, key=uuid4(), at=one.booked_at + timedelta(seconds=9))
    assert sent() == []


def test_each_is_written_to_once(carole: World) -> None:
    one = booked(carole)
    assert len(sent()) == 2
    assert sent() == []
    Appointment.objects.filter(pk=one.pk).update(told_sequence=-1)  # the worker died before it could say so
    assert sent() == []
    one.refresh_from_db()
    assert one.told_sequence == 0


def test_a_mail_server_that_is_down_loses_nothing(carole: World, monkeypatch: pytest.MonkeyPatch) -> None:
    booked(carole)
    send = EmailMultiAlternatives.send

    def down(message: EmailMultiAlternatives, *args: Any) -> int:
        if message.to == ["carole@example.test"]:
            raise SMTPServerDisconnected
        return send(message)

    monkeypatch.setattr(EmailMultiAlternatives, "send", down)
    assert [message.to for message in sent()] == [["intendance@example.test"]]
    monkeypatch.undo()
    assert [message.to for message in sent()] == [["carole@example.test"]]  # the prospect is not written to again


def test_a_refused_address_is_said_and_not_tried_for_ever(carole: World, monkeypatch: pytest.MonkeyPatch) -> None:
    one = booked(carole)

    def refuse(message: EmailMultiAlternatives, *args: Any) -> int:
        raise SMTPRecipientsRefused({})

    monkeypatch.setattr(EmailMultiAlternatives, "send", refuse)
    sent()
    one.refresh_from_db()
    assert one.told_sequence == 0
    assert [event.detail.get("refused") for event in one.events.filter(what="invited")] == ["refused", "refused"]


def test_without_an_address_only_the_business_is_told(carole: World) -> None:
    booked(carole, email="")
    (business,) = sent()
    assert business.to == ["carole@example.test"]
    assert [one for one, _status in told(business)["attendees"]] == ["mailto:carole@example.test"]


def test_a_move_is_the_same_entry_one_change_later(carole: World) -> None:
    old = booked(carole)
    first = told(sent()[0])
    moving.move(appointment=old, starts_at=THURSDAY_10H + A_DAY, actor=PROSPECT, at=SOON)
    prospect, _business = sent(SOON + timedelta(minutes=1))
    second = told(prospect)
    assert (second["uid"], second["method"], second["starts"]) == (first["uid"], "REQUEST", THURSDAY_10H + A_DAY)
    assert second["sequence"] > first["sequence"]
    assert "déplacé" in prospect.subject


def test_a_cancelled_one_is_taken_out_of_both_calendars(carole: World) -> None:
    one = booked(carole)
    first = told(sent()[0])
    moving.cancel(appointment=one, actor=moving.Actor("business", carole.carole), reason="Salon", at=SOON)
    prospect, business = sent()
    read = told(prospect)
    assert (read["method"], read["status"], read["uid"], read["sequence"]) == ("CANCEL", "CANCELLED", first["uid"], 1)
    assert (read["alarm"], "Salon" in prospect.body) == (None, False)
    assert business.to == ["carole@example.test"]


def test_a_clash_is_told_to_those_who_can_mend_it(carole: World) -> None:
    booked(carole)
    sent()
    carole.contact(company="Mairie", email="mairie@example.test")
    from tests.prospecting.booking.given import won

    won(carole, late=True)
    messages = sent()
    assert [message.to for message in messages] == [["carole@example.test"], ["bob@example.test"]]
    assert all("À replacer" in message.subject and not message.alternatives for message in messages)


def test_the_day_before_both_are_reminded_once(carole: World) -> None:
    one = booked(carole)
    sent()
    mail.outbox.clear()
    for hours, count in ((25, 0), (24, 2), (3, 2)):
        mailing.remind_all(at=one.starts_at - timedelta(hours=hours))
        assert len(mail.outbox) == count, hours
    assert "Demain" in mail.outbox[0].subject and len(links(mail.outbox[0].body)) == 3


def test_no_reminder_of_what_was_just_booked_or_fell_through(carole: World) -> None:
    one = booked(carole)
    sent()
    moving.cancel(appointment=one, actor=PROSPECT, at=SOON)
    soon = booked(carole, one.booked_at + timedelta(hours=6))
    sent()
    mail.outbox.clear()
    mailing.remind_all(at=one.starts_at - timedelta(hours=20))
    mailing.remind_all(at=soon.starts_at - timedelta(hours=3))
    assert mail.outbox == []


def test_the_links_answer_yes_no_and_another_hour(carole: World) -> None:
    booked(carole)
    prospect, business = sent()
    assert [address.rstrip("/").rsplit("/", 1)[1] for address in links(prospect.body)] == ["oui", "deplacer", "non"]
    assert "/rdv/" not in business.body and "/rendez-vous/" in business.body


def links(body: str) -> list[str]:
    return re.findall(r"\S+/rdv/\S+", body)
