"""The static files, collected without what no page of ours loads: those files made half of a first start's time."""

from django.contrib.staticfiles.apps import StaticFilesConfig


class StaticFiles(StaticFilesConfig):
    """`redoc` is a second reader of the API's schema, `rest_framework` DRF's own pages: we show neither."""

    ignore_patterns = [*StaticFilesConfig.ignore_patterns, "redoc", "rest_framework"]
