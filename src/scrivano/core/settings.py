"""Settings from the environment. No other module reads it."""

import os
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


def _default_home() -> Path:
    data = os.environ.get("XDG_DATA_HOME")
    return (Path(data) if data else Path.home() / ".local" / "share") / "scrivano"


class Settings(BaseSettings):
    """Everything that the environment may set. Each name is prefixed with `SCRIVANO_`."""

    model_config = SettingsConfigDict(env_prefix="SCRIVANO_", extra="ignore")

    home: Path = Field(default_factory=_default_home, description="Data folder.")
    database_url: SecretStr | None = Field(
        default=None, description="A PostgreSQL URL. Without it the embedded PostgreSQL in `home` is started."
    )
    secret_key: SecretStr | None = Field(
        default=None,
        description="32 bytes in base64 that encrypt keys at rest; else a file in `home` is made.",
    )
    discover_urls: str = Field(
        default="",
        description="Model servers to look for besides the usual local ports, separated by commas; "
        "`off` looks nowhere.",
    )
    private_hosts: str = Field(
        default="",
        description="Private addresses, networks (192.168.0.0/16) or hosts' names that providers and other services "
        "may be at, separated by commas. This machine and the hosts of `discover_urls` always may.",
    )
    host: str = Field(default="127.0.0.1", description="Address that `scrivano serve` listens on.")
    port: int = Field(default=8020, description="Port that `scrivano serve` listens on.")
    require_api_key: Literal["auto", "always"] = Field(
        default="auto",
        description="`auto`: programs on this machine need no key to ask models while none was ever made and the "
        "service listens on a loopback address only; `always`: a key is needed.",
    )
    crash_at: str = Field(
        default="", description="For tests: the named point at which the process kills itself."
    )


def load_settings() -> Settings:
    """Read the environment once; the caller passes the result on."""
    return Settings()
