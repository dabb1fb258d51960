"""The golden loss of BaseModelTests: GPT-2's forward pass in NumPy, float64, written independently of the product and
of PyTorch. Re-run when a base model changes:  python3 golden_base.py ../../../data/base
"""
import json
import pathlib
import struct
import sys

import numpy as np

CONTEXT, WINDOWS = 128, 2


def load(path):
    data = path.read_bytes()
    size = struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8 : 8 + size])
    header.pop("__metadata__", None)
    return {
        name.removeprefix("transformer."): np.frombuffer(
            data, "<f4", int(np.prod(entry["shape"])), 8 + size + entry["data_offsets"][0]
        ).reshape(entry["shape"]).astype(np.float64)
        for name, entry in header.items()
    }


def norm(x, w, name):
    centred = x - x.mean(-1, keepdims=True)
    scaled = centred / np.sqrt((centred**2).mean(-1, keepdims=True) + 1e-5)
    return scaled * w[name + ".weight"] + w[name + ".bias"]


def linear(x, w, name):
    return x @ w[name + ".weight"] + w[name + ".bias"]


def softmax(x):
    e = np.exp(x - x.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def loss(window, w, head_count):
    x = w["wte.weight"][window[:-1]] + w["wpe.weight"]                        # [T, D]
    width = x.shape[1] // head_count
    mask = np.triu(np.full((CONTEXT, CONTEXT), -np.inf), 1)
    for block in range(sum(name.endswith("ln_1.weight") for name in w)):
        h = f"h.{block}."
        q, k, v = np.split(linear(norm(x, w, h + "ln_1"), w, h + "attn.c_attn"), 3, axis=1)
        parts = [slice(i * width, (i + 1) * width) for i in range(head_count)]
        heads = [softmax(q[:, p] @ k[:, p].T / np.sqrt(width) + mask) @ v[:, p] for p in parts]
        x = x + linear(np.concatenate(heads, 1), w, h + "attn.c_proj")
        m = linear(norm(x, w, h + "ln_2"), w, h + "mlp.c_fc")
        m = 0.5 * m * (1 + np.tanh(np.sqrt(2 / np.pi) * (m + 0.044715 * m**3)))
        x = x + linear(m, w, h + "mlp.c_proj")
    probabilities = softmax(norm(x, w, "ln_f") @ w["wte.weight"].T)
    return -np.log(probabilities[np.arange(CONTEXT), window[1:]]).mean()


if __name__ == "__main__":
    folder = pathlib.Path(sys.argv[1])
    weights = load(folder / "model.safetensors")
    ids = np.fromfile(folder / "test.bin", "<u2")[: WINDOWS * CONTEXT + 1]
    head_count = json.loads((folder / "config.json").read_text())["n_head"]
    losses = [loss(ids[i * CONTEXT : (i + 1) * CONTEXT + 1], weights, head_count) for i in range(WINDOWS)]
    print(f"{np.mean(losses):.7f}")
