"""Requests and tokens a minute per run, project, user and API key, kept by any number of processes together."""
