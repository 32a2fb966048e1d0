"""Commands that are loaded when they are called: who asks for help, or for one command, waits for no other."""

import importlib
from dataclasses import dataclass
from typing import Any, ClassVar

import typer
from typer.core import TyperCommand, TyperGroup


@dataclass(frozen=True)
class Late:
    """A command or a group: its name, where it is (`module:function` or `module:app`), and the first sentence of its
    help."""

    name: str
    place: str
    help: str

    def load(self) -> Any:
        """The command itself."""
        module, _, attribute = self.place.partition(":")
        found: Any = getattr(importlib.import_module(module), attribute)
        # What holds for the whole command line holds for what is hung into a group of its own.
        above = typer.Typer(add_completion=False, rich_markup_mode=None)
        if isinstance(found, typer.Typer):
            above.add_typer(found, name=self.name)
        else:
            above.command(self.name)(found)
        return typer.main.get_group(above).commands[self.name]


class LateGroup(TyperGroup):
    """A group of such commands; a subclass names them."""

    late: ClassVar[tuple[Late, ...]] = ()

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        shown: dict[str, Any] = {each.name: TyperCommand(each.name, help=each.help) for each in self.late}
        self.commands = shown
        self._loaded: dict[str, Any] = {}

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command of this name, loaded; None if there is none."""
        if cmd_name not in self._loaded:
            for each in self.late:
                if each.name == cmd_name:
                    self._loaded[cmd_name] = each.load()
        return self._loaded.get(cmd_name)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """List the commands without loading them."""
        TyperGroup(commands=self.commands).format_commands(ctx, formatter)
