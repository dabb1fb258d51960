"""Golden values of TrimmedMeanTests, computed with torch (1.13, CPU, float64), which shares no code with the product.
Re-run only with a reason in the commit: python3 golden_robust.py > golden_robust.json"""
import json

import torch

COORDINATES = 12
cases = []
for seed, (users, trim) in enumerate([(5, 0.2), (6, 0.2), (10, 0.3), (11, 0.1)]):
    generator = torch.Generator().manual_seed(seed)
    values = torch.randn(users, COORDINATES, generator=generator)
    values[0] *= 50   # a poisoned user
    values = values.clamp(-127, 127)
    ordered = values.double().sort(dim=0).values
    cut = int(trim * users + 1e-9)
    cases.append({
        "trim": trim,
        "values": values.tolist(),
        "median": values.double().quantile(0.5, dim=0).tolist(),
        "trimmedMean": ordered[cut:users - cut].mean(dim=0).tolist(),
    })
print(json.dumps(cases))
