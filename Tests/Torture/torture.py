#!/usr/bin/env python3
"""Does to the program what a hospital's network, disk, users and enemies do, and tells what it did not survive.

    python3 Tests/Torture/torture.py [--seconds 600] [--seed N] [--only TRIAL ...] [--vnet .build/release/vnet]

Trials of all kinds take turns until the time is up, each drawn from the seed and its number. A failure names both: the same
trial again is `--seed SEED --only TRIAL --first NUMBER`. Exits with 1 where a trial failed. Tools beside the program
(format-mutations, graph-case-check) are used where they are built.
"""

import argparse
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile
import time

import commands
import inside
import training
from trial import Bench, Failure, Skipped

# Each with its weight: how often it comes in a round.
TRIALS = [
    (training.killed_at_random, 2), (training.killed_at_call, 4), (training.failing_call, 4), (training.refused_call, 1),
    (training.vanishing_folder, 1),
    (training.two_at_once, 1), (training.links_in_the_folder, 1), (training.resumed_in_steps, 1), (training.rank_killed, 1),
    (commands.mutated_arguments, 12), (commands.full_output, 2), (commands.reader_goes, 2), (commands.hostile_names, 2),
    (commands.leading_out, 1), (commands.damaged_description, 6), (commands.damaged_configuration, 3), (commands.damaged_model, 4),
    (commands.damaged_cache, 1), (commands.absurd_scan, 3),
    (commands.little_memory, 2), (commands.read_only_model, 1),
    (inside.damaged_images, 1), (inside.damaged_documents, 1), (inside.odd_kernels, 1), (inside.same_bits, 1),
    (inside.endurance, 1),
]
# Trials that take more than some seconds are left to campaigns that last.
LONG = {"endurance", "rank_killed"}


class Tally:
    """What became of one kind of trial."""

    def __init__(self):
        self.tried = self.survived = 0
        self.failures = []
        self.skipped = None


def conduct(bench, trial, number, seed, tally):
    """Makes one trial."""
    bench.random = random.Random(f"{seed} {trial.__name__} {number}")
    bench.seed, bench.number = seed, number
    tally.tried += 1
    try:
        trial(bench)
        tally.survived += 1
    except Skipped as reason:
        tally.tried -= 1
        tally.skipped = str(reason)
    except (Failure, subprocess.TimeoutExpired) as failure:
        tally.failures.append((number, str(failure)))
        print(f"FAILED  {trial.__name__} --seed {seed} --first {number}\n        {failure}", flush=True)


def campaign(bench, arguments):
    """Takes trials in turn until the time is up; returns the tallies by name."""
    chosen = [(trial, weight) for trial, weight in TRIALS if not arguments.only or trial.__name__ in arguments.only]
    if arguments.seconds < 300 and not arguments.only:
        chosen = [(trial, weight) for trial, weight in chosen if trial.__name__ not in LONG]
    tallies = {trial.__name__: Tally() for trial, _ in chosen}
    order = [trial for trial, weight in chosen for _ in range(weight)]
    random.Random(arguments.seed).shuffle(order)
    numbers = dict.fromkeys(tallies, arguments.first)
    end = time.monotonic() + arguments.seconds
    while time.monotonic() < end:
        for trial in order:
            if time.monotonic() >= end:
                break
            tally = tallies[trial.__name__]
            if tally.skipped is None:
                conduct(bench, trial, numbers[trial.__name__], arguments.seed, tally)
            numbers[trial.__name__] += 1
        if all(tally.skipped for tally in tallies.values()):
            break
    return tallies


def table(tallies, seed):
    lines = [f"| trial (seed {seed}) | tried | survived | failed |", "| --- | --- | --- | --- |"]
    for name, tally in tallies.items():
        last = f"skipped: {tally.skipped}" if tally.skipped else str(len(tally.failures))
        if tally.failures:
            last += " (" + ", ".join(f"--first {number}" for number, _ in tally.failures[:5]) + ")"
        lines.append(f"| {name.replace('_', ' ')} | {tally.tried} | {tally.survived} | {last} |")
    total = sum(tally.tried for tally in tallies.values())
    failed = sum(len(tally.failures) for tally in tallies.values())
    lines.append(f"| all | {total} | {total - failed} | {failed} |")
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--seed", type=int, default=None, help="drawn, and printed, where none is given")
    parser.add_argument("--only", nargs="*", default=[], metavar="TRIAL", help=", ".join(t.__name__ for t, _ in TRIALS))
    parser.add_argument("--first", type=int, default=0, help="the number of the first trial of each kind")
    parser.add_argument("--vnet", type=pathlib.Path, default=pathlib.Path(".build/release/vnet"))
    arguments = parser.parse_args()
    if arguments.seed is None:
        arguments.seed = random.SystemRandom().randrange(1 << 32)
    if not arguments.vnet.exists():
        sys.exit(f"torture: {arguments.vnet} is not built; run 'make build'")
    vnet = arguments.vnet.resolve()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="torture-")).resolve()
    # Trials of other users must get in.
    folder.chmod(0o755)
    try:
        bench = Bench(vnet, vnet.parent, folder)
        bench.prepare()
        commands.prove_commands(bench)
        tallies = campaign(bench, arguments)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(table(tallies, arguments.seed))
    sys.exit(1 if any(tally.failures for tally in tallies.values()) else 0)


if __name__ == "__main__":
    main()
