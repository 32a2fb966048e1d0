"""The `llm` command line: chat and stream by a model that its file of more OpenAI-compatible models names."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

base, key = sys.argv[1:]
home = Path(tempfile.mkdtemp())
(home / "extra-openai-models.yaml").write_text(
    f"""
- model_id: scrivano
  model_name: auto
  api_base: {base}/v1
  api_key_name: scrivano
  supports_schema: true
  supports_tools: true
"""
)
command = [str(Path(sys.executable).with_name("llm"))]
environment = {**os.environ, "LLM_USER_PATH": str(home)}


def llm(*arguments: str) -> str:
    done = subprocess.run(
        [*command, *arguments],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


streamed = llm("-m", "scrivano", "--key", key, "about 60 words")
assert streamed == llm("-m", "scrivano", "--key", key, "--no-stream", "about 60 words")
assert '"title"' in llm("-m", "scrivano", "--key", key, "--schema", "title, pages int", "about 60 words")
print("fine")
