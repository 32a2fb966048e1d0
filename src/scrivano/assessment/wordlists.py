"""Word lists as they are written in code."""


def word_list(text: str) -> list[str]:
    """The words of a literal that may run over lines."""
    return text.split()
