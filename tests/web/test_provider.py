"""A provider added, tried, asked and found in the log, in a real Chromium at both sizes."""

from scrivano.llm.scripted.server import ScriptedServer
from tests.acceptance.studio import serving
from tests.web.served import travel


def test_a_provider_is_added(base: str) -> None:
    with serving(ScriptedServer({"models": ["scripted"], "api_key": "sk-canary-77e1"})) as server:
        travel(base, ["provider", server.url], own=True)
