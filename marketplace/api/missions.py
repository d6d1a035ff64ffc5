"""Missions for machines: the same activities as the pages."""

from typing import Any, cast

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from config import clock
from marketplace import access, applying, posting
from marketplace.api.serializers import ApplicationIn, ApplicationOut, MissionIn, MissionOut, MissionsWanted
from marketplace.models import Mission, User


@extend_schema_view(
    list=extend_schema(summary="My missions, and those open to me", parameters=[MissionsWanted]),
    retrieve=extend_schema(summary="One mission"),
)
class Missions(ListModelMixin, RetrieveModelMixin, GenericViewSet[Mission]):
    serializer_class = MissionOut
    queryset = Mission.objects.none()
    lookup_field = "slug"
    lookup_value_converter = "slug"

    def get_queryset(self) -> QuerySet[Mission]:
        seen = access.missions_seen_by(cast(User, self.request.user))
        if self.action != "list":
            return seen
        wanted = MissionsWanted(data=self.request.query_params)
        wanted.is_valid(raise_exception=True)
        return seen.filter(**wanted.validated_data)

    @extend_schema(summary="Post a mission, as a draft", request=MissionIn, responses={201: MissionOut})
    def create(self, request: Request) -> Response:
        organisation = access.organisation_to_write(cast(User, request.user))
        mission = posting.create_mission(organisation=organisation, **_read(MissionIn(data=request.data)))
        return Response(MissionOut(_again(mission)).data, status=201)

    @extend_schema(summary="Change a mission", request=MissionIn(partial=True), responses=MissionOut)
    def partial_update(self, request: Request, slug: str) -> Response:
        mission = access.mission_to_write(cast(User, request.user), slug)
        fields = _read(MissionIn(data=request.data, partial=True))
        return Response(MissionOut(posting.update_mission(mission=mission, **fields)).data)

    @extend_schema(summary="Publish: the law's checks first", request=None, responses=MissionOut)
    @action(detail=True, methods=["post"])
    def publish(self, request: Request, slug: str) -> Response:
        return self._move(request, slug, "publish")

    @extend_schema(summary="Open the calls, or resume them", request=None, responses=MissionOut)
    @action(detail=True, methods=["post"])
    def start(self, request: Request, slug: str) -> Response:
        return self._move(request, slug, "start")

    @extend_schema(summary="Stop the calls for now", request=None, responses=MissionOut)
    @action(detail=True, methods=["post"])
    def pause(self, request: Request, slug: str) -> Response:
        return self._move(request, slug, "pause")

    @extend_schema(summary="Close for good", request=None, responses=MissionOut)
    @action(detail=True, methods=["post"])
    def close(self, request: Request, slug: str) -> Response:
        return self._move(request, slug, "close")

    @extend_schema(
        summary="The applications to a mission: all of them for its business, one's own for a telemarketer",
        responses=ApplicationOut(many=True),
    )
    @action(detail=True, methods=["get"])
    def applications(self, request: Request, slug: str) -> Response:
        seen = access.applications_seen_by(cast(User, request.user)).filter(mission=self.get_object())
        page = self.paginate_queryset(seen)  # type: ignore[arg-type]  # a page of applications, not of missions
        return self.get_paginated_response(ApplicationOut(cast(Any, page), many=True).data)

    @extend_schema(summary="Apply, at one's own price", request=ApplicationIn, responses={201: ApplicationOut})
    @applications.mapping.post
    def apply(self, request: Request, slug: str) -> Response:
        user = cast(User, request.user)
        mission, telemarketer = access.mission_to_apply(user, slug), access.telemarketer_of(user)
        fields = _read(ApplicationIn(data=request.data))
        application = applying.apply(mission=mission, telemarketer=telemarketer, at=clock.now(), **fields)
        application.refresh_from_db()
        return Response(ApplicationOut(application).data, status=201)

    def _move(self, request: Request, slug: str, verb: str) -> Response:
        mission = access.mission_to_write(cast(User, request.user), slug)
        return Response(MissionOut(posting.VERBS[verb](mission=mission, at=clock.now())).data)


def _read(serializer: Any) -> dict[str, Any]:
    serializer.is_valid(raise_exception=True)
    return {name: _plain(value) for name, value in serializer.validated_data.items()}


def _plain(value: Any) -> Any:
    """Nested answers of a serializer as plain dicts, as JSON columns keep them."""
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return {key: _plain(one) for key, one in value.items()} if isinstance(value, dict) else value


def _again(mission: Mission) -> Mission:
    """With what the database itself filled in (the id shown outside)."""
    mission.refresh_from_db(fields=["public_id"])
    return mission
