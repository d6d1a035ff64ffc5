"""The static files, collected without what no page of ours loads: those files made half of a first start's time."""

from django.contrib.staticfiles.apps import StaticFilesConfig
from whitenoise.storage import CompressedManifestStaticFilesStorage


class StaticFiles(StaticFilesConfig):
    """`redoc` is a second reader of the API's schema, `rest_framework` DRF's own pages: we show neither."""

    ignore_patterns = [*StaticFilesConfig.ignore_patterns, "redoc", "rest_framework"]


class HashedFiles(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # whitenoise has no types
    """Every file under a name that changes with its contents, and so does what an ES module imports: no page mixes the
    modules of two releases."""

    support_js_module_import_aggregation = True
