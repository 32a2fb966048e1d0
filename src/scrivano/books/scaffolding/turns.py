"""Turns of a conversation around prose: "Assistant:" before it, and what the reader is made to say after it."""

import re

from scrivano.books.scaffolding.blocks import Block, blocks_of
from scrivano.books.scaffolding.edges import Trimmed
from scrivano.books.scaffolding.judging import judged

NEAR_END = 6  # blocks from the end within which a reader's turn ends the text
_SPEAKER = re.compile(r"\W{0,3}[A-ZÄÖÜÉÑ][\w .'-]{0,24}\W{0,2}:\s")
_WRITER = re.compile(
    r"\W{0,4}(?:assistant|ai|chatgpt|claude|gemini|gpt|llm|assistent|asistente|(?:final )?response|(?:final )?output)"
    r"\W{0,3}:[\s*]*",
    re.IGNORECASE,
)
_READER = re.compile(
    r"\W{0,4}(?:human|user|prompt|instruction|question|nutzer(?:in)?|benutzer|usuari[oa]|utilisat(?:eur|rice)"
    r"|mensch|humano|humain)\W{0,3}:(?:\s|$)",
    re.IGNORECASE,
)
_GO_ON = re.compile(
    r"\b(?:continue|go on|keep going|carry on|more|next|weiter|fortfahren|continúa|sigue|continuez|poursui\w+)\b",
    re.IGNORECASE,
)


def without_turns(text: str) -> Trimmed:
    """The text without a writer's label in front and without readers' turns. A play or a transcript is left alone."""
    blocks = blocks_of(text)
    labelled = [b.text for b in blocks if _SPEAKER.match(b.text)]
    played = [label for label in labelled if not (_READER.match(label) or _WRITER.match(label))]
    if not blocks or len(played) > 1 or len(labelled) == len(blocks) > 2:
        return text, []
    for index in range(len(blocks)):
        cut = _turn(blocks, index)
        if cut:
            start, end = cut
            end = len(text) if end < 0 else end
            return (text[:start] + text[end:]).strip(), [text[start:end].strip()]
    label = _WRITER.match(blocks[0].text)
    if label and text[blocks[0].start + label.end() :].strip():
        end = blocks[0].start + label.end()
        return text[end:].strip(), [text[:end].strip()]
    return text, []


def _turn(blocks: tuple[Block, ...], index: int) -> tuple[int, int] | None:
    """What goes because of a reader's turn in this block; -1 stands for the end of the text.

    In front it goes up to the answer. "Continue" goes with the label of what continues; any other turn ends the text.
    """
    block = blocks[index]
    bare = block.text.lstrip("# ")
    turn = _READER.match(bare) if block.kind in ("prose", "heading") else None
    if not turn:
        return None
    if index == 0:
        answer = next((b for b in blocks[1:6] if _WRITER.match(b.text)), None)
        return (0, answer.start) if answer else None
    said = bare[turn.end() :]
    goes_on = len(said.split()) <= 6 and _GO_ON.search(said) is not None
    reply = _WRITER.match(blocks[index + 1].text) if index + 1 < len(blocks) else None
    if reply and goes_on:
        return block.start, blocks[index + 1].start + reply.end()
    if not (reply or goes_on or judged(said, alone=True).weight >= 1.5):
        return None
    return (block.start, -1) if len(blocks) - index <= NEAR_END else None
