"""Shapes of the lead-file API, in and out. No rule here."""

from dataclasses import asdict
from typing import Any

from django.core.files import File
from django.utils.translation import gettext as _
from rest_framework import serializers

from config import clock
from prospecting.importing.bases import PARTS
from prospecting.importing.columns import FIELDS
from prospecting.importing.known_layouts import Drift
from prospecting.importing.matching import Choice
from prospecting.importing.previewing import Preview
from prospecting.importing.progress import pace, seconds_left
from prospecting.importing.receiving import Corrections, Origin, as_file, pasted_name
from prospecting.models import LeadFile, SetAsideRow
from prospecting.models.lead_files import LegalBasis

MOST_ROWS = 1000
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
    corrects = serializers.SlugRelatedField[Any](slug_field="public_id", read_only=True)
    rows_per_second = serializers.SerializerMethodField(help_text="So far while it loads, in all once it is loaded.")
    seconds_left = serializers.SerializerMethodField(help_text="At this rate; null while nobody knows.")

    class Meta:
        model = LeadFile
        fields = (
            *("id", "mission", "name", "state", "refusal", "rows", "rows_done", "created", "updated", "merged"),
            *("unchanged", "missing", "kept_apart", "changed_fields", "identity", "newer_than", "corrects"),
            *("rows_per_second", "seconds_left"),
            *("set_aside", "reasons", "notices", "encoding", "delimiter", "sheet", "header_row", "mapping"),
            *("supplier", "received_on", "cost_cents", "legal_basis", "source_sentence", "size", "sha256"),
            *("uploaded_at", "started_at", "finished_at"),
        )
        read_only_fields = fields

    def get_rows_per_second(self, lead_file: LeadFile) -> int | None:
        return pace(lead_file, clock.now())

    def get_seconds_left(self, lead_file: LeadFile) -> int | None:
        return seconds_left(lead_file, clock.now())


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

    basis_texts = MappingField(
        required=False,
        help_text=f"What no column says of the legal basis, for every row. Fields: {', '.join(PARTS.values())}.",
    )
    identity = serializers.ChoiceField(choices=LeadFile.Identity.choices, required=False)
    keep_apart = serializers.BooleanField(required=False, help_text="Rows that share a number stay contacts apart.")
    newer_than = serializers.CharField(
        required=False, allow_blank=True, help_text="Its older version; empty for none; left out, it is recognised."
    )

    def validate_basis_texts(self, value: dict[str, str]) -> dict[str, str]:
        if unknown := sorted(set(value) - set(PARTS.values())):
            sentence = _("Champ inconnu : « %(field)s ». Champs : %(known)s.")
            raise serializers.ValidationError(sentence % {"field": unknown[0], "known": ", ".join(PARTS.values())})
        return value

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
    file = serializers.FileField(max_length=300, allow_empty_file=True, required=False)
    text = serializers.CharField(
        required=False, trim_whitespace=False, help_text="Rows copied from a spreadsheet, instead of a file."
    )
    name = serializers.CharField(max_length=200, required=False, help_text="What to call rows that came as text.")
    mapping = serializers.JSONField(
        required=False, help_text=f"{{field: column}}, added to the guessed one. Fields: {FIELD_NAMES}."
    )
    start = serializers.BooleanField(default=True, help_text="False: only receive it, to be corrected first.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if "file" not in attrs and "text" not in attrs:
            raise serializers.ValidationError({"file": self.fields["file"].error_messages["required"]})
        return attrs

    def content(self) -> tuple["File[bytes]", str]:
        """What was brought, and its name."""
        said = self.validated_data
        if "file" in said:
            return said["file"], said["file"].name
        return as_file(said["text"]), said.get("name") or pasted_name(clock.now())

    def validate_mapping(self, value: Any) -> dict[str, str]:
        field = MappingField()
        mapping: dict[str, str] = field.run_validation(value)
        return mapping


class SetAsideRowOut(serializers.ModelSerializer[SetAsideRow]):
    cells = serializers.ListField(child=serializers.CharField(), read_only=True)
    taken_up_in = serializers.SlugRelatedField[Any](slug_field="public_id", read_only=True)

    class Meta:
        model = SetAsideRow
        fields = ("row_number", "column", "value", "reason", "cells", "taken_up_in")


class CorrectedRowsIn(serializers.Serializer[Any]):
    """{row number: {column's header: what it should have said}}; the rows are then imported alone."""

    rows = serializers.DictField(
        child=serializers.DictField(child=serializers.CharField(allow_blank=True, max_length=10_000)),
        allow_empty=False,
    )

    def validate_rows(self, value: dict[str, dict[str, str]]) -> dict[int, dict[str, str]]:
        if len(value) > MOST_ROWS or not all(number.isdecimal() and len(number) < 10 for number in value):
            raise serializers.ValidationError(_("Des numéros de ligne, 1 000 au plus à la fois."))
        return {int(number): cells for number, cells in value.items()}


class ShownRowOut(serializers.Serializer[Any]):
    number = serializers.IntegerField()
    cells = serializers.ListField(child=serializers.CharField())
    fate = serializers.CharField()
    reason = serializers.CharField()
    of = serializers.CharField(help_text="The row or the file that it joins.")
    wrong = serializers.ListField(child=serializers.CharField(), help_text="The columns that decided.")


class DryRunOut(serializers.Serializer[Any]):
    """What a load would do now; nothing is loaded. `whole`: every row was judged, else the first 20,000."""

    whole = serializers.BooleanField()
    counts = serializers.DictField(
        help_text="As on the lead file; null while no column is the phone's.", allow_null=True
    )
    notices = serializers.ListField(child=serializers.DictField())
    headers = serializers.ListField(child=serializers.CharField())
    mapping = MappingField()
    rows = ShownRowOut(many=True, help_text="The first rows, then one for each thing that goes wrong.")
    same_source = serializers.DictField(
        allow_null=True, help_text="What the columns changed since the last file of the same source; null: a new one."
    )

    @classmethod
    def of(cls, lead_file: LeadFile, seen: Preview, drift: Drift | None) -> "DryRunOut":
        source = drift and {
            "like": drift.like.lead_file.name,
            "renamed": [list(pair) for pair in drift.renamed],
            "added": list(drift.added),
            "removed": list(drift.removed),
            "without_column": list(drift.lost),
        }
        return cls(
            {
                "whole": seen.whole,
                "counts": asdict(seen.tally) if seen.tally else None,
                "notices": seen.notices,
                "headers": list(seen.table.layout.headers),
                "mapping": dict(seen.mapping),
                "rows": [asdict(row) | {"wrong": sorted(row.wrong)} for row in seen.rows],
                "same_source": source,
            }
        )


class UndoLoadIn(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=200, help_text="The file's name, as it stands.")


class UndoneOut(serializers.Serializer[Any]):
    """What an undo did. `stayed` is {why: contacts}: in_hand, promised, won, called, taken, anonymised."""

    lead_file = LeadFileOut(read_only=True)
    removed = serializers.IntegerField(read_only=True)
    restored = serializers.IntegerField(read_only=True)
    stayed = serializers.DictField(child=serializers.IntegerField(), read_only=True)
