"""What people fill in to bring a file: the file itself, how it is read, where it comes from."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.core.files import File
from django.utils.translation import gettext_lazy as _

from config import clock
from marketplace.models import Mission
from marketplace.pages.forms import amount, cents, euros
from prospecting.importing.columns import FIELDS, PHONES
from prospecting.importing.matching import Choice, possible_versions
from prospecting.importing.reading import Layout
from prospecting.importing.receiving import Corrections, Origin, as_file, pasted_name
from prospecting.models import LeadFile
from prospecting.models.lead_files import LegalBasis

ENCODINGS = [
    ("utf-8", "UTF-8"),
    ("cp1252", "Windows-1252"),
    ("iso8859-15", "ISO 8859-15"),
    ("mac_roman", "Macintosh"),
    ("cp850", "DOS (850)"),
    ("utf-16", "UTF-16"),
]
WIDE = [("utf-16-le", "UTF-16 LE"), ("utf-16-be", "UTF-16 BE")]
DELIMITERS = [(";", _("point-virgule ;")), (",", _("virgule ,")), ("\t", _("tabulation")), ("|", _("barre |"))]
HEADER_ROWS = 12
VERSIONS = 20  # files offered as the older version, the latest first


class UploadForm(forms.Form):
    """`missions`: those that this person may bring a file to; only asked when there is a choice."""

    mission = forms.ModelChoiceField(Mission.objects.none(), label=_("Mission"), to_field_name="slug")
    file = forms.FileField(
        label=_("Fichier CSV, Excel ou LibreOffice"), max_length=300, allow_empty_file=True, required=False
    )
    pasted = forms.CharField(
        label=_("Lignes copiées d’un tableur, avec leur en-tête"),
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "false"}),
    )

    def __init__(self, missions: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["mission"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101 (declared above)
        field.queryset, field.empty_label = missions, None
        self.fields["pasted"].widget.attrs["class"] = "form-control"
        self.fields["file"].widget.attrs["accept"] = ".csv,.txt,.tsv,.xlsx,.xlsm,.ods,text/csv"

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or self.cleaned_data
        if "file" not in self.errors and not said.get("file") and not (said.get("pasted") or "").strip():
            self.add_error("file", _("Choisissez un fichier, ou collez des lignes."))
        return said

    def brought(self) -> tuple["File[bytes]", str]:
        """The content and its name: the file, else the rows that were pasted."""
        upload = self.cleaned_data["file"]
        if upload is not None:
            return upload, upload.name or ""
        return as_file(self.cleaned_data["pasted"]), pasted_name(clock.now())


class ReadingForm(forms.Form):
    """How the file is read: only what its kind has."""

    encoding = forms.ChoiceField(label=_("Encodage"), required=False)
    delimiter = forms.ChoiceField(label=_("Séparateur"), choices=DELIMITERS, required=False)
    sheet = forms.ChoiceField(label=_("Feuille"), required=False)
    header_row = forms.TypedChoiceField(label=_("Ligne d’en-tête"), coerce=int)

    def __init__(self, layout: Layout, data: Mapping[str, Any] | None = None) -> None:
        asked = {
            "encoding": layout.encoding,
            "delimiter": layout.delimiter,
            "sheet": layout.sheet_name,
            "header_row": layout.header_row,
        }
        super().__init__(data, initial=asked)
        self.choose("encoding", ENCODINGS + [one for one in WIDE if one[0] == layout.encoding])
        self.choose("sheet", [(name, name) for name in layout.sheets])
        rows = range(1, max(HEADER_ROWS, layout.header_row) + 1)
        self.choose("header_row", [*((row, _("ligne %(n)d") % {"n": row}) for row in rows), (0, _("aucune"))])
        for name in ("encoding", "delimiter") if layout.sheet else ("sheet",):
            del self.fields[name]

    def choose(self, name: str, choices: Sequence[tuple[Any, Any]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 (declared above)
        field.choices = choices

    def corrections(self) -> Corrections | None:
        """What differs from how the file is read now; None when nothing does."""
        said = self.cleaned_data
        if not any(said[name] != self.initial[name] for name in self.fields):
            return None
        moved = "sheet" in said and said["sheet"] != self.initial["sheet"]
        return Corrections(
            encoding=said.get("encoding", ""),
            delimiter=said.get("delimiter", ""),
            sheet=said.get("sheet", ""),
            header_row=None if moved else said["header_row"],  # another sheet has its own header
        )


class MatchingForm(forms.Form):
    """By what rows are recognised as contacts, and of which file this one is a newer version."""

    newer_than = forms.ChoiceField(label=_("Nouvelle version de"), required=False)
    identity = forms.ChoiceField(label=_("Une fiche se reconnaît à"), choices=LeadFile.Identity.choices, required=False)
    keep_apart = forms.ChoiceField(
        label=_("Lignes au même numéro"),
        choices=[("", _("réunies en une seule fiche")), ("1", _("une fiche chacune, à part"))],
        required=False,
    )

    def __init__(self, lead_file: LeadFile, data: Mapping[str, Any] | None = None) -> None:
        older = lead_file.newer_than.public_id if lead_file.newer_than else ""
        asked = {"newer_than": str(older), "identity": lead_file.identity, "keep_apart": "1" * lead_file.keep_apart}
        super().__init__(data, initial=asked)
        field = self.fields["newer_than"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 (declared above)
        versions = [(str(one.public_id), one.name) for one in possible_versions(lead_file)[:VERSIONS]]
        field.choices = [("", _("aucun : c’est un nouveau fichier")), *versions]

    def choice(self) -> Choice:
        """What was posted; what was not, stays as it is."""
        posted = {name: self.data.get(name) for name in self.fields}
        apart = posted["keep_apart"]
        return Choice(posted["identity"], None if apart is None else bool(apart), posted["newer_than"])


class OriginForm(forms.Form):
    supplier = forms.CharField(label=_("Fournisseur"), max_length=160)
    received_on = forms.DateField(label=_("Reçu le"), widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}))
    cost = euros(_("Coût, en euros"), required=False)
    legal_basis = forms.ChoiceField(label=_("Base légale"), choices=LegalBasis.choices)
    source_sentence = forms.CharField(
        label=_("Ce que le téléprospecteur répondra"),
        max_length=300,
        help_text=_("À qui demande d’où vient son numéro."),
    )

    consent_about = forms.CharField(label=_("Accord : pour quels biens ou services"), max_length=300, required=False)
    consent_source = forms.CharField(label=_("Accord : où il a été recueilli"), max_length=300, required=False)
    consent_who = forms.CharField(label=_("Accord : qui appellera"), max_length=300, required=False)
    consent_answer = forms.CharField(label=_("Accord : la réponse donnée"), max_length=300, required=False)
    consent_period = forms.CharField(label=_("Accord : pour combien de temps"), max_length=300, required=False)
    consent_withdraw = forms.CharField(label=_("Accord : comment le retirer"), max_length=300, required=False)
    consent_proof = forms.CharField(label=_("Accord : comment en avoir la preuve"), max_length=300, required=False)

    @property
    def texts(self) -> list[forms.BoundField]:
        """What is asked of a recorded basis, where no column says it."""
        return [self[name] for name in self.fields if name.startswith("consent_")]

    @classmethod
    def of(cls, lead_file: LeadFile, before: LeadFile | None = None) -> "OriginForm":
        """As it stands: asked for, not yet judged. `before`: the last file of the same source says what is missing."""
        initial = {
            "supplier": lead_file.supplier or (before.supplier if before else ""),
            "received_on": lead_file.received_on or clock.now().date(),
            "cost": amount(lead_file.cost_cents or 0),
            "legal_basis": lead_file.legal_basis,
            "source_sentence": lead_file.source_sentence or (before.source_sentence if before else ""),
            **lead_file.basis_texts,
        }
        return cls(initial=initial)

    @classmethod
    def half_typed(cls, data: Mapping[str, Any]) -> "OriginForm":
        """What was typed so far, given back without a judgement."""
        return cls(initial={name: data.get(name, "") for name in cls.base_fields})

    def origin(self) -> Origin:
        said = self.cleaned_data
        return Origin(
            supplier=said["supplier"],
            received_on=said["received_on"],
            cost_cents=cents(said["cost"]) or None,
            legal_basis=said["legal_basis"],
            source_sentence=said["source_sentence"],
            basis_texts={name: said[name] for name in self.fields if name.startswith("consent_") and said[name]},
        )


def reading_words(lead_file: LeadFile) -> str:
    """How a file was read: `Windows-1252, point-virgule ;`."""
    names = dict(ENCODINGS + WIDE)
    said = [names.get(lead_file.encoding, lead_file.encoding), str(dict(DELIMITERS).get(lead_file.delimiter, ""))]
    return ", ".join(filter(None, said))


def posted_mapping(data: Mapping[str, Any], headers: Sequence[str], before: Mapping[str, str]) -> dict[str, str]:
    """{field: header} from the selects `col-0`, `col-1`…; of two columns for one field, the newly chosen one wins.

    Of two phone columns, the other then takes the place that the chosen one had: so their order is changed.
    """
    mapping: dict[str, str] = {}
    for place, header in enumerate(headers):
        name = data.get(f"col-{place}", "")
        if name in FIELDS and (name not in mapping or before.get(name) == mapping[name]):
            mapping[name] = header
    fields_before = {header: name for name, header in before.items()}
    for name in PHONES:
        chosen, moved = mapping.get(name, ""), before.get(name, "")
        left = fields_before.get(chosen, "")
        if chosen != moved and moved and left in PHONES and left not in mapping and moved not in mapping.values():
            mapping[left] = moved
    return mapping
