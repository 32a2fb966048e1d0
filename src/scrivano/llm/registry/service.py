"""The registry: providers and models, found or entered, kept in the database, read from memory."""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from scrivano.core.clock import now
from scrivano.core.errors import Conflict, InvalidInput, NotFound
from scrivano.core.ids import new_id
from scrivano.core.outbound import OWN_MACHINE, Outbound
from scrivano.core.secrets import Resealing, SecretBox
from scrivano.llm.dto import Locality
from scrivano.llm.locality import locality_of_url
from scrivano.llm.money import Prices
from scrivano.llm.pool import Pool
from scrivano.llm.providers.base import AttemptFailed, Endpoint, Offer, Provider
from scrivano.llm.providers.kinds import check_kind, connect
from scrivano.llm.registry import repo
from scrivano.llm.registry.discovery import Server, look_around, look_at, normal_url
from scrivano.llm.registry.dto import (
    CAPABILITIES,
    Found,
    ModelChange,
    ModelView,
    ProviderChange,
    ProviderView,
)
from scrivano.llm.registry.facts import facts_of

_FRESH = 1.0
"""Seconds for which what was read is not read again; changes by this process show at once."""

_MAY_BE_UNKNOWN = frozenset(
    [
        "max_output",
        "cached_mtok",
        "cache_write_mtok",
        "audio_input_mtok",
        "audio_output_mtok",
        "image_input_mtok",
        "image_output_mtok",
    ]
)
_CHECK_SECONDS = {Locality.LOOPBACK: 3.0, Locality.LOCAL_NETWORK: 3.0, Locality.CLOUD: 5.0}


@dataclass(frozen=True)
class Snapshot:
    """All of the registry at one moment; models are in the order in which `auto` tries them."""

    providers: dict[UUID, ProviderView]
    models: tuple[ModelView, ...]
    read_at: float

    @cached_property
    def reference(self) -> Prices | None:
        """The prices of the cloud tier's first model that answers and whose prices are known."""
        for model in self.models:
            enabled = model.enabled and self.providers[model.provider_id].enabled
            if enabled and model.tier == "cloud" and model.prices_known and "chat" in model.capabilities:
                return prices_of(model)
        return None


@dataclass
class _Connection:
    provider: Provider
    made_from: tuple[object, ...] = field(default=())


class Registry:
    """Providers and models. `secrets` is asked for when a key is first stored or used."""

    def __init__(
        self,
        pool: Pool,
        secrets: Callable[[], SecretBox],
        discover_urls: str = "",
        private_hosts: str = "",
    ) -> None:
        """As in the settings: `discover_urls` are more URLs by comma, or `off`; `private_hosts` are the private
        addresses that providers may have, besides those of this machine and of `discover_urls`."""
        self._private_hosts = (*OWN_MACHINE, *private_hosts.split(","), *_hosts_of(discover_urls))
        self._outbound = Outbound(self._private_hosts)
        self._pool = pool
        self._secrets = secrets
        self._discover_urls = discover_urls
        self._snapshot: Snapshot | None = None
        self._connections: dict[UUID, _Connection] = {}
        self.on_answer: Callable[[UUID], None] = lambda _: None
        """Told whenever a provider has answered a check."""

    async def close(self) -> None:
        """Close connections to providers."""
        for connection in self._connections.values():
            await connection.provider.close()
        self._connections.clear()

    async def snapshot(self, *, fresh: bool = False) -> Snapshot:
        """The registry, at most a second old."""
        kept = self._snapshot
        if kept is not None and not fresh and time.monotonic() - kept.read_at < _FRESH:
            return kept
        async with self._pool.connection() as connection:
            providers = await repo.fetch(connection, repo.PROVIDERS)
            models = await repo.fetch(connection, repo.MODELS)
        self._snapshot = Snapshot(
            {row["id"]: _provider_view(row) for row in providers},
            tuple(_model_view(row) for row in models),
            time.monotonic(),
        )
        return self._snapshot

    @property
    def reference_prices(self) -> Prices | None:
        """What the cloud tier takes: the prices of its first model, as far as they are known."""
        if self._snapshot is None:
            return None
        return self._snapshot.reference

    async def providers(self) -> list[ProviderView]:
        """All providers by name."""
        return list((await self.snapshot(fresh=True)).providers.values())

    async def models(self) -> list[ModelView]:
        """All models, in the order in which `auto` tries them."""
        return list((await self.snapshot(fresh=True)).models)

    async def get_provider(self, id: UUID) -> ProviderView:
        """One provider. Raises NotFound."""
        found = (await self.snapshot(fresh=True)).providers.get(id)
        if found is None:
            raise NotFound(f"There is no provider {id}.", field="id")
        return found

    async def get_model(self, id: UUID) -> ModelView:
        """One model. Raises NotFound."""
        for model in (await self.snapshot(fresh=True)).models:
            if model.id == id:
                return model
        raise NotFound(f"There is no model {id}.", field="id")

    async def add_provider(
        self,
        name: str,
        base_url: str,
        *,
        kind: str = "openai_compatible",
        api_key: str | None = None,
        settings: dict[str, Any] | None = None,
        discovered: bool = False,
    ) -> ProviderView:
        """Store a provider. Raises Conflict if the name is taken, InvalidInput for a bad URL or kind, NotAllowed
        for a private address that is none of those allowed. A search engine comes with its one model."""
        format = check_kind(kind)
        if not name.strip():
            raise InvalidInput("A provider needs a name.", field="name")
        url = await self._fit_url(kind, base_url)
        id = new_id()
        row = {
            "id": id,
            "name": name.strip(),
            "kind": kind,
            "base_url": url,
            "locality": await _locality(kind, url),
            "api_key": self._secrets().seal(api_key, _place(id, url)) if api_key else None,
            "settings": {**(format.settings or {}), **(settings or {})},
            "discovered": discovered,
        }
        async with self._pool.connection() as connection:
            added = await repo.add_provider(connection, row)
        if added is None:
            raise Conflict(
                f"There is a provider named {name!r} already.", field="name", remedy="Choose another name."
            )
        self._snapshot = None
        if format.engine:
            await self._store_model(_provider_view(added), Offer(kind))
        return _provider_view(added)

    async def _fit_url(self, kind: str, base_url: str) -> str:
        path = check_kind(kind).path
        if path is None:
            return base_url
        url = normal_url(base_url, path)
        await self._outbound.check(url)
        return url

    async def change_provider(self, id: UUID, change: ProviderChange) -> ProviderView:
        """Change a provider. A new `base_url` needs the key again, so that no key goes to a new host."""
        current = await self.get_provider(id)
        values = _given(change.model_dump(exclude_unset=True, exclude={"api_key", "base_url"}), frozenset())
        url = current.base_url
        if change.base_url is not None:
            url = await self._fit_url(current.kind, change.base_url)
        if url != current.base_url:
            if current.has_key and "api_key" not in change.model_fields_set:
                raise InvalidInput(
                    "A changed address needs the key again.",
                    field="api_key",
                    remedy="Enter the key, or null for none.",
                )
            values |= {"base_url": url, "locality": await _locality(current.kind, url)}
        if "api_key" in change.model_fields_set:
            key = change.api_key
            values["api_key"] = self._secrets().seal(key, _place(id, url)) if key else None
        async with self._pool.connection() as connection:
            await repo.change_provider(connection, id, values)
        await self._forget(id)
        return await self.get_provider(id)

    async def reseal(self, resealing: Resealing) -> None:
        """Encrypt all stored keys with the current secret key.

        With the new key in front of the old one this needs no stop: keys under either can be read meanwhile.
        """
        async with self._pool.connection() as connection, connection.transaction():
            for row in await repo.fetch(connection, repo.SEALED):
                sealed, place = bytes(row["api_key"]), _place(row["id"], row["base_url"])
                renewed = resealing.again(sealed, place, f"the key of the provider {row['name']}")
                if renewed != sealed:
                    await repo.change_provider(connection, row["id"], {"api_key": renewed})

    async def remove_provider(self, id: UUID) -> None:
        """Remove a provider and its models; the log keeps its rows. Raises NotFound."""
        async with self._pool.connection() as connection:
            if not await repo.fetch(connection, repo.REMOVE_PROVIDER, [id]):
                raise NotFound(f"There is no provider {id}.", field="id")
        await self._forget(id)

    async def add_model(self, provider_id: UUID, name: str, change: ModelChange | None = None) -> ModelView:
        """Store a model by what is known of it, then as `change` says. Raises Conflict if it is there."""
        provider = await self.get_provider(provider_id)
        id = await self._store_model(provider, Offer(name))
        if id is None:
            raise Conflict(f"{provider.name} has a model {name!r} already.", field="name")
        return await self.change_model(id, change) if change else await self.get_model(id)

    async def change_model(self, id: UUID, change: ModelChange) -> ModelView:
        """Change a model. Prices entered here count as known from today on."""
        await self.get_model(id)
        values = _given(change.model_dump(exclude_unset=True), _MAY_BE_UNKNOWN)
        unknown = set(values.get("capabilities") or ()) - set(CAPABILITIES)
        if unknown:
            raise InvalidInput(
                f"Unknown capabilities: {', '.join(sorted(unknown))}.",
                field="capabilities",
                remedy=f"Choose from: {', '.join(CAPABILITIES)}.",
            )
        if "capabilities" in values:
            values["capabilities"] = sorted(values["capabilities"] or ())
        if any(name.endswith("_mtok") for name in values):
            values |= {"prices_known": True, "prices_date": now().date(), "prices_source": "entered"}
        async with self._pool.connection() as connection:
            await repo.change_model(connection, id, values)
        self._snapshot = None
        return await self.get_model(id)

    async def remove_model(self, id: UUID) -> None:
        """Remove a model; the log keeps its rows. Raises NotFound."""
        async with self._pool.connection() as connection:
            if not await repo.fetch(connection, repo.REMOVE_MODEL, [id]):
                raise NotFound(f"There is no model {id}.", field="id")
        self._snapshot = None

    async def discover(self, urls: Sequence[str] | None = None, *, api_key: str | None = None) -> list[Found]:
        """Look for servers at `urls`, or on the usual ports and at the settings' URLs; store what is new.

        `api_key` goes to URLs that the caller named, never to the usual ports.
        """
        if urls is not None:
            for url in urls:
                await self._outbound.check(normal_url(url))
            looked = await asyncio.gather(*(look_at(url, api_key, self._private_hosts) for url in urls))
            servers = [server for server in looked if server is not None]
        else:
            servers = await self._look_around()
        return [await self._adopt(server, api_key if urls is not None else None) for server in servers]

    async def _look_around(self) -> list[Server]:
        setting = self._discover_urls.strip()
        if setting == "off":
            return []
        more = [url for url in setting.split(",") if url.strip()]
        usual, named = await asyncio.gather(look_around(), look_around(more, self._private_hosts))
        return [*usual, *named]

    async def _adopt(self, server: Server, api_key: str | None) -> Found:
        provider, new = await self._known_or_added(server, api_key)
        for offer in server.description.offers:
            await self._store_model(provider, offer)
        await self._note(provider.id, "up", None)
        models = [m for m in (await self.snapshot(fresh=True)).models if m.provider_id == provider.id]
        return Found(provider=await self.get_provider(provider.id), models=models, new=new)

    async def _known_or_added(self, server: Server, api_key: str | None) -> tuple[ProviderView, bool]:
        """The provider of a server, and whether it is new. Who finds it at the same moment may have stored it first,
        or taken its name for another."""
        for last in (False, False, True):
            providers = await self.providers()
            for known in providers:
                if (known.base_url, known.kind) == (server.base_url, "openai_compatible"):
                    return known, False
            try:
                return await self._add_under_free_name(server, api_key, {p.name for p in providers}), True
            except Conflict:
                if last:
                    raise
        raise AssertionError("the last try returns or raises")

    async def _add_under_free_name(
        self, server: Server, api_key: str | None, taken: set[str]
    ) -> ProviderView:
        """Raises Conflict where the name was taken since `taken` was read: perhaps for this very server."""
        names = [server.name, *(f"{server.name}-{number}" for number in range(2, 1000))]
        name = next(name for name in names if name not in taken)
        return await self.add_provider(
            name, server.base_url, api_key=api_key, settings=server.description.settings, discovered=True
        )

    async def _store_model(self, provider: ProviderView, offer: Offer) -> UUID | None:
        if not offer.name.strip():
            raise InvalidInput("A model needs a name.", field="name")
        facts = facts_of(offer, provider.base_url, provider.locality, provider.settings)
        row = {
            "id": new_id(),
            "provider_id": provider.id,
            "name": offer.name,
            "tier": facts.tier,
            "capabilities": sorted(facts.capabilities),
            "context_length": facts.context_length,
            "max_output": facts.max_output,
            "tokenizer": facts.tokenizer,
            "concurrency": facts.concurrency,
            **facts.prices,
        }
        async with self._pool.connection() as connection:
            rows = await repo.fetch(connection, repo.ADD_MODEL, row)
        self._snapshot = None
        return rows[0]["id"] if rows else None

    async def reachable_models(self) -> list[ModelView]:
        """The enabled models whose provider answers now and has them, in the order of `auto`.

        All providers are asked at once: those on this machine get half a second, the cloud three.
        """
        snapshot = await self.snapshot(fresh=True)
        enabled = [provider for provider in snapshot.providers.values() if provider.enabled]
        found = await asyncio.gather(*(self.check(provider) for provider in enabled))
        names = {provider.id: offers for provider, offers in zip(enabled, found, strict=True)}
        return [
            model.model_copy(update={"health": "up"})
            for model in snapshot.models
            if model.enabled and model.name in (names.get(model.provider_id) or ())
        ]

    async def check(self, provider: ProviderView) -> set[str] | None:
        """The names of a provider's models, or None if it does not answer; its health is noted."""
        connection = await self.connection(provider)
        try:
            offers = await connection.offers(within=_CHECK_SECONDS[provider.locality])
        except AttemptFailed as failed:
            await self._note(provider.id, "down", failed.message)
            return None
        self.on_answer(provider.id)
        await self._note(provider.id, "up", None)
        return {offer.name for offer in offers}

    async def connection(self, provider: ProviderView) -> Provider:
        """The connection to a provider, kept between calls."""
        marks = (provider.base_url, provider.kind, provider.settings, provider.name)
        kept = self._connections.get(provider.id)
        if kept is not None and kept.made_from == marks:
            return kept.provider
        key = await self._key_of(provider) if provider.has_key else None
        kept = self._connections.get(provider.id)
        if kept is not None and kept.made_from == marks:
            # Another call was quicker.
            return kept.provider
        endpoint = Endpoint(
            provider.name, provider.base_url, provider.locality, key, provider.settings, self._private_hosts
        )
        made = _Connection(connect(provider.kind, endpoint), marks)
        self._connections[provider.id] = made
        return made.provider

    async def _key_of(self, provider: ProviderView) -> str | None:
        async with self._pool.connection() as connection:
            rows = await repo.fetch(connection, repo.PROVIDER, [provider.id])
        sealed = rows[0]["api_key"] if rows else None
        return self._secrets().open(bytes(sealed), _place(provider.id, provider.base_url)) if sealed else None

    async def _note(self, id: UUID, health: str, note: str | None) -> None:
        async with self._pool.connection() as connection:
            await repo.note_health(connection, id, health, note)
        self._snapshot = None

    async def _forget(self, id: UUID) -> None:
        self._snapshot = None
        kept = self._connections.pop(id, None)
        if kept is not None:
            await kept.provider.close()


def prices_of(model: ModelView) -> Prices:
    """What a model's tokens cost."""
    return Prices(
        input_mtok=model.input_mtok,
        output_mtok=model.output_mtok,
        cached_mtok=model.cached_mtok,
        cache_write_mtok=model.cache_write_mtok,
        audio_input_mtok=model.audio_input_mtok,
        image_input_mtok=model.image_input_mtok,
        audio_output_mtok=model.audio_output_mtok,
        image_output_mtok=model.image_output_mtok,
        electricity_hour=model.electricity_hour,
    )


def _place(id: UUID, url: str) -> str:
    """What a provider's key is bound to: it cannot be read for another provider or another address."""
    return f"llm_providers/{id}/{url}"


async def _locality(kind: str, url: str) -> Locality:
    return Locality.LOOPBACK if check_kind(kind).path is None else await locality_of_url(url)


def _hosts_of(urls: str) -> list[str]:
    """The hosts that the settings tell to look at; whoever wrote that may reach them."""
    named = [] if urls.strip() == "off" else [url for url in urls.split(",") if url.strip()]
    return [urlsplit(normal_url(url)).hostname or "" for url in named]


def _provider_view(row: repo.Row) -> ProviderView:
    return ProviderView(
        **{k: row[k] for k in ProviderView.model_fields if k in row}, has_key=row["api_key"] is not None
    )


def _model_view(row: repo.Row) -> ModelView:
    return ModelView(**{k: row[k] for k in ModelView.model_fields if k in row})


def _given(values: dict[str, Any], may_be_unknown: frozenset[str]) -> dict[str, Any]:
    """What is to change: null stands for what is, except where a thing may be unknown."""
    return {name: value for name, value in values.items() if value is not None or name in may_be_unknown}
