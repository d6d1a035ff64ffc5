"""Which column of a file is which field of a contact: by the header's words, by the cells where words are ambiguous.

Every column that becomes no field is kept under its own name in `Contact.columns`.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.errors import Invalid
from prospecting.importing.phones import fold, read_phone

FIELDS = {
    "phone": gettext_lazy("Téléphone"),
    "mobile": gettext_lazy("2ᵉ téléphone"),
    "other_phone": gettext_lazy("3ᵉ téléphone"),
    "phone_4": gettext_lazy("4ᵉ téléphone"),
    "phone_5": gettext_lazy("5ᵉ téléphone"),
    "company": gettext_lazy("Entreprise"),
    "person": gettext_lazy("Personne"),
    "first_name": gettext_lazy("Prénom"),
    "last_name": gettext_lazy("Nom"),
    "job_title": gettext_lazy("Fonction"),
    "email": gettext_lazy("E-mail"),
    "address": gettext_lazy("Adresse"),
    "postal_code": gettext_lazy("Code postal"),
    "city": gettext_lazy("Ville"),
    "country": gettext_lazy("Pays"),
    "siret": gettext_lazy("SIRET"),
    "external_id": gettext_lazy("Votre identifiant"),
    "do_not_call": gettext_lazy("Ne pas appeler"),
    "accepts_offers": gettext_lazy("Accepte les offres"),
    "accepts_email": gettext_lazy("Accepte les e-mails"),
    "legal_form": gettext_lazy("Forme juridique"),
    "basis": gettext_lazy("Base légale"),
    "consent_on": gettext_lazy("Accord : date"),
    "consent_about": gettext_lazy("Accord : pour quoi"),
    "consent_source": gettext_lazy("Accord : où"),
    "consent_answer": gettext_lazy("Accord : réponse"),
    "consent_who": gettext_lazy("Accord : qui appelle"),
    "consent_period": gettext_lazy("Accord : durée"),
    "consent_withdraw": gettext_lazy("Accord : comment le retirer"),
    "consent_proof": gettext_lazy("Accord : comment en avoir la preuve"),
}
PHONES = ("phone", "mobile", "other_phone", "phone_4", "phone_5")  # in the order in which their numbers are tried

# Header words as `key` leaves them, the most telling first. A header of the first rank wins over one of the second.
NAMES = {
    "phone": "telephone phone phonenumber tel telfixe fixe telephonefixe numtelephone numerodetelephone "
    "numerotelephone notelephone ntelephone numtel notel ntel telpro telephonepro telephoneprofessionnel "
    "telephonebureau workphone workdirectphone directphone businessphone personphone billingphone phone1value "
    "phone1 tel1 telephone1 rdvtel telstandard standard telefono telefon companyphone corporatephone mainphone "
    "ligne lignedirecte",
    "mobile": "mobile mobilephone portable telportable telmobile telephoneportable telephonemobile gsm cell cellphone "
    "mobilenumber numeroportable numportable altphone",
    "other_phone": "otherphone autretelephone autretel telephone2 tel2 phone2 phone2value rdvtel2 companyphone "
    "corporatephone telephonedomicile homephone teldomicile teldirect telephonedirect telephonesecondaire",
    "company": "company companyname accountname organization organisation organizationname organisationname "
    "denominationcommerciale nomcommercial enseigne raisonsociale societe nomsociete nomdelasociete entreprise "
    "nomentreprise nomdelentreprise nometablissement nomdeletablissement etablissement denomination associatedcompany "
    "organization1name businessname structure rs intitule account",
    "first_name": "firstname prenom givenname prenoms prenomcontact prenomducontact forename",
    "last_name": "lastname familyname surname nomdefamille nomusage apellido apellidos",
    "person": "contactname contact interlocuteur personname fullname nomcomplet nomprenom prenomnom nometprenom "
    "prenometnom nomcontact nomducontact contactprincipal dirigeant nomdudirigeant responsable gerant",
    "job_title": "jobtitle jobposition fonction title titre poste fonctioncontact intituleduposte",
    "email": "email mail emailaddress adresseemail adressemail courriel adressecourriel adresseelectronique mel "
    "email1value personemail workemail emailprofessionnel emailcontact contactemail",
    "address": "adresse address adresse1 address1 addressline1 adresseligne1 street streetaddress adressepostale "
    "adresse1ligne rue voie adrvoie mailingstreet billingaddress companyaddress",
    "postal_code": "codepostal postalcode cp zip zipcode postcode mailingzippostalcode billingpostcode comcp cpostal "
    "codepostaletablissement",
    "city": "ville city commune nomcommune libellecommune localite town comnom mailingcity billingcity companycity",
    "country": "pays country countrycode mailingcountry codepays",
    "siret": "siret nsiret nosiret numsiret numerosiret sirensiret siretsiege siretetablissement codesiret",
    "external_id": "externalid leadid recordid vendorleadcode customerid clientid personid contactid codeclient "
    "numeroclient nclient numerodecompte reference ref identifiant identifiantdeletablissement numerodetablissement "
    "gid id",
    "do_not_call": "donotcall donotcontact dnc nepasappeler neplusappeler nepascontacter opposition oppose bloctel "
    "listedopposition optout optouttelephone refusdemarchage",
    "accepts_offers": "acceptelesoffres accepteoffres optin accepteledemarchage accepteprospection consentement "
    "acceptedetrecontacte acceptsmarketing",
    "legal_form": "formejuridique categoriejuridique categoriejuridiqueunitelegale naturejuridique statutjuridique "
    "legalform",
    "basis": "baselegale basejuridique legalbasis",
    "consent_on": "dateconsentement datedeconsentement dateduconsentement dateaccord datedelaccord consentdate "
    "dateoptin",
    "consent_about": "objetconsentement objetdelaccord objetduconsentement consentabout",
    "consent_source": "sourceconsentement sourceduconsentement sourcedelaccord consentsource origineconsentement",
    "consent_answer": "reponseconsentement reponseduconsentement consentanswer",
    "consent_who": "quiappelle consentwho beneficiaireconsentement",
    "consent_period": "dureeconsentement dureeduconsentement consentperiod",
    "consent_withdraw": "retraitconsentement modalitesderetrait consentwithdraw",
    "consent_proof": "preuveconsentement accespreuve consentproof",
    "accepts_email": "acceptsemailmarketing acceptemailmarketing accepteemail acceptelesemails optinemail emailoptin",
}
RANKS = {field: {name: rank for rank, name in enumerate(NAMES.get(field, "").split())} for field in FIELDS}
FULL_NAME = frozenset({"name", "nom", "nombre"})  # a person's or a company's, as the other columns tell
PHONE_WORDS = frozenset({"tel", "telephone", "telephones", "phone", "gsm", "portable", "mobile"})
NO_PHONE_WORDS = frozenset(
    {"fax", "telecopie", "code", "type", "indicatif", "extension", "ext", "date", "statut", "status", "source", "opt"}
    | {"consent", "country", "pays", "app", "application", "url", "site", "web", "horaires", "modele"}
)

CIVILITIES = frozenset(
    {"m", "mr", "mme", "mrs", "ms", "mlle", "dr", "me", "monsieur", "madame", "mademoiselle", "miss", "docteur"}
)
LONGEST_NAME = 4  # words of a header; more is a sentence
SAMPLE = 200  # rows that are looked at when names do not tell


def key(header: str) -> str:
    """Letters and digits only, lower case, without accents: `N° SIRET` → `nsiret`."""
    return re.sub(r"[^a-z0-9]", "", fold(header))


def unique_headers(cells: Sequence[str]) -> list[str]:
    """Names for all columns: blank ones are numbered, and a name that comes back says which time it is."""
    names: dict[str, None] = {}
    times: Counter[str] = Counter()  # kept from one copy to the next: a line of 100,000 equal cells takes no hour
    for number, cell in enumerate(cells, 1):
        name = copy = " ".join(cell.split()) or f"Colonne {number}"
        while copy in names:
            times[name] += 1
            copy = f"{name} ({times[name] + 1})"
        names[copy] = None
    return list(names)


def guess_mapping(headers: Sequence[str], rows: Sequence[Sequence[str]] = ()) -> dict[str, str]:
    """{field: header} for the columns that are understood; the first `rows` settle what words leave open."""
    mapping: dict[str, str] = {}
    for field in FIELDS:
        if best := best_header(field, headers, taken=mapping.values()):
            mapping[field] = best
    if mapping.get("job_title") and mostly(is_civility, column(headers, rows, mapping["job_title"])):
        del mapping["job_title"]
    name_of_whom(mapping, headers)
    find_phone(mapping, headers, rows)
    find_more_phones(mapping, headers)
    return {field: mapping[field] for field in FIELDS if field in mapping}


def best_header(field: str, headers: Sequence[str], *, taken: Iterable[str]) -> str:
    ranks, used = RANKS[field], set(taken)
    known = [header for header in headers if key(header) in ranks and header not in used]
    return min(known, key=lambda header: ranks[key(header)], default="")


def name_of_whom(mapping: dict[str, str], headers: Sequence[str]) -> None:
    """`Nom` beside `Prénom` is a family name; alone it is the company; beside a company it is the person."""
    name = next((header for header in headers if key(header) in FULL_NAME), "")
    if not name or name in mapping.values():
        return
    if key(name) == "nombre":  # Spanish: the first name, where there is a surname; elsewhere a count
        field = "first_name" if "last_name" in mapping else ""
    elif "first_name" in mapping:
        field = "last_name"
    else:
        field = next((field for field in ("company", "person") if field not in mapping), "")
    if field and not (field == "person" and "last_name" in mapping):
        mapping.setdefault(field, name)


def find_phone(mapping: dict[str, str], headers: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """A first phone column by its words, else by its cells; a lone mobile or second phone takes the first place."""
    free = [header for header in headers if header not in mapping.values()]
    if "phone" not in mapping and not any(field in mapping for field in PHONES):
        worded = [header for header in free if sounds_like_phone(header)]
        filled = [header for header in free if mostly(is_phone, column(headers, rows, header))]
        if found := (worded or filled)[:1]:
            mapping["phone"] = found[0]
    for field in PHONES[1:]:
        if "phone" not in mapping and field in mapping:
            mapping["phone"] = mapping.pop(field)


def find_more_phones(mapping: dict[str, str], headers: Sequence[str]) -> None:
    """Further columns that are a phone by their words, in the file's order, take the places left; a fax never does."""
    free = [header for header in headers if header not in mapping.values() and is_phone_name(header)]
    last = max((PHONES.index(field) for field in PHONES if field in mapping), default=len(PHONES))
    mapping.update(zip(PHONES[last + 1 :], free, strict=False))


def is_phone_name(header: str) -> bool:
    return sounds_like_phone(header) or any(key(header) in RANKS[field] for field in PHONES)


def sounds_like_phone(header: str) -> bool:
    words = re.findall(r"[a-z]+", fold(header[:80]))
    return (
        len(words) <= LONGEST_NAME and bool(PHONE_WORDS.intersection(words)) and not NO_PHONE_WORDS.intersection(words)
    )


def column(headers: Sequence[str], rows: Sequence[Sequence[str]], header: str) -> list[str]:
    """The filled cells of one column."""
    place = headers.index(header)
    return [row[place] for row in rows[:SAMPLE] if place < len(row) and row[place].strip()]


def mostly(test: Callable[[str], bool], cells: Sequence[str]) -> bool:
    return bool(cells) and sum(map(test, cells)) > len(cells) / 2


def is_civility(cell: str) -> bool:
    return key(cell) in CIVILITIES


def is_phone(cell: str) -> bool:
    return bool(read_phone(cell).numbers)


def check_mapping(mapping: Mapping[str, str], headers: Sequence[str]) -> dict[str, str]:
    """The mapping with real headers (accents and case forgiven), or the sentence that says what is wrong."""
    checked = {field: match_header(field, header, headers) for field, header in mapping.items() if header}
    for field in checked:
        if field not in FIELDS:
            known = ", ".join(FIELDS)
            sentence = _("Champ inconnu : « %(field)s ». Champs : %(known)s.")
            raise Invalid("unknown_field", sentence % {"field": field, "known": known}, field=f"mapping.{field}")
    if not any(field in checked for field in PHONES):
        raise no_phone_column(headers)
    return {field: checked[field] for field in FIELDS if field in checked}


def match_header(field: str, header: str, headers: Sequence[str]) -> str:
    if header in headers:
        return header
    near = [name for name in headers if key(name) == key(header)]
    if len(near) != 1:
        sentence = _("Le fichier n’a pas de colonne « %(header)s ». Ses colonnes : %(headers)s.")
        said = {"header": header, "headers": ", ".join(headers[:40])}
        raise Invalid("unknown_column", sentence % said, field=f"mapping.{field}")
    return near[0]


def no_phone_column(headers: Sequence[str]) -> Invalid:
    sentence = _("Aucune colonne de téléphone reconnue parmi : %(headers)s. Indiquez laquelle.")
    return Invalid("no_phone_column", sentence % {"headers": ", ".join(headers[:20])}, field="mapping.phone")
