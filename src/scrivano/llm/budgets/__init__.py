"""Ceilings of cost per run, project, user and API key, never crossed by any number of processes."""
