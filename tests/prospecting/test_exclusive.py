"""Whatever agents and managers do in whatever order: never two hands on a contact, and "why?" sums to the total."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from config.errors import DecrocheError
from marketplace.models import Engagement
from prospecting.arranging import Wish, arrange_queue, give_to_all, settle_queue, share_out
from prospecting.calling import Logged, dial, log_call
from prospecting.explaining import STANDINGS, QueueState, explain
from prospecting.models import Claim, Contact, Dial, LeadFile, Skip
from prospecting.objecting import oppose
from prospecting.queue import heartbeat, leave, next_contact, release_lapsed, skip
from tests import cast
from tests.cast import TUESDAY_10H, engaged, lead_file, person

AGENTS, CONTACTS = 3, 8
who = st.integers(0, AGENTS - 1)


class Shift(RuleBasedStateMachine):
    """Three agents, eight contacts in two files, a manager who changes her mind, and a clock that goes on."""

    @initialize()
    def begin(self) -> None:
        self.undo = transaction.atomic()
        self.undo.__enter__()
        self.at = TUESDAY_10H
        self.world = cast.world()
        self.agents = [self.world.bobs, self.world.aminas, engaged(person("Chloé"), self.world.mission)]
        other = lead_file(self.world.mission, "Autre", weight=3)
        for n in range(CONTACTS):
            contact = self.world.contact(city="Rennes" if n % 3 else "Brest")
            Contact.objects.filter(pk=contact.pk).update(lead_file=other if n % 2 else self.world.file)

    def teardown(self) -> None:
        if hasattr(self, "undo"):
            transaction.set_rollback(True)
            self.undo.__exit__(None, None, None)

    def claim(self, agent: int) -> Claim | None:
        return Claim.objects.filter(engagement=self.agents[agent]).first()

    def engagement(self, agent: int) -> Engagement:
        return Engagement.objects.select_related("mission").get(pk=self.agents[agent].pk)

    def why(self, engagement: Engagement | None) -> QueueState:
        mission = type(self.world.mission).objects.get(pk=self.world.mission.pk)
        return explain(mission=mission, engagement=engagement, at=self.at)

    def tried(self, act: Any, **said: Any) -> Any:
        """What a refusal leaves is as lawful as what it refuses."""
        try:
            with transaction.atomic():
                return act(**said)
        except DecrocheError:
            return None

    @rule(agent=who)
    def deal(self, agent: int) -> None:
        claim = self.tried(next_contact, engagement=self.agents[agent], at=self.at)
        if claim is None and self.engagement(agent).state == "active":
            assert self.why(self.agents[agent]).ready == 0  # what the law put off is told as such from then on
        if claim is not None:
            assert self.engagement(agent).state == "active"
            assert not Skip.objects.filter(engagement=self.agents[agent], contact=claim.contact).exists()
            if claim.dealt == "assigned":
                assert claim.contact.assigned_to_id == self.agents[agent].pk or (
                    Engagement.objects.get(pk=claim.contact.assigned_to_id).state != "active"
                )

    @rule(agent=who)
    def put_back(self, agent: int) -> None:
        if claim := self.claim(agent):
            self.tried(leave, engagement=self.agents[agent], claim_id=claim.public_id, at=self.at)

    @rule(agent=who, reason=st.sampled_from(["known", "language", "other"]))
    def pass_over(self, agent: int, reason: str) -> None:
        if claim := self.claim(agent):
            dialled = Dial.objects.filter(claim_id_seen=claim.public_id).exists()
            done = self.tried(
                skip, engagement=self.agents[agent], claim_id=claim.public_id, reason=reason, note="!", at=self.at
            )
            assert (done is None) == dialled

    @rule(agent=who)
    def live_on(self, agent: int) -> None:
        if claim := self.claim(agent):
            self.tried(heartbeat, engagement=self.engagement(agent), claim_id=claim.public_id, at=self.at)

    @rule(agent=who)
    def ring(self, agent: int) -> None:
        if claim := self.claim(agent):
            self.tried(dial, engagement=self.agents[agent], claim_id=claim.public_id, at=self.at)

    @rule(agent=who, outcome=st.sampled_from(["NRP", "REFI", "RAP", "OCC", "OPP"]))
    def save(self, agent: int, outcome: str) -> None:
        if claim := self.claim(agent):
            said = Logged(key=uuid4(), outcome=outcome, callback_at=self.at + timedelta(hours=1))
            self.tried(log_call, engagement=self.agents[agent], claim_id=claim.public_id, said=said, at=self.at)

    @rule(agent=who, state=st.sampled_from(["active", "suspended"]))
    def change_engagement(self, agent: int, state: str) -> None:
        Engagement.objects.filter(pk=self.agents[agent].pk).exclude(state="ended").update(state=state)

    @rule(agent=who)
    def end(self, agent: int) -> None:
        Engagement.objects.filter(pk=self.agents[agent].pk).update(state="ended", ended_at=self.at)

    @rule(minutes=st.sampled_from([1, 6, 61, 300]))
    def wait(self, minutes: int) -> None:
        self.at += timedelta(minutes=minutes)

    @rule()
    def lapse(self) -> None:
        release_lapsed(at=self.at)

    @rule(kept=st.sampled_from(["Rennes", "Brest", ""]))
    def filter_by_city(self, kept: str) -> None:
        only = [{"column": "city", "is": [kept]}] if kept else []
        settle_queue(mission=self.world.mission, wish=Wish(only=only, files="order" if kept else "weights"))
        arrange_queue(mission_id=self.world.mission.pk)

    @rule(again=st.booleans())
    def share(self, again: bool) -> None:
        self.tried(share_out if again else give_to_all, mission=self.world.mission)
        arrange_queue(mission_id=self.world.mission.pk)

    @rule(weight=st.integers(0, 3))
    def weigh(self, weight: int) -> None:
        LeadFile.objects.filter(pk=self.world.file.pk).update(weight=weight)

    @rule(number=st.integers(0, CONTACTS - 1))
    def object(self, number: int) -> None:
        contact = self.world.mission.contacts.order_by("pk")[number]
        oppose(organisation=self.world.organisation, phone=contact.phone or "", at=self.at, source="page")

    @invariant()
    def a_contact_is_in_hand_exactly_when_one_agent_holds_it(self) -> None:
        if hasattr(self, "world"):
            held = list(Claim.objects.values_list("contact_id", flat=True))
            in_hand = set(self.world.mission.contacts.filter(state="in_hand").values_list("pk", flat=True))
            assert len(held) == len(set(held)) and set(held) == in_hand

    @invariant()
    def why_sums_to_the_total_for_everybody(self) -> None:
        if hasattr(self, "world"):
            for engagement in (None, self.agents[0]):
                state = self.why(engagement)
                counts = {name: getattr(state, name) for name in STANDINGS}
                assert min(counts.values()) >= 0 and sum(counts.values()) == state.total == CONTACTS, counts


@pytest.mark.django_db
def test_never_two_hands_on_a_contact_and_the_counts_sum_to_the_total() -> None:
    run_state_machine_as_test(
        Shift,
        settings=settings(
            max_examples=8, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
