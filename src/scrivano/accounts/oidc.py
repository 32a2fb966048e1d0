"""Signing in at an OpenID Connect provider: discovery, authorization code with PKCE, state bound to the browser,
nonce. Works with any provider that keeps to the standard, such as Keycloak, Clerk or Google."""

import datetime as dt
import secrets
import time
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import quote, urlencode, urlsplit

import aiohttp
import orjson
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from scrivano.accounts import repo_people as people
from scrivano.accounts import repo_sessions
from scrivano.accounts.audit import Audit
from scrivano.accounts.dto import NotAuthenticated, NotSetUp, SignedIn, Visitor
from scrivano.accounts.guesses import Guesses, by_address
from scrivano.accounts.models import Identity, OidcAttempt
from scrivano.accounts.people import People, small
from scrivano.accounts.sign_in import SignIn
from scrivano.accounts.tokens import digest, new_token, same, same_site_path
from scrivano.core.clock import now
from scrivano.core.database import Database
from scrivano.core.errors import Unavailable
from scrivano.core.outbound import OWN_MACHINE, Outbound
from scrivano.core.outbound_http import connector

_LASTS = dt.timedelta(minutes=10)
_FRESH = 3600.0
_LARGEST = 1024 * 1024
_LEEWAY = 60
_TIMES = aiohttp.ClientTimeout(total=15, connect=5)
_ALGORITHMS = [
    "RS256",
    "RS384",
    "RS512",
    "PS256",
    "PS384",
    "PS512",
    "ES256",
    "ES384",
    "ES512",
    "EdDSA",
    "Ed25519",
]


class OidcFailed(NotAuthenticated):
    """Signing in at the provider did not work."""


class ProviderDown(Unavailable):
    """The provider for signing in does not answer as it should."""


@dataclass(frozen=True)
class OidcSettings:
    """One provider. With `new_people` whoever it vouches for becomes a member; without, only who was invited or
    has an account with the same verified address comes in."""

    issuer: str
    client_id: str
    client_secret: str
    label: str
    new_people: bool
    private_hosts: Iterable[str] = ()


@dataclass(frozen=True)
class Departure:
    """Where the browser goes, and the secret that it takes along in a cookie."""

    url: str
    browser: str


@dataclass(frozen=True)
class Arrival:
    """Who came back, where to go on, and what an invitation promised to somebody new (else None)."""

    signed_in: SignedIn
    next: str
    grants: dict[str, str] | None


class Oidc:
    """Takes browsers to the provider and back."""

    def __init__(
        self,
        database: Database,
        settings: OidcSettings,
        people: People,
        sign_in: SignIn,
        guesses: Guesses,
        audit: Audit,
        callback_url: Callable[[], str],
    ) -> None:
        self.label = settings.label
        self._database = database
        self._settings = settings
        self._people = people
        self._sign_in = sign_in
        self._guesses = guesses
        self._audit = audit
        self._callback_url = callback_url
        host = urlsplit(settings.issuer).hostname or ""
        self._outbound = Outbound([*OWN_MACHINE, *settings.private_hosts, host])
        self._metadata: tuple[float, dict[str, Any]] | None = None
        self._keys: KeySet | None = None

    async def start(self, next: str) -> Departure:
        """Begin to sign in; afterwards the browser goes to `next`, a path of this service. Raises ProviderDown."""
        metadata = await self._discover()
        state, browser, nonce, verifier = new_token(), new_token(), new_token(), secrets.token_urlsafe(48)
        row = OidcAttempt(
            state=digest(state),
            browser=digest(browser),
            nonce=nonce,
            verifier=verifier,
            next=same_site_path(next),
            expires_at=now() + _LASTS,
        )
        async with self._database.begin() as session:
            await repo_sessions.add(session, row)
        challenge = urlsafe_b64encode(digest(verifier)).rstrip(b"=").decode()
        query = {
            "response_type": "code",
            "client_id": self._settings.client_id,
            "redirect_uri": self._callback_url(),
            "scope": "openid email profile",
            "state": state,
            "nonce": nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        endpoint = str(metadata["authorization_endpoint"])
        return Departure(f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(query)}", browser)

    async def finish(
        self, *, code: str, state: str, browser: str, visitor: Visitor, old: str | None = None
    ) -> Arrival:
        """Sign in with what the provider sent back. `browser` is the cookie of `start`.

        Raises OidcFailed where anything does not fit, NotSetUp where the provider knows somebody who has no account
        here, ProviderDown, TooManyAttempts.
        """
        await self._guesses.admit([by_address(visitor)], visitor, "oidc")
        async with self._database.begin() as session:
            attempt = await repo_sessions.take_oidc(session, digest(state), now())
        if attempt is None or not same(digest(browser).hex(), attempt.browser.hex()):
            raise OidcFailed(
                "This sign-in was not begun in this browser, or too long ago.", remedy="Begin again."
            )
        claims = await self._claims(code, attempt)
        person_id, grants = await self._person(claims, visitor)
        signed_in = await self._sign_in.open_for(person_id, "oidc", visitor, old)
        await self._guesses.right([by_address(visitor)])
        return Arrival(signed_in, attempt.next, grants)

    async def _claims(self, code: str, attempt: OidcAttempt) -> dict[str, Any]:
        metadata = await self._discover()
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._callback_url(),
            "code_verifier": attempt.verifier,
            "client_id": self._settings.client_id,
        }
        headers: dict[str, str] = {}
        methods = metadata.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        if "client_secret_basic" in methods:
            pair = (
                f"{quote(self._settings.client_id, safe='')}:{quote(self._settings.client_secret, safe='')}"
            )
            headers["Authorization"] = f"Basic {b64encode(pair.encode()).decode()}"
        else:
            form["client_secret"] = self._settings.client_secret
        status, answer = await self._http("POST", str(metadata["token_endpoint"]), form=form, headers=headers)
        token = answer.get("id_token")
        if status != 200 or not isinstance(token, str):
            raise OidcFailed("The provider did not take the code.", remedy="Begin again.")
        claims = await self._verified(token, attempt.nonce, metadata)
        if "email" not in claims and isinstance(metadata.get("userinfo_endpoint"), str):
            claims |= await self._user_info(metadata["userinfo_endpoint"], answer, str(claims["sub"]))
        return claims

    async def _verified(self, token: str, nonce: str, metadata: dict[str, Any]) -> dict[str, Any]:
        try:
            decoded = await self._decode(token, metadata)
            claims = CodeIDToken(
                decoded.claims,
                decoded.header,
                options={
                    "iss": {"essential": True, "value": metadata["issuer"]},
                    "aud": {"essential": True, "value": self._settings.client_id},
                },
                params={"nonce": nonce, "client_id": self._settings.client_id},
            )
            claims.validate(now=int(time.time()), leeway=_LEEWAY)
        except Exception as error:
            # Authlib and joserfc have an error each for all that can be wrong with a token; none must let it pass.
            raise OidcFailed(f"The provider's token is not valid: {type(error).__name__}.") from error
        return dict(claims)

    async def _decode(self, token: str, metadata: dict[str, Any]) -> jwt.Token:
        if self._keys is not None:
            try:
                return jwt.decode(token, self._keys, algorithms=_ALGORITHMS)
            except (JoseError, ValueError):
                self._keys = None  # the provider may have changed its keys
        _, found = await self._http("GET", str(metadata["jwks_uri"]))
        self._keys = KeySet.import_key_set(found)  # pyright: ignore[reportArgumentType]
        return jwt.decode(token, self._keys, algorithms=_ALGORITHMS)

    async def _user_info(self, url: str, answer: dict[str, Any], subject: str) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {answer.get('access_token')}"}
        status, info = await self._http("GET", url, headers=headers)
        # By OpenID Connect 5.3.2 an answer about somebody else must not be used.
        if status != 200 or info.get("sub") != subject:
            return {}
        return {k: info[k] for k in ("email", "email_verified", "name") if k in info}

    async def _person(self, claims: dict[str, Any], visitor: Visitor) -> tuple[Any, dict[str, str] | None]:
        issuer, subject = str(claims["iss"]), str(claims["sub"])
        email = small(str(claims.get("email") or ""))
        verified = claims.get("email_verified") is True and "@" in email and email.isprintable()
        async with self._database.begin() as session:
            await people.lock_roles(session)
            known = await people.by_identity(session, issuer, subject)
            if known is not None:
                return known.id, None
            if not verified:
                raise OidcFailed(
                    "The provider does not vouch for your e-mail address.",
                    remedy="Verify it there, then try again.",
                )
            if not await people.anybody(session):
                raise NotSetUp(
                    "This installation has no administrator yet.", remedy="Use the set-up link first."
                )
            grants: dict[str, str] | None = None
            person = await people.by_email(session, email)
            if person is None:
                invited = [
                    x for x in await people.open_links(session, "invitation", now()) if x.email == email
                ]
                if not invited and not self._settings.new_people:
                    raise NotSetUp(
                        f"There is no account for {email} here.", remedy="Ask an administrator to invite you."
                    )
                for link in invited:
                    await people.use_link(session, link.id, now())
                grants = dict(invited[0].grants) if invited else {}
                admin = bool(invited) and invited[0].role == "administrator"
                name = str(claims.get("name") or email.partition("@")[0])
                person = await self._people.add(
                    session,
                    email=email,
                    name="".join(c for c in name if c.isprintable())[:200] or email,
                    role="administrator" if admin else "member",
                    password_hash=None,
                    by=visitor,
                )
            identity = Identity(issuer=issuer, subject=subject, person_id=person.id, created_at=now())
            await people.add(session, identity)
            await self._audit.note(
                session, "identity_linked", visitor, subject=email, person_id=person.id, issuer=issuer
            )
            return person.id, grants

    async def _discover(self) -> dict[str, Any]:
        if self._metadata is not None and self._metadata[0] > time.monotonic():
            return self._metadata[1]
        url = self._settings.issuer.rstrip("/") + "/.well-known/openid-configuration"
        status, found = await self._http("GET", url)
        needed = ("issuer", "authorization_endpoint", "token_endpoint", "jwks_uri")
        if status != 200 or any(not isinstance(found.get(name), str) for name in needed):
            raise ProviderDown(f"{url} is no description of an OpenID provider.")
        if found["issuer"].rstrip("/") != self._settings.issuer.rstrip("/"):
            raise ProviderDown(
                f"The provider calls itself {found['issuer']}.",
                field="oidc_issuer",
                remedy="Set SCRIVANO_OIDC_ISSUER to exactly that, if it is the right one.",
            )
        for name in needed[1:]:
            self._check_secure(found[name])
        self._metadata = (time.monotonic() + _FRESH, found)
        return found

    def _check_secure(self, url: str) -> None:
        own = urlsplit(self._settings.issuer)
        try:
            parts = urlsplit(url)
        except ValueError:
            raise ProviderDown(f"The provider names {url!r}, which is no address.") from None
        if parts.scheme != "https" and (parts.scheme, parts.hostname) != (own.scheme, own.hostname):
            raise ProviderDown(f"The provider wants to be spoken to without encryption, at {url}.")

    async def _http(
        self,
        method: str,
        url: str,
        *,
        form: dict[str, str] | None = None,
        headers: dict[str, str] | None = None,
    ) -> tuple[int, dict[str, Any]]:
        try:
            async with (
                aiohttp.ClientSession(connector=connector(self._outbound), timeout=_TIMES) as client,
                client.request(
                    method,
                    url,
                    data=form,
                    headers={"Accept": "application/json", **(headers or {})},
                    allow_redirects=False,
                ) as response,
            ):
                raw = await _read(response)
                body: Any = orjson.loads(raw) if response.content_type.endswith("json") else None
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
            raise ProviderDown(f"The provider does not answer: {type(error).__name__}.") from error
        return response.status, cast("dict[str, Any]", body) if isinstance(body, dict) else {}


async def _read(response: aiohttp.ClientResponse) -> bytes:
    parts, size = list[bytes](), 0
    async for part in response.content.iter_any():
        parts.append(part)
        size += len(part)
        if size > _LARGEST:
            raise ProviderDown("The provider's answer is too long.")
    return b"".join(parts)
