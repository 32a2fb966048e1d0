"""What the gateway needs of the services behind it: the whole house has it, and so has the gatehouse."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Protocol

from scrivano.accounts.public import Accounts
from scrivano.core.settings import Settings
from scrivano.llm.public import LLMService

if TYPE_CHECKING:
    from scrivano.prompts.public import RenderedPrompt, TemplateVersion


class Templates(Protocol):
    """Prompt templates that may be named as models."""

    async def show(self, name: str) -> "TemplateVersion":
        """The version in production. Raises NotFound."""
        ...

    async def render(self, name: str, variables: Mapping[str, object]) -> "RenderedPrompt":
        """Its messages with these values. Raises what is wrong with them."""
        ...


class House(Protocol):
    """Settings, keys, models and templates."""

    @property
    def settings(self) -> Settings:
        """What the environment says."""
        ...

    @property
    def accounts(self) -> Accounts:
        """Who may ask."""
        ...

    @property
    def llm(self) -> LLMService:
        """Who answers."""
        ...

    @property
    def prompts(self) -> Templates:
        """What may be asked by name."""
        ...
