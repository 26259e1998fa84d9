"""Trials that tools make inside one process: damaged files by the hundred, kernels over odd shapes, and endurance."""

import os
import pathlib
import subprocess
import time

from trial import Failure, Skipped, contents
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


def damaged_documents(bench):
    """300 damaged checkpoints (with and without checksums), models in one file, data sets, lists of cases, divisions and files of
    measured times each in one process."""
    tool(bench, "format-mutations", 300, bench.random.randrange(1 << 32), "--data", bench.data, "--model", bench.model,
         "--file", bench.model_file, "--cache", bench.measured_times)


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


def same_bits(bench):
    """One scan predicted 20 times, by two numbers of threads, with a cold and a warm cache: equal bits for as many threads,
    and with exact convolutions for all."""
    scan = bench.random.choice(sorted((bench.data / "imagesTs").glob("*.nii.gz")))
    by_threads, exact = {}, set()
    for run in range(20):
        threads, is_exact = 1 + run % 2, run >= 10
        cache = {"XDG_CACHE_HOME": str(fresh(bench, "cold"))} if run % 4 >= 2 else None
        output = fresh(bench, "output")
        words = ["predict", "--model-dir", bench.model, "--input", scan, "--output", output, "--device", "cpu", "--threads",
                 threads, "--probabilities", *(["--exact-convolution"] if is_exact else [])]
        bench.expect(bench.run(*words, environment=cache), 0)
        files = contents(output)
        by_threads.setdefault((threads, is_exact), set()).add(tuple(files.items()))
        if is_exact:
            exact.add(files[scan.name])
    if any(len(found) > 1 for found in by_threads.values()):
        raise Failure(f"{scan.name}: as many threads, other bits: { {key: len(found) for key, found in by_threads.items()} }")
    if len(exact) > 1:
        raise Failure(f"{scan.name}: exact convolutions, other masks by other numbers of threads")


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
