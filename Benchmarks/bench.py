"""Measures `vnet benchmark`, and PyTorch beside it, alternately in one run: A B A B ...

Usage: python3 compare.py [--vnet .build/release/vnet] [--pytorch PYTHON] [--batch-size 8] [--threads 2]
                          [--rounds 3] [--steps 10] [--amp-dtype bf16] [--mode train|predict] [--json FILE]

PYTHON is an interpreter that has torch (pip install torch==2.11.0); without it only vnet is measured.
Absolute figures move from machine to machine and from hour to hour: the ratio of one run is what counts.
"""

import argparse
import json
import pathlib
import statistics
import subprocess
import sys


def commands(options):
    """The command lines to compare, by name."""
    vnet = [options.vnet, "benchmark", "--batch-size", options.batch_size, "--threads", options.threads]
    vnet += ["--json", "-"]
    vnet += ["--mode", options.mode, "--warmup-steps", 3, "--steps", options.steps]
    peer = [options.pytorch, pathlib.Path(__file__).parent / "pytorch_vnet.py"]
    peer += ["--batch", options.batch_size, "--threads", options.threads, "--steps", options.steps]
    if options.amp_dtype:
        vnet += ["--amp", "--amp-dtype", options.amp_dtype]
        peer += ["--amp-dtype", options.amp_dtype]
    if options.mode == "predict":
        peer += ["--inference"]
    pairs = {"vnet": vnet, "PyTorch": peer}
    if not options.pytorch:
        del pairs["PyTorch"]
    return {name: [str(word) for word in command] for name, command in pairs.items()}


def images_per_second(name, command):
    """Runs a command, which prints one line of JSON among its output."""
    try:
        result = subprocess.run(command, capture_output=True, text=True)
    except OSError as error:
        sys.exit(f"compare: {command[0]}: {error.strerror}; build it first, or give another path")
    lines = [line for line in result.stdout.splitlines() if line.startswith("{")]
    if result.returncode != 0 or not lines:
        sys.exit(f"compare: {' '.join(command)} failed\n{result.stdout}{result.stderr}")
    value = json.loads(lines[-1])
    value = value.get("imagesPerSecond") or value["images_per_second"]
    print(f"  {name:8} {value:8.2f} images/s", flush=True)
    return value


def parse_options():
    parser = argparse.ArgumentParser()
    parser.add_argument("--vnet", default=".build/release/vnet")
    parser.add_argument("--pytorch")
    parser.add_argument("--batch-size", type=int, default=8)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--steps", type=int, default=10, help="measured steps in each round")
    parser.add_argument("--amp-dtype", choices=["bf16"])
    parser.add_argument("--mode", choices=["train", "predict"], default="train")
    parser.add_argument("--json", help="write the figures to this file too")
    return parser.parse_args()


def main():
    options = parse_options()
    figures = {name: [] for name in commands(options)}
    for round_index in range(options.rounds):
        print(f"round {round_index + 1} of {options.rounds}", flush=True)
        for name, command in commands(options).items():
            figures[name].append(images_per_second(name, command))
    medians = {name: statistics.median(values) for name, values in figures.items()}
    print(f"median {options.mode}, {options.amp_dtype or 'f32'}, batch {options.batch_size}, {options.threads} threads")
    for name, median in medians.items():
        print(f"  {name:8} {median:8.2f} images/s  ({min(figures[name]):.2f} to {max(figures[name]):.2f})")
    if "PyTorch" in medians:
        print(f"vnet / PyTorch {medians['vnet'] / medians['PyTorch']:.3f}")
    if options.json:
        record = {"mode": options.mode, "images_per_second": figures, "median": medians}
        pathlib.Path(options.json).write_text(json.dumps(record, indent=1) + "\n")


if __name__ == "__main__":
    main()
