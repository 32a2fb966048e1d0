"""Durable runs of pipelines: steps that survive a crash, progress, approval, cancel, recovery."""
