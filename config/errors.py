"""One root class for every refusal, and the one place that turns it into a page or into problem+json (RFC 9457)."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.defaults import page_not_found
from rest_framework import exceptions, status
from rest_framework.response import Response
from rest_framework.views import set_rollback

API = "/api/"


class DecrocheError(Exception):
    """A refusal with a stable code, a human sentence, and the field it speaks of, if any.

    `data` are plain values (str, int, ISO dates) that a program may read beside the sentence.
    """

    status: int = status.HTTP_409_CONFLICT

    def __init__(self, code: str, sentence: str, *, field: str = "", **data: Any) -> None:
        super().__init__(sentence)
        self.code, self.sentence, self.field, self.data = code, str(sentence), field, data


class Invalid(DecrocheError):
    """What was sent cannot be read or breaks a rule of form."""

    status: int = status.HTTP_400_BAD_REQUEST


class Refused(DecrocheError):
    """What was sent is well formed, but the state of things or the law says no."""


def problem(error: Exception, context: Mapping[str, Any]) -> Response | None:
    """DRF's exception handler: every error of the API as `application/problem+json`, with a code per field."""
    body, headers = _body(error)
    if body is None:
        return None
    set_rollback()
    response = Response(body, status=body["status"], headers=headers)
    response.content_type = "application/problem+json"
    return response


def _body(error: Exception) -> tuple[dict[str, Any] | None, dict[str, str]]:
    if isinstance(error, DecrocheError):
        body = _problem(error.status, error.code, error.sentence)
        if error.field:
            body["errors"] = [{"field": error.field, "code": error.code, "detail": error.sentence}]
        return body | ({"data": error.data} if error.data else {}), {}
    if isinstance(error, Http404):
        return _problem(404, "not_found", _("Rien ici pour vous.")), {}
    if isinstance(error, PermissionDenied):
        return _problem(403, "forbidden", _("Votre rôle ne le permet pas.")), {}
    if isinstance(error, exceptions.ValidationError):
        body = _problem(400, "invalid", _("Certains champs sont à corriger."))
        return body | {"errors": list(_fields(error.detail))}, {}
    if isinstance(error, exceptions.APIException):
        return _problem(error.status_code, _code(error), str(error.detail)), _headers(error)
    return None, {}


def _problem(number: int, code: str, sentence: str) -> dict[str, Any]:
    return {"type": f"/problems/{code}", "title": code, "status": number, "code": code, "detail": str(sentence)}


def _code(error: exceptions.APIException) -> str:
    codes = error.get_codes()
    return codes if isinstance(codes, str) else str(error.default_code)


def _headers(error: exceptions.APIException) -> dict[str, str]:
    headers = {}
    if wait := getattr(error, "wait", None):
        headers["Retry-After"] = str(int(wait))
    if authenticate := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = authenticate
    return headers


def _fields(detail: Any, path: str = "") -> Iterable[dict[str, str]]:
    if isinstance(detail, Mapping):
        for key, value in detail.items():
            yield from _fields(value, f"{path}.{key}".lstrip("."))
    elif isinstance(detail, list):
        for value in detail:
            yield from _fields(value, path)
    else:
        yield {"field": path, "code": getattr(detail, "code", "invalid"), "detail": str(detail)}


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's handler404: an unknown address of the API answers like the API, any other one with a page."""
    if not request.path.startswith(API):
        return page_not_found(request, exception)
    body = _problem(404, "not_found", _("Aucune opération de l’API n’a cette adresse."))
    return JsonResponse(body, status=404, content_type="application/problem+json")


def document_problems(result: dict[str, Any], **_more: Any) -> dict[str, Any]:
    """drf-spectacular's hook: every operation may also answer with a problem (RFC 9457), told once in the schema."""
    text = {"type": "string"}
    wrong = {"type": "object", "properties": {"field": text, "code": text, "detail": text}}
    result["components"]["schemas"]["Problem"] = {
        "type": "object",
        "description": "RFC 9457; `code` is stable, `detail` is for people, `errors` names the fields.",
        "properties": {
            "type": text,
            "title": text,
            "status": {"type": "integer"},
            "code": text,
            "detail": text,
            "errors": {"type": "array", "items": wrong},
            "data": {"type": "object"},
        },
        "required": ["type", "title", "status", "code", "detail"],
    }
    reference = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    for operations in result["paths"].values():
        for operation in operations.values():
            operation["responses"].setdefault("default", {"description": "A problem", "content": reference})
    return result


class ErrorPages:
    """A refusal that no form caught becomes a page with its sentence, never a trace."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, DecrocheError):
            return None
        return render(request, "error.html", {"sentence": error.sentence, "code": error.code}, status=error.status)
