"""`scrivano models`: model servers and their models."""

import sys
from typing import Annotated

import typer
from pydantic import ValidationError

from scrivano.cli.db import reseal as reseal_all
from scrivano.cli.output import err, out, print_json, table
from scrivano.cli.session import with_gatehouse
from scrivano.core.errors import Conflict, InvalidInput, NotFound
from scrivano.gatehouse import Gatehouse
from scrivano.llm.public import CallContext, Message, ModelChange, ModelView, Options

app = typer.Typer(help="Model servers and their models.", no_args_is_help=True)
JSON = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of prose.")]
_SHORT_ANSWER = 100
KeyStdin = Annotated[
    bool,
    typer.Option(
        "--key-stdin", help="Read the provider's API key from standard input; it is stored encrypted."
    ),
]


@app.command()
def discover(
    urls: Annotated[
        list[str] | None, typer.Argument(help="Servers to ask; without any, the usual local ports.")
    ] = None,
    key_stdin: KeyStdin = False,
    as_json: JSON = False,
) -> None:
    """Look for model servers (Ollama, llama.cpp, vLLM, LM Studio, anything OpenAI-compatible) and remember them."""
    key = _key(key_stdin)

    async def body(house: Gatehouse) -> None:
        found = await house.llm.registry.discover(urls or None, api_key=key)
        if as_json:
            print_json(found)
            return
        for server in found:
            names = ", ".join(m.name for m in server.models) or "no model"
            out.print(f"{server.provider.name} at {server.provider.base_url}: {names}", markup=False)
        if not found:
            where = ", ".join(urls) if urls else "the usual local ports (11434, 8080, 8000, 1234)"
            err.print(
                f"No model server answers at {where}. Books are written by the built-in writer until one does."
            )

    with_gatehouse(body)


@app.command("list")
def list_models(as_json: JSON = False) -> None:
    """List the models that are known, in the order in which they are asked."""

    async def body(house: Gatehouse) -> None:
        models = await house.llm.registry.models()
        if as_json:
            print_json(models)
            return
        rows = [
            [
                m.provider,
                m.name,
                m.tier,
                f"{m.context_length:,}",
                _price(m),
                m.health,
                "" if m.enabled else "off",
            ]
            for m in models
        ]
        table(
            ["provider", "model", "tier", "context", "$ per million tokens in / out", "health", ""],
            rows,
            empty="No model is known. Start a model server and run: scrivano models discover",
        )

    with_gatehouse(body)


def _price(model: ModelView) -> str:
    if not model.prices_known and model.locality == "cloud":
        return "unknown"
    return f"{model.input_mtok.normalize():f} / {model.output_mtok.normalize():f}"


@app.command()
def add(
    url: Annotated[str, typer.Argument(help="The server's base URL, such as https://host/v1.")],
    models: Annotated[
        list[str] | None, typer.Option("--model", help="A model's name; may be given several times.")
    ] = None,
    name: Annotated[str | None, typer.Option(help="A name for the server.")] = None,
    kind: Annotated[
        str,
        typer.Option(
            help="What it speaks: openai_compatible, anthropic, gemini, cloudflare, searxng, brave …"
        ),
    ] = "openai_compatible",
    price_in: Annotated[float | None, typer.Option(help="US dollars per million tokens in.")] = None,
    price_out: Annotated[float | None, typer.Option(help="US dollars per million tokens out.")] = None,
    context_length: Annotated[int | None, typer.Option(help="Tokens that fit in.")] = None,
    key_stdin: KeyStdin = False,
    as_json: JSON = False,
) -> None:
    """Add a server and its models. Without `--model` the server is asked which it has."""
    key = _key(key_stdin)

    async def body(house: Gatehouse) -> None:
        registry = house.llm.registry
        found: list[ModelView] = []
        if models or kind != "openai_compatible":
            known = {p.base_url: p for p in await registry.providers()}
            provider = known.get(url.rstrip("/")) or await registry.add_provider(
                name or _host(url), url, kind=kind, api_key=key
            )
            for model in models or []:
                try:
                    found.append(await registry.add_model(provider.id, model))
                except Conflict:
                    found += [
                        m for m in await registry.models() if m.name == model and m.provider_id == provider.id
                    ]
            if not models:
                # A search engine comes with its one model; of the others a person names those that are wanted.
                found = [m for m in await registry.models() if m.provider_id == provider.id]
                names = [] if found else sorted(await registry.check(provider) or ())
                if len(names) == 1:
                    # A file with a model in it leaves nothing to choose.
                    found = [await registry.add_model(provider.id, names[0])]
                elif not found:
                    seen = ", ".join(names[:20]) or "none seen"
                    err.print(f"{provider.name} is stored. Name its models with --model: {seen}.")
        else:
            servers = await registry.discover([url], api_key=key)
            found = [m for server in servers for m in server.models]
            if not found:
                raise InvalidInput(
                    f"{url} does not answer as an OpenAI-compatible server, or has no models.",
                    field="url",
                    remedy="Check the address and the key, or name a model with --model.",
                )
        change = {"input_mtok": price_in, "output_mtok": price_out, "context_length": context_length}
        given = {k: v for k, v in change.items() if v is not None}
        if given:
            found = [await registry.change_model(m.id, ModelChange.model_validate(given)) for m in found]
        if as_json:
            print_json(found)
        else:
            for model in found:
                out.print(f"{model.provider}/{model.name}", markup=False)

    with_gatehouse(body)


@app.command()
def change(
    model: Annotated[str, typer.Argument(help="A model's name, or provider/model.")],
    tier: Annotated[str | None, typer.Option(help="small-local, large-local or cloud.")] = None,
    priority: Annotated[int | None, typer.Option(help="Within its tier, the lowest is asked first.")] = None,
    enabled: Annotated[
        bool | None, typer.Option("--enable/--disable", help="Whether it may be asked.")
    ] = None,
    price_in: Annotated[float | None, typer.Option(min=0, help="US dollars per million tokens in.")] = None,
    price_out: Annotated[float | None, typer.Option(min=0, help="US dollars per million tokens out.")] = None,
    electricity: Annotated[
        float | None, typer.Option(min=0, help="US dollars that an hour of this machine's work costs.")
    ] = None,
    context_length: Annotated[int | None, typer.Option(min=1, help="Tokens that fit in.")] = None,
    concurrency: Annotated[int | None, typer.Option(min=1, help="How many requests at once.")] = None,
    as_json: JSON = False,
) -> None:
    """Change what is known of a model: its tier, its prices, how much it holds, whether it may be asked."""
    given = {
        "tier": tier,
        "priority": priority,
        "enabled": enabled,
        "input_mtok": price_in,
        "output_mtok": price_out,
        "electricity_hour": electricity,
        "context_length": context_length,
        "concurrency": concurrency,
    }
    wanted = _change({name: value for name, value in given.items() if value is not None})

    async def body(house: Gatehouse) -> None:
        changed = await house.llm.registry.change_model((await _one(house, model)).id, wanted)
        if as_json:
            print_json(changed)
            return
        price = _price(changed)
        out.print(
            f"{changed.provider}/{changed.name}: {changed.tier}, {changed.context_length:,} tokens, {price}",
            markup=False,
        )

    with_gatehouse(body)


@app.command()
def test(
    model: Annotated[str, typer.Argument(help="A model's name, or provider/model.")],
    question: Annotated[str, typer.Argument(help="What it is asked.")] = "Say hello in one short sentence.",
    as_json: JSON = False,
) -> None:
    """Ask this model, and no other, something short; say how long it took and what it cost."""

    async def body(house: Gatehouse) -> None:
        found = await _one(house, model)
        answer = await house.llm.generate_response(
            [Message(role="user", content=question)],
            options=Options(
                model=f"{found.provider}/{found.name}", max_tokens=_SHORT_ANSWER, min_tokens=1, retries=0
            ),
            context=CallContext(feature="llm", purpose="test_model"),
        )
        if as_json:
            print_json(answer)
            return
        out.print(answer.text, markup=False)
        err.print(f"{answer.seconds:.2f} s, ${answer.cost:f}, request {answer.request_id}", markup=False)

    with_gatehouse(body)


@app.command()
def reseal() -> None:
    """The same as `scrivano db reseal`: all stored secrets, not only the providers' keys."""
    reseal_all()


async def _one(house: Gatehouse, name: str) -> ModelView:
    found = [m for m in await house.llm.registry.models() if name in (m.name, f"{m.provider}/{m.name}")]
    if not found:
        raise NotFound(f"There is no model {name!r}.", field="model", remedy="See: scrivano models list")
    if len(found) > 1:
        names = ", ".join(f"{m.provider}/{m.name}" for m in found)
        raise InvalidInput(f"Several providers have {name!r}.", field="model", remedy=f"Name one: {names}.")
    return found[0]


def _change(given: dict[str, object]) -> ModelChange:
    if not given:
        raise InvalidInput("Nothing is to be changed.", remedy="See: scrivano models change --help")
    try:
        return ModelChange.model_validate(given)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        field = str(first["loc"][0])
        raise InvalidInput(f"{field}: {first['msg']}.", field=field) from error


@app.command()
def remove(
    model: Annotated[
        str, typer.Argument(help="A model's name, provider/model, or a provider's name for all of it.")
    ],
) -> None:
    """Forget a model or a whole provider. The log keeps what it wrote."""

    async def body(house: Gatehouse) -> None:
        registry = house.llm.registry
        providers = [p for p in await registry.providers() if p.name == model]
        models = [m for m in await registry.models() if model in (m.name, f"{m.provider}/{m.name}")]
        if not providers and not models:
            raise NotFound(f"There is no model or provider {model!r}.", remedy="See: scrivano models list")
        for provider in providers:
            await registry.remove_provider(provider.id)
        for found in models if not providers else []:
            await registry.remove_model(found.id)
        out.print(f"Removed {model}.", markup=False)

    with_gatehouse(body)


def _key(from_stdin: bool) -> str | None:
    if not from_stdin:
        return None
    key = sys.stdin.readline().strip()
    if not key:
        raise InvalidInput(
            "No key came from standard input.", field="--key-stdin", remedy="echo KEY | scrivano …"
        )
    return key


def _host(url: str) -> str:
    return url.split("//")[-1].split("/")[0].replace(":", "-")
