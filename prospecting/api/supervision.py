"""The live board, the messages to the team and the recordings, for machines."""

from typing import Any, cast
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from config import clock
from marketplace.models import User
from prospecting import access
from prospecting.recording import KEPT, attach
from prospecting.supervising import board
from prospecting.telling import LONGEST, tell_team, unread


class AtWorkOut(serializers.Serializer[Any]):
    """`doing`: calling, preparing, between, away, suspended. `silence`: calls of today since anybody was reached."""

    engagement = serializers.UUIDField()
    name = serializers.CharField()
    doing = serializers.CharField()
    since = serializers.DateTimeField(allow_null=True)
    session = serializers.DateTimeField(allow_null=True)
    last = serializers.DateTimeField(allow_null=True)
    dials = serializers.IntegerField()
    reached = serializers.IntegerField()
    converted = serializers.IntegerField()
    silence = serializers.IntegerField()


class FileLeftOut(serializers.Serializer[Any]):
    file = serializers.UUIDField()
    name = serializers.CharField()
    fresh = serializers.IntegerField()
    an_hour = serializers.FloatField(help_text="Contacts called for the first time in an hour of the last two")
    lasts_minutes = serializers.SerializerMethodField()

    def get_lasts_minutes(self, file: Any) -> int | None:
        return int(file.lasts.total_seconds() // 60) if file.lasts is not None else None


class AlertOut(serializers.Serializer[Any]):
    code = serializers.ChoiceField(choices=["exhausted", "exhausted_soon", "silence", "overdue", "wrong_numbers"])
    about = serializers.CharField()


class BoardOut(serializers.Serializer[Any]):
    at = serializers.DateTimeField()
    agents = AtWorkOut(many=True)
    files = FileLeftOut(many=True)
    alerts = AlertOut(many=True)


class MessageIn(serializers.Serializer[Any]):
    text = serializers.CharField(max_length=LONGEST)


class MessageOut(serializers.Serializer[Any]):
    public_id = serializers.UUIDField()
    author = serializers.CharField(allow_null=True)
    text = serializers.CharField()
    at = serializers.DateTimeField()


class RecordingIn(serializers.Serializer[Any]):
    """One recording of a call: a sound file, or an https address; and when the person was told, during the call."""

    content = serializers.FileField(required=False)
    url = serializers.URLField(required=False, max_length=500)
    announced_at = serializers.DateTimeField()
    days = serializers.IntegerField(min_value=1, max_value=KEPT.days, default=KEPT.days)


class RecordingOut(serializers.Serializer[Any]):
    public_id = serializers.UUIDField()
    announced_at = serializers.DateTimeField()
    purge_on = serializers.DateField()


@extend_schema(responses=BoardOut)
@api_view(["GET"])
def board_view(request: Request, slug: str) -> Response:
    """Who is calling now, how long each file lasts, what deserves a look."""
    mission = access.mission_to_read(request.user, slug)
    return Response(BoardOut(board(missions=[mission], zone=mission.time_zone, at=clock.now())).data)


@extend_schema(request=MessageIn, responses={201: MessageOut})
@api_view(["POST"])
def messages_view(request: Request, slug: str) -> Response:
    """A word to everyone who calls for the mission, shown for 24 hours."""
    mission = access.mission_to_write(request.user, slug)
    body = MessageIn(data=request.data)
    body.is_valid(raise_exception=True)
    author, text = cast(User, request.user), body.validated_data["text"]
    message = tell_team(mission=mission, author=author, text=text, at=clock.now())
    return Response(MessageOut(message).data, status=201)


@extend_schema(responses=MessageOut(many=True))
@api_view(["GET"])
def unread_view(request: Request, public_id: UUID) -> Response:
    """The messages that this agent has not dismissed yet."""
    engagement = access.engagement_to_call(request.user, public_id)
    return Response(MessageOut(unread(engagement=engagement, at=clock.now()), many=True).data)


@extend_schema(request={"multipart/form-data": RecordingIn}, responses={201: RecordingOut})
@api_view(["POST"])
def recording_view(request: Request, public_id: UUID) -> Response:
    """Join a recording to one of one's own calls, where the mission allows it."""
    call = access.own_call(request.user, public_id)
    body = RecordingIn(data=request.data)
    body.is_valid(raise_exception=True)
    said = body.validated_data
    kept = attach(
        call=call,
        engagement=call.engagement,
        announced_at=said["announced_at"],
        at=clock.now(),
        content=said.get("content"),
        url=said.get("url", ""),
        days=said["days"],
    )
    return Response(RecordingOut(kept).data, status=201)
