"""The request log: every attempt before it is sent and after it ended, and each text once."""
