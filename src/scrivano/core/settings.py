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
    gateway_port: int = Field(default=8021, description="Port that `scrivano gateway` listens on.")
    require_api_key: Literal["auto", "always"] = Field(
        default="auto",
        description="`auto`: programs on this machine need no key to ask models while none was ever made and the "
        "service listens on a loopback address only; `always`: a key is needed.",
    )
    sign_in: Literal["auto", "always"] = Field(
        default="auto",
        description="`auto`: nobody signs in while the service listens on a loopback address only and no person has "
        "an account; `always`: everybody does.",
    )
    public_url: str = Field(
        default="",
        description="The address by which browsers reach this service, such as https://books.example.org; links in "
        "invitations begin with it. Without it: the address that `scrivano serve` listens on.",
    )
    hosts: str = Field(
        default="",
        description="Names of this machine, besides localhost and that of `public_url`, by which browsers may reach "
        "a service without sign-in, separated by commas.",
    )
    smtp_url: SecretStr | None = Field(
        default=None,
        description="A mail server, smtp://user:password@host:587 or smtps://…, for invitations and new passwords.",
    )
    mail_from: str = Field(default="", description="The sender of those e-mails.")
    oidc_issuer: str = Field(default="", description="An OpenID Connect provider by which people sign in.")
    oidc_client_id: str = Field(default="", description="What that provider calls this service.")
    oidc_client_secret: SecretStr = Field(default=SecretStr(""), description="Its secret there.")
    oidc_label: str = Field(default="Single sign-on", description="What the button says.")
    oidc_new_people: bool = Field(
        default=False,
        description="Whether everybody whom that provider vouches for becomes a member; else only who is invited.",
    )
    bin_days: int = Field(
        default=30,
        ge=0,
        le=36_500,
        description="Days after which a project in the bin is removed for good; 0: never by itself.",
    )
    crash_at: str = Field(
        default="", description="For tests: the named point at which the process kills itself."
    )

    def base_url(self) -> str:
        """The address that links to this service begin with, without a slash at its end."""
        if self.public_url:
            return self.public_url.rstrip("/")
        host = "localhost" if self.host in ("0.0.0.0", "::", "") else self.host
        return f"http://[{host}]:{self.port}" if ":" in host else f"http://{host}:{self.port}"


def load_settings() -> Settings:
    """Read the environment once; the caller passes the result on."""
    return Settings()
