from django.urls import URLPattern, path

from prospecting.pages import appointments, callbacks, cockpit, lead_files, live, recordings

urlpatterns: list[URLPattern] = [
    path("appeler/<uuid:public_id>/", cockpit.cockpit, name="cockpit"),
    path("appeler/<uuid:public_id>/fiche/", cockpit.parts, name="cockpit_parts"),
    path("appeler/<uuid:public_id>/suivante/", cockpit.take_next, name="cockpit_next"),
    path("appeler/<uuid:public_id>/file/", cockpit.queue, name="cockpit_queue"),
    path("appeler/<uuid:public_id>/pause/", cockpit.pause, name="cockpit_pause"),
    path("appeler/<uuid:public_id>/messages/", live.messages_of_agent, name="team_messages"),
    path("appeler/<uuid:public_id>/messages/<uuid:message_id>/lu/", live.dismiss, name="team_message_read"),
    path("direct/", live.of_business, name="live"),
    path("missions/<slug:slug>/direct/", live.of_mission, name="mission_live"),
    path("missions/<slug:slug>/direct/message/", live.tell, name="team_message_new"),
    path("messages/<uuid:public_id>/retirer/", live.take_back, name="team_message_take_back"),
    path("appels/", recordings.own_calls, name="own_calls"),
    path("appels/<uuid:public_id>/enregistrement/", recordings.add, name="recording_add"),
    path("enregistrements/<uuid:public_id>/", recordings.hear, name="recording"),
    path("rappels/", callbacks.callbacks, name="callbacks"),
    path("rendez-vous/", appointments.of_business, name="appointments"),
    path("missions/<slug:slug>/rendez-vous/", appointments.of_mission, name="mission_appointments"),
    path("fichiers/", lead_files.files, name="files"),
    path("missions/<slug:slug>/fichiers/", lead_files.mission_files, name="mission_files"),
    path("fichiers/<uuid:public_id>/", lead_files.file, name="file"),
    path("fichiers/<uuid:public_id>/corriger/", lead_files.file_correct, name="file_correct"),
    path("fichiers/<uuid:public_id>/importer/", lead_files.file_start, name="file_start"),
    path("fichiers/<uuid:public_id>/avancement/", lead_files.file_progress, name="file_progress"),
    path("fichiers/<uuid:public_id>/lignes-de-cote.csv", lead_files.file_set_aside, name="file_set_aside"),
]
