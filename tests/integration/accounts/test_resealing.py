"""Another secret key: everything that is stored encrypted goes over to it, without being entered again."""

import base64
import os
import time
from pathlib import Path

from scrivano.accounts.totp import code_at
from tests.integration.accounts.guests import PASSWORD, Browser, open_installation, set_up

PUBLIC = "https://8.8.8.8"


async def test_all_secrets_go_over_to_a_new_key(database_url: str, tmp_path: Path) -> None:
    old, new, foreign = (base64.b64encode(os.urandom(32)).decode() for _ in range(3))
    async with open_installation(database_url, tmp_path, secret_key=old) as house:
        admin = await set_up(house)
        begun = await admin.ok("POST", "/api/people/me/second-factor", {"password": PASSWORD})
        code = code_at(begun["secret"], int(time.time()) // 30)
        await admin.ok("PUT", "/api/people/me/second-factor", {"code": code})
        hook = await admin.ok("POST", "/api/webhooks", {"url": f"{PUBLIC}/hook"})
        await admin.ok("POST", f"/api/webhooks/{hook['webhook']['id']}/secret")
        blog = {
            "name": "blog",
            "kind": "ghost",
            "settings": {"url": PUBLIC},
            "secret": "1f" * 12 + ":" + "2e" * 32,
        }
        await admin.ok("POST", "/api/publishing-targets", blog)
        provider = await house.llm.registry.add_provider("mine", f"{PUBLIC}/v1", api_key="sk-canary-77")

    async with open_installation(database_url, tmp_path, secret_key=f"{foreign}") as house:
        resealing = await house.reseal()
        assert resealing.changed == 0
        assert sorted(set(resealing.lost)) == [
            "the key of the provider mine",
            "the second factor of ada@example.org",
            "the secret of the place to publish blog",
            f"the secret of the webhook {hook['webhook']['id']}",
        ]

    async with open_installation(database_url, tmp_path, secret_key=f"{new},{old}") as house:
        first, second = await house.reseal(), await house.reseal()
        # A webhook whose secret was renewed has two.
        assert (first.changed, first.lost, second.changed) == (5, [], 0)

    async with open_installation(database_url, tmp_path, secret_key=new) as house:
        assert (await house.reseal()).lost == []
        await house.llm.registry.connection(await house.llm.registry.get_provider(provider.id))
        who = {"email": "ada@example.org", "password": PASSWORD}
        fresh = code_at(begun["secret"], int(time.time()) // 30 + 1)
        assert (await Browser(house)("POST", "/api/sessions", {**who, "code": fresh})).status_code == 201
