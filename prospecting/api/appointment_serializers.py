"""Shapes of agendas, slots and appointments, in and out. No rule here."""

from typing import Any

from rest_framework import serializers

from marketplace.models import Mission
from prospecting.models import Agenda, Appointment, AppointmentEvent, BusyTime


class SlotsOut(serializers.Serializer[Any]):
    minutes = serializers.IntegerField(help_text="How long an appointment of the mission lasts")
    slots = serializers.ListField(child=serializers.DateTimeField(), help_text="Starts that are free now, in order")


class OpeningShape(serializers.Serializer[Any]):
    """One opening of the week, on the agenda’s own clock: 0 is Monday."""

    day = serializers.IntegerField(min_value=0, max_value=6)
    from_ = serializers.CharField()
    to = serializers.CharField()

    def get_fields(self) -> dict[str, Any]:
        fields = super().get_fields()
        fields["from"] = fields.pop("from_")
        return fields


class AgendaOut(serializers.ModelSerializer[Agenda]):
    id = serializers.UUIDField(source="public_id", read_only=True)
    organisation = serializers.UUIDField(source="organisation.public_id", read_only=True)
    missions: Any = serializers.SlugRelatedField(slug_field="slug", many=True, read_only=True)
    weekly = OpeningShape(many=True)

    class Meta:
        model = Agenda
        fields = [
            "id",
            "organisation",
            "name",
            "email",
            "missions",
            "time_zone",
            "weekly",
            "buffer_minutes",
            "notice_hours",
            "horizon_days",
            "video_link",
            "feed_url",
            "feed_read_at",
            "feed_problem",
            "active",
        ]


class AgendaIn(serializers.Serializer[Any]):
    """What may be changed; what is not sent stays."""

    name = serializers.CharField(max_length=120)
    email = serializers.EmailField(allow_blank=True, required=False)
    missions: Any = serializers.SlugRelatedField(
        slug_field="slug", many=True, queryset=Mission.objects.all(), required=False
    )
    time_zone = serializers.CharField(max_length=40, required=False)
    weekly = OpeningShape(many=True, required=False)
    buffer_minutes = serializers.IntegerField(min_value=0, max_value=240, required=False)
    notice_hours = serializers.IntegerField(min_value=0, max_value=336, required=False)
    horizon_days = serializers.IntegerField(min_value=1, max_value=180, required=False)
    video_link = serializers.CharField(max_length=300, allow_blank=True, required=False)
    feed_url = serializers.CharField(max_length=500, allow_blank=True, required=False)
    active = serializers.BooleanField(required=False)


class NewAgendaIn(AgendaIn):
    organisation = serializers.UUIDField()


class BusyTimeShape(serializers.ModelSerializer[BusyTime]):
    class Meta:
        model = BusyTime
        fields = ["id", "starts_at", "ends_at", "what", "from_feed"]
        read_only_fields = ["id", "from_feed"]


class EventOut(serializers.ModelSerializer[AppointmentEvent]):
    class Meta:
        model = AppointmentEvent
        fields = ["at", "what", "by", "detail"]


class OneAppointmentOut(serializers.ModelSerializer[Appointment]):
    """For the members of the business: with whom, and its history."""

    id = serializers.UUIDField(source="public_id")
    mission = serializers.CharField(source="mission.slug")
    contact = serializers.UUIDField(source="contact.public_id")
    company = serializers.CharField(source="contact.company")
    agent = serializers.CharField(source="engagement.label")
    agenda = serializers.UUIDField(source="agenda.public_id", allow_null=True, default=None)
    moved_to = serializers.UUIDField(source="moved_to.public_id", allow_null=True, default=None)
    events = EventOut(many=True)

    class Meta:
        model = Appointment
        fields = [
            "id",
            "mission",
            "contact",
            "company",
            "agent",
            "agenda",
            "kind",
            "starts_at",
            "ends_at",
            "place",
            "email",
            "note",
            "state",
            "cancelled_by",
            "moved_to",
            "booked_at",
            "events",
        ]


class CancelIn(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=300)


class MoveIn(CancelIn):
    starts_at = serializers.DateTimeField()
