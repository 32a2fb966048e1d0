"""What the tests of the LLM service share."""

import os
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

from scrivano.core.database import Database
from scrivano.core.secrets import SecretBox
from scrivano.llm.public import LLMService, Message
from scrivano.llm.scripted.server import ScriptedServer

KEY = os.urandom(32)

Setup = Callable[..., AbstractAsyncContextManager[tuple[LLMService, ScriptedServer]]]


def make_service(database: Database, **more: Any) -> LLMService:
    return LLMService(database, secret_box=lambda: SecretBox(KEY), discover_urls="off", **more)


def user(text: str) -> list[Message]:
    return [Message(role="user", content=text)]
