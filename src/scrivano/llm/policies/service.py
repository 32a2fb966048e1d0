"""Which hosts a project's requests may go to.

A local-only project's texts, prompts, embeddings and searches stay on this machine and on hosts that its owner
named. That is decided by the provider's address as it was entered, not by what a name resolves to at the moment,
so that no name server can lead a request elsewhere.
"""

import ipaddress
import re
import time
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict

from scrivano.core.errors import InvalidInput
from scrivano.llm.dto import Locality, Message
from scrivano.llm.errors import NotPermitted
from scrivano.llm.policies import repo
from scrivano.llm.pool import Pool
from scrivano.llm.registry.dto import ProviderView

FRESH = 1.0
"""Seconds for which what was read of a project is not read again."""

_KEPT = 10_000
_RELAYED = re.compile(r"[:-]cloud$", re.I)
"""Names under which a local server passes requests on to its maker's cloud."""


class ProjectPolicy(BaseModel):
    """`local_only`: nothing leaves this machine but for `hosts`, names or addresses that were entered as such."""

    model_config = ConfigDict(frozen=True)

    local_only: bool = False
    hosts: tuple[str, ...] = ()

    def permits(self, provider: ProviderView, model: str = "") -> bool:
        """Whether requests may go to this provider."""
        if not self.local_only:
            return True
        host = (urlsplit(provider.base_url).hostname or "").rstrip(".").lower()
        if not host:
            return provider.locality is Locality.LOOPBACK
        if host in self.hosts:
            return True
        return _is_loopback(host) and not _RELAYED.search(model)

    def check(self, provider: ProviderView, model: str = "") -> None:
        """Raises NotPermitted unless requests may go there."""
        if not self.permits(provider, model):
            raise NotPermitted(
                f"The project is local-only, and {provider.name} is elsewhere.",
                field="project_id",
                remedy="Use a local model, or name the host in the project's settings.",
            )

    def check_messages(self, messages: Iterable[Message]) -> None:
        """Raises NotPermitted for images that a server would have to fetch from somewhere."""
        if not self.local_only:
            return
        for message in messages:
            for part in () if isinstance(message.content, str) else message.content:
                if part.image_url is not None and not part.image_url.startswith("data:"):
                    raise NotPermitted(
                        "The project is local-only, and an image would be fetched from elsewhere.",
                        field="messages",
                        remedy="Send the image itself, as a data: URL.",
                    )


ANYWHERE = ProjectPolicy()


@dataclass(frozen=True, slots=True)
class _Kept:
    policy: ProjectPolicy
    read_at: float


class Policies:
    """The policies of all projects. One without an entry may use every provider."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._kept: OrderedDict[str, _Kept] = OrderedDict()

    async def of(self, project_id: str | None) -> ProjectPolicy:
        """A project's policy, at most a second old."""
        if project_id is None:
            return ANYWHERE
        began = time.monotonic()
        kept = self._kept.get(project_id)
        if kept is not None and began - kept.read_at < FRESH:
            return kept.policy
        async with self._pool.connection() as connection:
            row = await repo.find(connection, project_id)
        policy = ProjectPolicy(**row) if row else ANYWHERE
        newer = self._kept.get(project_id)
        if newer is not None and newer.read_at > began:
            # It was set while this was being read.
            return newer.policy
        self._kept[project_id] = _Kept(policy, began)
        self._kept.move_to_end(project_id)
        while len(self._kept) > _KEPT:
            self._kept.popitem(last=False)
        return policy

    async def set(self, project_id: str, *, local_only: bool, hosts: Sequence[str] = ()) -> ProjectPolicy:
        """Make a project local-only, or let it go anywhere again. Other processes keep to it within a second.

        Raises InvalidInput for a host that is none.
        """
        policy = ProjectPolicy(local_only=local_only, hosts=tuple(sorted({_host(host) for host in hosts})))
        async with self._pool.connection() as connection:
            await repo.put(connection, project_id, policy.local_only, list(policy.hosts))
        self._kept[project_id] = _Kept(policy, time.monotonic())
        return policy


def _is_loopback(host: str) -> bool:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host == "localhost"
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_loopback


def _host(text: str) -> str:
    host = text.strip().rstrip(".").lower()
    if not host or re.search(r"[\s/@?#*]", host) or "://" in host:
        raise InvalidInput(
            f"{text!r} is no host.", field="hosts", remedy="Give a name or an address, such as box.lan."
        )
    return host.strip("[]")
