"""`scrivano ask`: one question to a model."""

import sys
from typing import Annotated

import typer

from scrivano.cli.output import err, print_json
from scrivano.cli.session import with_gatehouse
from scrivano.core.errors import InvalidInput
from scrivano.gatehouse import Gatehouse
from scrivano.llm.public import CallContext, Message, Options


def ask(
    question: Annotated[
        str | None, typer.Argument(help="The question; without it standard input is read.")
    ] = None,
    model: Annotated[str, typer.Option(help="auto, a model's name, or provider/model.")] = "auto",
    system: Annotated[str | None, typer.Option(help="What the model is told first.")] = None,
    temperature: Annotated[float | None, typer.Option(min=0, max=2)] = None,
    max_tokens: Annotated[int | None, typer.Option(min=1, help="The longest answer, in tokens.")] = None,
    project: Annotated[str | None, typer.Option(help="The project whose budget and rules apply.")] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON document, with model, route and cost.")
    ] = False,
) -> None:
    """Ask a model and print its answer as it is written. The request is in the log like any other."""
    text = question if question is not None else sys.stdin.read()
    if not text.strip():
        raise InvalidInput("There is no question.", field="question", remedy='scrivano ask "…"')

    async def body(house: Gatehouse) -> None:
        messages = [Message(role="system", content=system)] if system else []
        messages.append(Message(role="user", content=text))
        options = Options(model=model, temperature=temperature, max_tokens=max_tokens)
        context = CallContext(feature="ask", purpose="ask", project_id=project)
        if as_json:
            print_json(await house.llm.generate_response(messages, options=options, context=context))
            return
        async with house.llm.stream_response(messages, options=options, context=context) as stream:
            async for piece in stream:
                sys.stdout.write(piece)
                sys.stdout.flush()
            sys.stdout.write("\n")
            answer = stream.result
        cost = f"${answer.cost:f}" if answer.cost else "free"
        err.print(
            f"{answer.provider}/{answer.model} ({answer.route}), {answer.usage.completion_tokens} tokens, "
            f"{answer.seconds:.1f} s, {cost}; request {answer.request_id}",
            markup=False,
        )

    with_gatehouse(body)
