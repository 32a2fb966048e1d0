"""Tasks: calls of a prompt that a person sets up, runs, compares, evaluates and schedules."""
