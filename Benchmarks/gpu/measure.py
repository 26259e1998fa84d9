"""Measures vnet on an NVIDIA GPU beside PyTorch on the same GPU and the reference system's published V100 figures.

Usage: python3 Benchmarks/gpu/measure.py [--vnet .build/release/vnet] [--pytorch python-with-torch] [--rounds 3]
                                         [--data Task04_Hippocampus] [--batches 2 8 16 32] [--device cuda]
                                         [--forms channels_last graph ...] [--output docs/GPU.md] [--quick | --rehearse]

It needs the vnet binary, the CUDA plugin (`make plugins CUDA=13`, or PJRT_PLUGIN_LIBRARY_PATH) and, for the peer, a Python
with PyTorch; a part whose tools are missing is left out and said. In one command it writes:

 1. ten training steps on the GPU against the same on the CPU, step by step
 2. images per second of training and prediction: full float32, TF32, fp16 AMP; PyTorch eager, channels last, compiled with
    CUDA graphs, and the whole step as one CUDA graph, alternately with vnet; what compiling takes, the first time and from
    the cache
 3. the ratio of AMP to float32 and to TF32 beside the reference's
 4. with --data, the accuracy of the full recipe
 5. where `nsys` or `ncu` is installed, the kernels that take the most time

`--rehearse` runs the whole of it at small shapes on XLA's CPU plugin, so that a first run on a GPU fails for the GPU's
reasons alone.
"""

import argparse
import collections
import csv
import datetime
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).parent
PEER = HERE.parent / "pytorch_vnet.py"
PRECISIONS = {"float32": ["--no-tf32"], "TF32": [], "fp16": ["--amp", "--amp-dtype", "fp16"]}
REHEARSED = {"float32": [], "fp16": ["--amp", "--amp-dtype", "fp16"]}  # TF32 is a matter of GPUs
PEER_PRECISIONS = {"float32": ["--no-tf32"], "TF32": [], "fp16": ["--amp"]}
FORMS = ("eager", "channels_last", "compile", "graph")
# V100 16 GB, images/s by batch: float32 and mixed precision. Source: NVIDIA, "V-Net Medical for TensorFlow".
REFERENCE = {
    ("train", "float32"): {2: 118, 8: 277, 16: 340, 32: 445},
    ("train", "fp16"): {2: 114, 8: 369, 16: 427, 32: 639},
    ("predict", "float32"): {8: 1010, 16: 1263, 32: 1496},
    ("predict", "fp16"): {8: 1429, 16: 2011, 32: 3054},
}
ALLOWED_DIFFERENCE = 1e-3
STEPS = 10
VERDICT_BAD = "NOT within"
failures = []


def output_of(command, environment=None):
    """What a command prints; None, with a line that says so, where it fails."""
    words = [str(word) for word in command]
    finished = subprocess.run(words, capture_output=True, text=True, env={**os.environ, **(environment or {})})
    if finished.returncode == 0:
        return finished.stdout
    last = (finished.stderr.strip().splitlines() or ["no message"])[-1]
    failures.append(f"{' '.join(words)} failed: {last}")
    print(f"measure: {failures[-1]}", file=sys.stderr)
    return None


def figures_of(command, environment=None):
    text = output_of(command, environment)
    return json.loads(text.strip().splitlines()[-1]) if text else None


# --- Correctness -----------------------------------------------------------------------------------------


def losses(options, folder, device, data):
    """The loss of each of the first steps from one seed."""
    model = folder / f"steps-{device}"
    exact = ["--no-tf32"] if device == "cuda" else []
    size = ["--input-shape", 8, 8, 8, "--filters", 4] if options.rehearse else []
    done = output_of([options.vnet, "train", "--data-dir", data, "--model-dir", model, "--device", device, *exact, *size,
                      "--epochs", 1, "--batch-size", 2, "--train-split", 0.9, "--log-every", 1])
    if done is None:
        return None
    entries = [json.loads(line.removeprefix("DLLL ")) for line in (model / "log.jsonl").read_text().splitlines()]
    steps = [entry["data"] for entry in entries if isinstance(entry["step"], list) and len(entry["step"]) == 2]
    return [data["loss"] for data in steps][:STEPS]


def correctness(options, folder):
    data = folder / "phantom"
    if output_of([options.vnet, "phantom", "--output", data, "--cases", 23, "--seed", 1]) is None:
        return ["The phantom could not be made."]
    found, expected = (losses(options, folder, device, data) for device in (options.device, "cpu"))
    if not found or not expected:
        return ["Ten steps could not be compared: see the messages."]
    rows = ["| step | " + options.device + " | cpu | relative difference |", "|---|---|---|---|"]
    differences = [abs(a - b) / abs(b) for a, b in zip(found, expected)]
    for index, (a, b, difference) in enumerate(zip(found, expected, differences)):
        rows.append(f"| {index + 1} | {a:.6f} | {b:.6f} | {difference:.1e} |")
    verdict = "within" if max(differences) <= ALLOWED_DIFFERENCE else VERDICT_BAD
    return rows + ["", f"{len(differences)} steps in full float32, {verdict} {ALLOWED_DIFFERENCE}."]


# --- Speed -----------------------------------------------------------------------------------------------


def vnet_figures(options, mode, batch, precision, cache):
    command = [options.vnet, "benchmark", "--device", options.device, "--mode", mode, "--batch-size", batch]
    command += [*options.precisions[precision], *options.shape, *options.vnet_steps, "--json", "-"]
    return figures_of(command, {"XDG_CACHE_HOME": str(cache)})


def peer_figures(options, mode, precision):
    """Images per second by batch and form, of one process; nothing where it fails at once."""
    forms = [form for form in options.forms if form != "graph" or options.device == "cuda"]
    device = "cuda" if options.device == "cuda" else "cpu"
    command = [options.pytorch, PEER, "--mode", mode, "--batch-size", *options.batches, "--form", *forms]
    command += ["--device", device, *PEER_PRECISIONS[precision], *options.peer_shape, *options.peer_steps]
    lines = [json.loads(line) for line in (output_of(command) or "").splitlines() if line.startswith("{")]
    return {(line["batchSize"], line["form"]): line["imagesPerSecond"] for line in lines}


def speed(options, cache):
    """Rows of the table, and vnet's images per second by mode, batch and precision."""
    rows = ["| mode | batch | precision | vnet | best PyTorch | ratio | form | V100, reference | compiled in, s | from the cache, s |",
            "|---" * 10 + "|"]
    own = {}
    for mode in ("train", "predict"):
        for precision in options.precisions:
            mine = collections.defaultdict(list)
            peers = collections.defaultdict(list)
            for _ in range(options.rounds):
                for batch in options.batches:
                    if figures := vnet_figures(options, mode, batch, precision, cache):
                        mine[batch].append(figures)
                for key, rate in (peer_figures(options, mode, precision) if options.pytorch else {}).items():
                    peers[key].append(rate)
            for batch in options.batches:
                if not mine[batch]:
                    continue
                rate = statistics.median(figures["imagesPerSecond"] for figures in mine[batch])
                own[mode, batch, precision] = rate
                forms = {form: statistics.median(rates) for (size, form), rates in peers.items() if size == batch}
                best = max(forms, key=forms.get) if forms else None
                compiled = [figures["compileSeconds"] for figures in mine[batch]]
                published = REFERENCE.get((mode, precision), {}).get(batch)
                rows.append(
                    f"| {mode} | {batch} | {precision} | {rate:.0f} | {f'{forms[best]:.0f}' if best else 'not measured'} | "
                    f"{f'{rate / forms[best]:.2f}' if best else ''} | {best or ''} | {published or ''} | "
                    f"{compiled[0]:.1f} | {f'{compiled[-1]:.2f}' if len(compiled) > 1 else 'not measured'} |")
                print(rows[-1], flush=True)
    return rows, own


def gains(options, own):
    rows = ["| mode | batch | fp16 of float32 | fp16 of TF32 | reference, fp16 of float32 |", "|---|---|---|---|---|"]
    for mode in ("train", "predict"):
        for batch in options.batches:
            rates = [own.get((mode, batch, precision)) for precision in ("float32", "TF32", "fp16")]
            if None in rates:
                continue
            published = [REFERENCE[mode, precision].get(batch) for precision in ("float32", "fp16")]
            ratio = f"{published[1] / published[0]:.2f}" if all(published) else ""
            rows.append(f"| {mode} | {batch} | {rates[2] / rates[0]:.2f} | {rates[2] / rates[1]:.2f} | {ratio} |")
    return rows


# --- Accuracy and profile --------------------------------------------------------------------------------


RECIPES = {
    "the reference's recipe": ["--epochs", 80, "--batch-size", 2, "--augment"],
    "the accurate recipe, fold 0": ["--preset", "accurate", "--folds", 5, "--fold", 0],
}
REHEARSED_RECIPES = {"one epoch of a small network": ["--epochs", 1, "--input-shape", 8, 8, 8, "--filters", 4]}


def accuracy(options, folder):
    data = options.data or (folder / "phantom" if options.rehearse else None)
    if not data:
        return ["Not measured: no --data was given."]
    texts = []
    for name, recipe in (REHEARSED_RECIPES if options.rehearse else RECIPES).items():
        model = folder / name.replace(" ", "-")
        if options.quick:
            recipe = [*recipe, "--epochs", 1]
        start = time.monotonic()
        trained = output_of([options.vnet, "train", "--device", options.device, "--amp", "--data-dir", data,
                             "--model-dir", model, *recipe])
        minutes = (time.monotonic() - start) / 60
        measured = model / "fold-0" if "--folds" in recipe else model
        text = trained and output_of([options.vnet, "evaluate", "--device", options.device, "--data-dir", data,
                                      "--model-dir", measured])
        texts += [f"{name}, trained in {minutes:.1f} minutes:", "", "```", text.split("\n\n")[1] if text else "failed",
                  "```", ""]
    return texts


def profile(options, folder):
    command = [options.vnet, "benchmark", "--device", options.device, *options.precisions["fp16"], "--batch-size", 8]
    command += [*options.shape, "--warmup-steps", 5, "--steps", 20]
    if shutil.which("nsys"):
        report = folder / "profile"
        if output_of(["nsys", "profile", "--force-overwrite", "true", "-o", report, *command]) is not None:
            table = output_of(["nsys", "stats", "--report", "cuda_gpu_kern_sum", f"{report}.nsys-rep"])
            if table:
                return ["```", "\n".join(table.splitlines()[:40]), "```"]
    if not shutil.which("ncu"):
        return ["Not measured: neither nsys nor ncu could be used."]
    # Kernels one by one, not as parts of a CUDA graph; the first of all are the autotuning's.
    table = output_of(["ncu", "--clock-control", "none", "--metrics", "gpu__time_duration.sum", "--launch-skip", 2500,
                       "--launch-count", 700, "--csv", *command],
                      {"XLA_FLAGS": "--xla_gpu_enable_command_buffer=", "XDG_CACHE_HOME": str(folder / "profile-cache")})
    if table is None:
        return ["ncu could not profile: see the messages."]
    return kernels(list(csv.DictReader(line for line in table.splitlines() if line.startswith('"'))))


KINDS = {"fprop": "convolution, forward", "dgrad": "convolution, input gradient", "wgrad": "convolution, filter gradient",
         "reduce": "sums", "transpose": "transposes", "loop": "element by element"}


def kernels(rows):
    """Time by kind of kernel, over as many launches as the first one takes to come back."""
    names = [row["Kernel Name"] for row in rows]
    period = next((p for p in range(50, len(names)) if names[p:] == names[:-p]), len(names))
    microseconds, count = collections.Counter(), collections.Counter()
    for row in rows[:period]:
        kind = next((title for word, title in KINDS.items() if word in row["Kernel Name"]), "other")
        microseconds[kind] += float(row["Metric Value"].replace(",", "")) / 1000
        count[kind] += 1
    table = [f"By `ncu`, each kernel by itself with cold caches: {sum(microseconds.values()):.0f} us in {period} kernels of one step, "
             "batch 8, fp16.", "", "| kind | kernels | us |", "|---|---|---|"]
    return table + [f"| {kind} | {count[kind]} | {sum:.0f} |" for kind, sum in microseconds.most_common()]


def parsed():
    parser = argparse.ArgumentParser()
    parser.add_argument("--vnet", default=".build/release/vnet")
    parser.add_argument("--pytorch")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--batches", type=int, nargs="+", default=[2, 8, 16, 32])
    parser.add_argument("--forms", nargs="+", choices=FORMS, default=FORMS)
    parser.add_argument("--data")
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--output", default=str(HERE.parent.parent / "docs" / "GPU.md"))
    parser.add_argument("--quick", action="store_true", help="few steps and epochs")
    parser.add_argument("--rehearse", action="store_true", help="few steps at small shapes on XLA's CPU plugin")
    options = parser.parse_args()
    options.shape, options.peer_shape = [], []
    options.precisions = PRECISIONS
    options.vnet_steps, options.peer_steps = [], ["--warmup-steps", 50, "--steps", 200]
    if options.quick or options.rehearse:
        options.vnet_steps = options.peer_steps = ["--warmup-steps", 5, "--steps", 10]
    if options.rehearse:
        options.device, options.batches, options.rounds = "xla-cpu", [2], 2
        options.precisions = REHEARSED
        options.shape, options.peer_shape = ["--input-shape", 8, 8, 8, "--filters", 4], ["--extent", 8]
        options.vnet_steps = options.peer_steps = ["--warmup-steps", 1, "--steps", 2]
    return options


def sections(options, folder):
    """Titles and lines, one part after the other."""
    rows, own = speed(options, folder / "cache")
    if not own:
        sys.exit("measure: nothing could be timed; see the messages above")
    yield f"Images per second at {8 if options.rehearse else 32}^3", rows
    yield "What mixed precision gains", gains(options, own)
    yield "Ten steps against the CPU", correctness(options, folder)
    yield "Where the time goes", profile(options, folder)
    yield "Accuracy", accuracy(options, folder)


def main():
    options = parsed()
    command = f"python3 Benchmarks/gpu/measure.py {' '.join(sys.argv[1:])}".strip()
    devices = output_of([options.vnet, "devices"]) or ""
    lines = ["# On a GPU", "", f"{datetime.date.today()}; `{command}`", "", "```", devices.strip(), "```", ""]
    with tempfile.TemporaryDirectory() as folder:
        for title, section in sections(options, pathlib.Path(folder)):
            lines += [f"## {title}", "", *section, ""]
            # What was measured stays, also where a later part is interrupted.
            pathlib.Path(options.output).write_text("\n".join(lines))
    print(f"wrote {options.output}")
    if VERDICT_BAD in "\n".join(lines):
        sys.exit("measure: the ten steps differ from the CPU's")
    if options.rehearse and failures:
        sys.exit(f"measure: {len(failures)} commands of the rehearsal failed")


if __name__ == "__main__":
    main()
