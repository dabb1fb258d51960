"""Pretrains the small English base model and writes it in Hugging Face's GPT-2 layout.

    OPENBLAS_NUM_THREADS=1 /usr/bin/python3 pretrain.py BASE_SHARDS USER_SHARDS OUT_DIR [--steps N] [--seed N]

Needs Debian's python3-torch (1.13 or later). BASE_SHARDS holds en/{train,test}.bin, USER_SHARDS the other languages
(uint16). Writes OUT_DIR/config.json, model.safetensors and training.json (settings, loss curve, test perplexity of
every language). One thread, a fixed seed.
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

VOCABULARY, WIDTH, LAYERS, HEADS, CONTEXT = 2048, 128, 4, 4, 128
BATCH, OTHER_SHARE = 8, 0.05                 # sequences a step; share of sequences that are not English
RATE, RATE_END, WARMUP = 3e-3, 3e-4, 200
OTHERS = ["de", "fr", "it", "nl"]


class Conv1D(nn.Module):
    """A linear map whose weight is [in, out], as in GPT-2 checkpoints."""

    def __init__(self, inputs, outputs, std):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(inputs, outputs) * std)
        self.bias = nn.Parameter(torch.zeros(outputs))

    def forward(self, x):
        return torch.addmm(self.bias, x.reshape(-1, x.shape[-1]), self.weight).view(*x.shape[:-1], -1)


class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.c_attn = Conv1D(WIDTH, 3 * WIDTH, 0.02)
        self.c_proj = Conv1D(WIDTH, WIDTH, 0.02 / math.sqrt(2 * LAYERS))
        self.register_buffer("mask", torch.triu(torch.full((CONTEXT, CONTEXT), float("-inf")), 1), persistent=False)

    def forward(self, x):                                                    # [B, T, D]
        q, k, v = (
            part.view(*x.shape[:2], HEADS, -1).transpose(1, 2)               # [B, H, T, D/H]
            for part in self.c_attn(x).split(WIDTH, -1)
        )
        scores = q @ k.transpose(-1, -2) / math.sqrt(WIDTH // HEADS) + self.mask
        return self.c_proj((scores.softmax(-1) @ v).transpose(1, 2).reshape(x.shape))


class Mlp(nn.Module):
    def __init__(self):
        super().__init__()
        self.c_fc = Conv1D(WIDTH, 4 * WIDTH, 0.02)
        self.c_proj = Conv1D(4 * WIDTH, WIDTH, 0.02 / math.sqrt(2 * LAYERS))

    def forward(self, x):
        return self.c_proj(F.gelu(self.c_fc(x), approximate="tanh"))


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.ln_1, self.attn = nn.LayerNorm(WIDTH, 1e-5), Attention()
        self.ln_2, self.mlp = nn.LayerNorm(WIDTH, 1e-5), Mlp()

    def forward(self, x):
        x = x + self.attn(self.ln_1(x))
        return x + self.mlp(self.ln_2(x))


class Gpt2(nn.Module):
    def __init__(self):
        super().__init__()
        self.wte, self.wpe = nn.Embedding(VOCABULARY, WIDTH), nn.Embedding(CONTEXT, WIDTH)
        nn.init.normal_(self.wte.weight, std=0.02)
        nn.init.normal_(self.wpe.weight, std=0.01)
        self.h = nn.ModuleList(Block() for _ in range(LAYERS))
        self.ln_f = nn.LayerNorm(WIDTH, 1e-5)

    def loss(self, window):                                                  # window [B, T + 1]
        x = self.wte(window[:, :-1]) + self.wpe.weight
        for block in self.h:
            x = block(x)
        logits = self.ln_f(x) @ self.wte.weight.T
        return F.cross_entropy(logits.view(-1, VOCABULARY), window[:, 1:].reshape(-1))


def read(options, lang, split):
    path = (options.base_shards if lang == "en" else options.user_shards) / lang / f"{split}.bin"
    return torch.from_numpy(np.fromfile(path, dtype="<u2").astype(np.int64))


@torch.no_grad()
def perplexity(model, tokens):
    """exp of the mean cross-entropy over the whole stream, in consecutive windows of CONTEXT targets."""
    count = (len(tokens) - 1) // CONTEXT
    windows = tokens[: count * CONTEXT + 1].unfold(0, CONTEXT + 1, CONTEXT)
    return math.exp(sum(model.loss(w).item() * len(w) for w in windows.split(32)) / count)


def rate_at(step, steps):
    if step < WARMUP:
        return RATE * (step + 1) / WARMUP
    progress = (step - WARMUP) / max(1, steps - WARMUP)
    return RATE_END + 0.5 * (RATE - RATE_END) * (1 + math.cos(math.pi * progress))


def train(model, streams, options):
    random, steps = np.random.default_rng(options.seed), options.steps
    matrices = [p for p in model.parameters() if p.dim() > 1]
    vectors = [p for p in model.parameters() if p.dim() == 1]
    optimiser = torch.optim.AdamW(
        [{"params": matrices, "weight_decay": 0.1}, {"params": vectors, "weight_decay": 0.0}], betas=(0.9, 0.95)
    )
    curve, recent, start = [], [], time.time()
    for step in range(steps):
        batch = []
        for _ in range(BATCH):
            lang = OTHERS[random.integers(len(OTHERS))] if random.random() < OTHER_SHARE else "en"
            at = random.integers(len(streams[lang]) - CONTEXT)
            batch.append(streams[lang][at : at + CONTEXT + 1])
        for group in optimiser.param_groups:
            group["lr"] = rate_at(step, steps)
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
            save(model, options.out)
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


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("base_shards", type=pathlib.Path)
    parser.add_argument("user_shards", type=pathlib.Path)
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--steps", type=int, default=8000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(options.seed)
    options.out.mkdir(parents=True, exist_ok=True)
    model = Gpt2()
    streams = {lang: read(options, lang, "train") for lang in ["en"] + OTHERS}
    started = time.time()
    curve = train(model, streams, options)
    seconds = time.time() - started
    save(model, options.out)
    config = {
        "architectures": ["GPT2LMHeadModel"], "model_type": "gpt2", "vocab_size": VOCABULARY, "n_embd": WIDTH,
        "n_layer": LAYERS, "n_head": HEADS, "n_positions": CONTEXT, "n_ctx": CONTEXT, "n_inner": None,
        "activation_function": "gelu_new", "layer_norm_epsilon": 1e-5, "tie_word_embeddings": True,
        "attn_pdrop": 0.0, "embd_pdrop": 0.0, "resid_pdrop": 0.0, "initializer_range": 0.02,
        "bos_token_id": VOCABULARY - 1, "eos_token_id": VOCABULARY - 1, "torch_dtype": "float32",
    }
    (options.out / "config.json").write_text(json.dumps(config, indent=2) + "\n")
    training = {
        "seed": options.seed, "steps": options.steps, "batchSequences": BATCH, "contextTokens": CONTEXT,
        "otherLanguagesShare": OTHER_SHARE, "learningRate": [RATE, RATE_END], "warmupSteps": WARMUP,
        "optimiser": "AdamW, betas 0.9/0.95, weight decay 0.1 on matrices, gradient norm clipped at 1",
        "parameters": sum(p.numel() for p in model.parameters()), "torch": torch.__version__,
        "trainTokens": {lang: len(stream) for lang, stream in streams.items()},
        "seconds": round(seconds),
        "testPerplexity": {
            lang: round(perplexity(model, read(options, lang, "test")), 2) for lang in streams
        },
        "curve": curve,
    }
    (options.out / "training.json").write_text(json.dumps(training, indent=1) + "\n")
    print(json.dumps({key: training[key] for key in ("seconds", "testPerplexity")}))


if __name__ == "__main__":
    main()
