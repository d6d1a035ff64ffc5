"""Oppositions and bases for machines: the same activities as the pages."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from config import clock
from prospecting import access
from prospecting.api.rights_serializers import BasisIn, BasisOut, OppositionIn, OppositionListIn, OppositionListOut
from prospecting.consenting import record_basis
from prospecting.models import Basis
from prospecting.objecting import Scope, number_hash, phone_of, record
from prospecting.opposition_lists import oppose_list


@extend_schema(request=OppositionIn, responses={204: None})
@api_view(["POST"])
def oppositions_view(request: Request) -> Response:
    """Record an opposition that reached the business by another way than a call. It cannot be taken back."""
    body = OppositionIn(data=request.data)
    body.is_valid(raise_exception=True)
    scope, phone = _scope(request, body.validated_data), phone_of(body.validated_data["phone"])
    record(scope, {number_hash(phone): phone}, at=clock.now(), source="api")
    return Response(status=204)


@extend_schema(request=OppositionListIn, responses={201: OppositionListOut})
@api_view(["POST"])
def opposition_lists_view(request: Request) -> Response:
    """Oppose a whole list of numbers; what became of each row is told. It cannot be taken back."""
    body = OppositionListIn(data=request.data)
    body.is_valid(raise_exception=True)
    said = body.validated_data
    rows = ((number, [phone]) for number, phone in enumerate(said["phones"], 1))
    by = request.user if request.user.is_authenticated else None
    brought = oppose_list(
        scope=_scope(request, said), rows=rows, name=said["name"], by=by, at=clock.now(), source="api"
    )
    brought.refresh_from_db()
    return Response(OppositionListOut(brought).data, status=201)


@extend_schema(request=BasisIn, responses={201: BasisOut})
@api_view(["POST"])
def bases_view(request: Request, public_id: UUID) -> Response:
    """Record why this contact may be called: a consent, a contract in force, a requested callback."""
    contact = access.contact_to_write(request.user, public_id)
    body = BasisIn(data=request.data)
    body.is_valid(raise_exception=True)
    made = record_basis(contact=contact, stated=body.stated(), at=clock.now())
    return Response(BasisOut(Basis.objects.get(pk=made.pk)).data, status=201)


def _scope(request: Request, said: dict[str, Any]) -> Scope:
    if said["organisation"] is None:
        access.only_operator(request.user)
        return Scope()
    organisation = access.organisation_to_write(request.user, said["organisation"])
    mission = access.mission_to_write(request.user, said["mission"]) if said["mission"] else None
    access.same_organisation(organisation, mission)
    return Scope(organisation, mission)
