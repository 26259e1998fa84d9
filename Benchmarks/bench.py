"""Measures `vnet benchmark` and its peers in one run, in turn: A B C A B C ...

Usage: python3 bench.py [--vnet .build/release/vnet] [--pytorch PYTHON] [--tensorflow PYTHON] [--openvino PYTHON]
                        [--rounds 3] [--threads 2] [--cases PART] [--quick] [--record] [--check]

PYTHON is an interpreter that has torch, or tensorflow, or openvino with onnxruntime and nncf. The first round measures
all forms of the peers, the others only the best of them. OpenVINO's int8 stands beside the bf16 cases in every round and
is no best peer, since its masks are of another accuracy. Absolute figures move from machine to machine and from hour to
hour: the ratio of one run is what counts.

    --cases PART  only cases whose name has PART in it
    --quick       in minutes: batch 8 in four rounds, 128^3 in bf16 with a step in one, and the PyTorch form that is best as a rule
    --record      write the table to docs/PERFORMANCE.md and the ratios to Benchmarks/recorded.json
    --check       compare with Benchmarks/recorded.json; fail where a ratio is more than 15 % lower
"""

import argparse
import dataclasses
import datetime
import json
import os
import pathlib
import platform
import re
import statistics
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).parent
TABLE = HERE.parent / "docs" / "PERFORMANCE.md"
RECORD = HERE / "recorded.json"
MARKS = ("<!-- figures of make bench -->", "<!-- end of figures -->")
ALLOWED_LOSS = 0.15
QUANTISED = "OpenVINO int8"


@dataclasses.dataclass(frozen=True)
class Case:
    mode: str
    dtype: str
    batch: int
    preset: str = "hippocampus"
    extent: int = 32

    @property
    def name(self):
        return f"{self.preset} {self.extent}^3, {self.mode} {self.dtype}, batch {self.batch}"

    @property
    def is_quick(self):
        return self.batch == 8 or (self.is_large and self.dtype == "bf16")

    @property
    def is_large(self):
        """Whether peers take so long for a step that a quick run has time for one."""
        return self.extent > 64

    @property
    def steps(self):
        """Enough for a median, few enough for patience."""
        if self.preset == "milletari" or self.is_large:
            return 4
        return {2: 20, 8: 10, 32: 5}[self.batch] * (2 if self.mode == "predict" else 1)


CASES = [
    Case(mode, dtype, batch) for batch in (8, 2, 32) for mode in ("train", "predict") for dtype in ("f32", "bf16")
]
CASES += [Case("train", "f32", 1, "milletari", 64)]
CASES += [
    Case(mode, dtype, batch, extent=128) for mode, batch in (("predict", 1), ("train", 2)) for dtype in ("f32", "bf16")
]


def commands(case, options):
    """The command lines to compare, by name."""
    common = ["--mode", case.mode, "--batch-size", case.batch, "--threads", options.threads]
    common += ["--amp"] if case.dtype == "bf16" else []
    common += ["--steps", 1, "--warmup-steps", 1] if options.quick and case.is_large else ["--steps", case.steps]
    vnet = [options.vnet, "benchmark", "--device", "cpu", "--warmup-steps", 3, *common, "--preset", case.preset, "--json", "-"]
    vnet += ["--input-shape", case.extent, case.extent, case.extent]
    found = {"vnet": vnet}
    if options.pytorch:
        forms = ["channels_last"] if options.quick else ["channels_last", "eager", "compile"]
        for form in forms:
            found[f"PyTorch {form}"] = [options.pytorch, HERE / "pytorch_vnet.py", *common, "--form", form]
            found[f"PyTorch {form}"] += ["--preset", case.preset, "--extent", case.extent]
    if options.openvino and case.preset == "hippocampus" and case.mode == "predict":
        runtimes = [("ONNX Runtime", "onnxruntime", "f32"), ("OpenVINO", "openvino", "f32")]
        if case.dtype == "bf16":
            runtimes = [("OpenVINO", "openvino", "bf16"), (QUANTISED, "openvino", "int8")]
        for name, form, dtype in runtimes:
            found[name] = [options.openvino, HERE / "onnx_vnet.py", options.exported, "--form", form, "--dtype", dtype]
            found[name] += ["--batch-size", case.batch, "--extent", case.extent, "--steps", case.steps, "--threads", options.threads]
    if options.tensorflow and case.preset == "hippocampus" and case.extent == 32 and not options.quick:
        found["TensorFlow"] = [options.tensorflow, HERE / "tensorflow_vnet.py", *common]
    return {name: [str(word) for word in command] for name, command in found.items()}


def measure(name, command):
    """Runs a command, which prints one line of JSON among its output; returns that, or None where it fails."""
    try:
        result = subprocess.run(command, capture_output=True, text=True)
    except OSError as error:
        sys.exit(f"bench: {command[0]}: {error.strerror}; build it first, or give another path")
    lines = [line for line in result.stdout.splitlines() if line.startswith("{")]
    if result.returncode != 0 or not lines:
        last = (result.stderr.strip().splitlines() or ["no output"])[-1]
        if name == "vnet":
            sys.exit(f"bench: {' '.join(command)} failed: {last}")
        print(f"  {name:22} failed: {last[:100]}", flush=True)
        return None
    figures = json.loads(lines[-1])
    speed, memory = figures["imagesPerSecond"], figures["peakMemoryKiB"] / 1024
    print(f"  {name:22} {speed:8.2f} images/s {memory:7.0f} MiB", flush=True)
    return speed, memory


def compare(case, options):
    """Measures a case; returns its row of the table."""
    print(case.name, flush=True)
    active = commands(case, options)
    figures = {}
    rounds = (1 if case.is_large else 4) if options.quick else options.rounds
    for round_index in range(rounds):
        for name, command in active.items():
            value = measure(name, command)
            if value:
                figures.setdefault(name, []).append(value)
        peers = [name for name in figures if name not in ("vnet", QUANTISED)]
        if round_index == 0 and peers:
            fastest = max(peers, key=lambda name: figures[name][0][0])
            active = {name: active[name] for name in ("vnet", fastest, QUANTISED) if name in active}
    return summarised(case, figures)


def summarised(case, figures):
    """The row of a case: medians, and the ratio to the peer that is best by its own."""
    median = lambda name, index: statistics.median(value[index] for value in figures[name])
    row = {"case": case.name, "speed": median("vnet", 0), "memory": median("vnet", 1)}
    speeds = [value[0] for value in figures["vnet"]]
    row["spread"] = [min(speeds), max(speeds)]
    row["peers"] = {name: median(name, 0) for name in figures if name != "vnet"}
    alike = {name: speed for name, speed in row["peers"].items() if name != QUANTISED}
    if alike:
        best = max(alike, key=alike.get)
        row["best"] = best
        row["bestMemory"] = median(best, 1)
        row["ratio"] = row["speed"] / row["peers"][best]
        row["memoryRatio"] = row["memory"] / row["bestMemory"]
        print(f"  vnet / {best}: {row['ratio']:.2f} in speed, {row['memoryRatio']:.2f} in memory", flush=True)
    return row


def export(folder, options):
    """The hippocampus network after an epoch on a phantom, as ONNX: what it computes does not matter, how fast does."""
    data, model, path = (str(pathlib.Path(folder) / name) for name in ("phantom", "model", "model.onnx"))
    for arguments in (
        ["phantom", "--output", data, "--cases", "4"],
        ["train", "--data-dir", data, "--model-dir", model, "--epochs", "1", "--device", "cpu"],
        ["export", "--model-dir", model, "--output", path, "--dynamic-shape"],
    ):
        result = subprocess.run([options.vnet, *arguments], capture_output=True, text=True)
        if result.returncode != 0:
            sys.exit(f"bench: vnet {' '.join(arguments)} failed: {result.stderr.strip()}")
    return path


# --- Results ---------------------------------------------------------------------------------------------


def machine(options):
    """The machine and the versions, in a line."""
    cpu = "unknown CPU"
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            cpu = line.split(":")[1].strip()
            break
    versions = []
    packages = [(name, options.openvino) for name in ("openvino", "onnxruntime", "nncf")]
    for name, python in [("torch", options.pytorch), ("tensorflow", options.tensorflow), *packages]:
        if python:
            code = f"import importlib.metadata as m; print('{name}', *sorted({{d.version for d in m.distributions() "
            code += f"if re.fullmatch('{name}(.cpu)?', d.name)}}))"
            result = subprocess.run([python, "-c", "import re; " + code], capture_output=True, text=True)
            versions.append(result.stdout.strip())
    summary = subprocess.run(
        [options.vnet, "benchmark", "--device", "cpu", "--warmup-steps", "0", "--steps", "1", "--filters", "4", "--batch-size", "1"],
        capture_output=True,
        text=True,
    ).stdout.splitlines()[0]
    day = datetime.date.today().isoformat()
    return f"{day}; {cpu}, {os.cpu_count()} cores; {platform.system()}; {summary}; {'; '.join(versions)}"


def table(rows, options):
    lines = [
        f"{machine(options)}. `make bench`, medians of {options.rounds} rounds.",
        "",
        "| case | vnet, images/s | least to most | best peer | peer, images/s | ratio | memory, MiB | of the peer's |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        low, high = row["spread"]
        cells = [row["case"], f"{row['speed']:.2f}", f"{low:.2f} to {high:.2f}"]
        cells += [row["best"], f"{row['peers'][row['best']]:.2f}", f"**{row['ratio']:.2f}**"]
        cells += [f"{row['memory']:.0f}", f"{row['memoryRatio']:.2f}"]
        lines.append("| " + " | ".join(cells) + " |")
    lines += ["", "All peers, images/s (medians; those that were not the fastest of the first round, of that round alone):", ""]
    names = sorted({name for row in rows for name in row["peers"]})
    lines += ["| case | " + " | ".join(names) + " |", "|---" * (len(names) + 1) + "|"]
    for row in rows:
        cells = [f"{row['peers'][name]:.2f}" if name in row["peers"] else "" for name in names]
        lines.append("| " + " | ".join([row["case"], *cells]) + " |")
    return "\n".join(lines)


def record(rows, options):
    """Puts the table between its marks in the document, and the ratios into the record."""
    text = TABLE.read_text()
    start, end = text.index(MARKS[0]) + len(MARKS[0]), text.index(MARKS[1])
    TABLE.write_text(f"{text[:start]}\n{table(rows, options)}\n{text[end:]}")
    ratios = {"machine": machine(options)}
    ratios |= {row["case"]: {name: round(r, 3) for name, r in ratios_to_peers(row).items()} for row in rows}
    RECORD.write_text(json.dumps(ratios, indent=1) + "\n")
    print(f"wrote {TABLE} and {RECORD}")


def ratios_to_peers(row):
    return {name: row["speed"] / speed for name, speed in row["peers"].items()}


def check(rows):
    """Compares with the record, peer by peer; exits with 1 where a ratio is too low."""
    if not RECORD.exists():
        sys.exit(f"bench: {RECORD} is missing; make it with make bench")
    recorded = json.loads(RECORD.read_text())
    print(f"recorded on {recorded['machine']}")
    failures = 0
    for row in rows:
        for name, ratio in ratios_to_peers(row).items():
            expected = recorded.get(row["case"], {}).get(name)
            if expected is None:
                continue
            is_low = ratio < (1 - ALLOWED_LOSS) * expected
            failures += is_low
            print(f"{'LOW ' if is_low else 'ok  '} {row['case']}: {ratio:.2f} of {name}, recorded {expected:.2f}")
    sys.exit(1 if failures else 0)


def main():
    parser = argparse.ArgumentParser(usage=re.sub(r"\s+", " ", __doc__.split("\n\n")[1]))
    parser.add_argument("--vnet", default=".build/release/vnet")
    parser.add_argument("--pytorch")
    parser.add_argument("--tensorflow")
    parser.add_argument("--openvino")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--cases", default="")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--record", action="store_true")
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    if (options.record or options.check) and not options.pytorch:
        sys.exit("bench: --record and --check compare with peers; give --pytorch")
    cases = [case for case in CASES if options.cases in case.name and (not options.quick or case.is_quick)]
    if not cases:
        sys.exit(f"bench: no case has {options.cases!r} in its name; there are: " + "; ".join(c.name for c in CASES))
    with tempfile.TemporaryDirectory() as folder:
        options.exported = export(folder, options) if options.openvino else None
        rows = [compare(case, options) for case in cases]
    if options.record:
        record(rows, options)
    if options.check:
        check(rows)


if __name__ == "__main__":
    main()
