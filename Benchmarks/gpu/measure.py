"""Measures vnet on an NVIDIA GPU beside PyTorch on the same GPU and the reference system's published V100 figures.

THIS SCRIPT HAS NOT BEEN RUN ON A GPU: none was at hand. What it calls was tried with --device xla-cpu.

Usage: python3 Benchmarks/gpu/measure.py [--vnet .build/release/vnet] [--pytorch python-with-torch] [--rounds 3]
                                         [--data Task04_Hippocampus] [--batches 2 8 16 32] [--device cuda]
                                         [--output docs/GPU.md] [--quick]

It needs the vnet binary, the CUDA plugin (`make plugins CUDA=13`) and, for the peer, a Python with PyTorch; a part whose
tools are missing is left out and said. In one command it writes:

 1. ten training steps on the GPU against the same on the CPU, step by step
 2. images per second of training and prediction at batch 2, 8, 16 and 32: full float32, TF32, fp16 AMP; PyTorch eager,
    channels last, compiled with CUDA graphs, and the whole step as one CUDA graph, alternately with vnet; what compiling
    takes, the first time and from the cache
 3. the ratio of AMP to float32 and to TF32 beside the reference's
 4. with --data, the accuracy of the full recipe
 5. where `nsys` is installed, the kernels that take the most time
"""

import argparse
import datetime
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).parent
PEER = HERE.parent / "pytorch_vnet.py"
PRECISIONS = {"float32": ["--no-tf32"], "TF32": [], "fp16": ["--amp", "--amp-dtype", "fp16"]}
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
VERDICT_BAD = "NOT within"


def output_of(command, environment=None):
    """What a command prints; None, with a line that says so, where it fails."""
    words = [str(word) for word in command]
    finished = subprocess.run(words, capture_output=True, text=True, env={**os.environ, **(environment or {})})
    if finished.returncode == 0:
        return finished.stdout
    last = (finished.stderr.strip().splitlines() or ["no message"])[-1]
    print(f"measure: {' '.join(words)} failed: {last}", file=sys.stderr)
    return None


def figures_of(command, environment=None):
    text = output_of(command, environment)
    return json.loads(text.strip().splitlines()[-1]) if text else None


# --- Correctness -----------------------------------------------------------------------------------------


def losses(options, folder, device, data):
    """The loss of each of ten steps from one seed."""
    model = folder / f"steps-{device}"
    done = output_of([options.vnet, "train", "--data-dir", data, "--model-dir", model, "--device", device, "--no-tf32",
                      "--epochs", 1, "--batch-size", 2, "--train-split", 0.9, "--log-every", 1])
    if done is None:
        return None
    entries = [json.loads(line.removeprefix("DLLL ")) for line in (model / "log.jsonl").read_text().splitlines()]
    steps = [entry["data"] for entry in entries if isinstance(entry["step"], list) and len(entry["step"]) == 2]
    return [data["loss"] for data in steps][:10]


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
    steps = ["--warmup-steps", 5, "--steps", 10] if options.quick else []
    command = [options.vnet, "benchmark", "--device", options.device, "--mode", mode, "--batch-size", batch]
    return figures_of(command + PRECISIONS[precision] + steps + ["--json", "-"], {"XDG_CACHE_HOME": str(cache)})


def peer_figures(options, mode, batch, precision, form):
    steps = ["--warmup-steps", 5, "--steps", 10] if options.quick else ["--warmup-steps", 50, "--steps", 200]
    device = "cuda" if options.device == "cuda" else "cpu"
    command = [options.pytorch, PEER, "--mode", mode, "--batch-size", batch, "--form", form, "--device", device]
    return figures_of(command + PEER_PRECISIONS[precision] + steps)


def speed(options, cache):
    """Rows of the table, and vnet's images per second by mode, batch and precision."""
    rows = ["| mode | batch | precision | vnet | best PyTorch | ratio | form | V100, reference | compiled in, s | from the cache, s |",
            "|---" * 10 + "|"]
    own = {}
    for mode in ("train", "predict"):
        for batch in options.batches:
            for precision in PRECISIONS:
                mine, peers, compiled = [], {}, []
                for _ in range(options.rounds):
                    figures = vnet_figures(options, mode, batch, precision, cache)
                    if figures:
                        mine.append(figures["imagesPerSecond"])
                        compiled.append(figures["compileSeconds"])
                    for form in FORMS if options.pytorch else ():
                        if form == "graph" and options.device != "cuda":
                            continue
                        if figures := peer_figures(options, mode, batch, precision, form):
                            peers.setdefault(form, []).append(figures["imagesPerSecond"])
                if not mine:
                    continue
                rate = own[mode, batch, precision] = statistics.median(mine)
                best = max(peers, key=lambda form: statistics.median(peers[form])) if peers else None
                peer = statistics.median(peers[best]) if best else None
                published = REFERENCE.get((mode, precision), {}).get(batch)
                cached = f"{compiled[-1]:.2f}" if len(compiled) > 1 else "not measured"
                rows.append(
                    f"| {mode} | {batch} | {precision} | {rate:.0f} | {f'{peer:.0f}' if peer else 'not measured'} | "
                    f"{f'{rate / peer:.2f}' if peer else ''} | {best or ''} | {published or ''} | "
                    f"{compiled[0]:.1f} | {cached} |")
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


def accuracy(options, folder):
    if not options.data:
        return ["Not measured: no --data was given."]
    texts = []
    for name, recipe in (("the reference's recipe", ["--epochs", 80, "--batch-size", 2, "--augment"]),
                         ("the accurate recipe, fold 0", ["--preset", "accurate", "--folds", 5, "--fold", 0])):
        model = folder / name.replace(" ", "-")
        if options.quick:
            recipe = [*recipe, "--epochs", 1]
        trained = output_of([options.vnet, "train", "--device", options.device, "--amp", "--data-dir", options.data,
                             "--model-dir", model, *recipe])
        measured = model / "fold-0" if "--folds" in recipe else model
        text = trained and output_of([options.vnet, "evaluate", "--device", options.device, "--data-dir", options.data,
                                      "--model-dir", measured])
        texts += [f"{name}:", "", "```", text.split("\n\n")[1] if text else "failed", "```", ""]
    return texts


def profile(options, folder):
    if not shutil.which("nsys"):
        return ["Not measured: nsys is not installed."]
    report = folder / "profile"
    command = [options.vnet, "benchmark", "--device", options.device, "--amp", "--batch-size", 8, "--steps", 50]
    if output_of(["nsys", "profile", "--force-overwrite", "true", "-o", report, *command]) is None:
        return ["nsys could not profile: see the messages."]
    table = output_of(["nsys", "stats", "--report", "cuda_gpu_kern_sum", f"{report}.nsys-rep"]) or "no table"
    return ["```", "\n".join(table.splitlines()[:40]), "```"]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--vnet", default=".build/release/vnet")
    parser.add_argument("--pytorch")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--batches", type=int, nargs="+", default=[2, 8, 16, 32])
    parser.add_argument("--data")
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--output", default=str(HERE.parent.parent / "docs" / "GPU.md"))
    parser.add_argument("--quick", action="store_true", help="few steps and epochs, to try this script itself")
    options = parser.parse_args()
    devices = output_of([options.vnet, "devices"]) or ""
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        rows, own = speed(options, folder / "cache")
        if not own:
            sys.exit("measure: nothing could be timed; see the messages above")
        sections = {
            "Ten steps against the CPU": correctness(options, folder),
            "Images per second at 32^3": rows,
            "What mixed precision gains": gains(options, own),
            "Accuracy": accuracy(options, folder),
            "Where the time goes": profile(options, folder),
        }
    command = f"python3 Benchmarks/gpu/measure.py {' '.join(sys.argv[1:])}".strip()
    lines = ["# On a GPU", "", f"{datetime.date.today()}; `{command}`", "", "```", devices.strip(), "```", ""]
    for title, section in sections.items():
        lines += [f"## {title}", "", *section, ""]
    pathlib.Path(options.output).write_text("\n".join(lines))
    print(f"wrote {options.output}")
    if VERDICT_BAD in "\n".join(lines):
        sys.exit("measure: the ten steps differ from the CPU's")


if __name__ == "__main__":
    main()
