"""Makes python.safetensors: every dtype that the Swift code reads, written by Python's safetensors.

Usage: python make_safetensors_goldens.py     (needs torch and safetensors 0.8)

The values are those that SafetensorsTests.swift expects.
"""

import pathlib

import torch
from safetensors.torch import save_file

steps = torch.arange(24)
save_file(
    {
        "floats": (steps * 0.25 - 3).to(torch.float32).reshape(2, 3, 4),
        "doubles": torch.tensor([1.0, -1e300, 3.141592653589793], dtype=torch.float64),
        "halves": torch.tensor([1.0, -2.5, 65504.0, 2.0**-24], dtype=torch.float16),
        "brain": torch.tensor([1.0, -2.5, 3.0e38], dtype=torch.bfloat16),
        "int32": torch.tensor([-(2**31), 0, 2**31 - 1], dtype=torch.int32),
        "int64": torch.tensor([-(2**63), 2**63 - 1], dtype=torch.int64),
        "bytes": torch.tensor([0, 1, 255], dtype=torch.uint8),
        "scalar": torch.tensor(7.5),
        "empty": torch.zeros(0, 3),
        "down1/conv \"1\"/Grüße\n": torch.tensor([2.0]),
    },
    pathlib.Path(__file__).parent / "python.safetensors",
    metadata={"note": "quote \" backslash \\ tab \t bell \u0007 umlaut ü"},
)
