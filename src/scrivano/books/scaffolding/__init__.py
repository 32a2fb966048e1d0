"""Prose freed of what a language model leaked around it: greetings, offers, notes, wrappers, echoed prompts.

A passage is taken out for where it stands (at the top, at the end, alone between paragraphs, before the first or
after the last sentence) and for what it says (talk about the task or about the answer itself), never for a phrase
alone: `wrappers` peels technical shells, `headings` the repeated title, `edges` the talk, and `judging` decides what
is talk. The phrases are data, one file for each language, in `phrases/`.
"""

from scrivano.books.scaffolding.cleaning import without_scaffolding

__all__ = ["without_scaffolding"]
