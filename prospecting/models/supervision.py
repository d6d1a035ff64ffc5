from django.db import models
from django.utils.translation import gettext_lazy as _

from config.ids import public_id
from marketplace.models import Engagement, Mission, User
from prospecting.models.calls import Call


class TeamMessage(models.Model):
    """A word from the business to everyone who calls for a mission, read in the cockpit."""

    public_id = public_id()
    mission = models.ForeignKey(Mission, on_delete=models.CASCADE, related_name="team_messages")
    author = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    text = models.CharField(_("message"), max_length=500)
    at = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["mission", "-at"], name="messages_of_a_mission")]


class MessageRead(models.Model):
    message = models.ForeignKey(TeamMessage, on_delete=models.CASCADE, related_name="reads")
    engagement = models.ForeignKey(Engagement, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["message", "engagement"], name="message_read_once")]


class Recording(models.Model):
    """A recording of a call, attached or linked by the agent where the mission allows it.

    `announced_at` is when the person was told, before it began; audio is purged on `purge_on`, six months at most.
    """

    public_id = public_id()
    call = models.OneToOneField(Call, on_delete=models.PROTECT, related_name="recording")
    engagement = models.ForeignKey(Engagement, on_delete=models.PROTECT, related_name="+")
    content = models.FileField(upload_to="recordings/%Y/%m", blank=True)
    url = models.URLField(max_length=500, blank=True)
    announced_at = models.DateTimeField()
    added_at = models.DateTimeField()
    purge_on = models.DateField()
    purged_at = models.DateTimeField(null=True, blank=True)


class Listening(models.Model):
    """Who listened to a recording, and when. Append-only."""

    recording = models.ForeignKey(Recording, on_delete=models.CASCADE, related_name="listenings")
    user = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()


class KeyChoice(models.Model):
    """A telemarketer's own keys in the cockpit: {action: key}, an empty key switching it off; or all of them off."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, primary_key=True, related_name="key_choice")
    keys = models.JSONField(default=dict, blank=True)
    off = models.BooleanField(default=False)
