"""Pretrains a base model after a recipe and writes it in Hugging Face's GPT-2 layout.

    OPENBLAS_NUM_THREADS=1 /usr/bin/python3 pretrain.py RECIPE.json OUT_DIR [--steps N] [--seed N] [--measure]

Needs Debian's python3-torch (1.13 or later). The recipe names the sizes, the rates and the shards (uint16, paths from
this folder): `main`, drawn from as one stream; `others`, a share of the sequences, evenly; `test`; and in `beside`
other bases to be measured on the same test shards. Writes OUT_DIR/config.json, model.safetensors and training.json (the
recipe, loss curve, test perplexities). --measure trains nothing and measures again what OUT_DIR holds. One thread, a
fixed seed. OPENBLAS_CORETYPE=SkylakeX nearly doubles the speed where OpenBLAS does not know an AVX-512 processor.
"""
import argparse
import json
import math
import pathlib
import struct
import time

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

HERE = pathlib.Path(__file__).parent


class Conv1D(nn.Module):
    """A linear map whose weight is [in, out], as in GPT-2 checkpoints."""

    def __init__(self, inputs, outputs, std):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(inputs, outputs) * std)
        self.bias = nn.Parameter(torch.zeros(outputs))

    def forward(self, x):
        return torch.addmm(self.bias, x.reshape(-1, x.shape[-1]), self.weight).view(*x.shape[:-1], -1)


class Attention(nn.Module):
    def __init__(self, width, layers, heads, context):
        super().__init__()
        self.heads = heads
        self.c_attn = Conv1D(width, 3 * width, 0.02)
        self.c_proj = Conv1D(width, width, 0.02 / math.sqrt(2 * layers))
        self.register_buffer("mask", torch.triu(torch.full((context, context), float("-inf")), 1), persistent=False)

    def forward(self, x):                                                    # [B, T, D]
        q, k, v = (
            part.view(*x.shape[:2], self.heads, -1).transpose(1, 2)          # [B, H, T, D/H]
            for part in self.c_attn(x).split(x.shape[-1], -1)
        )
        scores = q @ k.transpose(-1, -2) / math.sqrt(q.shape[-1]) + self.mask
        return self.c_proj((scores.softmax(-1) @ v).transpose(1, 2).reshape(x.shape))


class Mlp(nn.Module):
    def __init__(self, width, layers):
        super().__init__()
        self.c_fc = Conv1D(width, 4 * width, 0.02)
        self.c_proj = Conv1D(4 * width, width, 0.02 / math.sqrt(2 * layers))

    def forward(self, x):
        return self.c_proj(F.gelu(self.c_fc(x), approximate="tanh"))


class Block(nn.Module):
    def __init__(self, width, layers, heads, context):
        super().__init__()
        self.ln_1, self.attn = nn.LayerNorm(width, 1e-5), Attention(width, layers, heads, context)
        self.ln_2, self.mlp = nn.LayerNorm(width, 1e-5), Mlp(width, layers)

    def forward(self, x):
        x = x + self.attn(self.ln_1(x))
        return x + self.mlp(self.ln_2(x))


class Gpt2(nn.Module):
    def __init__(self, vocabulary, width, layers, heads, context):
        super().__init__()
        self.context = context
        self.wte, self.wpe = nn.Embedding(vocabulary, width), nn.Embedding(context, width)
        nn.init.normal_(self.wte.weight, std=0.02)
        nn.init.normal_(self.wpe.weight, std=0.01)
        self.h = nn.ModuleList(Block(width, layers, heads, context) for _ in range(layers))
        self.ln_f = nn.LayerNorm(width, 1e-5)

    def loss(self, window):                                                  # window [B, T + 1]
        x = self.wte(window[:, :-1]) + self.wpe.weight
        for block in self.h:
            x = block(x)
        logits = self.ln_f(x) @ self.wte.weight.T
        return F.cross_entropy(logits.view(-1, logits.shape[-1]), window[:, 1:].reshape(-1))


def read(paths):
    return torch.from_numpy(np.concatenate([np.fromfile(HERE / path, dtype="<u2").astype(np.int64) for path in paths]))


@torch.no_grad()
def perplexity(model, tokens):
    """exp of the mean cross-entropy over the whole stream, in consecutive windows of the context's length."""
    count = (len(tokens) - 1) // model.context
    windows = tokens[: count * model.context + 1].unfold(0, model.context + 1, model.context)
    return math.exp(sum(model.loss(w).item() * len(w) for w in windows.split(32)) / count)


def rate_at(step, recipe):
    (rate, rate_end), warmup = recipe["learningRate"], recipe["warmupSteps"]
    if step < warmup:
        return rate * (step + 1) / warmup
    progress = (step - warmup) / max(1, recipe["steps"] - warmup)
    return rate_end + 0.5 * (rate - rate_end) * (1 + math.cos(math.pi * progress))


def train(model, main, others, recipe, out):
    random, steps, context = np.random.default_rng(recipe["seed"]), recipe["steps"], model.context
    matrices = [p for p in model.parameters() if p.dim() > 1]
    vectors = [p for p in model.parameters() if p.dim() == 1]
    optimiser = torch.optim.AdamW(
        [{"params": matrices, "weight_decay": 0.1}, {"params": vectors, "weight_decay": 0.0}], betas=(0.9, 0.95)
    )
    curve, recent, start = [], [], time.time()
    for step in range(steps):
        batch = []
        for _ in range(recipe["batchSequences"]):
            stream = others[random.integers(len(others))] if random.random() < recipe["otherShare"] else main
            at = random.integers(len(stream) - context)
            batch.append(stream[at : at + context + 1])
        for group in optimiser.param_groups:
            group["lr"] = rate_at(step, recipe)
        loss = model.loss(torch.stack(batch))
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        recent.append(loss.item())
        if (step + 1) % 250 == 0 or step + 1 == steps:
            curve.append({"step": step + 1, "trainLossNats": round(sum(recent) / len(recent), 4)})
            print(f"step {step + 1}/{steps}: loss {curve[-1]['trainLossNats']:.4f} nats/token, "
                  f"{time.time() - start:.0f} s", flush=True)
            recent = []
        if (step + 1) % 1000 == 0:
            save(model, out)
    return curve


def save(model, out):
    tensors = {"transformer." + name: value.numpy() for name, value in model.state_dict().items()}
    header, offset = {"__metadata__": {"format": "pt"}}, 0
    for name, value in sorted(tensors.items()):
        header[name] = {"dtype": "F32", "shape": list(value.shape), "data_offsets": [offset, offset + value.nbytes]}
        offset += value.nbytes
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(out / "model.safetensors", "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for _, value in sorted(tensors.items()):
            file.write(value.astype("<f4").tobytes())


def load(folder):
    """A base that `save` wrote."""
    known = json.loads((folder / "config.json").read_text())
    keys = {"vocabulary": "vocab_size", "width": "n_embd", "layers": "n_layer", "heads": "n_head", "context": "n_ctx"}
    model = Gpt2(**{name: known[key] for name, key in keys.items()})
    data = (folder / "model.safetensors").read_bytes()
    start = 8 + struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8:start])
    state = {}
    for name in model.state_dict():
        entry = header["transformer." + name]
        values = np.frombuffer(data, "<f4", math.prod(entry["shape"]), start + entry["data_offsets"][0])
        state[name] = torch.from_numpy(values.reshape(entry["shape"]).copy())
    model.load_state_dict(state)
    return model


def measure(model, recipe):
    return {name: round(perplexity(model, read([path])), 2) for name, path in recipe["test"].items()}


def config(shape):
    return {
        "architectures": ["GPT2LMHeadModel"], "model_type": "gpt2", "vocab_size": shape["vocabulary"],
        "n_embd": shape["width"], "n_layer": shape["layers"], "n_head": shape["heads"],
        "n_positions": shape["context"], "n_ctx": shape["context"], "n_inner": None,
        "activation_function": "gelu_new", "layer_norm_epsilon": 1e-5, "tie_word_embeddings": True,
        "attn_pdrop": 0.0, "embd_pdrop": 0.0, "resid_pdrop": 0.0, "initializer_range": 0.02,
        "bos_token_id": shape["vocabulary"] - 1, "eos_token_id": shape["vocabulary"] - 1, "torch_dtype": "float32",
    }


def pretrain(model, recipe, out):
    """Trains and saves; returns what is to be recorded of it."""
    main_stream, others = read(recipe["main"]), [read([path]) for path in recipe["others"]]
    started = time.time()
    curve = train(model, main_stream, others, recipe, out)
    seconds = time.time() - started
    save(model, out)
    (out / "config.json").write_text(json.dumps(config(recipe["shape"]), indent=2) + "\n")
    return {
        "recipe": recipe,
        "optimiser": "AdamW, betas 0.9/0.95, weight decay 0.1 on matrices, gradient norm clipped at 1",
        "parameters": sum(p.numel() for p in model.parameters()), "torch": torch.__version__,
        "trainTokens": {path: len(read([path])) for path in recipe["main"] + recipe["others"]},
        "seconds": round(seconds),
        "curve": curve,
    }


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("recipe", type=pathlib.Path)
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--steps", type=int, help="instead of the recipe's")
    parser.add_argument("--seed", type=int, help="instead of the recipe's")
    parser.add_argument("--measure", action="store_true", help="train nothing, measure the base again")
    options = parser.parse_args()
    recipe = json.loads(options.recipe.read_text())
    recipe.update({key: getattr(options, key) for key in ("steps", "seed") if getattr(options, key) is not None})
    torch.set_num_threads(1)
    torch.manual_seed(recipe["seed"])
    record = options.out / "training.json"
    if options.measure:
        model, training = load(options.out), json.loads(record.read_text())
    else:
        options.out.mkdir(parents=True, exist_ok=True)
        model = Gpt2(**recipe["shape"])
        training = pretrain(model, recipe, options.out)
    training["testPerplexity"] = measure(model, recipe)
    training["testPerplexityBeside"] = {base: measure(load(HERE / base), recipe) for base in recipe.get("beside", [])}
    record.write_text(json.dumps(training, indent=1) + "\n")
    print(json.dumps({key: training[key] for key in ("seconds", "testPerplexity", "testPerplexityBeside")}))


if __name__ == "__main__":
    main()
