"""Append-only events by topic, with replay: what progress displays and Server-Sent Events are made of."""
