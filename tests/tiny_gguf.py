"""Writes a language model of one layer with random weights, in llama.cpp's file format.

Its tokens are the 256 bytes; of these only printable ASCII ones are ever likely. Format:
https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
"""

import struct
from pathlib import Path

import numpy as np

_WIDTH = 64
_HIDDEN = 96
_HEADS = 4
_CONTEXT = 1024
_SPECIAL = ("<unk>", "<s>", "</s>")
_TEMPLATE = (
    "{% for message in messages %}{{ message['role'] }}: {{ message['content'] }}\n{% endfor %}"
    "{% if add_generation_prompt %}assistant: {% endif %}"
)
_ALIGNMENT = 32
_U32, _I32, _F32, _BOOL, _STRING, _ARRAY = 4, 5, 6, 7, 8, 9
_NORMAL, _UNKNOWN, _CONTROL, _BYTE = 1, 2, 3, 6


def write_tiny_gguf(path: Path, seed: int = 1) -> Path:
    """The model's file at `path`, about 300 kB; the same for the same seed."""
    tensors = _tensors(np.random.default_rng(seed))
    fields = _fields()
    head = b"GGUF" + struct.pack("<IQQ", 3, len(tensors), len(fields))
    head += b"".join(_text(name) + value for name, value in fields.items())
    offset, data = 0, b""
    for name, values in tensors.items():
        shape = values.shape[::-1]
        head += _text(name) + struct.pack(f"<I{len(shape)}QIQ", len(shape), *shape, 0, offset)
        raw = _padded(values.astype("<f4").tobytes())
        data += raw
        offset += len(raw)
    path.write_bytes(_padded(head) + data)
    return path


def _fields() -> dict[str, bytes]:
    # The one that is no byte stands for a blank, as this kind of tokenizer writes it.
    tokens = [*_SPECIAL, *(f"<0x{byte:02X}>" for byte in range(256)), "\u2581"]
    kinds = [_UNKNOWN, _CONTROL, _CONTROL, *[_BYTE] * 256, _NORMAL]
    numbers = {
        "llama.context_length": _CONTEXT,
        "llama.embedding_length": _WIDTH,
        "llama.block_count": 1,
        "llama.feed_forward_length": _HIDDEN,
        "llama.attention.head_count": _HEADS,
        "llama.attention.head_count_kv": _HEADS,
        "llama.rope.dimension_count": _WIDTH // _HEADS,
        "llama.vocab_size": len(tokens),
        "tokenizer.ggml.unknown_token_id": 0,
        "tokenizer.ggml.bos_token_id": 1,
        "tokenizer.ggml.eos_token_id": 2,
    }
    texts = {
        "general.architecture": "llama",
        "general.name": "tiny",
        "tokenizer.ggml.model": "llama",
        "tokenizer.chat_template": _TEMPLATE,
    }
    fields = {name: struct.pack("<I", _STRING) + _text(value) for name, value in texts.items()}
    fields |= {name: struct.pack("<II", _U32, value) for name, value in numbers.items()}
    fields["tokenizer.ggml.add_space_prefix"] = struct.pack("<I?", _BOOL, False)
    fields["llama.attention.layer_norm_rms_epsilon"] = struct.pack("<If", _F32, 1e-5)
    fields["tokenizer.ggml.tokens"] = _array(_STRING, [_text(token) for token in tokens])
    fields["tokenizer.ggml.scores"] = _array(_F32, [struct.pack("<f", 0.0)] * len(tokens))
    fields["tokenizer.ggml.token_type"] = _array(_I32, [struct.pack("<i", kind) for kind in kinds])
    return fields


def _tensors(random: np.random.Generator) -> dict[str, np.ndarray]:
    tokens = len(_SPECIAL) + 256 + 1

    def weights(*shape: int) -> np.ndarray:
        return random.normal(0.0, 0.3, shape)

    output = np.zeros((tokens, _WIDTH))
    printable = slice(len(_SPECIAL) + 0x20, len(_SPECIAL) + 0x7F)
    output[printable] = random.normal(0.0, 1.0, (0x7F - 0x20, _WIDTH))
    square = {f"blk.0.attn_{name}.weight": weights(_WIDTH, _WIDTH) for name in ("q", "k", "v", "output")}
    return {
        "token_embd.weight": weights(tokens, _WIDTH),
        "output_norm.weight": np.ones(_WIDTH),
        "output.weight": output,
        "blk.0.attn_norm.weight": np.ones(_WIDTH),
        **square,
        "blk.0.ffn_norm.weight": np.ones(_WIDTH),
        "blk.0.ffn_gate.weight": weights(_HIDDEN, _WIDTH),
        "blk.0.ffn_up.weight": weights(_HIDDEN, _WIDTH),
        "blk.0.ffn_down.weight": weights(_WIDTH, _HIDDEN),
    }


def _text(value: str) -> bytes:
    raw = value.encode()
    return struct.pack("<Q", len(raw)) + raw


def _array(kind: int, values: list[bytes]) -> bytes:
    return struct.pack("<IIQ", _ARRAY, kind, len(values)) + b"".join(values)


def _padded(raw: bytes) -> bytes:
    return raw + b"\0" * (-len(raw) % _ALIGNMENT)
