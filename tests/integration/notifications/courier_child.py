"""A courier in a process of its own, which is killed at a named point: `courier_child.py URL KEY POINT`."""

import asyncio
import base64
import sys

from scrivano.core import crashpoints
from scrivano.core.database import Database
from scrivano.core.outbound import Outbound
from scrivano.core.secrets import SecretBox
from scrivano.notifications.public import Courier, Notifications


async def main() -> None:
    """Send what is due, and die on the way."""
    url, key, point = sys.argv[1:4]
    crashpoints.configure(point)
    database = Database(url)
    box = SecretBox(base64.b64decode(key))
    # A claim of no time, as the kill is meant to have been long ago.
    courier = Courier(
        database,
        Notifications(database),
        Outbound(["127.0.0.1"]),
        secret_box=lambda: box,
        claim_seconds=0,
    )
    await courier.send_due()
    print("not killed", flush=True)


if __name__ == "__main__":
    asyncio.run(main())
