"""By a model of `vnet export` and no more of vnet (docs/EXPORT.md): onnx_predict.py MODEL.onnx MASK SCAN [next channel ...]"""
import itertools, json, sys, nibabel as nib, numpy as np, onnxruntime, scipy.ndimage

def resampled(x, shape):  # Linear, axis after axis: sample i lies at i * input / output.
    for axis, count in enumerate(shape):
        at = np.minimum(np.arange(count) * x.shape[axis] / count, x.shape[axis] - 1)
        weight = np.expand_dims((at % 1).astype(np.float32), [a for a in range(x.ndim) if a != axis])
        a, b = (np.take(x, np.minimum(at.astype(int) + i, x.shape[axis] - 1), axis) for i in (0, 1))
        x = a + weight * (b - a)
    return x

def normalised(x, how):
    if how["kind"] == "clip":
        return (np.clip(x.astype(float), how["lower"], how["upper"]) - how["mean"]) / (how["deviation"] or np.inf)
    corners = [x[corner[::-1]] for corner in itertools.product((0, -1), repeat=3)]
    inside = x != max(corners, key=corners.count) if how["kind"] == "z_score_inside" else np.full(x.shape, True)
    values = x[inside].astype(float) if inside.any() else np.zeros(1)
    return np.where(inside, (x - values.mean()) / (values.std() or np.inf), 0)

def windows(extent, window):  # Where the windows of an axis begin, and the weights of their voxels.
    room, steps = extent - window, -(-2 * (extent - window) // window)
    z = (np.arange(window) - (window - 1) / 2) / (window / 8)
    return [(i * room + steps // 2) // max(1, steps) for i in range(steps + 1)], np.exp(-z * z / 2 * (steps > 0))

def probabilities(network, image, about):  # [i, j, k, outputs] of an image [i, j, k, channels] on the model's grid.
    extents, size, given, adds = image.shape[:3], about["input_shape"], about["output_shape"], "spacing" in about
    if adds:  # Windows, whose weighted outputs are added, or the whole scan as one.
        whole = [-(-n // about["stride"]) * about["stride"] for n in extents]
        if np.prod(whole) <= about.get("whole_scan_limit", 0) and max(whole) <= about["largest_extent"]: size = given = whole
        image = np.pad(image, [(0, max(0, s - n)) for n, s in zip(extents, size)] + [(0, 0)])
        axes = [windows(n, s) for n, s in zip(image.shape, size)]
    else:  # Tiles, of which the last stays where they overlap.
        axes = [([min(t, n - s) for t in range(0, n, s)], np.ones(s)) for n, s in zip(extents, given)]
        image = np.pad(image, [((s - g) // 2,) * 2 for s, g in zip(size, given)] + [(0, 0)], mode="reflect")
    total = np.zeros(image.shape[:3] + (len(about["outputs"]) + 1,), np.float32)  # The weights come last.
    weight = np.einsum("i,j,k->ijk", *[a[1] for a in axes]).astype(np.float32)[..., None]
    for origin in itertools.product(*[a[0] for a in axes]):
        taken, put = (tuple(slice(o, o + n) for o, n in zip(origin, shape)) for shape in (size, given))
        output = network.run(None, {"image": np.moveaxis(image[taken], 3, 0)[None].copy()})[0][0]
        total[put] = total[put] * adds + weight * np.append(np.moveaxis(output, 0, 3), np.ones_like(weight), 3)
    return (total[..., :-1] / np.maximum(total[..., -1:], 1e-30))[tuple(map(slice, extents))]

network, scans = onnxruntime.InferenceSession(sys.argv[1]), [nib.load(path) for path in sys.argv[3:]]
about, straight = json.loads(network.get_modelmeta().custom_metadata_map["vnet"]), np.array([[0, 1], [1, 1], [2, 1]])
order = nib.io_orientation(scans[0].affine) if about["orientation"] == "RAS" else straight
stored = np.concatenate([np.asarray(s.dataobj, np.float32).reshape(s.shape[:3] + (-1,)) for s in scans], 3)
scan = nib.orientations.apply_orientation(np.where(np.isnan(stored), about.get("nan_as", np.nan), stored), order)
shape, spacing = scan.shape[:3], np.array(scans[0].header.get_zooms()[:3])[np.argsort(order[:, 0])]
grid = about.get("grid") or [max(1, int(n * s / t + 0.5)) for n, s, t in zip(shape, spacing, about["spacing"])]
channels = [normalised(x, c["normalization"]) for x, c in zip(np.moveaxis(resampled(scan, grid), 3, 0), about["channels"])]
chances = resampled(probabilities(network, np.stack(channels, 3).astype(np.float32), about), shape)
assert about["decision"] == "argmax" or not about["keep_largest"], "regions keep no largest component here"
last = np.where(chances > 0.5, np.arange(chances.shape[3]), -1).max(3)  # Of no region -1, whose value below is 0.
values = np.array([o["value"] for o in about["outputs"]] + [0], np.uint8)
mask = values[chances.argmax(3) if about["decision"] == "argmax" else last]
for value in [o["value"] for o in about["outputs"] if o["name"] in about["keep_largest"]]:
    parts = scipy.ndimage.label(mask == value, np.ones((3, 3, 3)))[0]
    mask[(parts > 0) & (parts != np.bincount(parts.ravel(), minlength=2)[1:].argmax() + 1)] = 0
mask = nib.orientations.apply_orientation(mask, nib.orientations.ornt_transform(straight, order))
nib.save(nib.Nifti1Image(mask, scans[0].affine, scans[0].header, dtype=np.uint8), sys.argv[2])
