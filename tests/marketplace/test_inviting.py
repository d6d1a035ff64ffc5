"""The team of a business: invited by a link for one address, and never without an owner."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.core import mail
from django.db import connection
from django.test import Client

from config.errors import DecrocheError, Invalid, Refused
from marketplace import inviting
from marketplace.models import Invitation, Membership, User
from tests import cast
from tests.cast import TUESDAY_10H, World

pytestmark = pytest.mark.django_db


def link() -> str:
    return re.search(r"/invitation/[\w-]+/", mail.outbox[-1].body)[0]


def secret() -> str:
    return link().split("/")[2]


@pytest.fixture
def invited(world: World, django_capture_on_commit_callbacks) -> Invitation:
    with django_capture_on_commit_callbacks(execute=True):
        return inviting.invite(
            organisation=world.organisation,
            email=" Charlie@Example.test ",
            role="viewer",
            by=world.alice,
            at=TUESDAY_10H,
        )


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_a_link_is_sent_and_only_its_hash_is_kept(invited: Invitation):
    assert (mail.outbox[0].to, invited.email) == (["charlie@example.test"], "charlie@example.test")
    assert "Alice vous invite à rejoindre Traiteur Armor sur Décroche, comme lecteur." in mail.outbox[0].body
    assert secret() not in str(invited.__dict__)


def test_it_is_written_in_the_language_of_its_reader(world: World, django_capture_on_commit_callbacks):
    User.objects.filter(pk=world.charlie.pk).update(language="en")
    with django_capture_on_commit_callbacks(execute=True):
        inviting.invite(
            organisation=world.organisation, email=world.charlie.email, role="viewer", by=world.alice, at=TUESDAY_10H
        )
    assert "invites you" in mail.outbox[0].subject


def test_it_is_accepted_once_and_twice_is_once(world: World, invited: Invitation):
    first, second = (inviting.accept_invitation(secret=secret(), user=world.charlie, at=TUESDAY_10H) for _ in range(2))
    assert (first, first.role) == (second, "viewer")
    Membership.objects.filter(pk=first.pk).delete()
    with pytest.raises(Refused) as over:
        inviting.accept_invitation(secret=secret(), user=world.charlie, at=TUESDAY_10H)
    assert over.value.code == "invitation_over"


def test_it_is_for_that_address_only(world: World, invited: Invitation):
    with pytest.raises(Refused) as refusal:
        inviting.accept_invitation(secret=secret(), user=world.amina, at=TUESDAY_10H)
    assert refusal.value.code == "other_address"


def test_it_ends_after_seven_days_or_when_revoked_or_replaced(world: World, invited: Invitation):
    assert inviting.invitation_for(secret(), TUESDAY_10H + timedelta(days=7)) is None
    inviting.revoke_invitation(invitation=invited, at=TUESDAY_10H)
    with pytest.raises(Refused):
        inviting.accept_invitation(secret=secret(), user=world.charlie, at=TUESDAY_10H)
    assert inviting.invitation_for("never-sent", TUESDAY_10H) is None


def test_inviting_again_makes_the_earlier_link_worthless(world: World, invited: Invitation):
    earlier = secret()
    inviting.invite(
        organisation=world.organisation, email=invited.email, role="manager", by=world.alice, at=TUESDAY_10H
    )
    assert inviting.invitation_for(earlier, TUESDAY_10H) is None
    assert Invitation.objects.filter(revoked_at=None).count() == 1


def test_a_member_is_not_invited_again(world: World):
    with pytest.raises(Refused) as member:
        inviting.invite(
            organisation=world.organisation, email="CAROLE@example.test", role="viewer", by=world.alice, at=TUESDAY_10H
        )
    with pytest.raises(Invalid) as role:
        inviting.invite(organisation=world.organisation, email="a@b.fr", role="king", by=world.alice, at=TUESDAY_10H)
    assert (member.value.code, role.value.field) == ("already_member", "role")


def test_the_last_owner_stays(world: World):
    alice = Membership.objects.get(user=world.alice)
    for act in (
        lambda: inviting.change_role(membership=alice, role="viewer"),
        lambda: inviting.remove_member(membership=alice),
    ):
        with pytest.raises(Refused) as refusal:
            act()
        assert refusal.value.code == "last_owner"
    inviting.change_role(membership=Membership.objects.get(user=world.carole), role="owner")
    inviting.remove_member(membership=alice)
    assert not Membership.objects.filter(user=world.alice).exists()


@pytest.mark.django_db(transaction=True)
def test_two_owners_who_remove_each_other_at_once_leave_one():
    world = cast.world()
    Membership.objects.filter(user=world.carole).update(role="owner")
    owners = list(Membership.objects.filter(role="owner").select_related("organisation"))
    barrier = Barrier(2)

    def remove(membership: Membership) -> str:
        try:
            barrier.wait()
            inviting.remove_member(membership=membership)
            return "removed"
        except DecrocheError as error:
            return error.code
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(remove, owners)) == ["last_owner", "removed"]


PEOPLE = ("charlie", "bob", "victor", "carole", "alice")


@pytest.mark.parametrize(
    ("verb", "path", "codes"),
    [
        ("get", "/equipe/", (404, 404, 200, 200, 200)),
        ("post", "/equipe/", (404, 404, 403, 403, 400)),
        ("post", "/equipe/{victor}/role/", (404, 404, 403, 403, 302)),
        ("post", "/equipe/{victor}/retirer/", (404, 404, 403, 403, 302)),
        ("post", "/equipe/{charlie}/retirer/", (404, 404, 403, 403, 404)),
        ("post", "/equipe/invitations/{invitation}/revoquer/", (404, 404, 403, 403, 302)),
    ],
)
def test_who_may_change_the_team(world: World, invited: Invitation, verb: str, path: str, codes: tuple[int, ...]):
    ids = {}
    for name in ("victor", "charlie"):
        user = User.objects.get(pk=getattr(world, name).pk)
        ids[name] = user.public_id
    invited.refresh_from_db()
    address = path.format(invitation=invited.public_id, **ids)
    assert tuple(getattr(client_of(getattr(world, name)), verb)(address).status_code for name in PEOPLE) == codes


def test_alice_invites_and_charlie_joins_from_the_link(world: World, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        page = client_of(world.alice).post("/equipe/", {"email": world.charlie.email, "role": "manager"}, follow=True)
    assert "L’invitation part à charlie@example.test" in page.content.decode()
    charlie = client_of(world.charlie)
    assert "Accepter l’invitation" in charlie.get(link()).content.decode()
    assert charlie.post(link()).url == "/"
    assert Membership.objects.get(user=world.charlie).role == "manager"


def test_somebody_new_signs_up_from_the_link_and_joins_that_business(world: World, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        client_of(world.alice).post("/equipe/", {"email": "nouvelle@example.test", "role": "viewer"})
    client = Client()
    assert "Créer un compte" in client.get(link()).content.decode()
    form = client.get("/compte/signup/").content.decode()
    assert "Vous rejoignez Traiteur Armor" in form
    assert "organisation_name" not in form
    fields = {"display_name": "Nouvelle", "email": "nouvelle@example.test", "password1": "une phrase longue"}
    assert client.post("/compte/signup/", fields).status_code == 302
    membership = Membership.objects.get(user__email="nouvelle@example.test")
    assert (membership.organisation, membership.role) == (world.organisation, "viewer")


def test_a_link_that_is_over_says_so(client: Client, db):
    answer = client.get("/invitation/jamais-envoyee/")
    assert answer.status_code == 410
    assert "demandez-en une autre" in answer.content.decode()
