import pytest

from platform_site.accounts.roles import Role
from platform_site.web import health, menu
from platform_site.web.menu import MenuItem
from tests.factories.accounts import user_with

pytestmark = [pytest.mark.urls("tests.platform_site.web.urls"), pytest.mark.django_db]


@pytest.fixture
def person(federation_by_code):
    return user_with(Role.LIAISON_OFFICER, federation_by_code("440000"))


@pytest.fixture
def signed_in(client, person):
    client.force_login(person, backend="platform_site.accounts.backends.SignInBackend")
    return client


def test_front_page_says_what_this_is_and_where_to_sign_in(client):
    page = client.get("/", headers={"accept-language": "en"}).content.decode()
    assert page.count('class="front__line"') == 5
    assert "/accounts/login/" in page
    assert page.count("<h1") == 1
    assert "skip-link" in page


def test_no_page_has_inline_styles_or_scripts(client, signed_in):
    for address in ["/", "/help/", "/w/", "/accounts/login/", "/accounts/password/change/"]:
        page = signed_in.get(address, follow=True).content.decode()
        assert "style=" not in page, address
        assert "<script>" not in page, address
        assert "onclick" not in page, address


def test_headers(signed_in, client):
    response = signed_in.get("/w/")
    assert response["Cache-Control"] == "no-store"
    assert "geolocation=()" in response["Permissions-Policy"]
    assert "script-src 'self'" in response["Content-Security-Policy"]


def test_the_language_is_kept_in_a_cookie_and_on_the_account(signed_in, person):
    response = signed_in.post("/language/", {"language": "en", "next": "/help/"})
    assert response.url == "/help/"
    assert response.cookies["django_language"].value == "en"
    person.refresh_from_db()
    assert person.language == "en"


@pytest.mark.parametrize(
    "target", ["https://elsewhere.example/", "//elsewhere.example", "javascript:x", ""]
)
def test_the_language_form_leads_nowhere_else(client, target):
    assert client.post("/language/", {"language": "en", "next": target}).url == "/"


def test_an_unknown_language_changes_nothing(client):
    response = client.post("/language/", {"language": "xx", "next": "/"})
    assert "django_language" not in response.cookies


def test_menu_leaves_out_what_is_not_open(rf, person, monkeypatch):
    items = [
        MenuItem("Home", "home", order=0),
        MenuItem("Not for them", "help", permission="nobody.holds_this", order=1),
        MenuItem("By test", "front", permission=lambda user: user == person, order=2, group="G"),
        MenuItem("No such page", "no-such-page", order=3),
    ]
    monkeypatch.setattr(menu, "_registered", lambda: items)
    request = rf.get("/w/")
    request.user = person
    groups = menu.menu_for(request)
    assert [[item.label for item in group.items] for group in groups] == [["Home"], ["By test"]]
    assert groups[0].items[0].current
    assert not groups[1].items[0].current


def test_menu_is_empty_for_nobody(rf):
    from django.contrib.auth.models import AnonymousUser

    request = rf.get("/")
    request.user = AnonymousUser()
    assert menu.menu_for(request) == []


def test_badges_are_asked_once_a_page(rf, person, monkeypatch):
    asked = []
    item = MenuItem("To do", "home", badge=lambda user: asked.append(user) or 7, place="todo")
    monkeypatch.setattr(menu, "_registered", lambda: [item])
    from platform_site.web.context import layout

    request = rf.get("/w/")
    request.user = person
    context = layout(request)
    assert context["todo_badge"] == 7
    assert context["topbar_todo"].badge == 7
    assert not context["topbar_bell"]
    assert len(asked) == 1


def test_healthz_asks_nothing(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert client.get("/healthz").json() == {"status": "ok"}


def test_readyz_names_each_check(client, monkeypatch):
    monkeypatch.setattr(health, "run_checks", lambda: {"database": None, "queue": "No answer."})
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json()["checks"] == {"database": "ok", "queue": "No answer."}
    monkeypatch.setattr(health, "run_checks", lambda: {"database": None})
    assert client.get("/readyz").status_code == 200
