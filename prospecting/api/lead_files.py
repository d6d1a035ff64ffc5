"""Lead files for machines: bring one, correct how it is read, load it, follow it, read what stayed aside."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.generics import ListAPIView
from rest_framework.parsers import BaseParser, FormParser, JSONParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from config import clock
from config.pagination import ByCursor
from prospecting import access
from prospecting.api.lead_file_serializers import (
    CorrectedRowsIn,
    CorrectionIn,
    DryRunOut,
    LeadFileIn,
    LeadFileOut,
    SetAsideRowOut,
    UndoLoadIn,
    UndoneOut,
)
from prospecting.importing.known_layouts import drift_of
from prospecting.importing.previewing import preview
from prospecting.importing.receiving import correct_lead_file, receive_lead_file, start_loading, too_much_text
from prospecting.importing.taking_up import correct_rows
from prospecting.importing.undoing import undo_load
from prospecting.models import LeadFile, SetAsideRow


class PastedText(BaseParser):
    """Rows copied from a spreadsheet as the body itself; what else is said stands in the address."""

    media_type = "text/*"

    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> dict[str, Any]:
        text = stream.read(settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1)
        if len(text) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            raise too_much_text()
        return {**parser_context["request"].query_params.dict(), "text": text.decode("utf-8", "replace")}


class MissionLeadFiles(ListAPIView[LeadFile]):
    """The lead files of a mission, the latest first."""

    serializer_class = LeadFileOut
    parser_classes = (MultiPartParser, JSONParser, FormParser, PastedText)

    def get_queryset(self) -> QuerySet[LeadFile]:
        mission = access.mission_to_read(self.request.user, self.kwargs["slug"])
        return LeadFile.objects.filter(mission=mission)

    @extend_schema(request={"multipart/form-data": LeadFileIn}, responses={202: LeadFileOut})
    def post(self, request: Request, slug: str) -> Response:
        """Bring a file (CSV, TSV, XLSX, ODS), or rows as text: in `text`, or as the whole body of a `text/…` request.

        It is loaded at once, unless `start` is false: then it can be corrected first. Who is called may ask where
        their number comes from: a file without `supplier` is not loaded. A file of rows set aside, downloaded here and
        corrected, is recognised: its changed rows are imported alone.
        """
        mission = access.mission_to_write(request.user, slug)
        body = LeadFileIn(data=request.data)
        body.is_valid(raise_exception=True)
        said = body.validated_data
        content, name = body.content()
        lead_file = receive_lead_file(
            mission=mission,
            content=content,
            name=name,
            by=request.user if request.user.is_authenticated else None,
            origin=body.origin(),
            corrections=body.corrections(),
            mapping=said.get("mapping"),
            choice=body.choice(),
            ready=said["start"],
        )
        if said["start"]:
            lead_file = start_loading(lead_file=lead_file, at=clock.now())
        lead_file.refresh_from_db()
        return Response(LeadFileOut(lead_file).data, status=202)


class OneLeadFile(APIView):
    @extend_schema(responses=LeadFileOut)
    def get(self, request: Request, public_id: UUID) -> Response:
        """Its state, its progress, and once it is loaded what became of its rows."""
        return Response(LeadFileOut(access.lead_file_to_read(request.user, public_id)).data)

    @extend_schema(request=CorrectionIn, responses=LeadFileOut)
    def patch(self, request: Request, public_id: UUID) -> Response:
        """Read it another way, map its columns another way, or say where it comes from; before it is loaded."""
        lead_file = access.lead_file_to_write(request.user, public_id)
        body = CorrectionIn(data=request.data, partial=True)
        body.is_valid(raise_exception=True)
        lead_file = correct_lead_file(
            lead_file=lead_file,
            corrections=body.changed_corrections(lead_file),
            mapping=body.validated_data.get("mapping"),
            origin=body.changed_origin(lead_file),
            choice=body.choice(),
        )
        return Response(LeadFileOut(lead_file).data)


class LoadLeadFile(APIView):
    @extend_schema(request=None, responses={202: LeadFileOut})
    def post(self, request: Request, public_id: UUID) -> Response:
        """Have it loaded. Asking twice is asking once."""
        lead_file = access.lead_file_to_write(request.user, public_id)
        return Response(LeadFileOut(start_loading(lead_file=lead_file, at=clock.now())).data, status=202)


class DryRun(APIView):
    @extend_schema(responses=DryRunOut)
    def get(self, request: Request, public_id: UUID) -> Response:
        """What a load would do now, row by row for the first and the worst; nothing is loaded."""
        lead_file = access.lead_file_to_read(request.user, public_id)
        seen = preview(lead_file)
        return Response(DryRunOut.of(lead_file, seen, drift_of(lead_file, seen.table.layout.headers)).data)


class UndoLeadFile(APIView):
    @extend_schema(request=UndoLoadIn, responses=UndoneOut)
    def post(self, request: Request, public_id: UUID) -> Response:
        """Undo its load; `name` is the file's name. Who was called since stays. Asking twice is asking once."""
        lead_file = access.lead_file_to_write(request.user, public_id)
        body = UndoLoadIn(data=request.data)
        body.is_valid(raise_exception=True)
        by = request.user if request.user.is_authenticated else None
        undone = undo_load(lead_file=lead_file, by=by, at=clock.now(), name=body.validated_data["name"])
        return Response(UndoneOut(undone).data)


class ByRow(ByCursor):
    ordering = "row_number"


class SetAsideRows(ListAPIView[SetAsideRow]):
    """The rows of a loaded file that did not become contacts, with the column, the value and the reason of each."""

    serializer_class = SetAsideRowOut
    pagination_class = ByRow

    def get_queryset(self) -> QuerySet[Any]:
        lead_file = access.lead_file_to_read(self.request.user, self.kwargs["public_id"])
        return lead_file.set_aside_rows.select_related("taken_up_in")

    @extend_schema(request=CorrectedRowsIn, responses={202: LeadFileOut})
    def post(self, request: Request, public_id: UUID) -> Response:
        """Correct cells of these rows and have the rows imported alone, as a lead file of their own."""
        lead_file = access.lead_file_to_write(request.user, public_id)
        body = CorrectedRowsIn(data=request.data)
        body.is_valid(raise_exception=True)
        by = request.user if request.user.is_authenticated else None
        child = correct_rows(lead_file=lead_file, edits=body.validated_data["rows"], by=by, at=clock.now())
        return Response(LeadFileOut(child).data, status=202)
