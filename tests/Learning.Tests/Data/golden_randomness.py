"""Golden values of RandomnessTests, computed independently of the product. Re-run only with a reason in the commit."""
M = (1 << 64) - 1
GOLDEN = 0x9E3779B97F4A7C15


def mix(z):
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & M
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & M
    return z ^ (z >> 31)


def key(text):
    h = 0xCBF29CE484222325
    for b in text.encode():
        h = ((h ^ b) * 0x100000001B3) & M
    return h


def draws(seed, *keys):
    state = mix((seed + GOLDEN) & M)
    for k in keys:
        state = mix(mix((state + GOLDEN) & M) ^ k)
    out = []
    for _ in range(3):
        state = (state + GOLDEN) & M
        out.append(mix(state))
    return out


if __name__ == "__main__":
    print("Seed42    ", ", ".join(map(hex, draws(42))))
    print("Seed42Keys", ", ".join(map(hex, draws(42, 7, key("de"), key("experts"), 3))))
    print("KeyDe     ", hex(key("de")))
