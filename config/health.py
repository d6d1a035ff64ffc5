"""GET /healthz: whether this process can reach its database and its Redis."""

import logging
from collections.abc import Callable

from django.core.cache import cache
from django.db import connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

log = logging.getLogger(__name__)


@never_cache
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """200 when both answer, else 503: `{"database": "ok", "redis": "down"}`. Says nothing about why: the log does."""
    checks = {"database": _is_well(_ask_database), "redis": _is_well(_ask_redis)}
    body = {name: "ok" if well else "down" for name, well in checks.items()}
    return JsonResponse(body, status=200 if all(checks.values()) else 503)


def _is_well(ask: Callable[[], object]) -> bool:
    try:
        ask()
    except Exception as error:  # whatever the driver raises, the answer is the same
        log.error("health: %s", error)
        return False
    return True


def _ask_database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def _ask_redis() -> None:
    cache.get("healthz")
