"""Telling people and programs what happened: notifications in the studio, signed webhooks outside of it."""
