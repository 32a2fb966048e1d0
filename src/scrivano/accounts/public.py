"""What other features may use of `accounts`."""

from scrivano.accounts.dto import SCOPES, ApiKeyNotFound, ApiKeyView, Caller, NewApiKey, NotAuthenticated
from scrivano.accounts.service import SECRET_START, Accounts

__all__ = [
    "SCOPES",
    "SECRET_START",
    "Accounts",
    "ApiKeyNotFound",
    "ApiKeyView",
    "Caller",
    "NewApiKey",
    "NotAuthenticated",
]
