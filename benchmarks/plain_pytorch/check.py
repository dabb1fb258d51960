"""Does plain.py compute what recorded runs say? Replays every user's first round, with its router phases.

    /usr/bin/python3 benchmarks/plain_pytorch/check.py [FOLDER...]

Prints the largest difference of losses and of parameters, max |ours - recorded| / max |recorded|, and ends with 1
if one is over what tests/fixtures/README.md allows. Parameters after several AdamW steps are right only if gradients
are.
"""
import json
import math
import struct
import sys
from pathlib import Path

import torch

from plain import Model, experts_of, router_of

FIXTURES = Path(__file__).resolve().parents[2] / "tests" / "fixtures"
TOLERANCE = {"losses": 2e-6, "parameters": 1e-4}


def read_tensors(path):
    data = path.read_bytes()
    (header_length,) = struct.unpack("<Q", data[:8])
    types = {"F32": torch.float32, "F64": torch.float64, "I64": torch.int64}
    tensors = {}
    for name, entry in json.loads(data[8:8 + header_length]).items():
        start, end = (8 + header_length + offset for offset in entry["data_offsets"])
        flat = torch.frombuffer(bytearray(data[start:end]), dtype=types[entry["dtype"]])
        tensors[name] = flat.view(entry["shape"])
    return tensors


def under(tensors, prefix):
    return {name[len(prefix):]: value for name, value in tensors.items() if name.startswith(prefix)}


def build(run, tensors, user):
    """The user's model before its first round: the base, its own start, and what the server sends."""
    sizes = run["model"]
    model = Model(
        sizes["n_layer"], sizes["n_head"], sizes["n_embd"], sizes["vocab_size"], sizes["n_positions"],
        run["expert_count"][user], run["top_k"], run["mlp_lora_rank"][user], run["attention_lora_rank"],
        run["lora_alpha"],
    )
    start = under(tensors, f"init.user.{user}.transformer.")
    shared = under(tensors, "init.server.transformer.")
    start.update({name: shared[name] for name in start if "attn" in name or "experts.0." in name})
    base = under(tensors, "base.transformer.")
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if name in start:
                parameter.copy_(start[name])
                continue
            name = name.replace(".base", "").replace("mlp.experts.0.", "mlp.")
            is_linear = name.startswith("h.") and "ln_" not in name and name.endswith("weight")
            parameter.copy_(base[name].t() if is_linear else base[name])
    return model


class Batches:
    """A user's recorded micro-batches, in the order it consumed them."""

    def __init__(self, tensors, user):
        self.streams = {split: (tensors[f"batch.{user}.{split}.x"], tensors[f"batch.{user}.{split}.y"])
                        for split in ("train", "valid")}
        self.taken = dict.fromkeys(self.streams, 0)

    def take(self, split, count):
        first = self.taken[split]
        self.taken[split] += count
        tokens, targets = self.streams[split]
        return [(tokens[i], targets[i]) for i in range(first, first + count)]


def replay_round(run, model, batches):
    """Algorithm 1, one user, round 0: both losses of every micro-batch, in order."""
    experts, router = experts_of(model, run["learning_rate"]), router_of(model, run["learning_rate"])
    lowest, highest = run["minimum_learning_rate"], run["learning_rate"]
    losses = []
    for step in range(run["local_steps"]):
        turn = math.pi * step / (run["rounds"] * run["local_steps"])
        experts.adamw.param_groups[0]["lr"] = lowest + (highest - lowest) * (1 + math.cos(turn)) / 2
        losses += experts.step(batches.take("train", run["accumulation_steps"]), run["load_balancing_lambda"])
        if (step + 1) % run["router_update_every"] == 0:
            for _ in range(run["router_update_iterations"]):
                valid = batches.take(run["router_split"], run["accumulation_steps"])
                losses += router.step(valid, run["load_balancing_lambda"])
    return torch.tensor(losses, dtype=torch.float64)


def difference(ours, recorded):
    return ((ours - recorded).abs().max() / recorded.abs().max()).item()


def check(folder):
    run = json.loads((folder / "run.json").read_text())
    tensors = read_tensors(folder / "tensors.safetensors")
    worst = {kind: (0.0, "") for kind in TOLERANCE}
    for user in range(run["users"]):
        model = build(run, tensors, user)
        losses = replay_round(run, model, Batches(tensors, user))
        seen = [("losses", difference(losses, tensors[f"losses.{user}"][: len(losses)]), f"losses.{user}")]
        for name, recorded in under(tensors, f"round.0.user.{user}.transformer.").items():
            ours = dict(model.named_parameters())[name].detach()
            seen.append(("parameters", difference(ours, recorded), f"user {user}, {name}"))
        for kind, distance, where in seen:
            worst[kind] = max(worst[kind], (distance, where))
    for kind, (distance, where) in worst.items():
        print(f"{folder.name}: {kind} {distance:.1e} (allowed {TOLERANCE[kind]:.0e}), {where}")
    return all(distance <= TOLERANCE[kind] for kind, (distance, _) in worst.items())


if __name__ == "__main__":
    folders = [Path(argument) for argument in sys.argv[1:]]
    folders = folders or [FIXTURES / name for name in ("comigs-1g1s", "comigs-heterogeneous")]
    sys.exit(0 if all([check(folder) for folder in folders]) else 1)
