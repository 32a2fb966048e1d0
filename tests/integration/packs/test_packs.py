"""Packs in the database: loading, installing, removing, listing what is trained."""

import asyncio
from pathlib import Path

import pytest

from scrivano.core.database import Database
from scrivano.packs.public import BrokenPack, PackInTheWay, PackNotFound, Packs
from tests.unit.packs import pack_folder


@pytest.fixture
def packs(database: Database, tmp_path: Path) -> Packs:
    """An installation whose only shipped pack is the lamps."""
    pack_folder.write(tmp_path / "shipped")
    return Packs(database, shipped=tmp_path / "shipped")


async def titles(packs: Packs) -> list[str]:
    return [sample.title for sample in await packs.chapter_samples("lamps", "care")]


async def test_the_shipped_packs_give_three_domains_and_nine_niches(database: Database) -> None:
    packs = Packs(database)
    await packs.load_shipped()
    domains = await packs.domains()
    assert [d.slug for d in domains] == [
        "ai_automation",
        "parenting_preschool_learning",
        "ecommerce_digital_products",
    ]
    niches = [niche.slug for d in domains for niche in await packs.niches(d.slug)]
    assert niches == [
        "no_code_ai_tools",
        "ai_content_creation",
        "business_automation",
        "speech_development",
        "preschool_learning",
        "early_childhood",
        "digital_products",
        "online_store_setup",
        "ecommerce_marketing",
    ]
    assert sum(d.outlines + d.chapters for d in domains) >= 63
    assert (await packs.load_shipped()).unchanged


async def test_samples_come_with_their_content(packs: Packs) -> None:
    await packs.load_shipped()
    chapters = await packs.chapter_samples("lamps", "care")
    assert [c.id for c in chapters] == [f"lamps/care/chapters/chapter-{n}" for n in range(5)]
    assert chapters[0].topics == ("one", "two", "three", "four")
    assert chapters[0].text.startswith("An introduction to lamps.")
    assert 900 <= chapters[0].words <= 1400
    outline = (await packs.outline_samples("lamps", "care"))[0]
    assert (outline.title, len(outline.chapters[0].points)) == ("Plan 0", 4)


async def test_few_shot_gives_the_nearest(packs: Packs, tmp_path: Path) -> None:
    pack_folder.chapter(tmp_path / "shipped" / "lamps", 3, topics='["pricing", "margin", "discount", "tax"]')
    await packs.load_shipped()
    found = await packs.few_shot("lamps", "care", "prices and margins", k=1)
    assert [c.id for c in found] == ["lamps/care/chapters/chapter-3"]
    assert (await packs.few_shot_chapters("lamps", "care", "prices", 1)) == found
    plans = await packs.few_shot("lamps", "care", "wick", kind="outline", k=2)
    assert plans[0].title == "Plan 1"
    assert plans == await packs.few_shot_outlines("lamps", "care", "wick")


async def test_processes_that_start_at_once_load_once(packs: Packs) -> None:
    reports = await asyncio.gather(*(packs.load_shipped() for _ in range(3)))
    assert sorted(report.unchanged for report in reports) == [False, True, True]


async def test_only_trained_and_active_niches_are_listed(packs: Packs, tmp_path: Path) -> None:
    (tmp_path / "shipped/lamps/care/chapters/chapter-0.md").unlink()
    await packs.load_shipped()
    assert await packs.domains() == []
    assert await packs.niches("lamps") == []
    pack_folder.chapter(tmp_path / "shipped" / "lamps", 0)
    await packs.load_shipped()
    assert [d.slug for d in await packs.domains()] == ["lamps"]
    await packs.set_active("lamps", active=False)
    assert await packs.domains() == []


async def test_an_upgrade_replaces_changed_samples_and_keeps_the_old_ones_retired(
    packs: Packs, tmp_path: Path
) -> None:
    await packs.load_shipped()
    before = (await packs.chapter_samples("lamps", "care"))[0]
    pack_folder.chapter(tmp_path / "shipped" / "lamps", 0, title='"New lamp"')
    pack_folder.chapter(tmp_path / "shipped" / "lamps", 9)
    await packs.load_shipped()
    assert await titles(packs) == ["New lamp", "Lamp 1", "Lamp 2", "Lamp 3", "Lamp 4", "Lamp 9"]
    pack_folder.chapter(tmp_path / "shipped" / "lamps", 0)
    await packs.load_shipped()
    assert (await packs.chapter_samples("lamps", "care"))[0] == before


async def test_removed_packs_stay_removed_until_a_person_installs_them(packs: Packs, tmp_path: Path) -> None:
    await packs.load_shipped()
    await packs.remove("lamps")
    assert await packs.domains() == []
    assert (await packs.niche("lamps", "care")).keywords
    with pytest.raises(PackNotFound):
        await packs.niches("lamps")
    pack_folder.chapter(tmp_path / "shipped" / "lamps", 9)
    assert (await packs.load_shipped()).left_alone == ("lamps",)
    assert await packs.domains() == []
    installed = await packs.install(tmp_path / "shipped" / "lamps")
    assert (installed.slug, installed.origin, installed.chapters) == ("lamps", "installed", 6)
    assert len(await titles(packs)) == 6


async def test_a_persons_own_version_is_left_alone_by_upgrades(packs: Packs, tmp_path: Path) -> None:
    await packs.load_shipped()
    exported = await packs.export("lamps", tmp_path / "mine")
    pack_folder.chapter(exported, 0, title='"My lamp"')
    await packs.install(exported)
    pack_folder.chapter(tmp_path / "shipped" / "lamps", 9)
    await packs.load_shipped()
    assert await titles(packs) == ["My lamp", "Lamp 1", "Lamp 2", "Lamp 3", "Lamp 4"]


async def test_export_and_install_give_the_same_samples(packs: Packs, tmp_path: Path) -> None:
    await packs.load_shipped()
    before = await packs.chapter_samples("lamps", "care"), await packs.outline_samples("lamps", "care")
    folder = await packs.export("lamps", tmp_path / "out")
    assert await packs.check(folder) == []
    await packs.remove("lamps")
    await packs.install(folder)
    assert (
        await packs.chapter_samples("lamps", "care"),
        await packs.outline_samples("lamps", "care"),
    ) == before
    with pytest.raises(PackInTheWay):
        await packs.export("lamps", tmp_path / "out")


async def test_a_broken_pack_changes_nothing_and_says_why(packs: Packs, tmp_path: Path) -> None:
    await packs.load_shipped()
    broken = pack_folder.write(tmp_path / "broken")
    pack_folder.chapter(broken, 0, title='"New"')
    pack_folder.chapter(broken, 1, mood='"dark"')
    with pytest.raises(BrokenPack, match=r"chapter-1\.md: mood: is not a known key") as raised:
        await packs.install(broken)
    assert "packs check" in (raised.value.remedy or "")
    assert (await titles(packs))[0] == "Lamp 0"


async def test_a_niche_that_a_new_version_drops_is_gone(packs: Packs, tmp_path: Path) -> None:
    await packs.load_shipped()
    toml = tmp_path / "shipped" / "lamps" / "pack.toml"
    toml.write_text(toml.read_text().replace('slug = "care"', 'slug = "repair"'))
    (tmp_path / "shipped" / "lamps" / "care").rename(tmp_path / "shipped" / "lamps" / "repair")
    await packs.load_shipped()
    assert [n.slug for n in await packs.niches("lamps")] == ["repair"]
    assert await titles(packs) == []


async def test_what_is_not_there_is_named_with_what_was_probably_meant(packs: Packs) -> None:
    await packs.load_shipped()
    with pytest.raises(PackNotFound) as raised:
        await packs.niches("lampe")
    assert raised.value.remedy == "Did you mean 'lamps'?"
    for failing in (
        packs.chapter_samples("lamps", "car"),
        packs.niche("lamps", "car"),
        packs.remove("oil"),
        packs.export("oil", Path("/nowhere")),
        packs.set_active("oil", active=True),
    ):
        with pytest.raises(PackNotFound):
            await failing
