"""Makes three keyed calls and prints their answers; dies or freezes where `SCRIVANO_CRASH_AT` says."""

import asyncio
import os
import sys

from llm_support import make_service, user

from scrivano.core import crashpoints
from scrivano.core.database import Database
from scrivano.llm.public import CallContext


async def main(url: str, server: str) -> None:
    database = Database(url)
    async with make_service(database) as service:
        await service.registry.discover([server])
        crashpoints.configure(os.environ.get("SCRIVANO_CRASH_AT", ""))
        for number in range(1, 4):
            context = CallContext(feature="t", purpose="say", run_id="run", key=f"run/say/{number}/1")
            response = await service.generate_response(user(f"{number}: about 40 words"), context=context)
            print(response.request_id, response.text.replace("\n", " "), flush=True)
    await database.dispose()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2]))
