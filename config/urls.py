"""Every address of the house: each app's pages and API, and what belongs to no app."""

from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView

from config.frame import preferences
from config.health import healthz

handler404 = "config.errors.not_found"

urlpatterns = [
    # The API first, and in it the calls: addresses are tried in this order, at each of them.
    path("api/v1/", include("prospecting.api.urls")),
    path("api/v1/", include("marketplace.api.urls")),
    path("api/v1/", include("reporting.api.urls")),
    path("healthz", healthz, name="healthz"),
    path("preferences/", preferences, name="preferences"),
    path("compte/", include("allauth.urls")),
    path("", include("marketplace.pages.urls")),
    path("", include("prospecting.pages.urls")),
    path("", include("reporting.pages.urls")),
    path("api/schema/", SpectacularAPIView.as_view(), name="schema"),
    path("api/docs/", SpectacularSwaggerView.as_view(url_name="schema"), name="docs"),
]
