from django.apps import AppConfig
from django.db.models.signals import post_migrate


class ProspectingConfig(AppConfig):
    name = "prospecting"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from prospecting.dealing import lay_down_pick
        from prospecting.standard_outcomes import lay_down

        post_migrate.connect(lay_down, sender=self)
        post_migrate.connect(lay_down_pick, sender=self)
