from django.urls import path

from prospecting.api import calling, lead_files, rights, supervision

urlpatterns = [
    path("engagements/<uuid:public_id>/next-contact/", calling.next_contact_view, name="api_next_contact"),
    path("engagements/<uuid:public_id>/queue/", calling.queue_view, name="api_queue"),
    path("engagements/<uuid:public_id>/callbacks/", calling.promises_view, name="api_callbacks"),
    path("engagements/<uuid:public_id>/answer/", calling.answer_view, name="api_answer"),
    path("engagements/<uuid:public_id>/by-hand/", calling.by_hand_view, name="api_by_hand"),
    path("claims/<uuid:public_id>/dial/", calling.dial_view, name="api_dial"),
    path("claims/<uuid:public_id>/release/", calling.release_view, name="api_release"),
    path("claims/<uuid:public_id>/skip/", calling.skip_view, name="api_skip"),
    path("claims/<uuid:public_id>/heartbeat/", calling.heartbeat_view, name="api_heartbeat"),
    path("calls/", calling.calls_view, name="api_calls"),
    path("calls/<uuid:public_id>/undo/", calling.undo_view, name="api_undo"),
    path("calls/<uuid:public_id>/recording/", supervision.recording_view, name="api_recording"),
    path("missions/<slug:slug>/live/", supervision.board_view, name="api_live"),
    path("missions/<slug:slug>/team-messages/", supervision.messages_view, name="api_team_messages"),
    path("engagements/<uuid:public_id>/team-messages/", supervision.unread_view, name="api_unread_messages"),
    path("oppositions/", rights.oppositions_view, name="api_oppositions"),
    path("opposition-lists/", rights.opposition_lists_view, name="api_opposition_lists"),
    path("contacts/<uuid:public_id>/bases/", rights.bases_view, name="api_bases"),
    path("missions/<slug:slug>/calls/", calling.MissionCalls.as_view(), name="api_mission_calls"),
    path("missions/<slug:slug>/appointments/", calling.MissionAppointments.as_view(), name="api_mission_appointments"),
    path("missions/<slug:slug>/lead-files/", lead_files.MissionLeadFiles.as_view(), name="api_lead_files"),
    path("lead-files/<uuid:public_id>/", lead_files.OneLeadFile.as_view(), name="api_lead_file"),
    path("lead-files/<uuid:public_id>/dry-run/", lead_files.DryRun.as_view(), name="api_lead_file_dry_run"),
    path("lead-files/<uuid:public_id>/load/", lead_files.LoadLeadFile.as_view(), name="api_load_lead_file"),
    path("lead-files/<uuid:public_id>/set-aside-rows/", lead_files.SetAsideRows.as_view(), name="api_set_aside_rows"),
]
