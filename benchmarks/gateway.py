"""The gateway beside its peers: requests a second, latency, first byte, memory, on one machine in one run.

    python -m benchmarks.gateway [--seconds 10] [--requests 0] [--without-peers] [--studio] [--first]

Every gateway is one process in front of the same nginx, which answers each request with the same bytes; wrk asks.
Scrivano checks a key, routes, counts the cost and writes two rows to PostgreSQL for every request; the peers run as
they come: LiteLLM with its key check and without a database, Portkey without either. They are installed into
~/.cache/scrivano-benchmarks (`litellm[proxy]` with uv, `@portkey-ai/gateway` with npm), never into the checkout.
nginx and wrk are Debian's. `--requests` sends so many more to Scrivano and tells how its memory grew. `--first` asks
for real-time priority for all processes of the comparison, on a machine that others work on too.

The figures go to standard output as JSON. Times are of the machine as it is: compare within one run.
"""

import argparse
import asyncio
import http.client
import json
import os
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from scrivano.core.postgres import EmbeddedPostgres
from scrivano.core.settings import Settings
from scrivano.gatehouse import open_gatehouse
from scrivano.llm.public import ModelChange

CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "scrivano-benchmarks"
PATH = "/v1/chat/completions"
QUESTION = [{"role": "user", "content": "What is the capital of Piedmont?"}]
WHOLE = {
    "id": "chatcmpl-1",
    "object": "chat.completion",
    "created": 1767225600,
    "model": "static",
    "choices": [{"index": 0, "message": {"role": "assistant", "content": "Turin."}, "finish_reason": "stop"}],
    "usage": {"prompt_tokens": 14, "completion_tokens": 3, "total_tokens": 17},
}
PIECES = ["Turin", ", of ", "course."]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def stream_body() -> str:
    frame = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1767225600, "model": "static"}
    deltas = [{"content": piece} for piece in PIECES]
    events: list[dict[str, Any]] = [
        {**frame, "choices": [{"index": 0, "delta": delta, "finish_reason": None}]} for delta in deltas
    ]
    events.append({**frame, "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
    events.append({**frame, "choices": [], "usage": WHOLE["usage"]})
    return "".join(f"data: {json.dumps(event)}\n\n" for event in events) + "data: [DONE]\n\n"


@contextmanager
def process(command: list[str], *, ready: Callable[[], bool], **more: Any) -> Iterator[tuple[int, float]]:
    """Run a server; gives its process id and the seconds until it was ready."""
    began = time.monotonic()
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **more)
    try:
        while not ready():
            if child.poll() is not None or time.monotonic() - began > 180:
                raise SystemExit(f"{command[0]} did not start")
            time.sleep(0.02)
        yield child.pid, time.monotonic() - began
    finally:
        child.terminate()
        child.wait(30)


def answers(port: int, path: str, headers: dict[str, str] | None = None) -> Callable[[], bool]:
    def ask() -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
        try:
            connection.request("GET", path, headers=headers or {})
            return connection.getresponse().status < 500
        except OSError:
            return False
        finally:
            connection.close()

    return ask


@contextmanager
def upstream(folder: Path) -> Iterator[int]:
    """nginx on one port: whole answers below /v1, streams below /stream/v1."""
    port = free_port()
    quoted = stream_body().replace("\\", "\\\\").replace("'", "\\'")
    config = f"""
        daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/error.log;
        events {{ worker_connections 512; }}
        http {{
          access_log off; client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder};
          uwsgi_temp_path {folder}; scgi_temp_path {folder}; keepalive_requests 100000000;
          server {{
            listen 127.0.0.1:{port} reuseport;
            location {PATH} {{ default_type application/json; return 200 '{json.dumps(WHOLE)}'; }}
            location /stream{PATH} {{ default_type text/event-stream; return 200 '{quoted}'; }}
            location / {{ default_type application/json; return 200 '{{"data":[{{"id":"static"}}]}}'; }}
          }}
        }}"""
    file = folder / "nginx.conf"
    file.write_text(config.replace("$", ""))
    command = ["nginx", "-c", str(file), "-e", str(folder / "error.log")]
    with process(command, ready=answers(port, "/")):
        yield port


class Target:
    """Something that answers chat requests."""

    def __init__(self, port: int, path: str, headers: dict[str, str], model: str, stream: str) -> None:
        self.port, self.path, self.headers = port, path, {"Content-Type": "application/json", **headers}
        self.body = {"model": model, "messages": QUESTION}
        self.stream_path, self.stream_model = path, stream

    def wrk(self, folder: Path, connections: int, seconds: float) -> dict[str, float]:
        lua = "\n".join(
            [
                'wrk.method = "POST"',
                f"wrk.body = [==[{json.dumps(self.body)}]==]",
                *(f'wrk.headers["{name}"] = "{value}"' for name, value in self.headers.items()),
            ]
        )
        script = folder / "ask.lua"
        script.write_text(lua)
        url = f"http://127.0.0.1:{self.port}{self.path}"
        command = [
            "wrk",
            "-t1",
            f"-c{connections}",
            f"-d{max(1, round(seconds))}s",
            "--latency",
            "-s",
            str(script),
            url,
        ]
        told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        if "Non-2xx" in told or "Socket errors" in told:
            raise SystemExit(f"{url} answers errors:\n{told}")
        rate = re.search(r"Requests/sec:\s+([\d.]+)", told)
        count = re.search(r"(\d+) requests in", told)
        median = re.search(r"50%\s+([\d.]+)(us|ms|s)", told)
        assert rate and median and count
        scale = {"us": 0.001, "ms": 1.0, "s": 1000.0}[median[2]]
        return {
            "requests_per_second": float(rate[1]),
            "p50_ms": float(median[1]) * scale,
            "requests": float(count[1]),
        }

    def first_byte(self, rounds: int) -> float:
        """The median of milliseconds until the first byte of a stream's text."""
        body = json.dumps({**self.body, "model": self.stream_model, "stream": True})
        connection = http.client.HTTPConnection("127.0.0.1", self.port)
        found: list[float] = []
        for _ in range(rounds):
            began = time.perf_counter()
            connection.request("POST", self.stream_path, body, self.headers)
            response = connection.getresponse()
            response.read(1)
            found.append((time.perf_counter() - began) * 1000)
            if b"Turin" not in response.read():
                raise SystemExit("a stream brought no answer")
        connection.close()
        return statistics.median(found)


def memory(pid: int) -> float:
    """Resident megabytes of a process."""
    status = Path(f"/proc/{pid}/status").read_text()
    found = re.search(r"VmRSS:\s+(\d+)", status)
    return int(found[1]) / 1024 if found else 0.0


async def _prepare(home: Path, url: str, port: int) -> str:
    """A provider for whole answers, one for streams, and a key."""
    settings = Settings(home=home, database_url=url, discover_urls="off")  # type: ignore[arg-type]
    async with open_gatehouse(settings) as house:
        registry = house.llm.registry
        for name, base in (("static", ""), ("streaming", "/stream")):
            provider = await registry.add_provider(name, f"http://127.0.0.1:{port}{base}/v1")
            model = await registry.add_model(provider.id, "static")
            await registry.change_model(
                model.id,
                ModelChange.model_validate({"concurrency": 64, "input_mtok": 1, "output_mtok": 3}),
            )
        return (await house.accounts.create_key("benchmark")).secret


@contextmanager
def scrivano(folder: Path, static: int, studio: bool = False) -> Iterator[tuple[Target, int, float]]:
    home = folder / "home"
    postgres = EmbeddedPostgres(home)
    url = asyncio.run(postgres.start())
    try:
        secret = asyncio.run(_prepare(home, url, static))
        port = free_port()
        environment = {**os.environ, "SCRIVANO_HOME": str(home), "SCRIVANO_DATABASE_URL": url}
        what = ["serve", "--no-worker"] if studio else ["gateway"]
        command = [sys.executable, "-m", "scrivano", *what, "--port", str(port)]
        with process(command, ready=answers(port, "/readyz"), env=environment) as (pid, seconds):
            headers = {"Authorization": f"Bearer {secret}"}
            yield Target(port, PATH, headers, "static/static", "streaming/static"), pid, seconds
    finally:
        asyncio.run(postgres.stop_if_unused())


@contextmanager
def litellm(folder: Path, static: int) -> Iterator[tuple[Target, int, float]]:
    place = CACHE / "litellm"
    if not (place / "bin" / "litellm").exists():
        uv = [str(Path(sys.executable).with_name("uv"))]
        subprocess.run([*uv, "venv", "-q", "--python", sys.executable, str(place)], check=True)
        python = str(place / "bin" / "python")
        subprocess.run([*uv, "pip", "install", "-q", "--python", python, "litellm[proxy]"], check=True)
    port = free_port()
    models = [
        {"model_name": name, "litellm_params": {"model": "openai/static", "api_base": base, "api_key": "x"}}
        for name, base in (
            ("static", f"http://127.0.0.1:{static}/v1"),
            ("streaming", f"http://127.0.0.1:{static}/stream/v1"),
        )
    ]
    config = folder / "litellm.json"
    config.write_text(json.dumps({"model_list": models, "general_settings": {"master_key": "sk-master"}}))
    command = [
        str(place / "bin" / "litellm"),
        "--config",
        str(config),
        "--port",
        str(port),
        "--num_workers",
        "1",
    ]
    environment = {**os.environ, "LITELLM_LOG": "ERROR", "LITELLM_LOCAL_MODEL_COST_MAP": "True"}
    ready = answers(port, "/health/liveliness")
    with process(command, ready=ready, env=environment, cwd=folder) as (pid, seconds):
        yield Target(port, PATH, {"Authorization": "Bearer sk-master"}, "static", "streaming"), pid, seconds


@contextmanager
def portkey(folder: Path, static: int) -> Iterator[tuple[Target, int, float]]:
    place = CACHE / "portkey"
    server = place / "node_modules" / "@portkey-ai" / "gateway" / "build" / "start-server.js"
    if not server.exists():
        place.mkdir(parents=True, exist_ok=True)
        command = ["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(place)]
        subprocess.run([*command, "@portkey-ai/gateway"], check=True)
    port = free_port()
    headers = {
        "x-portkey-provider": "openai",
        "x-portkey-custom-host": f"http://127.0.0.1:{static}/v1",
        "Authorization": "Bearer x",
    }
    command = ["node", str(server), f"--port={port}", "--headless"]
    with process(command, ready=answers(port, "/"), cwd=folder) as (pid, seconds):
        yield Target(port, PATH, headers, "static", "static"), pid, seconds


def measure(target: Target, pid: int, ready: float, folder: Path, seconds: float) -> dict[str, float]:
    target.wrk(folder, 4, 1)
    found: dict[str, float] = {"ready_seconds": round(ready, 2), "memory_mb": round(memory(pid), 1)}
    for connections, most in ((16, seconds), (1, min(seconds, 5))):
        told = target.wrk(folder, connections, most)
        found |= {f"{key}_at_{connections}": told[key] for key in ("requests_per_second", "p50_ms")}
    return found


def beside(own: Target, target: Target, folder: Path, rounds: int = 7) -> dict[str, Any]:
    """What the gateway adds for one caller: bursts of a second that alternate with the upstream's own, as the machine
    is not the same at each moment. The medians of the differences, and the least and the most."""
    whole: list[float] = []
    first: list[float] = []
    for _ in range(rounds):
        before = own.wrk(folder, 1, 1)["p50_ms"]
        whole.append(round(target.wrk(folder, 1, 1)["p50_ms"] - before, 3))
        before = own.first_byte(100)
        first.append(round(target.first_byte(100) - before, 3))
    return {
        "p50_above_upstream_ms": statistics.median(whole),
        "p50_above_upstream_from_to": [min(whole), max(whole)],
        "first_byte_later_ms": statistics.median(first),
        "first_byte_later_from_to": [min(first), max(first)],
    }


def growth(target: Target, pid: int, folder: Path, requests: int) -> dict[str, float]:
    """Megabytes that came on top over at least so many requests, after a tenth of them to warm up."""
    rate = target.wrk(folder, 16, 2)["requests_per_second"]
    target.wrk(folder, 16, max(2.0, requests / 10 / rate))
    before, asked = memory(pid), 0.0
    while asked < requests:
        asked += target.wrk(folder, 16, min(30.0, max(1.0, (requests - asked) / rate)))["requests"]
    grown = round(memory(pid) - before, 2)
    return {"growth_mb": grown, "growth_over_requests": asked, "memory_after_mb": round(memory(pid), 1)}


def import_seconds() -> float:
    """The best of three imports of the contract, in processes of their own."""
    code = "import time; t = time.perf_counter(); import scrivano.llm.public; print(time.perf_counter() - t)"
    runs = [subprocess.run([sys.executable, "-c", code], capture_output=True, text=True) for _ in range(3)]
    return min(float(run.stdout) for run in runs)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--requests", type=int, default=0)
    parser.add_argument("--without-peers", action="store_true")
    parser.add_argument(
        "--studio", action="store_true", help="measure `scrivano serve`, not `scrivano gateway`"
    )
    parser.add_argument(
        "--first", action="store_true", help="run before all others on the machine (needs root)"
    )
    asked = parser.parse_args()
    if asked.first:
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(10))
    missing = [name for name in ("nginx", "wrk") if shutil.which(name) is None]
    if missing:
        raise SystemExit(f"apt-get install {' '.join(missing).replace('nginx', 'nginx-light')}")
    results: dict[str, Any] = {"import_seconds": round(import_seconds(), 3)}
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="scrivano-benchmark-")))
        static = stack.enter_context(upstream(folder))
        own = Target(static, PATH, {}, "static", "static")
        own.stream_path = f"/stream{PATH}"
        results["upstream"] = {
            "p50_ms": own.wrk(folder, 1, 2)["p50_ms"],
            "first_byte_ms": own.first_byte(300),
        }
        with scrivano(folder, static, asked.studio) as (target, pid, ready):
            ours = measure(target, pid, ready, folder, asked.seconds)
            results |= beside(own, target, folder)
            if asked.requests:
                ours |= growth(target, pid, folder, asked.requests)
            results["scrivano"] = ours
        for peer in () if asked.without_peers else (litellm, portkey):
            with peer(folder, static) as (target, pid, ready):
                found = measure(target, pid, ready, folder, asked.seconds)
            results[peer.__name__] = found
            ratio = ours["requests_per_second_at_16"] / found["requests_per_second_at_16"]
            results[f"times_{peer.__name__}"] = round(ratio, 2)
    results["load"] = round(os.getloadavg()[0], 1)
    print(json.dumps(results, indent=2))


if __name__ == "__main__":
    main()
