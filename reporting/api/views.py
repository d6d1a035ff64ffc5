"""The API of the rates: the same reading as the manager's page and the command line."""

from datetime import date

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from config import clock
from prospecting.access import mission_to_read
from reporting.api.serializers import RatesSerializer
from reporting.rates import Period, read_rates


class Asked(serializers.Serializer[dict[str, str]]):
    by = serializers.CharField(default="agent", max_length=200)
    to = serializers.DateField(default=None)

    def get_fields(self) -> dict[str, serializers.Field]:  # type: ignore[type-arg]
        """`from` is a word of Python, so it cannot be declared as the others are."""
        return {**super().get_fields(), "from": serializers.DateField(default=None)}


@extend_schema(
    operation_id="mission_rates",
    responses=RatesSerializer,
    parameters=[
        OpenApiParameter("by", str, description="agent (the default), file, day or column:NAME"),
        OpenApiParameter("from", date, description="first day, in the mission's time zone"),
        OpenApiParameter("to", date, description="the day after the last"),
    ],
)
@api_view(["GET"])
def mission_rates(request: Request, slug: str) -> Response:
    """Conversion rates of a mission, each with its numerator, its denominator and its 95 % interval."""
    mission = mission_to_read(request.user, slug)
    asked = Asked(data=request.query_params)
    asked.is_valid(raise_exception=True)
    by, period = asked.validated_data["by"], Period(asked.validated_data["from"], asked.validated_data["to"])
    return Response(RatesSerializer(read_rates(mission=mission, by=by, at=clock.now(), period=period)).data)
