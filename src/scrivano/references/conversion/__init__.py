"""From an uploaded file to Markdown with passages, in a process of its own that cannot harm this one."""
