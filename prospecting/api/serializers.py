"""Shapes of the calling API, in and out. No rule here."""

from collections.abc import Mapping
from typing import Any

from django.core.validators import ProhibitNullCharactersValidator
from rest_framework import serializers

from prospecting.booking import Slot
from prospecting.calling import Logged
from prospecting.logging_by_hand import Typed
from prospecting.models import Appointment, Call, Skip


class PastCallOut(serializers.Serializer[Any]):
    at = serializers.DateTimeField()
    outcome = serializers.CharField()
    note = serializers.CharField()
    agent = serializers.CharField()


class CardOut(serializers.Serializer[Any]):
    claim = serializers.UUIDField()
    expires_at = serializers.DateTimeField()
    contact = serializers.UUIDField()
    company = serializers.CharField()
    person = serializers.CharField()
    job_title = serializers.CharField()
    postal_code = serializers.CharField()
    city = serializers.CharField()
    address = serializers.CharField()
    email = serializers.CharField()
    local_time = serializers.DateTimeField(format=None, help_text="On the contact’s own clock")
    file = serializers.CharField()
    legal_basis = serializers.CharField()
    source_sentence = serializers.CharField()
    columns = serializers.DictField(child=serializers.CharField())
    also_at = serializers.ListField(child=serializers.DictField())
    phone = serializers.CharField(help_text="E.164 once dialled, masked before")
    dialled_at = serializers.DateTimeField(allow_null=True)
    attempts = serializers.IntegerField()
    max_attempts = serializers.IntegerField()
    calling_closes_at = serializers.DateTimeField(allow_null=True)
    refusal = serializers.CharField()
    history = PastCallOut(many=True)


class PlaceOut(serializers.Serializer[Any]):
    territory = serializers.CharField(help_text="`FR`, `FR-ALM`, `FR-RE` …; `FR?` is Paris, assumed")
    contacts = serializers.IntegerField()
    opens_at = serializers.DateTimeField()


class ReturnOut(serializers.Serializer[Any]):
    at = serializers.DateTimeField()
    contacts = serializers.IntegerField()
    what = serializers.ChoiceField(choices=["retry", "callback", "opening"])


class HourOut(serializers.Serializer[Any]):
    starts_at = serializers.DateTimeField()
    retry = serializers.IntegerField()
    callback = serializers.IntegerField()
    opening = serializers.IntegerField(help_text="Contacts of a territory that opens")


class QueueOut(serializers.Serializer[Any]):
    """Each contact stands in exactly one of `ready` … `converted`: they sum to `total`."""

    total = serializers.IntegerField()
    ready = serializers.IntegerField(help_text="Could be dealt to this agent now")
    cooling = serializers.IntegerField(help_text="To be tried again later")
    capped = serializers.IntegerField(help_text="Their number has had its attempts for these days")
    cool_off = serializers.IntegerField(help_text="Refused not long ago")
    promised = serializers.IntegerField(help_text="Callbacks not due yet, or a colleague’s")
    outside_hours = serializers.IntegerField(help_text="Wait for their territory to open: see `places`")
    reserved = serializers.IntegerField(help_text="In another agent’s part")
    filtered = serializers.IntegerField(help_text="Kept out by the mission’s filters")
    resting = serializers.IntegerField(help_text="In a file that rests (weight 0)")
    skipped = serializers.IntegerField(help_text="Given back by this agent")
    without_phone = serializers.IntegerField()
    in_hand = serializers.IntegerField()
    blocked = serializers.IntegerField(help_text="See `blocked_by`")
    exhausted = serializers.IntegerField()
    closed = serializers.IntegerField()
    converted = serializers.IntegerField()
    fresh = serializers.IntegerField(help_text="By state, whatever stands in their way")
    retry = serializers.IntegerField(help_text="By state")
    callback = serializers.IntegerField(help_text="By state")
    blocked_by = serializers.DictField(child=serializers.IntegerField(), help_text="Reason code: contacts")
    places = PlaceOut(many=True)
    open_now = serializers.BooleanField()
    opens_at = serializers.DateTimeField()
    next_at = serializers.DateTimeField(allow_null=True, help_text="The next retry or promise")
    returns = ReturnOut(many=True, help_text="The next instants at which some come back")
    forecast = HourOut(many=True, help_text="The rest of the day, an hour each; empty on a day off")


class NextOut(serializers.Serializer[Any]):
    card = CardOut(allow_null=True)
    queue = QueueOut(allow_null=True, help_text="Only when there is no contact: why not, and from when")


class DialOut(serializers.Serializer[Any]):
    claim = serializers.UUIDField(source="claim_id_seen")
    phone = serializers.CharField()
    at = serializers.DateTimeField()
    rule_version = serializers.CharField()


class SkipIn(serializers.Serializer[Any]):
    reason = serializers.ChoiceField(choices=Skip.Reason.choices)
    note = serializers.CharField(allow_blank=True, max_length=300, default="", help_text="Required with `other`")


class HeartbeatOut(serializers.Serializer[Any]):
    expires_at = serializers.DateTimeField(help_text="When the hold on the contact ends")


class AnswerIn(serializers.Serializer[Any]):
    phone = serializers.CharField(max_length=40, help_text="As it shows on the telephone")


class ByHandIn(serializers.Serializer[Any]):
    phone = serializers.CharField(max_length=40)
    company = serializers.CharField(allow_blank=True, max_length=200, default="")
    last_name = serializers.CharField(allow_blank=True, max_length=120, default="")
    postal_code = serializers.CharField(allow_blank=True, max_length=12, default="")
    source = serializers.CharField(  # type: ignore[assignment]  # the word that the activity has for it
        allow_blank=True, max_length=300, default="", help_text="Where the number comes from; for one that is new"
    )
    made_at = serializers.DateTimeField(
        allow_null=True, default=None, help_text="When the call was made, for one already made; null to call now"
    )

    def typed(self) -> Typed:
        return Typed(**self.validated_data)


class InHandOut(serializers.Serializer[Any]):
    engagement = serializers.UUIDField(help_text="Under which the outcome is logged")
    card = CardOut()
    against = serializers.CharField(help_text="What the rules had against a call already made")


class SlotIn(serializers.Serializer[Any]):
    starts_at = serializers.DateTimeField()
    kind = serializers.ChoiceField(choices=Appointment.Kind.choices)
    place = serializers.CharField(required=False, allow_blank=True, max_length=300, default="")
    minutes = serializers.IntegerField(required=False, allow_null=True, min_value=5, max_value=600, default=None)
    email = serializers.EmailField(
        required=False, allow_null=True, allow_blank=True, max_length=254, default=None,
        help_text="Where the invitation goes; null means the contact’s own address, empty nowhere",
    )  # fmt: skip


class CallIn(serializers.Serializer[Any]):
    engagement = serializers.UUIDField()
    claim = serializers.UUIDField(help_text="The claim under which it was dialled")
    key = serializers.UUIDField(help_text="Made by the client; the same key never logs twice")
    outcome = serializers.CharField(max_length=8)
    seconds = serializers.IntegerField(min_value=0, max_value=6 * 3600, default=0)
    note = serializers.CharField(allow_blank=True, max_length=5000, default="")
    reason = serializers.CharField(allow_blank=True, max_length=200, default="")
    answers = serializers.DictField(child=serializers.CharField(allow_blank=True, max_length=1000), default=dict)
    callback_at = serializers.DateTimeField(allow_null=True, default=None)
    reopen_on = serializers.DateField(allow_null=True, default=None)
    appointment = SlotIn(allow_null=True, default=None)
    opposed = serializers.BooleanField(default=False, help_text="The person also said never to call again")
    withdrawn = serializers.BooleanField(default=False, help_text="The person also took back their consent")
    late = serializers.BooleanField(default=False, help_text="It waited on the agent’s machine: nobody is on the line")

    def validate_answers(self, answers: dict[str, str]) -> dict[str, str]:
        for key in answers:  # the values are seen to by their own field
            ProhibitNullCharactersValidator()(key)
        return answers

    def said(self) -> Logged:
        return self.logged(self.validated_data)

    @staticmethod
    def logged(body: Mapping[str, Any]) -> Logged:
        data = dict(body)
        slot = data.pop("appointment")
        del data["engagement"], data["claim"]
        return Logged(**data, appointment=Slot(**slot) if slot else None)


class CallOut(serializers.ModelSerializer[Call]):
    id = serializers.UUIDField(source="public_id")
    mission = serializers.CharField(source="mission.slug")
    contact = serializers.UUIDField(source="contact.public_id")
    agent = serializers.CharField(source="engagement.label")

    class Meta:
        model = Call
        fields = [
            "id",
            "mission",
            "contact",
            "agent",
            "key",
            "started_at",
            "seconds",
            "dials",
            "outcome",
            "valid",
            "answered",
            "reached",
            "argued",
            "converted",
            "final",
            "reason",
            "note",
            "answers",
            "source",
            "logged_at",
        ]


class UndoIn(serializers.Serializer[Any]):
    key = serializers.UUIDField(help_text="Made by the client")


class PromiseOut(serializers.Serializer[Any]):
    id = serializers.UUIDField(source="public_id")
    due_at = serializers.DateTimeField()
    contact = serializers.UUIDField(source="contact.public_id")
    company = serializers.CharField(source="contact.company")
    person = serializers.SerializerMethodField()

    def get_person(self, callback: Any) -> str:
        return f"{callback.contact.first_name} {callback.contact.last_name}".strip()


class AppointmentOut(serializers.ModelSerializer[Appointment]):
    id = serializers.UUIDField(source="public_id")
    contact = serializers.UUIDField(source="contact.public_id")
    company = serializers.CharField(source="contact.company")
    agent = serializers.CharField(source="engagement.label")

    class Meta:
        model = Appointment
        fields = [
            "id",
            "contact",
            "company",
            "agent",
            "kind",
            "starts_at",
            "minutes",
            "place",
            "note",
            "state",
            "booked_at",
        ]
