"""Rows into DTOs."""

from typing import Any

from scrivano.tasks.dto import TaskInfo, TaskView
from scrivano.tasks.models import TaskRow

_SHOWN = 200


def info(row: TaskRow) -> TaskInfo:
    """A task as lists show it."""
    return TaskInfo.model_validate(_info(row))


def view(row: TaskRow) -> TaskView:
    """A task with its texts."""
    return TaskView.model_validate(
        {
            **_info(row),
            "version_id": row.version_id,
            "messages": row.messages or (),
            "variables": row.variables,
            "inputs": row.inputs,
            "resolved": row.resolved,
            "settings": row.settings,
            "sink": row.sink,
            "receipt": row.receipt,
            "expected_hash": row.expected_hash,
            "prompt_hash": row.prompt_hash,
            "text": row.result,
            "value": row.value,
            "request_id": row.request_id,
            "error": row.error,
            "comment": row.comment,
            "checks": row.checks or (),
        }
    )


def _info(row: TaskRow) -> dict[str, Any]:
    plain = (
        "id project_id name version model status run_id parent_id group_id schedule_id variant used_model "
        "used_provider prompt_tokens completion_tokens cost seconds rating score created_at started_at finished_at"
    )
    return {
        **{name: getattr(row, name) for name in plain.split()},
        "template": row.template_name,
        "begins": (row.result or "")[:_SHOWN],
        "asked": _asked(row),
    }


def _asked(row: TaskRow) -> str:
    messages = row.messages or ()
    told = [str(message.get("content") or "") for message in messages if message.get("role") == "user"]
    values = [str(value) for value in row.variables.values() if isinstance(value, str | int | float)]
    return " · ".join(" ".join(one.split()) for one in told[-1:] or values if one.strip())[:_SHOWN]
