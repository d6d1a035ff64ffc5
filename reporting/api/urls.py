from django.urls import path

from reporting.api import views

urlpatterns = [
    path("missions/<slug:slug>/rates/", views.mission_rates, name="api_mission_rates"),
]
