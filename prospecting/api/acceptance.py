"""Acceptance, fates and promises for machines: the same activities as the pages."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from config import clock
from marketplace.models import User
from prospecting import access
from prospecting.accepting import LONGEST, accept, answer, contest, rule
from prospecting.fate import FATES, tell
from prospecting.models import Acceptance, Callback


class CriterionMet(serializers.Serializer[Any]):
    criterion = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # DRF keeps `label` for itself
    met = serializers.BooleanField()
    answer = serializers.CharField()


class AcceptanceOut(serializers.ModelSerializer[Acceptance]):
    id = serializers.UUIDField(source="public_id")
    mission = serializers.CharField(source="mission.slug")
    contact = serializers.UUIDField(source="contact.public_id")
    company = serializers.CharField(source="contact.company")
    agent = serializers.CharField(source="engagement.label")
    call = serializers.UUIDField(source="call.public_id")
    appointment = serializers.UUIDField(source="appointment.public_id", allow_null=True, default=None)
    pay_cents = serializers.IntegerField(source="engagement.pay_cents")
    currency = serializers.CharField(source="engagement.currency")
    verdict = CriterionMet(many=True)

    class Meta:
        model = Acceptance
        fields = ["id", "mission", "contact", "company", "agent", "call", "appointment", "pay_cents", "currency",
                  "verdict", "state", "opened_at", "deadline_at", "decided_at", "decided_by", "contested_at", "reason",
                  "reason_text", "answer_text", "ruling_text"]  # fmt: skip


class ContestIn(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=20, help_text=", ".join(Acceptance.Reason.values))
    text = serializers.CharField(max_length=LONGEST, help_text="The facts; the telemarketer and the operator read them")


class AccountIn(serializers.Serializer[Any]):
    text = serializers.CharField(max_length=LONGEST)


class RulingIn(serializers.Serializer[Any]):
    uphold = serializers.BooleanField(help_text="True: the business was right, nothing is owed")
    text = serializers.CharField(max_length=LONGEST)


class FateIn(serializers.Serializer[Any]):
    fate = serializers.ChoiceField(choices=list(FATES))
    starts_at = serializers.DateTimeField(required=False, allow_null=True, default=None, help_text="Of one put off")


class FateOut(serializers.Serializer[Any]):
    id = serializers.UUIDField(source="public_id")
    state = serializers.CharField()
    fate_by_business = serializers.CharField()
    fate_by_agent = serializers.CharField()


class CallbackOut(serializers.ModelSerializer[Callback]):
    id = serializers.UUIDField(source="public_id")
    contact = serializers.UUIDField(source="contact.public_id")
    agent = serializers.CharField(source="engagement.label")

    class Meta:
        model = Callback
        fields = ["id", "contact", "agent", "due_at", "state", "handed_over_at"]


class Narrowed(serializers.Serializer[Any]):
    state = serializers.ChoiceField(choices=Acceptance.State.choices, required=False)


READ = ("mission", "contact", "engagement", "call", "appointment")


@extend_schema(parameters=[Narrowed])
class Acceptances(ListAPIView[Acceptance]):
    """What was won for one's business, or by oneself; an operator sees what was contested. The latest first."""

    serializer_class = AcceptanceOut

    def get_queryset(self) -> QuerySet[Acceptance]:
        if getattr(self, "swagger_fake_view", False):
            return Acceptance.objects.none()
        asked = Narrowed(data=self.request.query_params)
        asked.is_valid(raise_exception=True)
        return access.acceptances_seen_by(self.request.user).filter(**asked.validated_data).select_related(*READ)


@extend_schema(responses=AcceptanceOut)
@api_view(["GET"])
def acceptance_view(request: Request, public_id: UUID) -> Response:
    """One acceptance."""
    return _told(access.acceptance_seen(request.user, public_id))


@extend_schema(request=None, responses=AcceptanceOut)
@api_view(["POST"])
def accept_view(request: Request, public_id: UUID) -> Response:
    """The business accepts it: it is owed. Accepting twice is accepting once."""
    acceptance = access.acceptance_to_write(request.user, public_id)
    [done] = accept(acceptances=[acceptance], user=_user(request), at=clock.now())
    return _told(done)


@extend_schema(request=ContestIn, responses=AcceptanceOut)
@api_view(["POST"])
def contest_view(request: Request, public_id: UUID) -> Response:
    """The business contests it, for a reason of the list, until the deadline."""
    acceptance = access.acceptance_to_write(request.user, public_id)
    return _told(contest(acceptance=acceptance, user=_user(request), at=clock.now(), **_read(ContestIn, request)))


@extend_schema(request=AccountIn, responses=AcceptanceOut)
@api_view(["POST"])
def answer_view(request: Request, public_id: UUID) -> Response:
    """The telemarketer's account of what is contested."""
    acceptance = access.own_acceptance(request.user, public_id)
    return _told(answer(acceptance=acceptance, user=_user(request), at=clock.now(), **_read(AccountIn, request)))


@extend_schema(request=RulingIn, responses=AcceptanceOut)
@api_view(["POST"])
def rule_view(request: Request, public_id: UUID) -> Response:
    """The operator rules, with words that both sides read."""
    acceptance = access.contest_to_rule(request.user, public_id)
    return _told(rule(acceptance=acceptance, user=_user(request), at=clock.now(), **_read(RulingIn, request)))


@extend_schema(request=FateIn, responses=FateOut)
@api_view(["POST"])
def fate_view(request: Request, public_id: UUID) -> Response:
    """What became of an appointment, from the side this person stands on."""
    appointment, by = access.appointment_to_tell(request.user, public_id)
    told = tell(appointment=appointment, by=by, user=_user(request), at=clock.now(), **_read(FateIn, request))
    return Response(FateOut(told).data)


class MissionCallbacks(ListAPIView[Callback]):
    """The callbacks promised in a mission, kept or not; the last promised first."""

    serializer_class = CallbackOut

    def get_queryset(self) -> QuerySet[Callback]:
        if getattr(self, "swagger_fake_view", False):
            return Callback.objects.none()
        mission = access.mission_to_read(self.request.user, self.kwargs["slug"])
        return mission.callbacks.select_related("contact", "engagement")


def _read(shape: type[serializers.Serializer[Any]], request: Request) -> dict[str, Any]:
    body = shape(data=request.data)
    body.is_valid(raise_exception=True)
    return dict(body.validated_data)


def _told(acceptance: Acceptance) -> Response:
    return Response(AcceptanceOut(Acceptance.objects.select_related(*READ).get(pk=acceptance.pk)).data)


def _user(request: Request) -> User:
    if not isinstance(request.user, User):
        raise Http404
    return request.user
