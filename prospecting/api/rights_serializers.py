"""Shapes of oppositions and bases, in and out. No rule here."""

from typing import Any

from django.conf import settings
from django.urls import reverse
from rest_framework import serializers

from prospecting.models import Basis, OppositionList
from prospecting.rules.bases import Stated


class OppositionIn(serializers.Serializer[Any]):
    """Without an organisation it is the operator's, for the whole platform."""

    organisation = serializers.UUIDField(required=False, allow_null=True, default=None)
    mission = serializers.SlugField(required=False, default="", allow_blank=True, help_text="Only for this mission")
    phone = serializers.CharField(max_length=60, help_text="01 99 00 12 34 or +33199001234")


class OppositionListIn(serializers.Serializer[Any]):
    organisation = serializers.UUIDField(required=False, allow_null=True, default=None)
    mission = serializers.SlugField(required=False, default="", allow_blank=True, help_text="Only for this mission")
    name = serializers.CharField(max_length=200)
    phones = serializers.ListField(child=serializers.CharField(max_length=60, allow_blank=True), max_length=10_000)


class OppositionListOut(serializers.ModelSerializer[OppositionList]):
    id = serializers.UUIDField(source="public_id")

    class Meta:
        model = OppositionList
        fields = ["id", "name", "at", "rows", "added", "already", "refused", "refusals"]


class BasisIn(serializers.Serializer[Any]):
    """Why a person may be called. `mentions` are asked of a consent: who, answer, period, withdraw, proof."""

    kind = serializers.ChoiceField(choices=Basis.Kind.choices)
    collected_at = serializers.DateTimeField()
    about = serializers.CharField(max_length=300)
    source = serializers.CharField(max_length=300)  # type: ignore[assignment]
    ends_at = serializers.DateTimeField(allow_null=True, default=None)
    mentions = serializers.DictField(child=serializers.CharField(max_length=1000), default=dict)

    def stated(self) -> Stated:
        return Stated(**self.validated_data)


class BasisOut(serializers.ModelSerializer[Basis]):
    id = serializers.UUIDField(source="public_id")
    proof = serializers.SerializerMethodField(help_text="The page on which the person reads their proof")

    class Meta:
        model = Basis
        fields = ["id", "kind", "about", "collected_at", "until", "withdrawn_at", "proof"]

    def get_proof(self, basis: Basis) -> str:
        return settings.PUBLIC_URL + reverse("proof", args=[basis.proof_token])
