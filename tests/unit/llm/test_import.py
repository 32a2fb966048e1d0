"""What importing the contract costs: nothing that only some of its users need."""

import subprocess
import sys


def test_the_contract_brings_no_http_client_and_no_numpy() -> None:
    code = "import sys, scrivano.llm.public; print(*({'aiohttp', 'numpy', 'sqlalchemy', 'genai_prices', 'json_repair'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
