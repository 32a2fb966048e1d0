"""Models for any program: OpenAI's and Anthropic's interfaces over the LLM service.

Its routes are plain ASGI, apart from FastAPI's dependencies and validation: what they add to a request is the key
check, the translation of two JSON documents, and the log.
"""

from scrivano.api.gateway.routing import routes

__all__ = ["routes"]
