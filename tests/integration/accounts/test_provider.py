"""Single sign-on at a real OpenID provider on this machine, and what must not get through it."""

import warnings
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from scrivano.accounts.public import same_site_path
from scrivano.wiring import House
from tests.integration.accounts.guests import BASE, Browser, join, open_installation, set_up

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from oidc_provider_mock import User, run_server_in_thread

# The provider uses what its own libraries will drop one day.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


@pytest.fixture
def provider() -> Iterator[str]:
    people = [
        User(sub="ada", claims={"email": "ada@example.org", "email_verified": True, "name": "Ada A."}),
        User(sub="bo", claims={"email": "bo@example.org", "email_verified": True, "name": "Bo B."}),
        User(sub="liar", claims={"email": "ada@example.org", "email_verified": False}),
    ]
    with run_server_in_thread(user_claims=people) as server:
        yield f"http://localhost:{server.server_port}"


@pytest.fixture
async def house(database_url: str, tmp_path: Path, provider: str) -> AsyncIterator[House]:
    settings = {
        "oidc_issuer": provider,
        "oidc_client_id": "scrivano",
        "oidc_client_secret": "hush",
        "oidc_label": "Company",
        "public_url": BASE,
    }
    async with open_installation(database_url, tmp_path, **settings) as opened:
        yield opened


async def _away_and_back(browser: Browser, who: str, next: str = "/") -> httpx.Response:
    """To the provider, where somebody says who they are, and back."""
    start = await browser.http.get("/api/oidc/start", params={"next": next})
    assert start.status_code == 303, start.text
    return await browser.http.get(await _consent(start.headers["location"], who))


async def _consent(url: str, who: str) -> str:
    async with httpx.AsyncClient() as outside:
        answer = await outside.post(url, data={"sub": who})
        assert answer.status_code in (302, 303), answer.text
        return answer.headers["location"]


async def test_somebody_known_comes_in_by_single_sign_on(house: House) -> None:
    await set_up(house)
    assert (await Browser(house).ok("GET", "/api/sign-in"))["provider"] == "Company"
    browser = Browser(house)
    back = await _away_and_back(browser, "ada", "/books?page=2")
    assert (back.status_code, back.headers["location"]) == (303, "/books?page=2")
    me = await browser.ok("GET", "/api/people/me")
    assert me["email"] == "ada@example.org"
    await browser.ok("POST", "/api/projects", {"name": "x"})
    again = Browser(house)
    await _away_and_back(again, "ada")
    assert (await again.ok("GET", "/api/people/me"))["id"] == me["id"]
    assert len(await browser.ok("GET", "/api/audit?kind=identity_linked")) == 1


async def test_the_request_has_state_nonce_and_a_challenge(house: House) -> None:
    start = await Browser(house).http.get("/api/oidc/start")
    asked = parse_qs(urlsplit(start.headers["location"]).query)
    assert asked["code_challenge_method"] == ["S256"] and len(asked["code_challenge"][0]) == 43
    assert len(asked["state"][0]) >= 43 and len(asked["nonce"][0]) >= 43
    assert asked["redirect_uri"] == [f"{BASE}/api/oidc/callback"]
    assert "HttpOnly" in start.headers["set-cookie"]


async def test_a_stranger_comes_in_only_when_invited(house: House) -> None:
    admin = await set_up(house)
    refused = await _away_and_back(Browser(house), "bo")
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:scrivano:error:not-set-up")
    project = (await admin.ok("POST", "/api/projects", {"name": "Shared"}))["id"]
    await admin.ok("POST", "/api/invitations", {"email": "bo@example.org", "projects": {project: "editor"}})
    bo = Browser(house)
    assert (await _away_and_back(bo, "bo")).status_code == 303
    assert (await bo.ok("GET", "/api/people/me"))["name"] == "Bo B."
    assert [(p["id"], p["role"]) for p in await bo.ok("GET", "/api/projects")] == [(project, "editor")]
    assert await admin.ok("GET", "/api/invitations") == []


async def test_an_address_that_nobody_vouches_for_opens_nothing(house: House) -> None:
    await set_up(house)
    browser = Browser(house)
    answer = await _away_and_back(browser, "liar")
    assert (answer.status_code, answer.json()["type"]) == (401, "urn:scrivano:error:oidc-failed")
    assert (await browser("GET", "/api/people/me")).status_code == 401


async def test_whoever_is_shut_out_stays_out(house: House) -> None:
    admin = await set_up(house)
    bo = await join(house, admin, "bo@example.org")
    await admin.ok("PATCH", f"/api/people/{bo.person['id']}", {"disabled": True})
    assert (await _away_and_back(Browser(house), "bo")).status_code == 401


async def test_the_first_administrator_does_not_come_by_single_sign_on(house: House) -> None:
    answer = await _away_and_back(Browser(house), "ada")
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:scrivano:error:not-set-up")


async def test_what_was_begun_in_another_browser_does_not_go_on_here(house: House) -> None:
    """Else an attacker could sign a victim in as the attacker, with a link."""
    await set_up(house)
    attacker, victim = Browser(house), Browser(house)
    start = await attacker.http.get("/api/oidc/start")
    link = await _consent(start.headers["location"], "ada")
    assert (await victim.http.get(link)).status_code == 401
    # The attempt is used up by it.
    assert (await attacker.http.get(link)).status_code == 401


async def test_a_code_works_once_and_only_with_its_state(house: House) -> None:
    await set_up(house)
    browser = Browser(house)
    start = await browser.http.get("/api/oidc/start")
    link = await _consent(start.headers["location"], "ada")
    forged = link.replace(parse_qs(urlsplit(link).query)["state"][0], "x" * 43)
    assert (await browser.http.get(forged)).status_code == 401
    assert (await browser.http.get(link)).status_code == 303
    assert (await browser.http.get(link)).status_code == 401
    assert (await browser.http.get("/api/oidc/callback?state=x&error=access_denied")).status_code == 401


async def test_a_token_that_was_made_for_another_attempt_is_refused(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    await set_up(house)
    browser = Browser(house)
    start = await browser.http.get("/api/oidc/start")
    url = start.headers["location"]
    swapped = url.replace(parse_qs(urlsplit(url).query)["nonce"][0], "another-nonce")
    answer = await browser.http.get(await _consent(swapped, "ada"))
    assert (answer.status_code, answer.json()["type"]) == (401, "urn:scrivano:error:oidc-failed")


@pytest.mark.parametrize(
    "evil",
    [
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "/\r\nLocation: https://evil.example",
        "javascript:alert(1)",
        "",
        "books",
        "/" + "a" * 3000,
    ],
)
def test_redirects_lead_to_this_site_alone(evil: str) -> None:
    assert same_site_path(evil) == "/"


def test_a_path_of_this_site_is_kept() -> None:
    assert same_site_path("/books/1?tab=files#top") == "/books/1?tab=files#top"


async def test_a_redirect_to_elsewhere_ends_at_the_front_page(house: House) -> None:
    await set_up(house)
    back = await _away_and_back(Browser(house), "ada", "//evil.example/path")
    assert back.headers["location"] == "/"


async def test_a_provider_that_is_down_is_said_to_be(database_url: str, tmp_path: Path) -> None:
    settings = {"oidc_issuer": "http://localhost:9", "oidc_client_id": "x", "oidc_client_secret": "y"}
    async with open_installation(database_url, tmp_path, **settings) as house:
        answer = await Browser(house).http.get("/api/oidc/start")
        assert (answer.status_code, answer.json()["type"]) == (503, "urn:scrivano:error:provider-down")
