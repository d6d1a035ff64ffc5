from django.urls import URLPattern, URLResolver, path
from rest_framework.routers import SimpleRouter

from marketplace.api.missions import Missions
from marketplace.api.team import Applications, Engagements, me

router = SimpleRouter(use_regex_path=False)
router.register("missions", Missions, basename="api-mission")
router.register("applications", Applications, basename="api-application")
router.register("engagements", Engagements, basename="api-engagement")

urlpatterns: list[URLPattern | URLResolver] = [path("me/", me, name="api_me"), *router.urls]
