"""Trials that tools make inside one process: damaged files by the hundred, kernels over odd shapes, and endurance."""

import os
import pathlib
import subprocess
import time

from trial import Failure, Skipped
from training import fresh


def tool(bench, name, *words, limit=600):
    """Runs one of the project's own tools, which prints what it found and traps or exits with 1 where something is wrong."""
    path = bench.tools / name
    if not path.exists():
        raise Skipped(f"{name} is not built: swift build -c release")
    result = subprocess.run([path, *map(str, words)], capture_output=True, text=True, timeout=limit, env=bench.environment())
    if result.returncode != 0 or "bad sentences" in result.stdout and not all(
            " 0 bad sentences" in line for line in result.stdout.splitlines() if "bad sentences" in line):
        raise Failure(f"{name} {' '.join(map(str, words))}: exit {result.returncode}: {(result.stdout + result.stderr)[-600:]}")
    return result.stdout


def damaged_images(bench):
    """2,000 damaged files of each image format are read in one process."""
    goldens = pathlib.Path(__file__).parent.parent / "MedicalImagingTests" / "Goldens"
    tool(bench, "format-mutations", 2000, bench.random.randrange(1 << 32), goldens)


def odd_kernels(bench):
    """Convolutions of random shapes by every algorithm against direct convolution in double precision."""
    tool(bench, "graph-case-check", "--random", 10, bench.random.randrange(1 << 32))


def descriptors(pid):
    try:
        return len(os.listdir(f"/proc/{pid}/fd"))
    except OSError:
        return 0


def peak_memory(pid):
    try:
        for line in open(f"/proc/{pid}/status"):
            if line.startswith("VmHWM"):
                return int(line.split()[1])
    except OSError:
        pass
    return 0


def watched(bench, *words):
    """Runs the program; returns the most descriptors, and the peak of memory at a third of the run and at its end."""
    process = bench.start(*words)
    samples = []
    while process.poll() is None:
        samples.append((descriptors(process.pid), peak_memory(process.pid)))
        time.sleep(0.05)
    if process.returncode != 0:
        raise Failure(f"{' '.join(bench.words(*words))}: exit {process.returncode}")
    samples = [sample for sample in samples if sample[1]]
    early = samples[len(samples) // 3]
    return max(sample[0] for sample in samples), early[1], max(sample[1] for sample in samples)


def endurance(bench):
    """400 scans predicted, or 200 epochs trained: neither memory nor descriptors grow."""
    if bench.random.random() < 0.5:
        inputs = fresh(bench, "many")
        inputs.mkdir()
        scans = sorted((bench.data / "imagesTr").glob("*.nii.gz"))
        for index in range(400):
            os.link(scans[index % len(scans)], inputs / f"case{index:03}.nii.gz")
        words = ["predict", "--model-dir", bench.model, "--input", inputs, "--output", fresh(bench, "output"),
                 "--device", "cpu", "--threads", "1"]
    else:
        words = ["train", "--data-dir", bench.data, "--model-dir", fresh(bench), *bench.TRAINING, "--epochs", "200"]
    most, early, late = watched(bench, *words)
    if most > 64:
        raise Failure(f"{words[0]}: {most} descriptors were open at once")
    if late > 1.15 * early + 8192:
        raise Failure(f"{words[0]}: the peak of memory grew from {early} to {late} KiB")
