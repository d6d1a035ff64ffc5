"""The API of agendas, slots and appointments: the same activities as the pages."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import api_view
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from config import clock
from marketplace.models import User
from prospecting import access, agendas, moving
from prospecting.api.appointment_serializers import (
    AgendaIn,
    AgendaOut,
    BusyTimeShape,
    CancelIn,
    MoveIn,
    NewAgendaIn,
    OneAppointmentOut,
    SlotsOut,
)
from prospecting.availability import free_slots
from prospecting.models import Agenda, Appointment, Claim

DAYS = 14


@extend_schema(
    responses=SlotsOut, parameters=[OpenApiParameter("days", int, description="How far to look, 14 unless told")]
)
@api_view(["GET"])
def slots_view(request: Request, public_id: UUID) -> Response:
    """The free slots of the mission, for the contact in hand if there is one."""
    at, engagement = clock.now(), access.engagement_to_call(request.user, public_id)
    days = request.query_params.get("days", "")
    until = at + timedelta(days=min(int(days), 200) if days.isdecimal() and len(days) < 4 else DAYS)
    held = Claim.objects.filter(engagement=engagement).values_list("contact__territory", flat=True).first()
    free = free_slots(engagement.mission, at, territory=held or "")
    starts = [slot.starts_at for slot in free if slot.starts_at < until]
    return Response(SlotsOut({"minutes": engagement.mission.slot_minutes, "slots": starts}).data)


class Agendas(ListAPIView[Agenda]):
    """The agendas of the businesses one belongs to."""

    serializer_class = AgendaOut

    def get_queryset(self) -> QuerySet[Agenda]:
        return _with_all(access.agendas_read_by(self.request.user))

    @extend_schema(request=NewAgendaIn, responses={201: AgendaOut})
    def post(self, request: Request) -> Response:
        body = NewAgendaIn(data=request.data)
        body.is_valid(raise_exception=True)
        data = dict(body.validated_data)
        organisation = access.organisation_to_write(request.user, data.pop("organisation"))
        made = agendas.create_agenda(organisation=organisation, **data)
        return Response(_out(made), status=201)


class OneAgenda(APIView):
    @extend_schema(responses=AgendaOut)
    def get(self, request: Request, public_id: UUID) -> Response:
        return Response(_out(access.agenda_to_read(request.user, public_id)))

    @extend_schema(request=AgendaIn, responses=AgendaOut)
    def patch(self, request: Request, public_id: UUID) -> Response:
        agenda = access.agenda_to_write(request.user, public_id)
        body = AgendaIn(data=request.data, partial=True)
        body.is_valid(raise_exception=True)
        return Response(_out(agendas.update_agenda(agenda=agenda, **body.validated_data)))


class BusyTimes(APIView):
    @extend_schema(responses=BusyTimeShape(many=True))
    def get(self, request: Request, public_id: UUID) -> Response:
        """When the agenda is taken from now on, by hand or by its feed."""
        agenda = access.agenda_to_read(request.user, public_id)
        ahead = agenda.busy_times.filter(ends_at__gt=clock.now()).order_by("starts_at")[:1000]
        return Response(BusyTimeShape(ahead, many=True).data)

    @extend_schema(request=BusyTimeShape, responses={201: BusyTimeShape})
    def post(self, request: Request, public_id: UUID) -> Response:
        agenda = access.agenda_to_write(request.user, public_id)
        body = BusyTimeShape(data=request.data)
        body.is_valid(raise_exception=True)
        return Response(BusyTimeShape(agendas.block(agenda=agenda, **body.validated_data)).data, status=201)


@extend_schema(responses=OneAppointmentOut)
@api_view(["GET"])
def appointment_view(request: Request, public_id: UUID) -> Response:
    return Response(_one(access.appointment_to_read(request.user, public_id)))


@extend_schema(request=CancelIn, responses=OneAppointmentOut)
@api_view(["POST"])
def cancel_view(request: Request, public_id: UUID) -> Response:
    """Those who had it in their calendar are told."""
    one = access.appointment_to_write(request.user, public_id)
    body = CancelIn(data=request.data)
    body.is_valid(raise_exception=True)
    return Response(_one(moving.cancel(appointment=one, actor=_actor(request), at=clock.now(), **body.validated_data)))


@extend_schema(request=MoveIn, responses={201: OneAppointmentOut})
@api_view(["POST"])
def move_view(request: Request, public_id: UUID) -> Response:
    """A new appointment at another free time; the old one names it. One that fell through is booked again."""
    one = access.appointment_to_write(request.user, public_id)
    body = MoveIn(data=request.data)
    body.is_valid(raise_exception=True)
    new = moving.move(appointment=one, actor=_actor(request), at=clock.now(), **body.validated_data)
    return Response(_one(new), status=201)


def _actor(request: Request) -> moving.Actor:
    return moving.Actor(Appointment.By.BUSINESS, request.user if isinstance(request.user, User) else None)


def _with_all(rows: QuerySet[Agenda]) -> QuerySet[Agenda]:
    return rows.select_related("organisation").prefetch_related("missions").order_by("pk")


def _out(agenda: Agenda) -> dict[str, Any]:
    return dict(AgendaOut(_with_all(Agenda.objects.filter(pk=agenda.pk)).get()).data)


def _one(appointment: Appointment) -> dict[str, Any]:
    rows = Appointment.objects.select_related(*access.APPOINTMENT).prefetch_related("events")
    return dict(OneAppointmentOut(rows.get(pk=appointment.pk)).data)
