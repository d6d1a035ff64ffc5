"""A mission's queue for its business: how it is dealt, and where its contacts stand."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from config import clock
from marketplace.models import Mission
from prospecting import access
from prospecting.api.serializers import QueueOut
from prospecting.arranging import HEAVIEST, LAST, LONGEST_HANDOVER, Wish, give_to_all, settle_queue, share_out
from prospecting.dealing import settings_of
from prospecting.explaining import explain
from prospecting.models import LeadFile, QueueSettings


class FilterField(serializers.Serializer[Any]):
    column = serializers.CharField(max_length=200, help_text="A field of the contact, or a column of a file")
    values = serializers.ListField(
        child=serializers.CharField(max_length=200), help_text="Any of them; « 35* » is all that begins with 35"
    )


class FileWeight(serializers.Serializer[Any]):
    file = serializers.UUIDField()
    weight = serializers.IntegerField(min_value=0, max_value=HEAVIEST, help_text="0 rests")
    position = serializers.IntegerField(min_value=0, max_value=LAST)


class QueueWish(serializers.Serializer[Any]):
    files = serializers.ChoiceField(choices=QueueSettings.Files.choices)
    handover_minutes = serializers.IntegerField(min_value=0, max_value=LONGEST_HANDOVER)
    only = FilterField(many=True, default=list, help_text="A contact is dealt when it passes each of these")
    first = FilterField(many=True, default=list, help_text="Those that pass one of these come first")
    weights = FileWeight(many=True, default=list)

    def wish(self) -> Wish:
        data = self.validated_data
        return Wish(
            files=data["files"],
            handover_minutes=data["handover_minutes"],
            only=_filters(data["only"]),
            first=_filters(data["first"]),
            weights={each["file"]: (each["weight"], each["position"]) for each in data["weights"]},
        )


class MissionQueueOut(QueueWish):
    split = serializers.BooleanField(help_text="Fresh contacts are reserved in equal random parts")
    sorting = serializers.BooleanField(help_text="Asked for, not yet done over all the contacts")
    state = QueueOut()


class SplitIn(serializers.Serializer[Any]):
    split = serializers.BooleanField(help_text="true: equal random parts, drawn anew; false: to all again")


def _filters(said: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{"column": each["column"], "is": each["values"]} for each in said]


def _values(filters: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{"column": each["column"], "values": each["is"]} for each in filters]


@extend_schema(methods=["GET"], responses=MissionQueueOut)
@extend_schema(methods=["PUT"], request=QueueWish, responses=MissionQueueOut)
@api_view(["GET", "PUT"])
def mission_queue_view(request: Request, slug: str) -> Response:
    """How the queue is dealt, and where every contact stands; PUT settles it anew."""
    if request.method == "GET":
        return _answer(access.mission_to_read(request.user, slug))
    mission = access.mission_to_write(request.user, slug)
    body = QueueWish(data=request.data)
    body.is_valid(raise_exception=True)
    settle_queue(mission=mission, wish=body.wish())
    return _answer(mission)


@extend_schema(request=SplitIn, responses={202: MissionQueueOut})
@api_view(["POST"])
def split_view(request: Request, slug: str) -> Response:
    """Reserve the fresh contacts in equal random parts, or give them back to all; a worker does it at once."""
    mission = access.mission_to_write(request.user, slug)
    body = SplitIn(data=request.data)
    body.is_valid(raise_exception=True)
    (share_out if body.validated_data["split"] else give_to_all)(mission=mission)
    return _answer(mission, status=202)


def _answer(mission: Mission, status: int = 200) -> Response:
    mission = Mission.objects.get(pk=mission.pk)  # without the settings read before they were changed
    settled = settings_of(mission)
    files = LeadFile.objects.filter(mission=mission, state=LeadFile.State.LOADED).order_by("position", "pk")
    said = {
        "files": settled.files,
        "handover_minutes": settled.handover_minutes,
        "only": _values(settled.only),
        "first": _values(settled.first),
        "weights": [_weight(*row) for row in files.values_list("public_id", "weight", "position")],
        "split": settled.split,
        "sorting": settled.to_sort or settled.to_split,
        "state": explain(mission=mission, at=clock.now()),
    }
    return Response(MissionQueueOut(said).data, status=status)


def _weight(public_id: UUID, weight: int, position: int) -> dict[str, Any]:
    return {"file": public_id, "weight": weight, "position": position}
