from django.urls import URLPattern, path

from marketplace.pages import home

urlpatterns: list[URLPattern] = [
    path("", home.home, name="home"),
    path("moi/", home.account, name="account"),
]
