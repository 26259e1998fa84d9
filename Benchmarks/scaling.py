"""Measures one and two processes under mpirun, and models up to 1024.

Usage: python3 scaling.py [--vnet .build/release/vnet] [--mpirun .deps/bin/mpirun] [--rounds 3] [--steps 20]
                          [--record] [--model-only]

Absolute figures move from machine to machine and from hour to hour: the ratio of one run is what counts. All
processes run on this machine, which needs two cores that nothing else uses.

    --record      write the tables to docs/SCALING.md
    --model-only  measure nothing: the model of published step times alone
"""

import argparse
import dataclasses
import datetime
import json
import os
import pathlib
import re
import statistics
import subprocess
import sys

HERE = pathlib.Path(__file__).parent
DOCUMENT = HERE.parent / "docs" / "SCALING.md"
MEASURED_MARKS = ("<!-- figures of make bench-scaling -->", "<!-- end of figures -->")
MODEL_MARKS = ("<!-- model of make bench-scaling -->", "<!-- end of model -->")

GRADIENT_BYTES = 4 * 3_599_747


# --- Measuring -------------------------------------------------------------------------------------------


@dataclasses.dataclass(frozen=True)
class Layout:
    processes: int
    threads: int
    batch: int
    compression: str = ""

    @property
    def name(self):
        plural = "es" if self.processes > 1 else ""
        name = f"{self.processes} process{plural} x {self.threads} thread{'s' if self.threads > 1 else ''}"
        return f"{name}, batch {self.batch} each" + (f", gradients in {self.compression}" if self.compression else "")


ALONE = Layout(1, 1, 8)
ALONE_TWICE_THE_BATCH = Layout(1, 1, 16)
THREADS = Layout(1, 2, 16)
PROCESSES = Layout(2, 1, 8)
# Of one process with two threads, for which two processes must be good.
LEAST_RATIO = 0.9
COMPRESSED = Layout(2, 1, 8, "bf16")
LAYOUTS = (THREADS, PROCESSES, ALONE, ALONE_TWICE_THE_BATCH, COMPRESSED)


def measure(layout, options):
    """Runs `vnet benchmark` in a layout; returns its line of JSON."""
    command = [options.vnet, "benchmark", "--device", "cpu", "--batch-size", layout.batch, "--threads", layout.threads]
    command += ["--warmup-steps", 5, "--steps", options.steps, "--json", "-"]
    command += ["--compress-gradients", layout.compression] if layout.compression else []
    if layout.processes > 1:
        command = [options.mpirun, "-np", layout.processes, *command]
    environment = os.environ | {"OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"}
    command = [str(word) for word in command]
    try:
        result = subprocess.run(command, capture_output=True, text=True, env=environment)
    except OSError as error:
        sys.exit(f"scaling: {command[0]}: {error.strerror}; run 'make build' first, or give another path")
    lines = [line for line in result.stdout.splitlines() if line.startswith("{")]
    if result.returncode != 0 or not lines:
        sys.exit(f"scaling: {' '.join(command)} failed\n{result.stdout}{result.stderr}")
    figures = json.loads(lines[-1])
    print(f"  {layout.name:60} {figures['imagesPerSecond']:8.2f} images/s", flush=True)
    return figures


def measured(options):
    """The figures of every layout, one for each round, the layouts in turn."""
    figures = {layout: [] for layout in LAYOUTS}
    for round_index in range(options.rounds):
        print(f"round {round_index + 1} of {options.rounds}", flush=True)
        for layout in LAYOUTS:
            figures[layout].append(measure(layout, options))
    return figures


def speed(figures, layout):
    return statistics.median(run["imagesPerSecond"] for run in figures[layout])


def measured_table(figures, options):
    device = figures[PROCESSES][0]["device"].split(",")[0:3]
    lines = [
        f"{datetime.date.today().isoformat()}; {','.join(device)}; {os.cpu_count()} cores. `make bench-scaling`, "
        f"medians of {options.rounds} rounds.",
        "",
        "| layout | images/s | least to most |",
        "|---|---|---|",
    ]
    for layout in LAYOUTS:
        speeds = [run["imagesPerSecond"] for run in figures[layout]]
        spread = f"{min(speeds):.2f} to {max(speeds):.2f}"
        lines.append(f"| {layout.name} | {speed(figures, layout):.2f} | {spread} |")
    ratios = {
        "processes for threads: 2 x 1 at batch 8 each, of 1 x 2 at batch 16": (PROCESSES, THREADS, 1),
        "weak scaling: 2 x 1 at batch 8 each, of twice 1 x 1 at batch 8": (PROCESSES, ALONE, 2),
        "strong scaling: 2 x 1 at batch 8 each, of twice 1 x 1 at batch 16": (PROCESSES, ALONE_TWICE_THE_BATCH, 2),
        "gradients in bf16, of gradients in float32": (COMPRESSED, PROCESSES, 1),
    }
    lines += ["", "| ratio | |", "|---|---|"]
    for name, (layout, base, factor) in ratios.items():
        lines.append(f"| {name} | **{speed(figures, layout) / speed(figures, base) / factor:.3f}** |")
    lines += ["", *all_reduce_table(figures)]
    return "\n".join(lines)


def all_reduce_table(figures):
    """Bytes, time and hidden share of each all-reduce of a step of two processes."""
    lines = ["| all-reduce | KiB | ms | hidden behind the backward pass |", "|---|---|---|---|"]
    for layout in (PROCESSES, COMPRESSED):
        suffix = f", {layout.compression}" if layout.compression else ""
        for index, first in enumerate(figures[layout][0]["allReduces"]):
            runs = [run["allReduces"][index] for run in figures[layout]]
            seconds = statistics.median(run["seconds"] for run in runs)
            hidden = statistics.median(run["hiddenShare"] for run in runs)
            size = f"{first['byteCount'] / 1024:.1f}"
            lines.append(f"| {index + 1}{suffix} | {size} | {1000 * seconds:.2f} | {100 * hidden:.0f} % |")
    return lines


# --- Model -----------------------------------------------------------------------------------------------


@dataclasses.dataclass(frozen=True)
class Link:
    name: str
    bytes_per_second: float
    latency: float

    def ring(self, count):
        """Seconds of a ring all-reduce of the gradients."""
        volume = 2 * (count - 1) / count * GRADIENT_BYTES
        return volume / self.bytes_per_second + 2 * (count - 1) * self.latency


ETHERNET = Link("10 Gb/s Ethernet", 1.25e9, 20e-6)
INFINIBAND = Link("100 Gb/s InfiniBand", 12.5e9, 2e-6)
NVLINK = Link("NVLink of a DGX-1V", 75e9, 5e-6)

COUNTS = (8, 16, 32, 64, 128, 256, 512, 1024)

# The reference system's published images/s in float32 on V100 16 GB, by batch size: one GPU, eight GPUs.
PUBLISHED = {2: (118, 584), 8: (277, 1783), 16: (340, 2343), 32: (445, 3190)}


def model_tables(figures):
    lines = ["| batch | step, ms | ring, ms | model, of 8 | published, of 8 | published step less one GPU's, ms |"]
    lines.append("|---|---|---|---|---|---|")
    for batch, (one, eight) in PUBLISHED.items():
        step, ring = batch / one, NVLINK.ring(8)
        excess = 8 * batch / eight - step
        lines.append(
            f"| {batch} | {1000 * step:.1f} | {1000 * ring:.2f} | {8 * step / (step + ring):.2f} | "
            f"{eight / one:.2f} | {1000 * excess:.1f} |"
        )
    rows = [(f"V100, batch {batch}", batch / one, INFINIBAND) for batch, (one, _) in PUBLISHED.items()]
    if figures:
        name = f"this CPU, {THREADS.threads} threads, batch {THREADS.batch}"
        step = THREADS.batch / speed(figures, THREADS)
        rows += [(name, step, INFINIBAND), (name, step, ETHERNET)]
    lines += ["", "| step | link | " + " | ".join(str(count) for count in COUNTS) + " |"]
    lines.append("|---" * (len(COUNTS) + 2) + "|")
    for link in (INFINIBAND, ETHERNET):
        rings = " | ".join(f"{1000 * link.ring(count):.1f}" for count in COUNTS)
        lines.append(f"| ring alone, ms | {link.name} | {rings} |")
    for name, step, link in rows:
        cells = " | ".join(f"{100 * step / (step + link.ring(count)):.0f} %" for count in COUNTS)
        lines.append(f"| {name}: {1000 * step:.1f} ms | {link.name} | {cells} |")
    return "\n".join(lines)


# --- Results ---------------------------------------------------------------------------------------------


def put(marks, table):
    """Puts a table between its marks in the document."""
    text = DOCUMENT.read_text()
    start, end = text.index(marks[0]) + len(marks[0]), text.index(marks[1])
    DOCUMENT.write_text(f"{text[:start]}\n{table}\n{text[end:]}")


def main():
    parser = argparse.ArgumentParser(usage=re.sub(r"\s+", " ", __doc__.split("\n\n")[1]))
    parser.add_argument("--vnet", default=".build/release/vnet")
    parser.add_argument("--mpirun", default=".deps/bin/mpirun")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--record", action="store_true")
    parser.add_argument("--model-only", action="store_true")
    options = parser.parse_args()
    figures = None if options.model_only else measured(options)
    tables = {MODEL_MARKS: model_tables(figures)}
    if figures:
        tables[MEASURED_MARKS] = measured_table(figures, options)
    for marks, table in tables.items():
        print(f"\n{table}")
        if options.record:
            put(marks, table)
    if options.record:
        print(f"\nwrote {DOCUMENT}")
    if figures and speed(figures, PROCESSES) < LEAST_RATIO * speed(figures, THREADS):
        sys.exit(f"scaling: two processes are slower than {LEAST_RATIO} of two threads")


if __name__ == "__main__":
    main()
