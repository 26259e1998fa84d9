"""Compares the direct convolution kernels with oneDNN's direct algorithm, layer by layer, on one thread.

Usage: compare.py [--runs N] [--dtype f32|bf16] [--instruction-set portable|avx2|avx512|avx512-bf16]

Fetches oneDNN 3.2 into .bench/onednn/, a peer and no dependency, and compiles the kernels with the C compiler beside Swift,
or clang. The layers are those of the presets hippocampus (32^3), accurate (patches of 40^3 stand for its own) and milletari
(5^3 filters, 64^3) at batch 8 and 2, without the first and the last, which the narrow kernels compute.
"""

from __future__ import annotations

import argparse
import os
import pathlib
import shutil
import subprocess
import sys
import zipfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
PEER = ROOT / ".bench/onednn"
WHEELS = ("onednn-cpu-gomp==2023.2.0", "onednn-devel-cpu-gomp==2023.2.0")
# Instruction sets of the kernels, and the one that oneDNN is held to beside each.
INSTRUCTION_SETS = {"portable": "SSE41", "avx2": "AVX2", "avx512": "AVX512_CORE", "avx512-bf16": "AVX512_CORE_BF16"}
DIRECTIONS = ("forward", "input gradient", "filter gradient")


def layers(batch: int) -> list[tuple[int, ...]]:
    """Rows of batch, input channels, output channels, extent, taps, stride."""
    rows = []
    for extent, filters, taps, levels in ((32, 16, 3, 5), (40, 32, 3, 4), (64, 16, 5, 5)):
        # A batch of the large grids would take minutes without telling more.
        images = batch if extent < 64 else 1
        for level in range(levels):
            channels, grid = filters << level, extent >> level
            rows.append((images, channels, channels, grid, taps, 1))
            rows.append((images, 2 * channels, channels, grid, taps, 1))
            if level + 1 < levels:
                rows.append((images, channels, 2 * channels, grid, 2, 2))
    return rows


def fetch() -> None:
    if (PEER / "lib/libdnnl.so.3").exists():
        return
    wheels = PEER / "wheels"
    subprocess.run([sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "-d", wheels, *WHEELS], check=True)
    for wheel in wheels.glob("*.whl"):
        with zipfile.ZipFile(wheel) as archive:
            for name in archive.namelist():
                _, separator, path = name.partition(".data/data/")
                if separator and (path.startswith("include/") or path == "lib/libdnnl.so.3"):
                    target = PEER / path
                    target.parent.mkdir(parents=True, exist_ok=True)
                    target.write_bytes(archive.read(name))
    (PEER / "lib/libdnnl.so").symlink_to("libdnnl.so.3")


def build() -> pathlib.Path:
    swift = shutil.which("swift")
    beside = pathlib.Path(swift).resolve().parent / "clang" if swift else pathlib.Path("clang")
    clang = str(beside) if beside.exists() else "clang"
    kernels = ROOT / "Sources/CPUKernels"
    program = PEER / "compare"
    subprocess.run(
        [clang, "-O2", f"-I{kernels}/include", f"-I{PEER}/include", pathlib.Path(__file__).with_name("compare.c"),
         *sorted(kernels.glob("*.c")), "-o", program, f"-L{PEER}/lib", "-ldnnl", f"-Wl,-rpath,{PEER}/lib", "-lm"],
        check=True,
    )
    return program


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--dtype", choices=("f32", "bf16"), default="f32")
    parser.add_argument("--instruction-set", choices=INSTRUCTION_SETS)
    options = parser.parse_args()
    fetch()
    program = build()
    rows = [row for batch in (8, 2) for row in layers(batch)]
    text = "".join(" ".join(map(str, row)) + "\n" for row in rows)
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    command = [program, str(options.runs), options.dtype]
    if options.instruction_set:
        command.append(options.instruction_set)
        environment["ONEDNN_MAX_CPU_ISA"] = INSTRUCTION_SETS[options.instruction_set]
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment)
    assert process.stdin and process.stdout
    process.stdin.write(text)
    process.stdin.close()
    sums = [[0.0, 0.0] for _ in DIRECTIONS]
    print("| batch | channels | grid | filter | " + " | ".join(f"{d}: oneDNN, ours, ms; ratio" for d in DIRECTIONS) + " |")
    print("|---|---|---|---|" + "---|" * len(DIRECTIONS))
    for (batch, inputs, outputs, extent, taps, stride), line in zip(rows, process.stdout):
        times = [float(number) for number in line.split()]
        cells = []
        for index in range(len(DIRECTIONS)):
            peer, own = times[2 * index : 2 * index + 2]
            sums[index][0] += peer
            sums[index][1] += own
            cells.append(f"{peer:.2f}, {own:.2f}; {peer / own:.2f}")
        step = "" if stride == 1 else f", stride {stride}"
        print(f"| {batch} | {inputs} to {outputs} | {extent}^3 | {taps}^3{step} | " + " | ".join(cells) + " |", flush=True)
    if process.wait() != 0:
        raise SystemExit("compare: the program failed; see above")
    for direction, (peer, own) in zip(DIRECTIONS, sums):
        print(f"{direction}: oneDNN {peer:.0f} ms, ours {own:.0f} ms, ratio {peer / own:.2f}")
    print(f"all: ratio {sum(s[0] for s in sums) / sum(s[1] for s in sums):.2f}")


main()
