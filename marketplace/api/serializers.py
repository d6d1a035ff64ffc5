"""Shapes of the marketplace's API, in and out. No rule here."""

from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers

from marketplace.criteria import LONGEST, MOST
from marketplace.models import Application, Engagement, Mission, User
from marketplace.models.missions import Objective
from marketplace.script import KINDS


class QuestionShape(serializers.Serializer[Any]):
    key = serializers.SlugField(max_length=40)
    label = serializers.CharField(max_length=200)  # type: ignore[assignment]  # DRF keeps `label` for itself
    required = serializers.BooleanField(default=False)  # type: ignore[assignment]


class AnswerShape(serializers.Serializer[Any]):
    label = serializers.CharField(max_length=120)  # type: ignore[assignment]
    text = serializers.CharField(max_length=1000)


class CriterionShape(serializers.Serializer[Any]):
    """One criterion of acceptance. Its words may be sent alone, as a text; its key is made of them."""

    key = serializers.SlugField(max_length=60, read_only=True)
    label = serializers.CharField(max_length=LONGEST)  # type: ignore[assignment]

    def to_internal_value(self, data: Any) -> Any:
        return super().to_internal_value({"label": data} if isinstance(data, str) else data)


class BlockShape(serializers.Serializer[Any]):
    """One block of a script; `text` may hold {merge} fields."""

    kind = serializers.ChoiceField(choices=KINDS)
    text = serializers.CharField(max_length=4000, required=False)
    questions = QuestionShape(many=True, required=False)
    answers = AnswerShape(many=True, required=False)


class MissionIn(serializers.Serializer[Any]):
    """A mission to post. What is left out takes its default; the script, the proposed one."""

    title = serializers.CharField(max_length=120)
    objective = serializers.ChoiceField(choices=Objective.choices, required=False)
    summary = serializers.CharField(required=False, allow_blank=True, max_length=4000)
    sector = serializers.CharField(required=False, allow_blank=True, max_length=80)
    target = serializers.IntegerField(required=False, allow_null=True, min_value=1, max_value=1_000_000)
    window_days = serializers.IntegerField(required=False, min_value=1, max_value=365)
    regime = serializers.ChoiceField(choices=["FR_B2B", "FR_B2C"], required=False)
    max_attempts = serializers.IntegerField(required=False, min_value=1, max_value=8)
    script = BlockShape(many=True, required=False)
    criteria = CriterionShape(many=True, required=False, help_text="Twenty at most")
    slot_minutes = serializers.IntegerField(required=False, min_value=5, max_value=480)
    contest_days = serializers.IntegerField(required=False, min_value=1, max_value=30)
    recording_allowed = serializers.BooleanField(required=False)
    pay_cents = serializers.IntegerField(required=False, min_value=0, max_value=100_000_000)
    seats = serializers.IntegerField(required=False, min_value=1, max_value=500)
    caller_number = serializers.CharField(required=False, allow_blank=True, max_length=20)
    starts_on = serializers.DateField(required=False, allow_null=True)
    ends_on = serializers.DateField(required=False, allow_null=True)

    def validate_criteria(self, criteria: list[Any]) -> list[Any]:
        if len(criteria) > MOST:
            raise serializers.ValidationError(_("Vingt critères au plus."), code="max_length")
        return criteria


class MissionOut(serializers.ModelSerializer[Mission]):
    organisation = serializers.CharField(source="organisation.name", read_only=True)
    script = BlockShape(many=True, read_only=True)
    criteria = CriterionShape(many=True, read_only=True)

    class Meta:
        model = Mission
        fields = [
            "public_id",
            "slug",
            "organisation",
            "title",
            "summary",
            "sector",
            "objective",
            "target",
            "window_days",
            "regime",
            "max_attempts",
            "time_zone",
            "script",
            "criteria",
            "slot_minutes",
            "contest_days",
            "recording_allowed",
            "pay_cents",
            "currency",
            "seats",
            "caller_number",
            "starts_on",
            "ends_on",
            "state",
            "published_at",
            "closed_at",
        ]
        read_only_fields = fields


class MissionsWanted(serializers.Serializer[Any]):
    """How the list of missions is narrowed."""

    state = serializers.ChoiceField(choices=Mission.State.choices, required=False)
    objective = serializers.ChoiceField(choices=Objective.choices, required=False)


class ApplicationIn(serializers.Serializer[Any]):
    asked_cents = serializers.IntegerField(min_value=1, max_value=100_000_000)
    message = serializers.CharField(required=False, allow_blank=True, max_length=2000, default="")


class DeclineIn(serializers.Serializer[Any]):
    reason = serializers.CharField(required=False, allow_blank=True, max_length=300, default="")


class ApplicationOut(serializers.ModelSerializer[Application]):
    mission = serializers.CharField(source="mission.slug", read_only=True)
    telemarketer = serializers.UUIDField(source="telemarketer.public_id", read_only=True)
    name = serializers.CharField(source="telemarketer.display_name", read_only=True)

    class Meta:
        model = Application
        fields = [
            "public_id",
            "mission",
            "telemarketer",
            "name",
            "message",
            "asked_cents",
            "state",
            "decline_reason",
            "submitted_at",
            "decided_at",
        ]
        read_only_fields = fields


class EngagementOut(serializers.ModelSerializer[Engagement]):
    mission = serializers.CharField(source="mission.slug", read_only=True)
    telemarketer = serializers.UUIDField(source="telemarketer.public_id", read_only=True, allow_null=True)

    class Meta:
        model = Engagement
        fields = [
            "public_id",
            "mission",
            "telemarketer",
            "label",
            "pay_cents",
            "currency",
            "terms",
            "state",
            "started_at",
            "ended_at",
        ]
        read_only_fields = fields


class MembershipShape(serializers.Serializer[Any]):
    organisation = serializers.CharField(source="organisation.name")
    role = serializers.CharField()


class MeOut(serializers.ModelSerializer[User]):
    memberships = MembershipShape(many=True, read_only=True)
    telemarketer = serializers.UUIDField(source="telemarketer.public_id", read_only=True, default=None)

    class Meta:
        model = User
        fields = ["public_id", "email", "display_name", "language", "is_operator", "memberships", "telemarketer"]
        read_only_fields = fields
