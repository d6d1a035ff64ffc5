"""What the demo's agents won: pending, accepted by silence, and a few contested, so that every desk has its work."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from marketplace.models import Mission, User
from prospecting.accepting import accept_the_silent, answer, contest, deadline, rule, verdict
from prospecting.fate import settle_the_silent
from prospecting.models import Acceptance, AcceptanceEvent, Appointment, Call

CONTESTS = (
    ("wrong_person", "L’intendante nous a reçus, mais c’est le proviseur qui décide, et il n’était pas au courant.",
     "Elle m’a dit décider seule sous 5 000 € ; c’est dans la note."),
    ("criteria", "Quarante couverts au plus, elle nous l’a redit en arrivant.", ""),
    ("never_agreed", "La personne dit n’avoir convenu de rien.", "L’appel dure quatre minutes, elle a choisi l’heure."),
)  # fmt: skip


def open_all(calls: Sequence[Call], appointments: Sequence[Appointment], at: datetime) -> None:
    """One acceptance for each conversion, as if its call had just been saved; past its deadline, it is accepted."""
    booked = {one.call.pk: one for one in appointments}
    won = Acceptance.objects.bulk_create(
        Acceptance(
            organisation_id=call.organisation_id, mission=call.mission, contact=call.contact, call=call,
            engagement=call.engagement, appointment=booked.get(call.pk), verdict=verdict(call.engagement, call.answers),
            opened_at=call.logged_at,
            deadline_at=deadline(call.engagement, booked[call.pk].ends_at if call.pk in booked else call.logged_at),
        )
        for call in calls if call.converted
    )  # fmt: skip
    AcceptanceEvent.objects.bulk_create(
        AcceptanceEvent(acceptance=one, at=one.opened_at, what="pending", by="system") for one in won
    )
    settle_the_silent(at=at)
    accept_the_silent(at=at)


def dispute(mission: Mission, business: User, operator: User, at: datetime) -> None:
    """Two contests wait for the operator, one was rejected yesterday."""
    known = Acceptance.objects.filter(mission=mission, state="pending", opened_at__lt=at - timedelta(days=4))
    recent = known.select_related("engagement__telemarketer__user").order_by("-pk")
    for number, (one, (reason, text, reply)) in enumerate(zip(recent, CONTESTS, strict=False)):
        contest(acceptance=one, reason=reason, text=text, user=business, at=at - timedelta(days=2 - number // 2))
        if reply and one.engagement.telemarketer:
            answer(acceptance=one, text=reply, user=one.engagement.telemarketer.user, at=at - timedelta(days=1))
        if number == len(CONTESTS) - 1:
            said = "Le temps de l’appel, la note et l’heure choisie concordent : le rendez-vous était convenu."
            rule(acceptance=one, uphold=False, text=said, user=operator, at=at - timedelta(hours=20))
