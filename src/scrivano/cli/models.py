"""`scrivano models`: model servers and their models."""

import sys
from typing import Annotated

import typer

from scrivano.cli.output import err, out, print_json, table
from scrivano.cli.session import with_gatehouse
from scrivano.core.errors import Conflict, InvalidInput, NotFound
from scrivano.gatehouse import Gatehouse
from scrivano.llm.public import ModelChange, ModelView

app = typer.Typer(help="Model servers and their models.", no_args_is_help=True)
JSON = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of prose.")]
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
        if models:
            known = {p.base_url: p for p in await registry.providers()}
            provider = known.get(url.rstrip("/")) or await registry.add_provider(
                name or _host(url), url, api_key=key
            )
            for model in models:
                try:
                    found.append(await registry.add_model(provider.id, model))
                except Conflict:
                    found += [
                        m for m in await registry.models() if m.name == model and m.provider_id == provider.id
                    ]
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
