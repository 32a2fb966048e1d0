"""Random interleavings of what two people and a run do to a text: is anything lost?

    python -m benchmarks.edits [INTERLEAVINGS] [SEED]

In each interleaving two people and a run that is cut off and resumed work on one document: they read, edit what they
read (optimistically), restore older versions, have it written anew, accept and reject what was proposed. Their steps
are shuffled; every fourth round of steps happens at the same moment. Afterwards every text that was taken without
an error has to be there as a version or a proposal, versions are numbered without a gap, a refused save has
left nothing, and no version of a run stands upon a person's.
"""

import asyncio
import random
import sys
import time
from collections import Counter
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID, uuid4

from scrivano.core import migrate
from scrivano.core.database import Database
from scrivano.core.errors import Conflict
from scrivano.core.postgres import EmbeddedPostgres
from scrivano.documents.public import Author, Documents, Owner

BOOK = Owner(feature="books", id="b1")
AT_ONCE = 8


class Story:
    """One document and those who work on it."""

    def __init__(self, documents: Documents, seed: str) -> None:
        self.documents, self.dice = documents, random.Random(seed)
        self.document: UUID = uuid4()
        self.told: set[str] = set()
        self.refused: set[str] = set()
        self.seen = {"ada": 0, "ben": 0}
        self.run, self.written = 0, [self._text()]
        self.did: Counter[str] = Counter()

    def _text(self) -> str:
        return "\n\n".join(f"Paragraph {n} {self.dice.getrandbits(48):x}." for n in range(4))

    async def _write(self, text: str) -> None:
        author = Author(kind="run", id=f"run-{self.run}")
        await self.documents.put(
            self.document, kind="chapter", title="One", text=text, author=author, owner=BOOK
        )
        self.told.add(text)

    async def regenerate(self, _: str) -> None:
        self.run += 1
        self.written = [self._text()]
        await self._write(self.written[0])

    async def resume(self, _: str) -> None:
        for text in list(self.written):
            await self._write(text)
        mended = self.written[0].replace("Paragraph 2", f"Mended {self.dice.getrandbits(32):x}")
        self.written.append(mended)
        await self._write(mended)

    async def read(self, who: str) -> None:
        self.seen[who] = (await self.documents.get(self.document)).number

    async def edit(self, who: str) -> None:
        number = self.seen[who]
        before = (await self.documents.version(self.document, number)).text if number else ""
        text = f"{before}\n\n{who} {self.dice.getrandbits(48):x}."
        try:
            saved = await self.documents.add_version(
                self.document, text, expected_number=number, author=Author(id=who)
            )
        except Conflict:
            self.did["edit refused"] += 1
            self.refused.add(text)
            if self.dice.random() < 0.5:
                await self.documents.proposals.add(
                    self.document, text, base_number=number, author=Author(id=who)
                )
                self.refused.discard(text)
                self.told.add(text)
        else:
            self.told.add(text)
            self.seen[who] = saved.number

    async def restore(self, who: str) -> None:
        number = self.seen[who]
        if number < 2:
            return
        try:
            saved = await self.documents.restore(
                self.document,
                self.dice.randint(1, number - 1),
                expected_number=number,
                author=Author(id=who),
            )
        except Conflict:
            self.did["restore refused"] += 1
        else:
            self.seen[who] = saved.number

    async def decide(self, who: str) -> None:
        waiting = await self.documents.proposals.list(self.document, status="open")
        if not waiting:
            return
        chosen = self.dice.choice(waiting).id
        try:
            if self.dice.random() < 0.3:
                await self.documents.proposals.reject(self.document, chosen, author=Author(id=who))
                return
            hunks = [0] if self.dice.random() < 0.3 else None
            saved = await self.documents.proposals.accept(
                self.document,
                chosen,
                expected_number=self.seen[who],
                hunks=hunks,
                replace=hunks is None and self.dice.random() < 0.5,
                author=Author(id=who),
            )
        except Conflict:
            self.did["decision refused"] += 1
        else:
            self.told.add(saved.text)
            self.seen[who] = saved.number

    async def play(self) -> None:
        """The first draft, then everybody's steps in an order of chance."""
        await self._write(self.written[0])
        person = ["read", "edit", "restore", "decide"]
        steps = [(self.dice.choice(["regenerate", "resume"]), "run") for _ in range(3)]
        for who in self.seen:
            steps += [(name, who) for name in self.dice.choices(person, weights=[3, 4, 2, 2], k=5)]
        self.dice.shuffle(steps)
        while steps:
            together = self.dice.choice([1, 1, 1, 3])
            batch, steps = steps[:together], steps[together:]
            self.did.update(name for name, _ in batch)
            await asyncio.gather(*(getattr(self, name)(who) for name, who in batch))

    async def faults(self) -> list[str]:
        """What is not as it should be."""
        infos = sorted(await self.documents.versions(self.document), key=lambda v: v.number)
        texts = {(await self.documents.version(self.document, v.number)).text for v in infos}
        proposals = await self.documents.proposals.list(self.document, limit=500)
        beside = {(await self.documents.proposals.get(self.document, p.id)).text for p in proposals}
        found: list[str] = []
        if [v.number for v in infos] != list(range(1, len(infos) + 1)):
            found.append("gap")
        if self.told - texts - beside:
            found.append("lost")
        if self.refused & texts:
            found.append("refused but saved")
        if any(new.author.kind == "run" and old.author.kind == "person" for old, new in pairwise(infos)):
            found.append("a run over a person")
        return found


async def play_all(database: Database, count: int, seed: int) -> tuple[Counter[str], Counter[str]]:
    """Faults by kind and what was done, over `count` interleavings."""
    documents = Documents(database)
    faults: Counter[str] = Counter()
    did: Counter[str] = Counter()
    slots = asyncio.Semaphore(AT_ONCE)

    async def one(number: int) -> None:
        async with slots:
            story = Story(documents, f"{seed}/{number}")
            await story.play()
            faults.update(await story.faults())
            did.update(story.did)
            await documents.forget(BOOK, [story.document])

    await asyncio.gather(*(one(number) for number in range(count)))
    return faults, did


async def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    with TemporaryDirectory() as folder:
        server = EmbeddedPostgres(Path(folder), settings={"fsync": "off", "synchronous_commit": "off"})
        url = await server.start()
        database = Database(url)
        try:
            await migrate.upgrade(url)
            begun = time.monotonic()
            faults, did = await play_all(database, count, seed)
            print(f"{count:,} interleavings in {time.monotonic() - begun:.0f} s, seed {seed}")
            print("done:  ", ", ".join(f"{what} {times:,}" for what, times in sorted(did.items())))
            print("faults:", ", ".join(f"{what} {times:,}" for what, times in faults.items()) or "none")
        finally:
            await database.dispose()
            await server.stop_if_unused()


if __name__ == "__main__":
    asyncio.run(main())
