from django.db import models
from django.utils.translation import gettext_lazy as _

from config.ids import public_id
from marketplace.models import Organisation, User
from prospecting.models.contacts import Contact


class AccessEntry(models.Model):
    """Who saw or took out a person's data, when and why (« journal des accès »). Append-only, kept 12 months.

    A number revealed by a dial is logged by its Dial; everything else stands here.
    """

    class What(models.TextChoices):
        SEARCH = "search", _("recherche d’un numéro")
        READ = "read", _("fiche lue")
        EXPORT = "export", _("export")
        ERASE = "erase", _("effacement")
        LISTEN = "listen", _("écoute")
        PROOF = "proof", _("preuve consultée")

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    user = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    contact = models.ForeignKey(Contact, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    number_hash = models.CharField(max_length=64, blank=True)
    what = models.CharField(max_length=7, choices=What.choices)
    detail = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField(db_index=True)


class PersonRequest(models.Model):
    """A person's request about their data: to know, to have a copy, to be erased; and when it was answered."""

    class Kind(models.TextChoices):
        ACCESS = "access", _("accès")
        ERASE = "erase", _("effacement")

    public_id = public_id()
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=6, choices=Kind.choices)
    number_hash = models.CharField(max_length=64)
    asked_on = models.DateField()
    answered_at = models.DateTimeField(null=True, blank=True)
    by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    summary = models.JSONField(default=dict, blank=True)  # counts of what was found and done, never the data itself
