"""The standard outcomes (« qualifications ») and the triggers that make an opposition irrevocable."""

from django.db import migrations

# code, français, English, then, flags: V valid (– unknown), D answered, R reached, A argued, C converted, F final; more
OUTCOMES = [
    ("NRP", "Ne répond pas", "No answer", "retry", "100000", {}),
    ("OCC", "Occupé", "Busy", "retry", "100000", {}),
    ("REP", "Répondeur", "Voicemail", "retry", "100000", {}),
    ("REPM", "Répondeur, message laissé", "Voicemail, message left", "retry", "100000", {}),
    ("FNUM", "Faux numéro", "Wrong number", "next_number", "000001", {}),
    ("ERR", "Échec technique", "Technical failure", "retry", "-00000", {"attempt": False}),
    ("STD", "Barrage du standard", "Blocked by the switchboard", "retry", "110000", {}),
    ("ABS", "Absent", "Absent", "retry", "110000", {}),
    ("ABSL", "Absence longue", "Long absence", "retry", "110000", {"asks_date": True}),
    ("MINT", "Mauvais interlocuteur, autre contact donné", "Wrong person, another name given", "retry", "110000", {}),
    ("RAP", "Rappel demandé", "Callback requested", "callback", "111000", {}),
    ("RAPA", "Rappel après argumentation", "Callback after the pitch", "callback", "111100", {}),
    ("DOC", "Documentation demandée", "Documentation requested", "callback", "111100", {}),
    ("REFI", "Refus immédiat", "Immediate refusal", "close", "111001", {"refusal": True}),
    ("REF", "Refus argumenté", "Refusal after the pitch", "close", "111101", {"refusal": True, "reason_required": True}),
    ("PROJ", "Projet à terme", "Later project", "retry", "111101", {"asks_date": True}),
    ("HC", "Hors cible", "Off target", "close", "110001", {}),
    ("CLI", "Déjà client", "Already a client", "close", "110001", {}),
    ("FERM", "Société fermée", "Company closed", "close", "000001", {}),
    ("DBL", "Doublon", "Duplicate", "close", "100001", {}),
    ("OPP", "Opposition : ne plus appeler", "Opposition: never call again", "oppose", "110001", {}),
    ("RDV", "Rendez-vous sur place", "Appointment on site", "convert", "111111", {"appointment": True}),
    ("RDVT", "Rendez-vous téléphone ou visio", "Appointment by phone or video", "convert", "111111", {"appointment": True}),
    ("LEAD", "Lead qualifié", "Qualified lead", "convert", "111111", {}),
    ("VTE", "Vente", "Sale", "convert", "111111", {}),
]
FLAGS = ("valid", "answered", "reached", "argued", "converted", "final")


def lay_down(apps, schema_editor):
    outcome = apps.get_model("prospecting", "Outcome")
    outcome.objects.bulk_create(
        outcome(
            code=code, label_fr=french, label_en=english, then=then, position=10 * place, **more,
            **{flag: None if mark == "-" else mark == "1" for flag, mark in zip(FLAGS, flags, strict=True)},
        )
        for place, (code, french, english, then, flags, more) in enumerate(OUTCOMES, 1)
    )


def take_up(apps, schema_editor):
    apps.get_model("prospecting", "Outcome").objects.filter(mission=None).delete()


IRREVOCABLE = """
CREATE FUNCTION opposition_is_irrevocable() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'an opposition is never changed nor removed' USING ERRCODE = 'restrict_violation'; END $$;
CREATE TRIGGER opposition_stays BEFORE UPDATE OR DELETE ON prospecting_opposition
  FOR EACH STATEMENT EXECUTE FUNCTION opposition_is_irrevocable();
"""
REVOCABLE = "DROP TRIGGER opposition_stays ON prospecting_opposition; DROP FUNCTION opposition_is_irrevocable();"


class Migration(migrations.Migration):
    dependencies = [("prospecting", "0001_first")]
    operations = [
        migrations.RunPython(lay_down, take_up),
        migrations.RunSQL(IRREVOCABLE, REVOCABLE),
    ]
