from django.urls import path

from reporting.pages import calls, views

urlpatterns = [
    path("missions/<slug:slug>/resultats/", views.results, name="mission_results"),
    path("missions/<slug:slug>/resultats/titre/", views.headline, name="mission_headline"),
    path("missions/<slug:slug>/resultats.csv", views.results_csv, name="mission_results_csv"),
    path("missions/<slug:slug>/appels/", calls.mission_calls, name="mission_calls"),
]
