"""Signing up and signing in: allauth's own flows, with what they mean here."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.forms import LoginForm as BaseLoginForm
from allauth.account.forms import SignupForm as BaseSignupForm
from allauth.core import context
from django import forms
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language, override
from django.utils.translation import gettext_lazy as _

from config import clock
from config.frame import remember
from marketplace.inviting import accept_invitation, invitation_for
from marketplace.joining import join_as_business, join_as_telemarketer
from marketplace.models import Invitation, User

INVITED = "invitation"  # where the session keeps the link that was followed
BUSINESS, TELEMARKETER = "business", "telemarketer"
QUIET = ("account/messages/logged_in.txt", "account/messages/logged_out.txt")
KINDS = [
    (BUSINESS, _("Une entreprise : je confie des appels")),
    (TELEMARKETER, _("Téléprospecteur : j’appelle, à mon compte")),
]


class LoginForm(BaseLoginForm):  # type: ignore[misc]  # allauth is untyped
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].label = _("Adresse e-mail")
        _label_alone(self)


def _label_alone(form: forms.Form) -> None:
    """A label above is enough: no second one inside the field, gone at the first letter."""
    for field in form.fields.values():
        field.widget.attrs.pop("placeholder", None)


def _invitation() -> Invitation | None:
    """The open invitation whose link was followed in this browser, if any: then one joins that business, no other."""
    secret = context.request.session.get(INVITED, "")
    return invitation_for(secret, clock.now()) if secret else None


class SignupForm(BaseSignupForm):  # type: ignore[misc]  # allauth is untyped
    """Who one is comes first: a business, or a telemarketer."""

    kind = forms.ChoiceField(label=_("Vous êtes"), choices=KINDS, widget=forms.RadioSelect, initial=BUSINESS)
    display_name = forms.CharField(label=_("Votre nom"), max_length=120)
    organisation_name = forms.CharField(
        label=_("Nom de l’entreprise"),
        max_length=160,
        required=False,
        help_text=_("Les personnes appelées l’entendront."),
    )
    city = forms.CharField(label=_("Ville"), max_length=120, required=False)
    field_order = ["kind", "display_name", "organisation_name", "city", "email", "password1"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].label = _("Adresse e-mail")
        self.invitation = _invitation()
        if self.invitation:
            for name in ("kind", "organisation_name", "city"):
                del self.fields[name]
            self.initial["email"] = self.invitation.email
        _label_alone(self)
        self.fields["password1"].help_text = _("Dix caractères au moins ; une phrase se retient mieux.")

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean()
        if cleaned.get("kind") == BUSINESS and not cleaned.get("organisation_name", "").strip():
            self.add_error("organisation_name", _("Indiquez le nom de l’entreprise."))
        return cleaned

    @transaction.atomic
    def save(self, request: HttpRequest) -> User:
        user: User = super().save(request)
        user.display_name, user.language = self.cleaned_data["display_name"], (get_language() or "fr")[:2]
        user.save(update_fields=["display_name", "language"])
        if self.invitation is None:
            self._join(user)
        elif user.email == self.invitation.email:
            accept_invitation(secret=request.session.pop(INVITED), user=user, at=clock.now())
        return user

    def _join(self, user: User) -> None:
        city = self.cleaned_data["city"]
        if self.cleaned_data["kind"] == BUSINESS:
            join_as_business(user=user, name=self.cleaned_data["organisation_name"], city=city)
        else:
            join_as_telemarketer(user=user, name=user.display_name, city=city)


class Adapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth is untyped
    """E-mails in the person's language; at sign-in the browser takes the account's language."""

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        user = context.get("user") or User.objects.filter(email__iexact=email).first()
        with override(getattr(user, "language", None) or get_language()):
            super().send_mail(template_prefix, email, context)

    def post_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse:
        response: HttpResponse = super().post_login(request, user, **kwargs)
        remember(response, "language", user.language)
        return response

    def add_message(
        self, request: HttpRequest, level: int, message_template: str | None = None, *more: Any, **named: Any
    ) -> None:
        """All but "you are signed in" and "signed out": the page one lands on says so."""
        if message_template not in QUIET:
            super().add_message(request, level, message_template, *more, **named)
