"""Times empty parallel regions of the thread pool.

Usage: empty_region.py [THREADS=2]
"""

from __future__ import annotations

import pathlib
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]


def main() -> None:
    swift = shutil.which("swift")
    beside = pathlib.Path(swift).resolve().parent / "clang" if swift else pathlib.Path("clang")
    pool = ROOT / "Sources/ForkJoin"
    with tempfile.TemporaryDirectory() as folder:
        program = pathlib.Path(folder) / "empty_region"
        subprocess.run(
            [beside if beside.exists() else "clang", "-O2", f"-I{pool}/include", *sorted(pool.glob("*.c")),
             pathlib.Path(__file__).with_suffix(".c"), "-o", program, "-lpthread"],
            check=True,
        )
        raise SystemExit(subprocess.run([program, *sys.argv[1:2]]).returncode)


main()
