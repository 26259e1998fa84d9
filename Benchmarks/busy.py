"""Measures what is left of a benchmark's throughput where an endless loop runs on every core beside it.

Usage: busy.py [--rounds N] [--threads N] [--quick] [--check] [VNET OPTION ...]

Quiet and busy runs of `vnet benchmark` take turns; options after -- are the benchmark's own, by default training at 32^3, batch 8 and
batch 2, and prediction at batch 8. A fair share of a core with one loop on it is 0.5.

    --quick  the first of these only
    --check  fail where a median share is more than 15 % lower than 0.46, which is wanted
"""

from __future__ import annotations

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]
WANTED_SHARE = 0.46
ALLOWED_LOSS = 0.15
PROGRAM = ROOT / ".build/release/vnet"
CASES = (
    ["--mode", "train", "--batch-size", "8", "--steps", "10"],
    ["--mode", "train", "--batch-size", "2", "--steps", "30"],
    ["--mode", "predict", "--batch-size", "8", "--steps", "20"],
)


def throughput(options: list[str], threads: int, loops: int) -> float:
    """Images per second beside so many endless loops."""
    beside = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(loops)]
    try:
        command = [PROGRAM, "benchmark", "--threads", str(threads), "--warmup-steps", "3", "--json", "-", *options]
        result = subprocess.run(command, capture_output=True, text=True, check=True)
    finally:
        for process in beside:
            process.kill()
            process.wait()
    return json.loads([line for line in result.stdout.splitlines() if line.startswith("{")][-1])["imagesPerSecond"]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("options", nargs="*")
    given = parser.parse_args()
    medians = []
    print("| case | quiet, images/s | busy | share |\n|---|---|---|---|")
    for options in [given.options] if given.options else CASES[:1] if given.quick else CASES:
        quiet, busy = [], []
        for _ in range(given.rounds):
            quiet.append(throughput(options, given.threads, 0))
            busy.append(throughput(options, given.threads, given.threads))
        shares = [b / q for q, b in zip(quiet, busy)]
        medians.append(statistics.median(shares))
        name = " ".join(options).replace("--", "")
        print(f"| {name} | {statistics.median(quiet):.2f} | {statistics.median(busy):.2f} | "
              f"{statistics.median(shares):.2f} ({min(shares):.2f} to {max(shares):.2f}) |", flush=True)
    if given.check and min(medians) < (1 - ALLOWED_LOSS) * WANTED_SHARE:
        sys.exit(f"busy: a share of {min(medians):.2f} is too low; {WANTED_SHARE} is wanted")


main()
