"""Why a file cannot be read, in words for the person who brought it."""


class Refused(Exception):
    """A file that is not read. `reason` is a sentence about “the file”, `remedy` what the person can do."""

    def __init__(self, reason: str, remedy: str = "Take another copy of the file, or save it anew.") -> None:
        super().__init__(reason)
        self.reason = reason
        self.remedy = remedy


DAMAGED = "The file is damaged or cut off: it is no whole {kind} file."
