"""Applications and engagements for machines: the same activities as the pages."""

from typing import cast
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.decorators import action, api_view
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from config import clock
from marketplace import access, applying, engaging
from marketplace.api.serializers import ApplicationOut, DeclineIn, EngagementOut, MeOut
from marketplace.models import Application, Engagement, User


@extend_schema(summary="Who I am here", responses=MeOut)
@api_view(["GET"])
def me(request: Request) -> Response:
    return Response(MeOut(cast(User, request.user)).data)


@extend_schema_view(
    list=extend_schema(summary="The applications I sent, or that my business received"),
    retrieve=extend_schema(summary="One application"),
)
class Applications(ListModelMixin, RetrieveModelMixin, GenericViewSet[Application]):
    serializer_class = ApplicationOut
    queryset = Application.objects.none()
    lookup_field = "public_id"
    lookup_value_converter = "uuid"

    def get_queryset(self) -> QuerySet[Application]:
        return access.applications_seen_by(cast(User, self.request.user))

    @extend_schema(summary="Accept: an engagement, its terms frozen", request=None, responses=EngagementOut)
    @action(detail=True, methods=["post"])
    def accept(self, request: Request, public_id: UUID) -> Response:
        application = access.application_to_decide(cast(User, request.user), public_id)
        engagement = applying.accept(application=application, at=clock.now())
        engagement.refresh_from_db()
        return Response(EngagementOut(engagement).data)

    @extend_schema(summary="Keep in sight", request=None, responses=ApplicationOut)
    @action(detail=True, methods=["post"])
    def shortlist(self, request: Request, public_id: UUID) -> Response:
        application = access.application_to_decide(cast(User, request.user), public_id)
        return Response(ApplicationOut(applying.shortlist(application=application, at=clock.now())).data)

    @extend_schema(summary="Decline", request=DeclineIn, responses=ApplicationOut)
    @action(detail=True, methods=["post"])
    def decline(self, request: Request, public_id: UUID) -> Response:
        application = access.application_to_decide(cast(User, request.user), public_id)
        body = DeclineIn(data=request.data)
        body.is_valid(raise_exception=True)
        declined = applying.decline(application=application, at=clock.now(), **body.validated_data)
        return Response(ApplicationOut(declined).data)

    @extend_schema(summary="Withdraw one's own", request=None, responses=ApplicationOut)
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, public_id: UUID) -> Response:
        application = access.application_to_withdraw(cast(User, request.user), public_id)
        return Response(ApplicationOut(applying.withdraw(application=application, at=clock.now())).data)


@extend_schema_view(
    list=extend_schema(summary="My engagements, or those of my business"),
    retrieve=extend_schema(summary="One engagement"),
)
class Engagements(ListModelMixin, RetrieveModelMixin, GenericViewSet[Engagement]):
    serializer_class = EngagementOut
    queryset = Engagement.objects.none()
    lookup_field = "public_id"
    lookup_value_converter = "uuid"

    def get_queryset(self) -> QuerySet[Engagement]:
        return access.engagements_seen_by(cast(User, self.request.user))

    @extend_schema(summary="Stop the calls of one telemarketer for now", request=None, responses=EngagementOut)
    @action(detail=True, methods=["post"])
    def suspend(self, request: Request, public_id: UUID) -> Response:
        engagement = access.engagement_to_manage(cast(User, request.user), public_id)
        return Response(EngagementOut(engaging.suspend(engagement=engagement, at=clock.now())).data)

    @extend_schema(summary="Let them call again", request=None, responses=EngagementOut)
    @action(detail=True, methods=["post"])
    def resume(self, request: Request, public_id: UUID) -> Response:
        engagement = access.engagement_to_manage(cast(User, request.user), public_id)
        return Response(EngagementOut(engaging.resume(engagement=engagement, at=clock.now())).data)

    @extend_schema(summary="End for good, by either side", request=None, responses=EngagementOut)
    @action(detail=True, methods=["post"])
    def end(self, request: Request, public_id: UUID) -> Response:
        engagement = access.engagement_to_end(cast(User, request.user), public_id)
        return Response(EngagementOut(engaging.end(engagement=engagement, at=clock.now())).data)
