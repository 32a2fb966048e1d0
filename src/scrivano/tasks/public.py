"""What other features may use of `tasks`."""

from scrivano.tasks.ports import (
    SinkReceipt,
    SinkRef,
    SourceRef,
    SourceValue,
    TaskResult,
    TaskSink,
    TaskSource,
)

__all__ = ["SinkReceipt", "SinkRef", "SourceRef", "SourceValue", "TaskResult", "TaskSink", "TaskSource"]
