"""Who lives in the demo world, what they agreed, and the six weeks that lie behind them."""

from datetime import date, datetime, timedelta
from random import Random

from django.contrib.auth.hashers import make_password
from django.core.files.base import ContentFile
from django.db import transaction

from marketplace.applying import apply
from marketplace.demo import LOGINS, PASSWORD
from marketplace.models import Engagement, Membership, Mission, Organisation, Telemarketer, User
from marketplace.posting import create_mission
from prospecting.demo.agendas import open_agendas, place
from prospecting.demo.files import BANK
from prospecting.demo.missions import AGENTS, FLEETS, OLD_CLIENTS, REAL_CAMPAIGN, RECEPTIONS, Plan, Supply
from prospecting.demo.shifts import Quality, Shifts, save
from prospecting.demo.winnings import dispute, open_all
from prospecting.importing.call_logs import Reading, import_call_log
from prospecting.importing.loading import load_lead_file
from prospecting.importing.receiving import Origin, receive_lead_file
from prospecting.models import Contact, LeadFile
from prospecting.objecting import oppose

SEED = 20_261_012
WEEKS = timedelta(weeks=6)
CATERER, BANK_NAME = "Traiteur Armor", "Crédit du Ponant"


def seed(*, at: datetime) -> bool:
    """Make the demo world as of `at`; False when it is already there. All of it, or nothing."""
    if Organisation.objects.filter(name=CATERER).exists():
        return False
    with transaction.atomic():
        World(at).make()
    return True


class World:
    def __init__(self, at: datetime) -> None:
        self.password = make_password(PASSWORD)  # hashed once: it is the same for all, and public
        self.at, self.since, self.rng = at, at - WEEKS, Random(SEED)  # noqa: S311 - the same world everywhere
        self.people = {login.name: self._person(login.name, login.email) for login in LOGINS}
        self.telemarketers = {name: self._telemarketer(name) for name in AGENTS}

    def make(self) -> None:
        User.objects.filter(pk=self.people["Odile Quéré"].pk).update(is_operator=True)
        caterer = self._organisation(CATERER, "Rennes", "Alice Morvan", manager="Carole Jouan", viewer="Victor Hamon")
        bank = self._organisation(BANK_NAME, "Brest", "Loïc Abgrall", manager="Carole Jouan")
        for organisation, plan in ((caterer, RECEPTIONS), (caterer, OLD_CLIENTS), (bank, FLEETS)):
            mission = self._mission(organisation, plan)
            self._play(mission, plan, dict(self._supplied(mission, supply) for supply in plan.supplies))
            self._applications(mission, plan)
            if plan is RECEPTIONS:
                dispute(mission, self.people["Alice Morvan"], self.people["Odile Quéré"], self.at)
        agendas = open_agendas(caterer, [self._user("Alice Morvan"), self._user("Carole Jouan")], self.at)
        place(caterer, agendas, self.at)
        self._real_campaign(bank)

    def _real_campaign(self, organisation: Organisation) -> None:
        """As it was logged: no agent, no phone, no year. What a business sees on its first day with us."""
        mission = self._mission(organisation, REAL_CAMPAIGN)
        import_call_log(
            mission=mission,
            path=BANK,
            reading=Reading(
                mapping={"outcome": "y", "seconds": "duration", "calls": "campaign"},
                values={"yes": "VTE", "no": "REF"},
                on=date(2010, 11, 30),
            ),
            at=self.at,
        )
        Mission.objects.filter(pk=mission.pk).update(state=Mission.State.CLOSED, closed_at=self.at)

    def _organisation(self, name: str, city: str, owner: str, **others: str) -> Organisation:
        organisation = Organisation.objects.create(name=name, city=city)
        for role, member in {"owner": owner, **others}.items():
            Membership.objects.create(organisation=organisation, user=self._user(member), role=role)
        return organisation

    def _user(self, name: str) -> User:
        if name not in self.people:
            plain = name.split(maxsplit=1)[0].lower().translate(str.maketrans("éèëï", "eeei"))
            self.people[name] = self._person(name, f"{plain}@decroche.example")
        return self.people[name]

    def _telemarketer(self, name: str) -> Telemarketer:
        city, headline, _habit = AGENTS[name]
        return Telemarketer.objects.create(
            user=self._user(name), display_name=name, city=city, headline=headline, skills="prise de rendez-vous"
        )

    def _mission(self, organisation: Organisation, plan: Plan) -> Mission:
        script = {"script": plan.script} if plan.script else {}
        mission = create_mission(
            organisation=organisation, title=plan.title, caller_number="+33199000100", **plan.posting, **script
        )
        begun = self.since - timedelta(days=3)
        mission.state, mission.published_at = Mission.State.RUNNING, begun
        mission.starts_on, mission.ends_on = begun.date(), (self.at + 2 * WEEKS).date()
        mission.save()
        return mission

    def _supplied(self, mission: Mission, supply: Supply) -> tuple[int, Quality]:
        origin = Origin(
            supplier=supply.supplier,
            received_on=self.since.date(),
            cost_cents=supply.cost_cents,
            legal_basis=supply.legal_basis,
            source_sentence=f"Votre numéro vient de : {supply.supplier}.",
        )
        content = ContentFile(supply.content(self.rng), name=f"{supply.name}.csv")
        file = receive_lead_file(mission=mission, content=content, name=supply.name, by=None, origin=origin)
        LeadFile.objects.filter(pk=file.pk).update(state=LeadFile.State.QUEUED)
        load_lead_file(lead_file_id=file.pk, at=self.since)
        return file.pk, supply.quality

    def _play(self, mission: Mission, plan: Plan, quality: dict[int, Quality]) -> None:
        contacts = list(Contact.objects.filter(mission=mission).order_by("lead_file_id", "row_number"))
        for contact in contacts:
            contact.deal = self.rng.random()
        agents = [(self._engagement(mission, name), AGENTS[name][2]) for name in plan.agents]
        played = Shifts(mission, contacts, quality, self.rng, self.at).play(agents, self.since)
        save([played], contacts)
        open_all(played.calls, played.appointments, self.at)
        for phone, said_at in played.opposed:
            oppose(organisation=mission.organisation, phone=phone, at=said_at, source="call")

    def _applications(self, mission: Mission, plan: Plan) -> None:
        """What waits for a decision when one first opens the demo."""
        for name, (cents, message) in plan.applications.items():
            apply(
                mission=mission, telemarketer=self.telemarketers[name], asked_cents=cents, message=message, at=self.at
            )

    def _engagement(self, mission: Mission, name: str) -> Engagement:
        return Engagement.objects.create(
            organisation=mission.organisation,
            mission=mission,
            telemarketer=self.telemarketers[name],
            label=name,
            pay_cents=mission.pay_cents,
            started_at=self.since,
        )

    def _person(self, name: str, email: str) -> User:
        return User.objects.create(email=email, password=self.password, display_name=name)
