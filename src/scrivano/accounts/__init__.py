"""Who may use this installation: API keys."""
