from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from config.ids import public_id
from marketplace.models import Mission, Organisation, User


class Agenda(models.Model):
    """The diary of somebody who receives appointments for a business (« agenda »): its open hours and what fills them.

    `weekly` is a list of {"day": 0-6 (Monday is 0), "from": "09:00", "to": "12:00"} in `time_zone`. `feed_url` is an
    ICS address of their own diary, read from time to time; `secret` opens the ICS address that we give out.
    Lengths are minutes; nothing is offered before `notice_hours` nor after `horizon_days`. An agenda that names no
    mission serves every mission of the business without one of its own.
    """

    public_id = public_id()
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="agendas")
    missions = models.ManyToManyField(Mission, related_name="agendas", blank=True)
    name = models.CharField(_("nom"), max_length=120)
    user = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="agendas")
    email = models.EmailField(_("e-mail"), blank=True)
    time_zone = models.CharField(max_length=40, default="Europe/Paris")
    weekly = models.JSONField(default=list, blank=True)
    buffer_minutes = models.PositiveSmallIntegerField(_("marge entre deux rendez-vous (minutes)"), default=0)
    notice_hours = models.PositiveSmallIntegerField(_("délai minimal (heures)"), default=4)
    horizon_days = models.PositiveSmallIntegerField(_("jusqu’à (jours)"), default=30)
    video_link = models.CharField(_("lien de visio"), max_length=300, blank=True)
    feed_url = models.URLField(_("adresse ICS"), max_length=500, blank=True)
    feed_read_at = models.DateTimeField(null=True, blank=True)
    feed_problem = models.CharField(max_length=300, blank=True)
    secret = models.CharField(max_length=43, unique=True)
    active = models.BooleanField(default=True)

    def __str__(self) -> str:
        return self.name


class BusyTime(models.Model):
    """When an agenda is taken: read from its feed, or blocked by hand."""

    agenda = models.ForeignKey(Agenda, on_delete=models.CASCADE, related_name="busy_times", db_index=False)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    from_feed = models.BooleanField()
    what = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(ends_at__gt=models.F("starts_at")), name="busy_lasts")]
        indexes = [models.Index(fields=["agenda", "starts_at"], name="busy_times_of_an_agenda")]


class CalendarAddress(models.Model):
    """The secret part of the ICS address of one telemarketer's own appointments and callbacks; a new one revokes it."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="calendar_address")
    secret = models.CharField(max_length=43, unique=True)
