"""The calling API: the same activities as the cockpit."""

from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import api_view
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from config import clock
from prospecting import access
from prospecting.answering import answer
from prospecting.api.serializers import (
    AnswerIn,
    AppointmentOut,
    ByHandIn,
    CallIn,
    CallOut,
    CardOut,
    DialOut,
    HeartbeatOut,
    InHandOut,
    NextOut,
    PromiseOut,
    QueueOut,
    SkipIn,
    UndoIn,
)
from prospecting.calling import dial, log_call, undo
from prospecting.cards import card
from prospecting.explaining import explain
from prospecting.logging_by_hand import call_by_hand
from prospecting.models import Appointment, Call, Claim
from prospecting.queue import heartbeat, leave, next_contact, promises, skip

# Made once: DRF builds the fields of a serializer anew for each, at more than the price of all that they then do.
CALL_IN, CALL_OUT, DIAL_OUT, NEXT_OUT = CallIn(), CallOut(), DialOut(), NextOut()


@extend_schema(request=None, responses=NextOut)
@api_view(["POST"])
def next_contact_view(request: Request, public_id: UUID) -> Response:
    """Take the next contact in hand, or say why there is none."""
    at, engagement = clock.now(), access.engagement_to_call(request.user, public_id)
    claim = next_contact(engagement=engagement, at=at)
    if claim is None:
        why = explain(mission=engagement.mission, engagement=engagement, at=at)
        return Response(NEXT_OUT.to_representation({"card": None, "queue": why}))
    return Response(NEXT_OUT.to_representation({"card": card(claim, at), "queue": None}))


@extend_schema(responses=QueueOut)
@api_view(["GET"])
def queue_view(request: Request, public_id: UUID) -> Response:
    """ "Why?": where every contact stands for this agent now, when the next ones come back, the rest of the day."""
    engagement = access.engagement_to_call(request.user, public_id)
    why = explain(mission=engagement.mission, engagement=engagement, at=clock.now())
    return Response(QueueOut(why).data)


@extend_schema(responses=PromiseOut(many=True))
@api_view(["GET"])
def promises_view(request: Request, public_id: UUID) -> Response:
    """The callbacks that this agent promised and has not kept yet."""
    engagement = access.engagement_to_call(request.user, public_id)
    return Response(PromiseOut(promises(engagement=engagement)[:50], many=True).data)


@extend_schema(request=None, responses=DialOut)
@api_view(["POST"])
def dial_view(request: Request, public_id: UUID) -> Response:
    """Command the dial: the rules once more, then the whole number."""
    claim = access.claim_in_hand(request.user, public_id)
    return Response(DIAL_OUT.to_representation(dial(engagement=claim.engagement, claim_id=public_id, at=clock.now())))


@extend_schema(request=AnswerIn, responses=InHandOut)
@api_view(["POST"])
def answer_view(request: Request, public_id: UUID) -> Response:
    """Somebody this person called is calling back: the contact in hand, its line open, the outcome to follow."""
    access.engagement_to_call(request.user, public_id)
    body = AnswerIn(data=request.data)
    body.is_valid(raise_exception=True)
    at = clock.now()
    claim = answer(user=access.telemarketer_to_call(request.user), number=body.validated_data["phone"], at=at)
    return _in_hand(claim, "", at)


@extend_schema(request=ByHandIn, responses=InHandOut)
@api_view(["POST"])
def by_hand_view(request: Request, public_id: UUID) -> Response:
    """A number typed by hand: called now, or already called on one's own phone; the outcome follows."""
    at, engagement = clock.now(), access.engagement_to_call(request.user, public_id)
    body = ByHandIn(data=request.data)
    body.is_valid(raise_exception=True)
    taken = call_by_hand(engagement=engagement, typed=body.typed(), at=at)
    return _in_hand(taken.claim, taken.against, at)


def _in_hand(claim: Claim, against: str, at: datetime) -> Response:
    held = {"engagement": claim.engagement.public_id, "card": card(claim, at), "against": against}
    return Response(InHandOut(held).data)


@extend_schema(request=None, responses={204: None})
@api_view(["POST"])
def release_view(request: Request, public_id: UUID) -> Response:
    """Give the contact in hand back to the queue, as a page does that is left; refused once it is being called."""
    claim = access.claim_in_hand(request.user, public_id)
    leave(engagement=claim.engagement, claim_id=public_id, at=clock.now())
    return Response(status=204)


@extend_schema(request=SkipIn, responses={204: None})
@api_view(["POST"])
def skip_view(request: Request, public_id: UUID) -> Response:
    """Give the contact in hand back before the dial, with a reason: it is not dealt to this agent again."""
    body = SkipIn(data=request.data)
    body.is_valid(raise_exception=True)
    claim = access.claim_in_hand(request.user, public_id)
    skip(engagement=claim.engagement, claim_id=public_id, at=clock.now(), **body.validated_data)
    return Response(status=204)


@extend_schema(request=None, responses=HeartbeatOut)
@api_view(["POST"])
def heartbeat_view(request: Request, public_id: UUID) -> Response:
    """A sign of life, once a minute: the hold on the contact lasts on. 409 when it is over."""
    claim = access.claim_in_hand(request.user, public_id)
    until = heartbeat(engagement=claim.engagement, claim_id=public_id, at=clock.now())
    return Response(HeartbeatOut({"expires_at": until}).data)


@extend_schema(request=CallIn, responses={201: CallOut, 200: CallOut})
@api_view(["POST"])
def calls_view(request: Request) -> Response:
    """Log the outcome of a call that was dialled. 201 when made, 200 when this key had already made it."""
    body = CALL_IN.run_validation(request.data)
    engagement = access.engagement_to_log(request.user, body["engagement"])
    call, made = log_call(
        engagement=engagement,
        claim_id=body["claim"],
        said=CallIn.logged(body),
        at=clock.now(),
        source=Call.Source.API if request.auth else Call.Source.COCKPIT,
    )
    return Response(CALL_OUT.to_representation(call), status=201 if made else 200)


@extend_schema(request=UndoIn, responses=CardOut)
@api_view(["POST"])
def undo_view(request: Request, public_id: UUID) -> Response:
    """Take back the outcome just saved; the contact is in hand again."""
    body = UndoIn(data=request.data)
    body.is_valid(raise_exception=True)
    at, call = clock.now(), access.own_call(request.user, public_id)
    claim = undo(engagement=call.engagement, call_id=public_id, key=body.validated_data["key"], at=at)
    return Response(CardOut(card(claim, at)).data)


class MissionCalls(ListAPIView[Call]):
    """The live calls of a mission, the latest first: neither voided nor corrected."""

    serializer_class = CallOut

    def get_queryset(self) -> QuerySet[Call]:
        mission = access.mission_to_read(self.request.user, self.kwargs["slug"])
        live = mission.calls.filter(void=False, corrected_by=None)
        return live.select_related("mission", "contact", "engagement")


class MissionAppointments(ListAPIView[Appointment]):
    """The appointments of a mission, the last booked first."""

    serializer_class = AppointmentOut

    def get_queryset(self) -> QuerySet[Appointment]:
        mission = access.mission_to_read(self.request.user, self.kwargs["slug"])
        return mission.appointments.select_related("contact", "engagement")
