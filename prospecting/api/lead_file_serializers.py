"""Shapes of the lead-file API, in and out. No rule here."""

from dataclasses import asdict
from typing import Any

from rest_framework import serializers

from prospecting.importing.columns import FIELDS
from prospecting.importing.matching import Choice
from prospecting.importing.receiving import Corrections, Origin
from prospecting.models import LeadFile, SetAsideRow
from prospecting.models.lead_files import LegalBasis

FIELD_NAMES = ", ".join(FIELDS)


class MappingField(serializers.DictField):
    """{field of the contact: column's header}; an empty header takes a field away."""

    child = serializers.CharField(allow_blank=True, max_length=300)


class LeadFileOut(serializers.ModelSerializer[LeadFile]):
    """rows = created + updated + unchanged + merged + set_aside once `state` is `loaded`; until then an estimate."""

    id = serializers.UUIDField(source="public_id", read_only=True)
    mission = serializers.SlugRelatedField[Any](slug_field="slug", read_only=True)
    mapping = MappingField(read_only=True)
    reasons = serializers.DictField(child=serializers.IntegerField(), read_only=True)
    notices = serializers.ListField(child=serializers.DictField(), read_only=True)
    changed_fields = serializers.DictField(child=serializers.IntegerField(), read_only=True)
    newer_than = serializers.SlugRelatedField[Any](slug_field="public_id", read_only=True)

    class Meta:
        model = LeadFile
        fields = (
            *("id", "mission", "name", "state", "refusal", "rows", "rows_done", "created", "updated", "merged"),
            *("unchanged", "missing", "kept_apart", "changed_fields", "identity", "newer_than"),
            *("set_aside", "reasons", "notices", "encoding", "delimiter", "sheet", "header_row", "mapping"),
            *("supplier", "received_on", "cost_cents", "legal_basis", "source_sentence", "size", "sha256"),
            *("uploaded_at", "started_at", "finished_at"),
        )
        read_only_fields = fields


class ReadingAndOriginIn(serializers.Serializer[Any]):
    encoding = serializers.CharField(max_length=20, required=False, allow_blank=True)
    delimiter = serializers.CharField(max_length=1, required=False, allow_blank=True, trim_whitespace=False)
    sheet = serializers.CharField(max_length=120, required=False, allow_blank=True)
    header_row = serializers.IntegerField(min_value=0, max_value=100, required=False, allow_null=True)
    supplier = serializers.CharField(max_length=160, required=False, allow_blank=True)
    received_on = serializers.DateField(required=False, allow_null=True)
    cost_cents = serializers.IntegerField(min_value=0, max_value=2_000_000_000, required=False, allow_null=True)
    legal_basis = serializers.ChoiceField(choices=LegalBasis.choices, required=False)
    source_sentence = serializers.CharField(max_length=300, required=False, allow_blank=True)

    identity = serializers.ChoiceField(choices=LeadFile.Identity.choices, required=False)
    keep_apart = serializers.BooleanField(required=False, help_text="Rows that share a number stay contacts apart.")
    newer_than = serializers.CharField(
        required=False, allow_blank=True, help_text="Its older version; empty for none; left out, it is recognised."
    )

    def choice(self) -> Choice:
        return Choice(**{name: self.validated_data.get(name) for name in ("identity", "keep_apart", "newer_than")})

    def said(self, shape: type[Corrections] | type[Origin]) -> dict[str, Any]:
        names = shape.__dataclass_fields__
        return {name: value for name, value in self.validated_data.items() if name in names}

    def corrections(self) -> Corrections:
        return Corrections(**self.said(Corrections))

    def origin(self) -> Origin:
        return Origin(**self.said(Origin))


class CorrectionIn(ReadingAndOriginIn):
    mapping = MappingField(required=False, help_text=f"Replaces the whole mapping. Fields: {FIELD_NAMES}.")

    def changed_corrections(self, lead_file: LeadFile) -> Corrections | None:
        said = self.said(Corrections)
        kept = {name: getattr(lead_file, name) for name in asdict(Corrections())}
        if "sheet" in said:
            kept["header_row"] = None  # another sheet has its own header
        return Corrections(**{**kept, **said}) if said else None

    def changed_origin(self, lead_file: LeadFile) -> Origin | None:
        said = self.said(Origin)
        kept = {name: getattr(lead_file, name) for name in asdict(Origin())}
        return Origin(**{**kept, **said}) if said else None


class LeadFileIn(ReadingAndOriginIn):
    file = serializers.FileField(max_length=300, allow_empty_file=True)
    mapping = serializers.JSONField(
        required=False, help_text=f"{{field: column}}, added to the guessed one. Fields: {FIELD_NAMES}."
    )
    start = serializers.BooleanField(default=True, help_text="False: only receive it, to be corrected first.")

    def validate_mapping(self, value: Any) -> dict[str, str]:
        field = MappingField()
        mapping: dict[str, str] = field.run_validation(value)
        return mapping


class SetAsideRowOut(serializers.ModelSerializer[SetAsideRow]):
    cells = serializers.ListField(child=serializers.CharField(), read_only=True)

    class Meta:
        model = SetAsideRow
        fields = ("row_number", "column", "value", "reason", "cells")
