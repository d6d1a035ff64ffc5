"""The proof of a consent, read by the person who gave it: no login, an address that nobody can guess."""

from allauth.account.adapter import get_adapter
from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from config import clock
from prospecting.access_log import What, note_access
from prospecting.consenting import in_force, proof, withdraw_by_proof
from prospecting.models import Basis
from prospecting.reasons import hours
from prospecting.rules.bases import CONSENT, MENTIONS
from prospecting.rules.regimes import VERSIONS

PER_MINUTE = 20  # from one address: a person reads a page, a program guesses tokens


def allowed(request: HttpRequest) -> bool:
    """Whether this address may ask once more in this minute."""
    key = f"proofs:{get_adapter().get_client_ip(request)}:{int(clock.now().timestamp() // 60)}"
    cache.add(key, 0, 120)
    return cache.incr(key) <= PER_MINUTE


def too_many(request: HttpRequest) -> HttpResponse:
    response = _private(render(request, "prospecting/too_many.html", status=429))
    response["Retry-After"] = "60"
    return response


@require_GET
def read(request: HttpRequest, token: str) -> HttpResponse:
    if not allowed(request):
        return too_many(request)
    basis, at = _basis(token), clock.now()
    note_access(
        What.PROOF, at=at, organisation=basis.organisation, contact=basis.contact, number_hash=basis.number_hash
    )
    mentions = [(name, basis.mentions.get(name, "")) for name in MENTIONS] if basis.kind == CONSENT else []
    context = {"basis": basis, "mentions": mentions, "in_force": in_force(basis, at), "token": token}
    return _private(render(request, "prospecting/proof.html", context))


@require_http_methods(["GET", "POST"])
def withdraw(request: HttpRequest, token: str) -> HttpResponse:
    """One confirmation, and nothing calls any more."""
    if not allowed(request):
        return too_many(request)
    basis = _basis(token)
    if request.method == "POST":
        withdraw_by_proof(basis=basis, at=clock.now())
        return redirect("proof", token)
    return _private(render(request, "prospecting/proof_withdraw.html", {"basis": basis, "token": token}))


@require_GET
def rules(request: HttpRequest) -> HttpResponse:
    """The calling rules as the program holds them, for anybody."""
    opened = [hours([(window.opens, window.closes) for window in version.windows]) for version in VERSIONS]
    return render(request, "prospecting/rules.html", {"regimes": VERSIONS, "hours": opened})


def _basis(token: str) -> Basis:
    basis = proof(token)
    if basis is None:
        raise Http404
    return basis


def _private(response: HttpResponse) -> HttpResponse:
    response["X-Robots-Tag"] = "noindex, nofollow"
    response["Cache-Control"] = "no-store"
    return response
