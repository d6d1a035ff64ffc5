from django.urls import URLPattern, path, register_converter

from marketplace.pages import home, members, missions, offers, team


class Verb:
    """A closed list of words in an address: anything else is a 404."""

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


class MissionVerb(Verb):
    regex = "publish|start|pause|close"


class ApplicationVerb(Verb):
    regex = "accept|decline|shortlist|withdraw"


class EngagementVerb(Verb):
    regex = "suspend|resume|end"


register_converter(MissionVerb, "mission_verb")
register_converter(ApplicationVerb, "application_verb")
register_converter(EngagementVerb, "engagement_verb")

urlpatterns: list[URLPattern] = [
    path("", home.home, name="home"),
    path("moi/", home.account, name="account"),
    path("moi/jetons/", home.token_new, name="token_new"),
    path("moi/jetons/<uuid:public_id>/revoquer/", home.token_revoke, name="token_revoke"),
    path("profil/", home.profile, name="profile"),
    path("equipe/", members.members, name="members"),
    path("equipe/invitations/<uuid:public_id>/revoquer/", members.revoke, name="invitation_revoke"),
    path("equipe/<uuid:member>/role/", members.role, name="member_role"),
    path("equipe/<uuid:member>/retirer/", members.remove, name="member_remove"),
    path("invitation/<str:secret>/", members.invitation, name="invitation"),
    path("missions/", missions.missions, name="missions"),
    path("missions/nouvelle/", missions.mission_new, name="mission_new"),
    path("missions/<slug:slug>/", missions.mission, name="mission"),
    path("missions/<slug:slug>/modifier/", missions.mission_edit, name="mission_edit"),
    path("missions/<slug:slug>/script/", missions.mission_script, name="mission_script"),
    path("missions/<slug:slug>/teleprospecteurs/", team.mission_team, name="mission_team"),
    path("missions/<slug:slug>/postuler/", offers.apply, name="apply"),
    path("missions/<slug:slug>/<mission_verb:verb>/", missions.mission_state, name="mission_state"),
    path("candidatures/<uuid:public_id>/<application_verb:verb>/", team.decide, name="decide"),
    path("engagements/<uuid:public_id>/<engagement_verb:verb>/", team.change, name="change_engagement"),
]
