import datetime as dt

import httpx
import pytest

from scrivano.core.clock import now
from scrivano.core.errors import InvalidInput
from tests.integration.gateway.conftest import Gate, Open

BODY = {"model": "auto", "messages": [{"role": "user", "content": "about 20 words"}]}


async def ask(gate: Gate, **headers: str) -> httpx.Response:
    return await gate.client.post("/v1/chat/completions", json=BODY, headers=headers)


async def test_no_key_is_needed_at_home_until_one_is_made(gate: Gate) -> None:
    assert (await ask(gate)).status_code == 200
    made = await gate.house.accounts.create_key("laptop", user_id="u1", project_id="p1")
    refused = await ask(gate)
    assert refused.status_code == 401
    assert refused.json()["error"]["type"] == "authentication_error"
    answer = await ask(gate, authorization=f"Bearer {made.secret}")
    assert answer.status_code == 200
    [row, *_] = await gate.house.llm.get_user_requests("u1")
    assert row.project_id == "p1"
    [kept] = await gate.house.accounts.list_keys()
    assert kept.last_used_at is not None
    assert made.secret not in kept.model_dump_json()
    assert made.secret not in repr(made)
    assert (await ask(gate, **{"x-api-key": made.secret})).status_code == 200


async def test_only_programs_of_this_machine_need_no_key(gate: Gate) -> None:
    for headers in (
        {"origin": "https://evil.example"},
        {"host": "evil.example"},
        {"x-forwarded-for": "203.0.113.7"},
        {"forwarded": "for=203.0.113.7"},
    ):
        assert (await ask(gate, **headers)).status_code == 401, headers
    assert (await ask(gate, origin="http://localhost:5173")).status_code == 200


@pytest.mark.parametrize("settings", [{"require_api_key": "always"}, {"host": "0.0.0.0"}])
async def test_a_key_may_always_be_needed(open_gate: Open, settings: dict[str, str]) -> None:
    async with open_gate(**settings) as gate:
        assert (await ask(gate)).status_code == 401
        assert (await gate.client.get("/v1/models")).status_code == 401
        assert (await gate.client.get("/metrics")).status_code == 401


async def test_revoked_expired_unknown_and_narrow_keys_are_refused(gate: Gate) -> None:
    accounts = gate.house.accounts
    key = await accounts.create_key("a")
    bearer = {"authorization": f"Bearer {key.secret}"}
    assert (await ask(gate, **bearer)).status_code == 200
    await accounts.revoke_key(key.key.id)
    assert (await ask(gate, **bearer)).status_code == 401
    assert await accounts.list_keys() == []
    assert len(await accounts.list_keys(revoked=True)) == 1
    soon = await accounts.create_key("b", expires_at=now() + dt.timedelta(milliseconds=50))
    while soon.key.expires_at is not None and now() < soon.key.expires_at:
        pass
    assert (await ask(gate, authorization=f"Bearer {soon.secret}")).status_code == 401
    assert (await ask(gate, authorization="Bearer sk-scrivano-nothing")).status_code == 401
    metrics = await accounts.create_key("c", scopes=["metrics"])
    narrow = {"authorization": f"Bearer {metrics.secret}"}
    assert (await ask(gate, **narrow)).status_code == 401
    assert (await gate.client.get("/metrics", headers=narrow)).status_code == 200


async def test_bad_keys_are_not_made(gate: Gate) -> None:
    for wrong in ({"name": " "}, {"name": "x", "scopes": ["all"]}, {"name": "x", "expires_at": now()}):
        with pytest.raises(InvalidInput):
            await gate.house.accounts.create_key(**wrong)  # type: ignore[arg-type]
