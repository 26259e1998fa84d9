#!/usr/bin/env python3
"""Sets where a program looks for its libraries, in place; the new run path must not be longer than the old one.

Usage: set_run_path.py PROGRAM RUN_PATH

Source: System V Application Binary Interface, chapter 5, Dynamic Section; ELF-64 Object File Format, version 1.5.
"""

import struct
import sys

PT_LOAD, PT_DYNAMIC = 1, 2
DT_STRTAB, DT_RPATH, DT_RUNPATH = 5, 15, 29


def fail(sentence):
    sys.exit(f"set_run_path: {sentence}")


def main(path, run_path):
    with open(path, "rb") as file:
        data = bytearray(file.read())
    # 64 bits, little-endian.
    if data[:6] != b"\x7fELF\x02\x01":
        fail(f"{path}: is no program for 64-bit Linux on x86 or ARM")
    (table,) = struct.unpack_from("<Q", data, 32)
    size, count = struct.unpack_from("<HH", data, 54)
    segments = []
    for index in range(count):
        kind, _, offset, address, _, length = struct.unpack_from("<IIQQQQ", data, table + index * size)
        segments.append((kind, offset, address, length))
    entries = {}
    for kind, offset, _, length in segments:
        if kind == PT_DYNAMIC:
            entries = dict(struct.unpack_from("<QQ", data, at) for at in range(offset, offset + length, 16))
    text = entries.get(DT_RUNPATH, entries.get(DT_RPATH))
    if text is None:
        fail(f"{path}: has no run path to replace")
    address = entries[DT_STRTAB] + text
    start = next(
        offset + address - base
        for kind, offset, base, length in segments
        if kind == PT_LOAD and base <= address < base + length
    )
    end = data.index(0, start)
    new = run_path.encode()
    if len(new) > end - start:
        fail(f"{path}: its run path '{data[start:end].decode()}' has no room for '{run_path}'")
    data[start:end] = new.ljust(end - start, b"\0")
    with open(path, "r+b") as file:
        file.write(data)


if len(sys.argv) != 3:
    fail("give a program and its run path")
main(sys.argv[1], sys.argv[2])
