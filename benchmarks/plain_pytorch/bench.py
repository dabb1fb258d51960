"""How fast plain.py trains: users one after another, steps of one micro-batch each. Prints JSON.

    /usr/bin/python3 benchmarks/plain_pytorch/bench.py --width 256 --layers 6 --heads 8 --vocabulary 4096
"""
import argparse
import copy
import json
import os
import statistics
import time


def arguments():
    parser = argparse.ArgumentParser(description="How fast plain PyTorch trains CoMiGS's users.")
    sizes = {
        "layers": (4, "transformer blocks"), "heads": (4, "attention heads"), "width": (128, "of the residual stream"),
        "vocabulary": (512, "tokens there are"), "tokens": (128, "in a sequence"), "micro-batch": (8, "sequences"),
        "users": (4, "models, trained one after another"), "experts": (2, "of a block; a token goes to two"),
        "steps": (8, "a user takes in one repetition"), "threads": (os.cpu_count(), "of PyTorch and of its BLAS"),
        "repetitions": (3, "measured, after one short step of each user that is not"),
    }
    for name, (default, what) in sizes.items():
        parser.add_argument(f"--{name}", type=int, default=default, metavar="N", help=f"{what} ({default})")
    parser.add_argument("--device", default="cpu", help="cpu or cuda:N (cpu)")
    return parser.parse_args()


def tune(threads):
    """Sets what a knowledgeable user sets before PyTorch is loaded, whatever the environment says."""
    settings = {
        "OMP_NUM_THREADS": threads, "OPENBLAS_NUM_THREADS": threads, "MKL_NUM_THREADS": threads,
        # OpenBLAS has threads of its own, and those of OpenMP must not spin on their cores meanwhile.
        "OMP_WAIT_POLICY": "passive",
    }
    if has_avx512():
        # PyTorch 1.13 never takes AVX-512 by itself, and Debian 12's OpenBLAS not on processors that are newer than it.
        settings.update(ATEN_CPU_CAPABILITY="avx512", OPENBLAS_CORETYPE="SkylakeX")
    settings = {name: str(value) for name, value in settings.items()}
    os.environ.update(settings)
    return settings


def has_avx512():
    try:
        with open("/proc/cpuinfo") as file:
            return " avx512vl " in file.read()
    except FileNotFoundError:
        return False


def main():
    wanted = arguments()
    environment = tune(wanted.threads)
    import torch
    from plain import Model, experts_of

    torch.set_num_threads(wanted.threads)
    torch.manual_seed(1)
    first = Model(
        wanted.layers, wanted.heads, wanted.width, wanted.vocabulary, wanted.tokens, wanted.experts
    ).to(wanted.device)
    users = [experts_of(copy.deepcopy(first), 1e-3) for _ in range(wanted.users)]

    def train(user, steps, sequences):
        shape = (sequences, wanted.tokens)
        for _ in range(steps):
            tokens, targets = (torch.randint(wanted.vocabulary, shape, device=wanted.device) for _ in range(2))
            user.step([(tokens, targets)])

    def finish():
        if wanted.device != "cpu":
            torch.cuda.synchronize()

    for user in users:
        train(user, 1, 1)
    speeds = []
    for _ in range(wanted.repetitions):
        finish()
        started = time.perf_counter()
        for user in users:
            train(user, wanted.steps, wanted.micro_batch)
        finish()
        trained = wanted.users * wanted.steps * wanted.micro_batch * wanted.tokens
        speeds.append(trained / (time.perf_counter() - started))
    print(json.dumps({
        "torch": torch.__version__,
        "environment": environment,
        "settings": vars(wanted),
        "tokensPerSecond": {"median": statistics.median(speeds), "least": min(speeds), "most": max(speeds)},
    }))


if __name__ == "__main__":
    main()
