from django.urls import path

from prospecting.api import calling

urlpatterns = [
    path("engagements/<uuid:public_id>/next-contact/", calling.next_contact_view, name="api_next_contact"),
    path("engagements/<uuid:public_id>/queue/", calling.queue_view, name="api_queue"),
    path("engagements/<uuid:public_id>/callbacks/", calling.promises_view, name="api_callbacks"),
    path("claims/<uuid:public_id>/dial/", calling.dial_view, name="api_dial"),
    path("claims/<uuid:public_id>/release/", calling.release_view, name="api_release"),
    path("calls/", calling.calls_view, name="api_calls"),
    path("calls/<uuid:public_id>/undo/", calling.undo_view, name="api_undo"),
    path("oppositions/", calling.oppositions_view, name="api_oppositions"),
    path("missions/<slug:slug>/calls/", calling.MissionCalls.as_view(), name="api_mission_calls"),
    path("missions/<slug:slug>/appointments/", calling.MissionAppointments.as_view(), name="api_mission_appointments"),
]
