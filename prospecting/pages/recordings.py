"""A telemarketer's own calls, the recording that one may carry, and who listens to it."""

from datetime import datetime, time
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID
from zoneinfo import ZoneInfo

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from config import clock
from config.errors import DecrocheError
from marketplace.access import person
from prospecting import access, recording
from prospecting.models import Call, Outcome

SHOWN = 100


class RecordingForm(forms.Form):
    content = forms.FileField(label=gettext_lazy("Le fichier son"), required=False)
    url = forms.CharField(
        label=gettext_lazy("ou son adresse"),
        required=False,
        max_length=500,
        widget=forms.URLInput(attrs={"placeholder": "https://"}),
    )
    announced_at = forms.TimeField(
        label=gettext_lazy("La personne a été prévenue à"),
        widget=forms.TimeInput(attrs={"type": "time", "step": "1", "class": "short"}, format="%H:%M:%S"),
    )
    days = forms.IntegerField(
        label=gettext_lazy("Gardé, en jours"), min_value=1, max_value=180, initial=180,
        widget=forms.NumberInput(attrs={"class": "short"}),
    )  # fmt: skip


@login_required
@require_GET
def own_calls(request: HttpRequest) -> HttpResponse:
    """One's own calls, the latest first: what was logged, and where a recording may be joined."""
    calls = list(access.own_calls(request.user).select_related("recording")[:SHOWN])
    labels = {outcome.code: outcome.label for outcome in Outcome.objects.filter(mission=None)}
    rows = [(call, labels.get(call.outcome, call.outcome)) for call in calls]
    return render(request, "prospecting/own_calls.html", {"rows": rows, "limit": SHOWN})


@login_required
@require_http_methods(["GET", "POST"])
def add(request: HttpRequest, public_id: UUID) -> HttpResponse:
    call = access.own_call(request.user, public_id)
    zone = ZoneInfo(call.mission.time_zone)
    initial = {"announced_at": call.started_at.astimezone(zone).time(), "days": 180}
    form = RecordingForm(request.POST or None, request.FILES or None, initial=initial)
    if request.method == "POST" and form.is_valid() and _attached(call, form, zone):
        messages.success(request, _("Enregistrement joint. Il s’efface de lui-même à son terme."))
        return redirect("own_calls")
    return render(request, "prospecting/recording_add.html", {"call": call, "form": form})


def _attached(call: Call, form: RecordingForm, zone: ZoneInfo) -> bool:
    said: dict[str, Any] = form.cleaned_data
    try:
        recording.attach(
            call=call,
            engagement=call.engagement,
            announced_at=_moment(call, said["announced_at"], zone),
            at=clock.now(),
            content=said["content"],
            url=said["url"],
            days=said["days"],
        )
    except DecrocheError as error:
        form.add_error(error.field if error.field in form.fields else None, error.sentence)
    return form.is_valid()


def _moment(call: Call, hour: time, zone: ZoneInfo) -> datetime:
    """An hour typed on the day of the call; typed without its seconds, it is the call's own minute."""
    began = call.started_at.astimezone(zone)
    said = datetime.combine(began.date(), hour, zone)
    return call.started_at if said == began.replace(second=0, microsecond=0) else said


@login_required
@require_POST
def hear(request: HttpRequest, public_id: UUID) -> HttpResponseBase:
    """Listening is written first; a GET would let a browser's prefetch write it."""
    heard = recording.listen(
        recording=access.recording_to_hear(request.user, public_id), user=person(request), at=clock.now()
    )
    if heard.url:  # another site's: followed knowingly; and the CSP lets no redirect after a form leave us
        host = urlsplit(heard.url).hostname
        return render(request, "prospecting/recording_elsewhere.html", {"recording": heard, "host": host})
    stream = heard.content.open("rb")
    return FileResponse(stream, content_type=recording.sound(stream.file) or "application/octet-stream")
