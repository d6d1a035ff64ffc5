"""Why a row is set aside, and what a file loses, in words: a clause each, and what to do about it."""

from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

Text = str | Promise


@dataclass(frozen=True, slots=True)
class Why:
    label: Text
    advice: Text


FIX = _("à corriger dans le fichier, ou ici une fois importé")
SET_ASIDE: dict[str, Why] = {
    "phone_missing": Why(_("sans téléphone"), _("à compléter dans le fichier, ou ici une fois importé")),
    "phone_words": Why(_("du texte à la place du numéro"), FIX),
    "phone_digits": Why(_("numéro incomplet ou trop long"), FIX),
    "phone_lost_digits": Why(
        _("numéro en notation scientifique"), _("derniers chiffres perdus : repartir de l’original")
    ),
    "phone_short": Why(_("numéro court"), _("il ne désigne personne en particulier")),
    "phone_placeholder": Why(_("numéro inventé pour remplir la case"), FIX),
    "phone_fiction": Why(_("numéro réservé à la fiction"), _("il ne sonne nulle part")),
    "phone_platform": Why(_("numéro en 08"), _("une plateforme répond, pas un prospect")),
    "phone_unknown": Why(_("numéro qui n’est attribué à personne"), FIX),
    "phone_foreign": Why(_("hors de France"), _("pays pas encore ouvert")),
    "do_not_call": Why(_("marquée « ne pas appeler »"), _("sortie de toutes vos files d’appel")),
    "declined_offers": Why(_("n’accepte pas vos offres"), _("sa colonne le dit : aucune exception")),
    "opposed": Why(_("opposition : ne plus appeler"), _("définitif : aucune exception")),
    "basis_kind": Why(_("base légale absente ou qui ne suffit pas"), _("accord, contrat ou rappel demandé")),
    "basis_date_missing": Why(_("base légale sans date"), _("dire quand elle a été recueillie")),
    "basis_in_future": Why(_("base légale datée de plus tard"), FIX),
    "basis_about_missing": Why(_("base légale sans objet"), _("dire pour quels biens ou services")),
    "basis_source_missing": Why(_("base légale sans source"), _("dire où elle a été recueillie")),
    "basis_expired": Why(_("base légale trop ancienne"), _("un accord sert 365 jours ; le redemander autrement")),
    "mention_missing": Why(
        _("accord sans l’une de ses cinq mentions"), _("il ne se prouve pas : à recueillir de nouveau")
    ),
    "consent_refused": Why(_("la personne a répondu non"), _("aucune exception")),
    "consent_unclear": Why(_("ni oui ni non"), _("seul un oui compte")),
    "consent_for_another": Why(_("accord donné à une autre entreprise"), _("il doit nommer la vôtre")),
    "row_shape": Why(_("plus de cellules que de colonnes"), _("un séparateur de trop dans la ligne")),
    "outcome_unknown": Why(_("qualification inconnue"), _("dire ce qu’elle vaut, puis réimporter")),
    "started_unreadable": Why(_("date illisible"), FIX),
    "number_unreadable": Why(_("nombre illisible"), FIX),
    "contact_unknown": Why(_("fiche introuvable dans la mission"), _("importer d’abord ses fiches")),
}
NOTICES: dict[str, Any] = {
    "siret_scientific": ngettext_lazy(
        "%(count)d SIRET en notation scientifique : chiffres perdus, la fiche entre sans lui.",
        "%(count)d SIRET en notation scientifique : chiffres perdus, les fiches entrent sans eux.",
        "count",
    ),
    "siret_invalid": ngettext_lazy(
        "%(count)d SIRET faux : gardé tel quel, sans servir d’identifiant.",
        "%(count)d SIRET faux : gardés tels quels, sans servir d’identifiants.",
        "count",
    ),
    "phone_dropped": ngettext_lazy(
        "%(count)d second numéro inutilisable : la fiche entre avec l’autre.",
        "%(count)d seconds numéros inutilisables : les fiches entrent avec l’autre.",
        "count",
    ),
    "text_cut": ngettext_lazy(
        "%(count)d texte trop long, coupé dans la fiche et gardé entier dans ses colonnes.",
        "%(count)d textes trop longs, coupés dans les fiches et gardés entiers dans leurs colonnes.",
        "count",
    ),
    "email_withheld": ngettext_lazy(
        "%(count)d adresse e-mail retenue : la personne n’accepte pas d’e-mails.",
        "%(count)d adresses e-mail retenues : les personnes n’acceptent pas d’e-mails.",
        "count",
    ),
}


SHORTLY: dict[str, Text] = {
    "siret_scientific": _("SIRET perdu"),
    "siret_invalid": _("SIRET faux"),
    "phone_dropped": _("un numéro écarté"),
    "text_cut": _("texte coupé"),
    "email_withheld": _("e-mail retenu"),
}


def why(code: str) -> Why:
    """Of a row set aside, or of one that lost something on its way in."""
    return SET_ASIDE.get(code) or Why(SHORTLY.get(code, code), "")


def notice(code: str, count: int) -> str:
    return str(NOTICES[code] % {"count": count})
