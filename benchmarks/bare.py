"""What a Django request with one INSERT costs at the least: no middleware, no session, no rule, one small table."""

import json
import os

import django
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import path

TABLE = """
CREATE TABLE IF NOT EXISTS bare_call (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, engagement uuid NOT NULL, key uuid NOT NULL,
  outcome text NOT NULL, seconds int NOT NULL, note text NOT NULL, at timestamptz NOT NULL DEFAULT now())"""
INSERT = "INSERT INTO bare_call (engagement, key, outcome, seconds, note) VALUES (%s, %s, %s, %s, %s) RETURNING id"


def save(request: HttpRequest) -> HttpResponse:
    said = json.loads(request.body)
    with connection.cursor() as cursor:
        cursor.execute(INSERT, [said["engagement"], said["key"], said["outcome"], said["seconds"], said["note"]])
        return _answer(json.dumps({"id": cursor.fetchone()[0]}))


def healthz(request: HttpRequest) -> HttpResponse:
    with connection.cursor() as cursor:
        cursor.execute(TABLE)
    return _answer("{}")


def _answer(body: str) -> HttpResponse:
    return HttpResponse(body, content_type="application/json", headers={"Content-Length": str(len(body))})


urlpatterns = [path("save", save), path("healthz", healthz)]

if "DJANGO_SETTINGS_MODULE" in os.environ and not settings.configured:  # in the web server, not where it is imported
    from config.settings import DATABASES

    settings.configure(
        ROOT_URLCONF=__name__, DATABASES=DATABASES, ALLOWED_HOSTS=["127.0.0.1"], SECRET_KEY="bare", USE_TZ=True
    )
    django.setup()
    application = get_wsgi_application()
