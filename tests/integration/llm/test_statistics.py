import asyncio
import contextlib
import datetime as dt
from decimal import Decimal

import psycopg
import pytest
from llm_support import Setup, make_service, user

from scrivano.core.clock import now
from scrivano.core.database import Database
from scrivano.core.errors import InvalidInput
from scrivano.llm.public import CallContext, LLMError, LLMService, ModelChange, Options
from scrivano.llm.scripted.server import ScriptedServer

IN, OUT = Decimal(3), Decimal(15)


async def furnish(service: LLMService) -> None:
    """A free local model and a cloud model with prices."""
    for model in await service.registry.models():
        if model.name == "cloudy":
            change = ModelChange(tier="cloud", input_mtok=IN, output_mtok=OUT)
        else:
            change = ModelChange(tier="small-local", electricity_hour=Decimal("0.36"))
        await service.registry.change_model(model.id, change)


def music(genre: str, **more: str) -> CallContext:
    return CallContext(feature="music", purpose="compose", labels={"genre": genre}, user_id="ada", **more)  # type: ignore[arg-type]


async def test_counts_costs_and_savings_by_tier_feature_and_genre(scripted: Setup) -> None:
    async with scripted({"models": ["little", "cloudy"]}) as (service, _):
        await furnish(service)
        local = [
            await service.generate_response(
                user(f"{n}"), options=Options(model="little"), context=music("jazz")
            )
            for n in range(3)
        ]
        cloud = await service.generate_response(
            user("x"), options=Options(model="cloudy"), context=music("blues")
        )
        await service.generate_response(
            user("y"), options=Options(model="little"), context=CallContext(feature="books", purpose="p")
        )
        await service.statistics.note_rules(music("jazz"))
        seen = await service.statistics.statistics("music")
        everything = await service.statistics.statistics()
    would = (
        sum((r.usage.prompt_tokens * IN + r.usage.completion_tokens * OUT for r in local), Decimal(0))
        / 1_000_000
    )
    jazz = seen.by_genre["jazz"]
    assert jazz["small-local"].finished == 3 and jazz["rules"].finished == 1
    assert jazz["small-local"].would_have_cost == would
    assert jazz["small-local"].cost == sum((r.cost for r in local), Decimal(0)) > 0
    assert jazz["small-local"].saved_usd == would - jazz["small-local"].cost
    assert seen.by_genre["blues"]["cloud"].saved_usd == 0
    assert seen.total.cost == cloud.cost + jazz["small-local"].cost
    assert set(seen.by_tier) == {"small-local", "cloud", "rules"}
    assert set(everything.by_feature) == {"music", "books"}
    assert seen.total.attempts == 5 and everything.total.attempts == 6


async def test_what_failed_counts_against_the_savings(scripted: Setup) -> None:
    script = {"models": ["little", "cloudy"], "rule": [{"match": {"model": "cloudy"}, "cut_after": 24}]}
    async with scripted(script) as (service, _):
        await furnish(service)
        context = music("jazz").model_copy(update={"chain": ("cloudy", "little")})
        answer = await service.generate_response(user("hi"), options=Options(retries=0), context=context)
        seen = await service.statistics.statistics()
    assert answer.model == "little"
    assert seen.by_tier["cloud"].finished == 0
    assert seen.by_tier["cloud"].cost > 0
    assert seen.by_tier["cloud"].saved_usd == -seen.by_tier["cloud"].cost
    assert seen.total.saved_usd == seen.by_tier["small-local"].saved_usd + seen.by_tier["cloud"].saved_usd


async def test_a_new_start_deletes_nothing(scripted: Setup) -> None:
    async with scripted({"models": ["little", "cloudy"]}) as (service, _):
        await furnish(service)
        options = Options(model="little")
        await service.generate_response(user("1"), options=options, context=music("jazz"))
        await service.statistics.start_anew("music")
        await service.generate_response(user("2"), options=options, context=music("jazz"))
        await service.generate_response(
            user("3"), options=options, context=CallContext(feature="books", purpose="p")
        )
        after = await service.statistics.statistics("music")
        both = await service.statistics.statistics()
        rows = await service.latest_requests()
        usage = await service.statistics.usage(since=now() - dt.timedelta(hours=2), step="all", by="none")
        await service.statistics.start_anew()
        nothing = await service.statistics.statistics("music")
    assert (after.total.attempts, both.total.attempts) == (1, 2)
    assert after.since is not None and both.since is None
    assert len(rows) == 3
    assert [row.attempts for row in usage] == [3]
    assert nothing.total.attempts == 0 and nothing.by_tier == {}


async def test_without_a_cloud_model_there_is_nothing_to_compare_with(scripted: Setup) -> None:
    async with scripted({"models": ["little"]}) as (service, _):
        await service.generate_response(user("1"), context=music("jazz"))
        seen = await service.statistics.statistics()
    assert (seen.total.unpriced, seen.total.would_have_cost) == (1, 0)


async def test_usage_by_time_and_group(scripted: Setup) -> None:
    async with scripted({"models": ["little", "cloudy"]}) as (service, _):
        await furnish(service)
        for model in ("little", "cloudy", "cloudy"):
            own = music("jazz", project_id=f"p-{model}", api_key_id="k")
            await service.generate_response(user("x"), options=Options(model=model), context=own)
        since = now() - dt.timedelta(hours=1)
        statistics = service.statistics
        by_model = await statistics.usage(since=since, step="hour", by="model")
        for by, names in [
            ("tier", {"small-local", "cloud"}),
            ("feature", {"music"}),
            ("kind", {"text"}),
            ("genre", {"jazz"}),
            ("user", {"ada"}),
            ("project", {"p-little", "p-cloudy"}),
            ("key", {"k"}),
            ("none", {None}),
        ]:
            for step in ("hour", "day", "month", "all"):
                rows = await statistics.usage(since=since, step=step, by=by)  # type: ignore[arg-type]
                assert {row.group for row in rows} == names
                assert sum(row.attempts for row in rows) == 3
                assert all((row.start is None) == (step == "all") for row in rows)
        mine = await statistics.usage(since=since, project_id="p-cloudy", by="none")
        nobody = await statistics.usage(since=since, user_id="nobody")
        with pytest.raises(InvalidInput):
            await statistics.usage(since=now(), until=since)
    assert by_model[0].group is not None and by_model[0].group.endswith("/cloudy")
    assert by_model[0].start is not None and by_model[0].start <= now()
    assert [row.attempts for row in mine] == [2]
    assert nobody == []


async def test_sums_of_many_processes_are_exact(database: Database) -> None:
    async with ScriptedServer({"rule": [{"times": 7, "status": 400}]}) as server:
        services = [make_service(database) for _ in range(3)]
        for service in services:
            await service.start()
        await services[0].registry.discover([server.url])

        async def ask(service: LLMService, number: int) -> None:
            with contextlib.suppress(LLMError):
                await service.generate_response(user(f"{number}"), context=music("jazz"))

        await asyncio.gather(*(ask(service, n) for n in range(20) for service in services))
        seen = await services[1].statistics.statistics()
        rows = await services[1].latest_requests(limit=100)
        for service in services:
            await service.stop()
    assert seen.total.attempts == len(rows) == 60
    assert seen.total.finished == 53
    assert seen.total.prompt_tokens == sum(row.usage.prompt_tokens for row in rows)
    assert seen.total.completion_tokens == sum(row.usage.completion_tokens for row in rows)


async def test_days_that_are_over_are_added_up_without_changing_a_sum(
    scripted: Setup, database: Database
) -> None:
    async with scripted({"models": ["little"]}) as (service, _):
        for genre in ("jazz", "blues", "jazz"):
            await service.generate_response(user("x"), context=music(genre))
        async with await psycopg.AsyncConnection.connect(database.url, autocommit=True) as connection:
            await connection.execute(
                "INSERT INTO llm_usage_hours SELECT hour - back, slot, profile, person, project, api_key, genre, attempts, "
                "finished, hits, priced, prompt_tokens, completion_tokens, cached_tokens, reasoning_tokens, ms, cost, "
                "would_cost, saved FROM llm_usage_hours, generate_series(1, 200, 7) AS back"
            )
            total = await (await connection.execute("SELECT sum(attempts) FROM llm_usage_hours")).fetchone()
        room, end = service.statistics, now() + dt.timedelta(hours=1)
        for hours in (1, 24, 30, 100, 170, 210):
            since = end - dt.timedelta(hours=hours)
            by_hour = await room.usage(since=since, step="hour", by="genre")
            for step in ("day", "month", "all"):
                rows = await room.usage(since=since, step=step, by="genre")  # type: ignore[arg-type]
                for genre in ("jazz", "blues"):
                    assert sum(r.attempts for r in rows if r.group == genre) == sum(
                        r.attempts for r in by_hour if r.group == genre
                    )
            until = since + dt.timedelta(hours=hours // 2 + 1)
            mine = await room.usage(since=since, until=until, step="all", by="none", user_id="ada")
            hourly = await room.usage(since=since, until=until, step="hour", by="none")
            assert sum(r.prompt_tokens for r in mine) == sum(r.prompt_tokens for r in hourly)
        seen = await room.statistics()
        async with await psycopg.AsyncConnection.connect(database.url, autocommit=True) as connection:
            days = await (await connection.execute("SELECT count(*) FROM llm_usage_days")).fetchone()
    assert total is not None and days is not None
    assert seen.total.attempts == total[0] == 90
    assert days[0] >= 14
