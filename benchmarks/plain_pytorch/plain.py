"""CoMiGS's local step in plain PyTorch: a model of its own for every user, experts one by one, autograd.

B sequences, T tokens each, D width, H heads, E experts, K experts a token, N = B T tokens at once.
"""
import math

import torch
from torch import nn
from torch.nn import functional as F


class LoraLinear(nn.Module):
    """W x + b + alpha / sqrt(rank) B (A x), with W and b frozen."""

    def __init__(self, base, rank, alpha):
        super().__init__()
        self.base = base
        self.scale = alpha / math.sqrt(rank)
        self.lora_A = nn.Parameter(torch.empty(rank, base.in_features))
        self.lora_B = nn.Parameter(torch.zeros(base.out_features, rank))
        nn.init.kaiming_uniform_(self.lora_A, a=math.sqrt(5))

    def forward(self, x):
        return self.base(x) + self.scale * F.linear(F.linear(x, self.lora_A), self.lora_B)


class Attention(nn.Module):
    def __init__(self, width, heads, rank, alpha):
        super().__init__()
        self.heads = heads
        self.c_attn = LoraLinear(nn.Linear(width, 3 * width), rank, alpha)
        self.c_proj = LoraLinear(nn.Linear(width, width), rank, alpha)

    def forward(self, x):  # [B, T, D]
        batch, tokens, width = x.shape
        q, k, v = (
            part.view(batch, tokens, self.heads, width // self.heads).transpose(1, 2)
            for part in self.c_attn(x).split(width, dim=2)
        )
        if hasattr(F, "scaled_dot_product_attention"):  # PyTorch 2
            mixed = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        else:
            scores = q @ k.transpose(2, 3) / math.sqrt(q.shape[-1])
            future = torch.ones(tokens, tokens, dtype=torch.bool, device=x.device).triu(1)
            mixed = scores.masked_fill(future, float("-inf")).softmax(-1) @ v
        return self.c_proj(mixed.transpose(1, 2).reshape(batch, tokens, width))


class Expert(nn.Module):
    """The block's frozen maps under adapters of the expert's own."""

    def __init__(self, c_fc, c_proj, rank, alpha):
        super().__init__()
        self.c_fc = LoraLinear(c_fc, rank, alpha)
        self.c_proj = LoraLinear(c_proj, rank, alpha)

    def forward(self, x):
        return self.c_proj(F.gelu(self.c_fc(x), approximate="tanh"))


class Mixture(nn.Module):
    """Every token goes to the K experts its router likes best."""

    def __init__(self, width, experts, top_k, rank, alpha):
        super().__init__()
        self.top_k = min(top_k, experts)
        c_fc, c_proj = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)
        self.experts = nn.ModuleList(Expert(c_fc, c_proj, rank, alpha) for _ in range(experts))
        self.per_token_router = nn.Linear(width, experts, bias=False)

    def forward(self, x):  # [B, T, D]
        tokens = x.reshape(-1, x.shape[-1])  # [N, D]
        logits = self.per_token_router(tokens)  # [N, E]
        best, chosen = logits.topk(self.top_k, dim=-1)  # [N, K]
        weights = best.softmax(-1)
        mixed = torch.zeros_like(tokens)
        for number, expert in enumerate(self.experts):
            token, place = torch.where(chosen == number)
            # Without a token, too: zero gradients, so that AdamW's moments and weight decay go on.
            mixed[token] += weights[token, place, None] * expert(tokens[token])
        return mixed.view_as(x), self.balance(logits.softmax(-1), chosen)

    def balance(self, probabilities, chosen):
        """Load balance, equations 10 and 11 of the paper: expert 0 is the generalist."""
        specialists = len(self.experts) - 1
        share = F.one_hot(chosen, specialists + 1).sum(1).float().mean(0)  # [E]
        product = share * probabilities.mean(0)
        return (product[0] + specialists * product[1:].sum()) / (specialists**2 + 1)


class Block(nn.Module):
    def __init__(self, attention, mixture, width):
        super().__init__()
        self.ln_1, self.ln_2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.attn, self.mlp = attention, mixture

    def forward(self, x):
        x = x + self.attn(self.ln_1(x))
        mixed, balance = self.mlp(self.ln_2(x))
        return x + mixed, balance


class Model(nn.Module):
    """GPT-2 with adapters; the head is the token embedding."""

    def __init__(self, layers, heads, width, vocabulary, positions, experts, top_k=2, mlp_rank=8, attention_rank=8,
                 alpha=16):
        super().__init__()
        self.wte, self.wpe = nn.Embedding(vocabulary, width), nn.Embedding(positions, width)
        self.h = nn.ModuleList(
            Block(
                Attention(width, heads, attention_rank, alpha),
                Mixture(width, experts, top_k, mlp_rank, alpha),
                width,
            )
            for _ in range(layers)
        )
        self.ln_f = nn.LayerNorm(width)
        for name, parameter in self.named_parameters():
            parameter.requires_grad_("lora" in name or "router" in name)

    def forward(self, tokens, targets, balance_weight):  # both [B, T]
        """The loss to minimise, and of it the mean cross-entropy in nats."""
        x = self.wte(tokens) + self.wpe.weight[: tokens.shape[1]]
        balances = []
        for block in self.h:
            x, balance = block(x)
            balances.append(balance)
        logits = F.linear(self.ln_f(x), self.wte.weight)
        cross_entropy = F.cross_entropy(logits.view(-1, logits.shape[-1]), targets.reshape(-1))
        return cross_entropy + balance_weight * torch.stack(balances).mean(), cross_entropy


class Optimiser:
    """AdamW over some of a model's parameters; the others are fixed while it steps."""

    def __init__(self, model, kind, rate):
        self.model, self.kind = model, kind
        self.parameters = [parameter for name, parameter in model.named_parameters() if kind in name]
        self.adamw = torch.optim.AdamW(self.parameters, rate, (0.9, 0.95), 1e-8, weight_decay=1e-2)

    def step(self, micro_batches, balance_weight=0.01):
        """One step on the mean of the micro-batches' losses; returns both losses of each."""
        for name, parameter in self.model.named_parameters():
            parameter.requires_grad_(self.kind in name)
        losses = []
        for tokens, targets in micro_batches:
            loss, cross_entropy = self.model(tokens, targets, balance_weight)
            (loss / len(micro_batches)).backward()
            losses.append((loss.detach(), cross_entropy.detach()))
        self.adamw.step()
        self.adamw.zero_grad(set_to_none=True)
        return losses


def experts_of(model, rate):
    return Optimiser(model, "lora_", rate)


def router_of(model, rate):
    return Optimiser(model, "per_token_router", rate)
