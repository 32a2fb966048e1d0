"""The clients that people have, over a socket. They live in an environment of their own, apart from Scrivano's."""

import asyncio
import os
import sys
from pathlib import Path

import pytest

from scrivano.llm.public import ModelChange
from tests.integration.gateway.conftest import Open

CLIENTS = Path(__file__).parent / "clients"
PYTHON = Path(sys.prefix) / "clients" / "bin" / "python"
TOOL = {"name": "weather", "arguments": {"city": "Turin"}}
SCRIPT = {
    "rule": [
        {"match": {"contains": "call a tool", "schema": "Weather"}, "json": {"city": "Turin"}},
        {"match": {"contains": "call a tool"}, "tool_calls": [TOOL]},
    ]
}


@pytest.mark.skipif(not PYTHON.exists(), reason="the clients are not installed: make clients")
@pytest.mark.parametrize("name", ["openai", "anthropic", "langchain", "instructor", "llm"])
async def test_a_client_works(open_gate: Open, name: str) -> None:
    script = {**SCRIPT, "rule": [*SCRIPT["rule"]]}
    if name in ("langchain", "instructor"):
        script["rule"][1] = {**SCRIPT["rule"][1], "tool_calls": [{**TOOL, "name": "Weather"}]}
    async with open_gate(script) as gate:
        [model] = await gate.house.llm.registry.models()
        able = model.capabilities | {"embeddings"}
        await gate.house.llm.registry.change_model(model.id, ModelChange(capabilities=able))
        key = await gate.house.accounts.create_key(name)
        process = await asyncio.create_subprocess_exec(
            PYTHON,
            CLIENTS / f"use_{name}.py",
            gate.url,
            key.secret,
            env={k: v for k, v in os.environ.items() if not k.startswith(("OPENAI_", "ANTHROPIC_"))},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        output, _ = await process.communicate()
    assert process.returncode == 0, output.decode()
    assert output.strip().endswith(b"fine")
