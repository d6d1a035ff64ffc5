"""The pages of the marketplace, as people use them: what is typed, what is told, what stands there afterwards."""

import pytest
from django.core import mail
from django.test import Client

from marketplace.models import ApiToken, Application, Engagement, Membership, Mission, Telemarketer, User
from tests.cast import World
from tests.marketplace.conftest import another, application_of

pytestmark = pytest.mark.django_db
SCRIPT = {
    "who": "Bonjour {contact}, {agent}, pour {organisation}. Appel commercial ; dites-le et nous ne rappellerons plus.",
    "why": "Deux minutes ?",
    "asking": "",
    "questions": "Combien de couverts ? *\nQui décide ?",
    "offer": "Mardi ou jeudi ?",
    "closing": "Merci.",
    "answers": "Trop cher → Goûter n’engage à rien.",
}
TYPED = SCRIPT | {
    "title": "Vœux 2027",
    "objective": "appointment",
    "window_days": "7",
    "pay": "32,50",
    "seats": "2",
    "slot_minutes": "20",
    "contest_days": "5",
    "criteria": "60 couverts\n\nà 40 km",
    "caller_number": "01 99 00 12 34",
    "regime": "FR_B2B",
    "max_attempts": "4",
    "starts_on": "2026-12-01",
    "ends_on": "2027-01-29",
}


@pytest.fixture
def alice(world: World) -> Client:
    client = Client()
    client.force_login(world.alice)
    return client


@pytest.fixture
def bob(world: World) -> Client:
    client = Client()
    client.force_login(world.bob)
    return client


def test_a_mission_is_written_on_one_page_then_published_and_opened(alice: Client):
    assert alice.post("/missions/nouvelle/", TYPED).url == "/missions/voeux-2027/"
    mission = Mission.objects.get(slug="voeux-2027")
    assert (mission.pay_cents, mission.caller_number, mission.criteria) == (
        3250,
        "+33199001234",
        [{"key": "60_couverts", "label": "60 couverts"}, {"key": "a_40_km", "label": "à 40 km"}],
    )
    assert mission.script[2]["questions"] == [
        {"key": "combien_de_couverts", "label": "Combien de couverts ?", "required": True},
        {"key": "qui_decide", "label": "Qui décide ?", "required": False},
    ]
    alice.post("/missions/voeux-2027/publish/")
    page = alice.post("/missions/voeux-2027/start/", follow=True).content.decode()
    mission.refresh_from_db()
    assert mission.state == "running"
    assert "en cours" in page


def test_what_is_read_from_a_form_is_what_the_form_shows_again(alice: Client):
    alice.post("/missions/nouvelle/", TYPED)
    before = Mission.objects.get(slug="voeux-2027")
    form = alice.get("/missions/voeux-2027/modifier/").context["form"]
    shown = {name: form[name].value() for name in form.fields}
    shown = {name: "" if value is None else value for name, value in shown.items()}
    shown["pay"] = str(shown["pay"]).replace(".", ",")
    assert alice.post("/missions/voeux-2027/modifier/", shown).status_code == 302
    after = Mission.objects.get(slug="voeux-2027")
    assert (after.script, after.criteria, after.pay_cents) == (before.script, before.criteria, before.pay_cents)


def test_a_wrong_field_is_told_beside_it_and_nothing_typed_is_lost(alice: Client):
    answer = alice.post("/missions/nouvelle/", TYPED | {"caller_number": "douze", "ends_on": "2026-11-01"})
    page = answer.content.decode()
    assert answer.status_code == 400
    assert "La fin est avant le début." in page
    assert 'id="id_ends_on_wrong"' in page
    assert "Vœux 2027" in page
    assert not Mission.objects.filter(title="Vœux 2027").exists()


def test_a_draft_says_what_is_missing_and_publishing_it_says_it_again(alice: Client):
    alice.post("/missions/nouvelle/", TYPED | {"caller_number": "", "pay": ""})
    page = alice.get("/missions/voeux-2027/").content.decode()
    assert "Indiquez le numéro que verront les personnes appelées" in page
    assert "Dites ce que vous payez" in page
    refused = alice.post("/missions/voeux-2027/publish/", follow=True).content.decode()
    assert "Dites ce que vous payez" in refused
    assert Mission.objects.get(slug="voeux-2027").state == "draft"


def test_a_telemarketer_proposes_at_their_price_and_is_accepted(alice: Client, bob: Client, world: World):
    alice.post("/missions/nouvelle/", TYPED)
    alice.post("/missions/voeux-2027/publish/")
    assert "Vœux 2027" in bob.get("/missions/").content.decode()
    bob.post("/missions/voeux-2027/postuler/", {"asked": "34,00", "message": "Bonjour"})
    application = Application.objects.get(mission__slug="voeux-2027")
    assert (application.asked_cents, application.telemarketer.user) == (3400, world.bob)
    assert "Retirer ma candidature" in bob.get("/missions/voeux-2027/").content.decode()
    assert "34,00" in alice.get("/").content.decode()
    alice.post(f"/candidatures/{application.public_id}/accept/")
    engagement = Engagement.objects.get(application=application)
    assert (engagement.state, engagement.pay_cents) == ("active", 3400)
    assert "Vœux 2027" in bob.get("/").content.decode()


def test_proposing_twice_is_told_and_done_once(bob: Client, world: World):
    Engagement.objects.all().delete()
    for _ in range(2):
        answer = bob.post("/missions/receptions-2027/postuler/", {"asked": "30", "message": ""})
    assert answer.status_code == 400
    assert "Vous avez déjà postulé" in answer.content.decode() or "Retirer ma candidature" in answer.content.decode()
    assert world.mission.applications.count() == 1


def test_a_refusal_of_the_activity_is_told_on_the_page_one_comes_back_to(alice: Client, world: World):
    Mission.objects.filter(pk=world.mission.pk).update(seats=2)  # both taken
    application = application_of(world.mission, another("Zoé"))
    application.refresh_from_db()
    where = "/missions/receptions-2027/teleprospecteurs/"
    page = alice.post(f"/candidatures/{application.public_id}/accept/", {"next": where}, follow=True)
    assert "Toutes les places sont prises" in page.content.decode()
    assert page.redirect_chain == [(where, 302)]


def test_the_way_back_never_leads_elsewhere(alice: Client, world: World):
    address = f"/engagements/{world.bobs.public_id}/suspend/"
    assert alice.post(address, {"next": "https://evil.example/"}).url == "/"


def test_what_people_write_is_shown_as_text(alice: Client, bob: Client, world: World):
    nasty = "<script>alert(1)</script>"
    Mission.objects.filter(pk=world.mission.pk).update(
        title=nasty, summary=nasty, criteria=[nasty], script=[{"kind": "who", "text": nasty + "{" + nasty + "}"}]
    )
    Telemarketer.objects.filter(user=world.bob).update(display_name=nasty, headline=nasty)
    application_of(world.mission, another(nasty), message=nasty)
    for client in (alice, bob):
        for path in ("/", "/missions/", "/missions/receptions-2027/"):
            assert nasty not in client.get(path).content.decode()
    for path in ("script/", "teleprospecteurs/", "modifier/"):
        assert nasty not in alice.get("/missions/receptions-2027/" + path).content.decode()


def test_the_market_is_narrowed_by_words_objective_and_free_seats(bob: Client, world: World):
    def titles(query: str) -> list[str]:
        return [mission.title for mission in bob.get(f"/missions/?{query}").context["missions"]]

    Mission.objects.create(
        organisation=world.organisation, slug="lead", title="Audit", objective="qualified_lead", state="published"
    )
    Mission.objects.create(organisation=world.organisation, slug="ferme", title="Fermée", state="closed")
    assert sorted(titles("")) == ["Audit", "Réceptions 2027"]
    assert titles("q=rennes+audit") == ["Audit"]
    assert titles("objective=qualified_lead") == ["Audit"]
    assert titles("q=plombier") == []
    Mission.objects.filter(pk=world.mission.pk).update(seats=2)
    assert titles("free=on") == ["Audit"]


def test_empty_places_teach(world: World):
    client = Client()
    user = User.objects.create_user("nouveau@example.test")
    Telemarketer.objects.create(user=user, display_name="Nouveau")
    client.force_login(user)
    assert "Chercher une mission" in client.get("/").content.decode()


def test_every_page_is_also_in_english(alice: Client, bob: Client, world: World):
    for client in (alice, bob):
        client.post("/preferences/", {"language": "en"})
        for path in ("/", "/missions/", "/missions/receptions-2027/", "/moi/"):
            assert '<html lang="en"' in client.get(path).content.decode()


def sign_up(**more: str) -> Client:
    client = Client()
    fields = {"display_name": "Anaïs", "email": "anais@example.test", "password1": "une phrase longue", "city": "Brest"}
    client.post("/compte/signup/", fields | more)
    return client


def test_a_business_signs_up_and_owns_itself():
    client = sign_up(kind="business", organisation_name="Froid Ouest")
    membership = Membership.objects.get(user__email="anais@example.test")
    assert (membership.organisation.name, membership.organisation.city, membership.role) == (
        "Froid Ouest",
        "Brest",
        "owner",
    )
    assert "Confiez votre première mission" in client.get("/").content.decode()


def test_a_telemarketer_signs_up_without_a_business():
    client = sign_up(kind="telemarketer", organisation_name="")
    assert Telemarketer.objects.get(user__email="anais@example.test").display_name == "Anaïs"
    assert client.get("/profil/").status_code == 200


def test_a_business_without_a_name_is_not_made():
    sign_up(kind="business", organisation_name=" ")
    assert not User.objects.filter(email="anais@example.test").exists()


@pytest.mark.parametrize(("language", "subject"), [("fr", "courriel"), ("en", "Password")])
def test_an_e_mail_is_in_the_language_of_its_reader(world: World, language: str, subject: str):
    User.objects.filter(pk=world.alice.pk).update(language=language)
    Client().post("/compte/password/reset/", {"email": world.alice.email})
    assert len(mail.outbox) == 1
    french = "mot de passe" in mail.outbox[0].body
    assert french == (language == "fr")


def test_signing_in_brings_the_language_of_the_account(world: World):
    User.objects.filter(pk=world.alice.pk).update(language="en")
    answer = Client().post("/compte/login/", {"login": world.alice.email, "password": "décroche-tout"})
    assert (answer.status_code, answer.url, answer.cookies["django_language"].value) == (302, "/", "en")


def test_the_demo_logins_are_offered_in_a_demo_only(settings, db):
    settings.DEMO = True
    assert "alice@decroche.example" in Client().get("/compte/login/").content.decode()
    settings.DEMO = False
    assert "alice@decroche.example" not in Client().get("/compte/login/").content.decode()


@pytest.mark.parametrize(
    "path", ["login/", "signup/", "password/reset/", "logout/", "2fa/", "email/", "password/change/"]
)
def test_the_pages_of_the_account_stand_in_our_frame(alice: Client, path: str):
    client = Client() if path in ("login/", "signup/", "password/reset/") else alice
    page = client.get(f"/compte/{path}", follow=True).content.decode()
    assert "css/tokens.css" in page
    assert " style=" not in page


def test_a_token_is_shown_once_and_revoked(alice: Client, world: World):
    page = alice.post("/moi/jetons/", {"name": "Export du lundi"}).content.decode()
    secret = page.split("<code>dcr_")[1].split("</code>")[0]
    assert "Export du lundi" in alice.get("/moi/").content.decode()
    assert secret not in alice.get("/moi/").content.decode()
    token = ApiToken.objects.get()
    alice.post(f"/moi/jetons/{token.public_id}/revoquer/")
    token.refresh_from_db()
    assert token.revoked_at is not None


def test_somebody_elses_token_is_not_there(bob: Client, alice: Client):
    alice.post("/moi/jetons/", {"name": "À Alice"})
    token = ApiToken.objects.get()
    assert bob.post(f"/moi/jetons/{token.public_id}/revoquer/").status_code == 404
    assert ApiToken.objects.get().revoked_at is None
