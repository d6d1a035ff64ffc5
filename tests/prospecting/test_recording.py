"""Recordings: where the mission allows it, announced first, six months at most, every listening noted."""

from datetime import timedelta
from io import BytesIO

import pytest
from django.core.files import File
from django.core.files.base import ContentFile

from config.errors import DecrocheError
from marketplace.models import Mission
from prospecting.anonymising import anonymise
from prospecting.models import AccessEntry, Call, Recording
from prospecting.recording import attach, listen, purge_recordings, sound
from tests.cast import TUESDAY_10H, World
from tests.prospecting.test_calling import call

pytestmark = pytest.mark.django_db
MP3 = b"ID3\x04" + b"\x00" * 100


@pytest.fixture
def recorded(world: World, settings, tmp_path) -> Call:
    settings.MEDIA_ROOT = tmp_path
    Mission.objects.filter(pk=world.mission.pk).update(recording_allowed=True)
    world.contact()
    made = call(world.bobs, "REFI", at=TUESDAY_10H)
    return Call.objects.select_related("mission", "engagement").get(pk=made.pk)


def joined(made: Call, **more) -> Recording:
    said = {"announced_at": made.started_at, "content": ContentFile(MP3, name="appel.mp3")} | more
    at = said.pop("at", TUESDAY_10H + timedelta(hours=1))
    return attach(call=made, engagement=said.pop("engagement", made.engagement), at=at, **said)


def refused(made: Call, **more) -> str:
    with pytest.raises(DecrocheError) as error:
        joined(made, **more)
    assert not Recording.objects.exists()
    return error.value.code


def test_it_keeps_the_sound_until_its_term(recorded: Call) -> None:
    kept = joined(recorded, days=30)
    assert kept.content.read() == MP3
    assert kept.purge_on == (TUESDAY_10H + timedelta(days=30)).date()


def test_a_mission_that_does_not_allow_it_refuses(recorded: Call) -> None:
    recorded.mission.recording_allowed = False
    assert refused(recorded) == "recording_not_allowed"


def test_the_person_is_told_during_the_call_neither_before_nor_after(recorded: Call) -> None:
    assert refused(recorded, announced_at=recorded.started_at - timedelta(seconds=1)) == "notice"
    assert refused(recorded, announced_at=recorded.started_at + timedelta(hours=1)) == "notice"


def test_six_months_at_most(recorded: Call) -> None:
    assert refused(recorded, days=181) == "too_long"


def test_only_a_sound_by_its_content_or_an_https_address(recorded: Call) -> None:
    assert refused(recorded, content=ContentFile(b"%PDF-1.7", name="appel.mp3")) == "not_a_sound"
    assert refused(recorded, content=None, url="http://example.test/a.mp3") == "address"
    assert refused(recorded, content=None) == "one_of_two"
    assert joined(recorded, content=None, url="https://example.test/a.mp3").url == "https://example.test/a.mp3"


def test_another_agents_call_is_not_ones_own(recorded: Call, world: World) -> None:
    assert refused(recorded, engagement=world.aminas) == "not_your_call"


def test_one_recording_a_call(recorded: Call) -> None:
    joined(recorded)
    with pytest.raises(DecrocheError, match="déjà son enregistrement"):
        joined(recorded)
    assert Recording.objects.count() == 1


def test_every_listening_is_written(recorded: Call, world: World) -> None:
    kept = joined(recorded)
    listen(recording=kept, user=world.alice, at=TUESDAY_10H)
    assert list(kept.listenings.values_list("user__display_name", "at")) == [("Alice", TUESDAY_10H)]
    assert AccessEntry.objects.filter(what="listen", user=world.alice, contact=recorded.contact).count() == 1


def test_at_its_term_the_sound_goes_and_the_trace_stays(recorded: Call, world: World) -> None:
    kept = joined(recorded, days=1)
    path = kept.content.path
    before, term = TUESDAY_10H, TUESDAY_10H + timedelta(days=1)
    assert purge_recordings(today=before.date(), at=before) == 0
    assert purge_recordings(today=term.date(), at=term) == 1
    assert purge_recordings(today=term.date(), at=term + timedelta(hours=1)) == 0
    kept.refresh_from_db()
    assert (kept.content.name, kept.url, kept.purged_at) == ("", "", term)
    with pytest.raises(FileNotFoundError):
        open(path).close()
    with pytest.raises(DecrocheError, match="effacé à son terme"):
        listen(recording=kept, user=world.alice, at=term)


def test_the_voice_of_a_person_who_is_erased_goes_with_them(recorded: Call, world: World) -> None:
    kept = joined(recorded)
    erased_at = TUESDAY_10H + timedelta(days=2)
    anonymise([recorded.contact_id], at=erased_at)
    kept.refresh_from_db()
    with pytest.raises(DecrocheError, match="effacé à son terme"):
        listen(recording=kept, user=world.alice, at=erased_at)
    assert purge_recordings(today=erased_at.date(), at=erased_at) == 1


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"ID3\x04", "audio/mpeg"),
        (b"OggS\x00", "audio/ogg"),
        (b"RIFF\x00\x00\x00\x00WAVEfmt ", "audio/wav"),
        (b"\x00\x00\x00\x18ftypM4A ", "audio/mp4"),
        (b"<html>", ""),
        (b"", ""),
    ],
)
def test_a_sound_is_known_by_its_first_bytes(head: bytes, kind: str) -> None:
    assert sound(File(BytesIO(head)).file) == kind
