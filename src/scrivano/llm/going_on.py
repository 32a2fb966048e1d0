"""How a model is asked to go on from a text that broke off."""

from dataclasses import replace
from typing import Literal
from uuid import UUID

from scrivano.core.errors import ScrivanoError
from scrivano.llm.attempt import Call, Parts
from scrivano.llm.dto import Message, Options, PromptSource
from scrivano.llm.joint import Joint, anchor_of
from scrivano.llm.registry.dto import ModelView

Way = Literal["prefill", "prompt"]

_TAIL = 1_500
"""Characters of the text's end that the prompt shows; the whole text stands before it as the model's own."""

_LEAST = 16


class GoingOn:
    """Chooses the way for each model and remembers which refused one."""

    def __init__(self, call: Call, prompts: PromptSource | None) -> None:
        self._call = call
        self._prompts = prompts
        self._refused: set[tuple[UUID, Way]] = set()

    def way(self, model: ModelView) -> Way | None:
        """The best way that this model has left, if any."""
        if "prefill" in model.capabilities and (model.id, "prefill") not in self._refused:
            return "prefill"
        if self._prompts is not None and (model.id, "prompt") not in self._refused:
            return "prompt"
        return None

    def refuse(self, model: ModelView, way: Way) -> bool:
        """This way does not work with the model; gives whether another one is left."""
        self._refused.add((model.id, way))
        return self.way(model) is not None

    async def ask(self, model: ModelView, parts: Parts) -> tuple[Call, Joint, Way] | None:
        """The call that asks for the rest of `parts`, and the joint that its text goes through."""
        way = self.way(model)
        if way == "prompt":
            asked = await self._asked(parts.text)
            if asked is None:
                self.refuse(model, "prompt")
                return None
            messages = (*self._call.messages, _answer(parts.text), *asked)
        elif way == "prefill":
            begun = parts.text.rstrip()
            messages = (*self._call.messages, _answer(begun)) if begun else self._call.messages
        else:
            return None
        # A grammar would make the model begin its JSON anew; what comes is checked at the end all the same.
        call = replace(self._call, messages=messages, options=self._left(parts), schema=None)
        return call, Joint(parts.text, prefilled=way == "prefill"), way

    def _left(self, parts: Parts) -> Options:
        options = self._call.options
        if options.max_tokens is None:
            return options
        # What came is counted by bounds where the tokenizer is unknown; by these the rest would be cut short.
        left = max(_LEAST, options.max_tokens - len(parts.text.encode()) // 4)
        return options.model_copy(update={"max_tokens": min(left, options.max_tokens)})

    async def _asked(self, text: str) -> list[Message] | None:
        if self._prompts is None:
            return None
        try:
            messages, _ = await self._prompts(
                "llm_continue", {"tail": text[-_TAIL:], "anchor": anchor_of(text)}
            )
        except ScrivanoError:
            # A template that was changed beyond use must not hide that the answer broke off.
            return None
        return messages


def _answer(text: str) -> Message:
    return Message(role="assistant", content=text)
