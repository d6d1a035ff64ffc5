from django.urls import URLPattern, path

from prospecting.pages import appointments, callbacks, cockpit

urlpatterns: list[URLPattern] = [
    path("appeler/<uuid:public_id>/", cockpit.cockpit, name="cockpit"),
    path("appeler/<uuid:public_id>/fiche/", cockpit.parts, name="cockpit_parts"),
    path("appeler/<uuid:public_id>/suivante/", cockpit.take_next, name="cockpit_next"),
    path("appeler/<uuid:public_id>/file/", cockpit.queue, name="cockpit_queue"),
    path("appeler/<uuid:public_id>/pause/", cockpit.pause, name="cockpit_pause"),
    path("rappels/", callbacks.callbacks, name="callbacks"),
    path("rendez-vous/", appointments.of_business, name="appointments"),
    path("missions/<slug:slug>/rendez-vous/", appointments.of_mission, name="mission_appointments"),
]
