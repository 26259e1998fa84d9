"""Makes small files of each image format in formats/ and, in formats.json, what SimpleITK (for NIfTI pairs, nibabel) reads
from them: voxels, geometry in RAS, stored type.

Run from this folder with SimpleITK, nibabel and numpy installed: python make_format_goldens.py
"""
import gzip
import json
import pathlib
import zlib

import nibabel as nib
import numpy as np
import SimpleITK as sitk

folder = pathlib.Path(__file__).parent / "formats"
folder.mkdir(exist_ok=True)
for old in folder.iterdir():
    old.unlink()
rng = np.random.default_rng(2026)
SIZE = (4, 3, 2)  # i, j, k
TYPES = ["int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64", "float32", "float64"]
# An oblique direction, columns for i, j, k, in LPS; and one that only permutes and flips.
OBLIQUE = (0.93629336, -0.31299183, -0.15934508, 0.28962948, 0.94470249, -0.15379198, 0.19866933, 0.0978434, 0.97517033)
PERMUTED = (0, 0, -1, 1, 0, 0, 0, -1, 0)
SPACING = (0.9, 1.1, 1.25)
ORIGIN = (-30.5, 12.25, 7.0)
expected = {}


def values(dtype, shape):
    dtype = np.dtype(dtype)
    if dtype.kind == "f":
        return rng.normal(0, 1000, shape).astype(dtype)
    info = np.iinfo(dtype)
    data = rng.integers(info.min, info.max, shape, dtype=dtype, endpoint=True)
    data.flat[0], data.flat[1] = info.min, info.max
    return data


def image(dtype="int16", channels=1, direction=OBLIQUE):
    shape = SIZE[::-1] + ((channels,) if channels > 1 else ())
    result = sitk.GetImageFromArray(values(dtype, shape), isVector=channels > 1)
    result.SetSpacing(SPACING)
    result.SetOrigin(ORIGIN)
    result.SetDirection(direction)
    return result


def record(name):
    """What SimpleITK reads; its geometry is LPS, ours RAS: the first two rows change their sign."""
    read = sitk.ReadImage(str(folder / name))
    array = sitk.GetArrayFromImage(read)  # k, j, i[, channel]
    channels = read.GetNumberOfComponentsPerPixel()
    axes = read.GetDimension()
    matrix = np.array(read.GetDirection()).reshape(axes, axes) @ np.diag(read.GetSpacing())
    affine = np.eye(4)
    affine[:axes, :axes], affine[:axes, 3] = matrix, read.GetOrigin()
    affine = np.diag([-1, -1, 1, 1]) @ affine
    if channels > 1:
        array = np.moveaxis(array, -1, 0)
    expected[name] = {
        "size": list(read.GetSize()) + [1] * (3 - axes),
        "channels": channels,
        "type": str(array.dtype),
        "spacing": list(read.GetSpacing()) + [1.0] * (3 - axes),
        "affine": affine.tolist(),
        "voxels": " ".join(str(value) for value in array.ravel().tolist()),  # channel, k, j, i: i fastest
    }


def write(name, value, compressed=False):
    sitk.WriteImage(value, str(folder / name), useCompression=compressed)
    record(name)


# Every type, raw and compressed, in each format.
for kind in TYPES:
    write(f"{kind}.mha", image(kind))
    write(f"{kind}.nrrd", image(kind))
write("compressed.mha", image(), compressed=True)
write("compressed.mhd", image(), compressed=True)  # .zraw beside it
write("separate.mhd", image("float32"))  # .raw beside it
write("compressed.nrrd", image(), compressed=True)
write("detached.nhdr", image("uint16"))
write("compressed.nhdr", image("uint8"), compressed=True)
write("channels.mha", image("int16", channels=3))
write("channels.nrrd", image("float32", channels=2))
write("permuted.mha", image(direction=PERMUTED))
write("permuted.nrrd", image(direction=PERMUTED))

# Big-endian, upper-case suffix and other spellings, by hand.
data = values("int16", SIZE[::-1])
(folder / "big.mha").write_bytes(
    b"ObjectType = Image\nNDims = 3\nBinaryData = True\nElementByteOrderMSB = True\nCompressedData = False\n"
    b"Rotation = 0 1 0 -1 0 0 0 0 1\nPosition = 1 2 3\nElementSpacing = 1 2 3\nDimSize = 4 3 2\n"
    b"ElementType = MET_SHORT\nElementDataFile = LOCAL\n" + data.astype(">i2").tobytes())
record("big.mha")
(folder / "big.mha").rename(folder / "BIG.MHA")  # which SimpleITK does not recognise
expected["BIG.MHA"] = expected.pop("big.mha")
(folder / "big.nrrd").write_bytes(
    b"NRRD0004\n# a comment\ntype: short\ndimension: 3\nspace: right-anterior-superior\nsizes: 4 3 2\n"
    b"space directions: (0,2,0) (-1.5,0,0) (0,0,3)\nkinds: domain domain domain\nendian: big\nencoding: raw\n"
    b"space origin: (1,2,3)\n\n" + data.astype(">i2").tobytes())
record("big.nrrd")
(folder / "spacings.nrrd").write_bytes(
    b"NRRD0001\ntype: unsigned char\ndimension: 3\nsizes: 4 3 2\nspacings: 1 2 3\nencoding: gz\n\n"
    + gzip.compress(bytes(range(24)), mtime=0))
record("spacings.nrrd")
(folder / "hex.nhdr").write_bytes(
    b"NRRD0004\ntype: uint8\ndimension: 3\nspace: left-posterior-superior\nsizes: 4 3 2\n"
    b"space directions: (1,0,0) (0,1,0) (0,0,2)\nencoding: gzip\ndata file: hex.raw.gz\n")
(folder / "hex.raw.gz").write_bytes(gzip.compress(bytes(range(24)), mtime=0))
record("hex.nhdr")
(folder / "zlib.mhd").write_bytes(
    b"ObjectType = Image\nNDims = 3\nBinaryData = True\nBinaryDataByteOrderMSB = False\nCompressedData = True\n"
    b"TransformMatrix = 1 0 0 0 1 0 0 0 1\nOffset = 0 0 0\nElementSpacing = 1 1 1\nDimSize = 4 3 2\n"
    b"ElementType = MET_UCHAR\nElementDataFile = zlib.zraw\n")
(folder / "zlib.zraw").write_bytes(zlib.compress(bytes(range(24))))
record("zlib.mhd")

# Voxels as text, other worlds, slices, channels elsewhere, sizes instead of spacings: written by hand.
def by_hand(name, header, data=bytes(range(24))):
    (folder / name).write_bytes(header.encode() + data)
    record(name)


TEXT = " ".join(str(value * 7 - 80) for value in range(24)).encode() + b"\n"
META = "ObjectType = Image\nNDims = 3\nDimSize = 4 3 2\n"
LOCAL = "ElementDataFile = LOCAL\n"
by_hand("ascii.mha", META + "BinaryData = False\nElementSpacing = 1 2 3\nElementType = MET_SHORT\n" + LOCAL, TEXT)
by_hand("element_size.mha", META + "ElementSize = 1 2 3\nOrigin = 1 2 3\nElementType = MET_UCHAR\n" + LOCAL)
by_hand("long.mha", META + "BinaryData = True\nOrientation = 0 1 0 -1 0 0 0 0 1\nElementType = MET_LONG\n" + LOCAL,
        np.arange(24, dtype="<i4").tobytes())
by_hand("header_size.mha", META + "BinaryData = True\nHeaderSize = -1\nElementType = MET_UCHAR\n" + LOCAL,
        b"some words" + bytes(range(24)))
by_hand("negative.mha", META + "BinaryData = True\nElementSpacing = 1 -2 3\nElementType = MET_UCHAR\n" + LOCAL)
by_hand("slice.mha", "NDims = 2\nDimSize = 6 4\nBinaryData = True\nTransformMatrix = 0 1 -1 0\nOffset = 1 2\n"
        "ElementSpacing = 1 2\nElementType = MET_UCHAR\n" + LOCAL)
by_hand("colons.mha", META.replace(" =", ":") + "ElementType: MET_UCHAR\r\nElementDataFile: LOCAL\r\n")
NRRD = "NRRD0005\ntype: uint8\ndimension: 3\nsizes: 4 3 2\nencoding: raw\n"
TURNED = "space directions: (0,2,0) (-1,0,0) (0,0,3)\nspace origin: (1,2,3)\n\n"
by_hand("ascii.nrrd", "NRRD0005\ntype: short\ndimension: 3\nsizes: 4 3 2\nencoding: ascii\nspacings: 1 2 3\n\n", TEXT)
by_hand("ras.nrrd", NRRD + "space: RAS\n" + TURNED)
by_hand("las.nrrd", NRRD + "space: left-anterior-superior\n" + TURNED)
by_hand("unnamed.nrrd", NRRD + "space dimension: 3\n" + TURNED)
by_hand("right_handed.nrrd", NRRD + "space: 3D-right-handed\n" + TURNED)
by_hand("mins.nrrd", NRRD + "spacings: 1 2 3\naxis mins: 10 20 30\n\n")
by_hand("nodes.nrrd", NRRD + "spacings: 1 nan 3\naxis mins: 10 20 30\ncenterings: node node node\n\n")
by_hand("slice.nrrd", "NRRD0005\ntype: uint8\ndimension: 2\nsizes: 6 4\nencoding: raw\nspace dimension: 2\n"
        "space directions: (1,0) (0,2)\nspace origin: (1,2)\n\n")
FOUR = "NRRD0005\ntype: uint8\ndimension: 4\nencoding: raw\nspace: left-posterior-superior\n"
by_hand("channels_last.nrrd", FOUR + "sizes: 2 3 2 2\nkinds: domain domain domain list\n"
        "space directions: (1,0,0) (0,1,0) (0,0,1) none\n\n")
by_hand("channels_between.nrrd", FOUR + "sizes: 2 3 2 2\nkinds: space RGB-color space space\n"
        "space directions: (1,0,0) none (0,1,0) (0,0,1)\n\n", bytes(range(24)))
by_hand("stub.nrrd", FOUR + "sizes: 1 4 3 2\nkinds: stub domain domain domain\n"
        "space directions: none (1,0,0) (0,1,0) (0,0,1)\n\n")
(folder / "skip.nhdr").write_text("NRRD0004\ntype: uint8\ndimension: 3\nsizes: 4 3 2\nline skip: 2\nbyte skip: 3\n"
                                  "encoding: raw\ndata file: ./skip.raw\n")
(folder / "skip.raw").write_bytes(b"one\ntwo\nabc" + bytes(range(24)))
record("skip.nhdr")
(folder / "skip_last.nhdr").write_text("NRRD0004\ntype: uint8\ndimension: 3\nsizes: 4 3 2\nbyte skip: -1\n"
                                       "encoding: raw\ndata file: skip.raw\n")
record("skip_last.nhdr")

# NIfTI pairs: nibabel is the referee, whose affines are RAS.
matrix = np.diag([-1, -1, 1, 1]) @ np.vstack(
    [np.column_stack([np.array(OBLIQUE).reshape(3, 3) @ np.diag(SPACING), ORIGIN]), [0, 0, 0, 1]])
for name, kind in [("pair.img", "int16"), ("gzipped.img.gz", "float32")]:
    array = values(kind, SIZE)
    nib.save(nib.Nifti1Pair(array, matrix), folder / name)
    header = name.replace(".img", ".hdr")
    read = nib.load(folder / name)
    expected[header] = {
        "size": list(SIZE), "channels": 1, "type": kind, "spacing": [float(z) for z in read.header.get_zooms()],
        "affine": read.affine.tolist(),
        "voxels": " ".join(str(value) for value in np.asarray(read.dataobj).ravel(order="F").tolist()),
    }

(folder.parent / "formats.json").write_text(json.dumps(expected, indent=1, sort_keys=True) + "\n")
