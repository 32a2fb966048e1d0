"""A workflow as data: fields, stages with rules, actions. It is checked whole before it is kept."""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,59}$")]
Title = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00]*$")]
Help = Annotated[str, StringConstraints(max_length=2000, pattern=r"^[^\x00]*$")]
FieldKind = Literal[
    "text", "long_text", "markdown", "lines", "number", "choice", "flag", "outline", "findings", "picture"
]
Test = Literal["filled", "at_least", "at_most", "sources", "cites_kept", "cited", "no_open_proposals", "slug"]
ActionKind = Literal[
    "ask", "search", "write_sections", "check_facts", "edit_sections", "check_links", "draw", "publish"
]
Fallback = Literal["metadata", "slug", "summary", "tags"]

BODY = "body"
TITLE = "title"
_ASKING = ("ask", "write_sections", "check_facts", "edit_sections")


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class WorkflowField(_Part):
    """Something that a post has. `lines` is a list of short texts; `outline` a list of sections; `default` is what
    a new post begins with."""

    name: Name
    title: Title
    kind: FieldKind = "text"
    help: Help = ""
    choices: tuple[Title, ...] = Field(default=(), max_length=100)
    default: str | int | list[str] | None = None

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if (self.kind == "choice") != bool(self.choices):
            raise ValueError("`choices` belong to a field of the kind choice, and it needs them")
        return self


class StageRule(_Part):
    """What has to hold. `at_least` and `at_most` count the items of a list and the words of a text."""

    test: Test
    field: Name | None = None
    value: int = Field(default=1, ge=0, le=1_000_000)

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.test in ("filled", "at_least", "at_most", "slug") and self.field is None:
            raise ValueError(f"the test {self.test} needs a field")
        return self


class Action(_Part):
    """Something to automate. Variables of the template that are named like a field get its value; `inputs` says
    for others which field they get. `optional` ones are left out where nobody can do them."""

    name: Name
    title: Title
    kind: ActionKind
    help: Help = ""
    template: Name | None = None
    inputs: dict[Name, Name] = Field(default_factory=dict, max_length=50)
    outputs: tuple[Name, ...] = Field(default=(), max_length=30)
    fallback: Fallback | None = Field(
        default=None, description="The rules that do it where no model answers."
    )
    optional: bool = False

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if (self.template is not None) != (self.kind in _ASKING):
            raise ValueError(
                f"an action of the kind {self.kind} has {'a' if self.template is None else 'no'} template"
            )
        if not self.outputs and self.kind not in ("search", "publish"):
            raise ValueError(f"an action of the kind {self.kind} names the fields that it fills")
        return self


class Stage(_Part):
    """A stage: its fields, what must hold to enter and to leave it, and whether a person decides that it ends."""

    name: Name
    title: Title
    help: Help = ""
    fields: tuple[Name, ...] = Field(default=(), max_length=60)
    enter: tuple[StageRule, ...] = Field(default=(), max_length=30)
    leave: tuple[StageRule, ...] = Field(default=(), max_length=30)
    gate: bool = False
    actions: tuple[Action, ...] = Field(default=(), max_length=30)


class WorkflowContent(_Part):
    """A whole workflow. Each post has a `title` and a `body`, so each workflow has these fields."""

    title: Title
    description: Help = ""
    fields: tuple[WorkflowField, ...] = Field(min_length=2, max_length=100)
    stages: tuple[Stage, ...] = Field(min_length=1, max_length=40)

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        kinds: dict[str, FieldKind] = {field.name: field.kind for field in self.fields}
        _unique("field", [f.name for f in self.fields])
        _unique("stage", [s.name for s in self.stages])
        _unique("action", [a.name for s in self.stages for a in s.actions])
        if kinds.get(TITLE) != "text" or kinds.get(BODY) != "markdown":
            raise ValueError("a workflow has the fields title (text) and body (markdown)")
        for stage in self.stages:
            named = [*stage.fields, *(r.field for r in (*stage.enter, *stage.leave) if r.field)]
            for action in stage.actions:
                named += [*action.outputs, *action.inputs.values()]
                _fits(action, kinds)
            missing = sorted(set(named) - set(kinds))
            if missing:
                raise ValueError(f"stage {stage.name} names fields that are not there: {', '.join(missing)}")
        return self

    def field(self, name: str) -> WorkflowField | None:
        """A field by name."""
        return next((field for field in self.fields if field.name == name), None)

    def stage(self, name: str) -> Stage | None:
        """A stage by name."""
        return next((stage for stage in self.stages if stage.name == name), None)

    def position(self, name: str) -> int:
        """The place of a stage, from 0; -1 where there is none of this name."""
        return next((n for n, stage in enumerate(self.stages) if stage.name == name), -1)

    def action(self, name: str) -> tuple[Stage, Action] | None:
        """An action by name, with its stage."""
        found = ((s, a) for s in self.stages for a in s.actions if a.name == name)
        return next(found, None)

    def templates(self) -> list[str]:
        """The prompt templates that its actions use, each once."""
        names = (a.template for s in self.stages for a in s.actions if a.template)
        return list(dict.fromkeys(names))


_ONE_OUTPUT: dict[str, FieldKind] = {
    "write_sections": "markdown",
    "edit_sections": "markdown",
    "check_facts": "findings",
    "check_links": "lines",
    "draw": "picture",
}


def _fits(action: Action, kinds: dict[str, FieldKind]) -> None:
    wanted = _ONE_OUTPUT.get(action.kind)
    if wanted and [kinds.get(name) for name in action.outputs] != [wanted]:
        raise ValueError(f"the action {action.name} fills one field of the kind {wanted}")
    if action.kind in ("write_sections", "edit_sections") and action.outputs != (BODY,):
        raise ValueError(f"the action {action.name} fills the body")
    if action.kind == "ask" and any(kinds.get(name) == "picture" for name in action.outputs):
        raise ValueError(f"the action {action.name} cannot fill a picture: a model that writes does not draw")


def _unique(what: str, names: list[str]) -> None:
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(f"there are two of the {what} {', '.join(twice)}")
