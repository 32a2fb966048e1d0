"""Prompt parts and templates in the database: immutable versions, labels, rendering."""
