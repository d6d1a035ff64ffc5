"""Recordings: attached or linked by the agent where the mission allows it, listened to under a log, purged in time.

CNIL, "L'écoute et l'enregistrement des appels": by hand or sampled, never all; the person is told first; six months at
most for the audio.
"""

from datetime import date, datetime, timedelta
from typing import BinaryIO, Final

from django.core.files import File
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from config.errors import Invalid, Refused
from marketplace.models import Engagement, User
from prospecting.models import AccessEntry, Call, Listening, Recording

LARGEST: Final = 50 * 1024 * 1024  # bytes: an hour of a phone's own recorder
KEPT: Final = timedelta(days=180)  # six months at most
ADDED_WITHIN: Final = timedelta(days=7)  # of the call
# What each format begins with, and where: told by the content, never by the name.
SOUNDS: Final = (
    (0, b"ID3", "audio/mpeg"),
    (0, b"\xff\xfb", "audio/mpeg"),
    (0, b"\xff\xf3", "audio/mpeg"),
    (0, b"OggS", "audio/ogg"),
    (0, b"fLaC", "audio/flac"),
    (0, b"#!AMR", "audio/amr"),
    (8, b"WAVE", "audio/wav"),
    (4, b"ftyp", "audio/mp4"),
)


def sound(content: BinaryIO) -> str:
    """The media type of a sound file by its first bytes; "" when it is none."""
    content.seek(0)
    head = content.read(16)
    content.seek(0)
    return next((kind for at, mark, kind in SOUNDS if head[at : at + len(mark)] == mark), "")


def attach(
    *,
    call: Call,
    engagement: Engagement,
    announced_at: datetime,
    at: datetime,
    content: "File[bytes] | None" = None,
    url: str = "",
    days: int = KEPT.days,
) -> Recording:
    """Keep one recording of one's own call, by its file or its address. Raises Invalid or Refused, with the reason.

    `announced_at`: when the person was told, during the call. `days`: how long the audio is kept, 180 at most.
    """
    _check_call(call, engagement, at)
    _check_notice(call, announced_at)
    _check_sound(content, url)
    if not 1 <= days <= KEPT.days:
        raise Invalid("too_long", _("Un enregistrement se garde de 1 à 180 jours."), field="days")
    recording = Recording(
        call=call,
        engagement=engagement,
        url=url,
        announced_at=announced_at,
        added_at=at,
        purge_on=call.started_at.date() + timedelta(days=days),
    )
    if content is not None:
        recording.content.save(f"{call.public_id}.audio", content, save=False)
    try:
        with transaction.atomic():
            recording.save()
    except IntegrityError as error:
        recording.content.delete(save=False)
        raise Refused("already_recorded", _("Cet appel a déjà son enregistrement.")) from error
    return recording


def _check_call(call: Call, engagement: Engagement, at: datetime) -> None:
    if not call.mission.recording_allowed:
        raise Refused("recording_not_allowed", _("Cette mission ne permet pas d’enregistrer les appels."))
    if call.void or call.corrected_by.exists() or call.engagement_id != engagement.pk:
        raise Refused("not_your_call", _("Seul un appel à vous, et non annulé, reçoit un enregistrement."))
    if at - call.started_at > ADDED_WITHIN:
        raise Refused("too_late", _("Passé sept jours, un enregistrement ne se joint plus."))


def _check_notice(call: Call, announced_at: datetime) -> None:
    ends = call.started_at + timedelta(seconds=max(call.seconds, 60))
    if not call.started_at <= announced_at <= ends:
        raise Invalid(
            "notice", _("Dites quand la personne a été prévenue : pendant l’appel, au début."), field="announced_at"
        )


def _check_sound(content: "File[bytes] | None", url: str) -> None:
    if (content is None) == (not url):
        raise Invalid(
            "one_of_two", _("Joignez un fichier son, ou donnez son adresse : l’un des deux."), field="content"
        )
    if url and not url.startswith("https://"):
        raise Invalid("address", _("Une adresse qui commence par https://, s’il vous plaît."), field="url")
    if content is None:
        return
    if content.size > LARGEST:
        raise Invalid("too_large", _("Cinquante mégaoctets au plus : coupez ou compressez le son."), field="content")
    if not sound(content.file):  # type: ignore[arg-type]
        raise Invalid("not_a_sound", _("Ce fichier n’est pas un son (mp3, m4a, wav, ogg, amr, flac)."), field="content")


@transaction.atomic
def listen(*, recording: Recording, user: User, at: datetime) -> Recording:
    """Open a recording: who did, and when, is written first. Raises Refused once it has come to its term."""
    if recording.purged_at or recording.purge_on <= at.date():
        raise Refused("purged", _("Cet enregistrement a été effacé à son terme."))
    Listening.objects.create(recording=recording, user=user, at=at)
    AccessEntry.objects.create(
        organisation_id=recording.call.organisation_id,
        user=user,
        contact_id=recording.call.contact_id,
        what=AccessEntry.What.LISTEN,
        detail=str(recording.public_id),
        at=at,
    )
    return recording


def purge_recordings(*, today: date, at: datetime) -> int:
    """Delete the audio and the address of what has come to its term; that it existed, and who listened, stays."""
    due = Recording.objects.filter(purge_on__lte=today, purged_at=None)
    for recording in due.iterator(chunk_size=200):
        recording.content.delete(save=False)
        Recording.objects.filter(pk=recording.pk).update(content="", url="", purged_at=at)
    return Recording.objects.filter(purged_at=at).count()
