"""Makes losses.json: every loss with ignored voxels and of regions, its value and gradient by PyTorch in float64.

    pip install torch; python make_loss_goldens.py

Logits are sines of their positions and labels remainders, so that the test can make them, too.
"""

import json
import pathlib

import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
SHAPE, OUTPUTS, WEIGHTS, EPSILON = [2, 2, 3, 2], 3, [1.0, 2.0, 0.5], 1e-6
# The labels of each region, of five: nested, as in BraTS.
REGIONS, LABELS = [[1, 2, 3, 4], [1, 3, 4], [4]], 5
IGNORED = -1


def labels(count, ignores):
    position = torch.arange(24)
    label = position * 7 % count
    return torch.where((position % 5 == 3) & ignores, IGNORED, label).reshape(SHAPE)


def truth(label, is_regions):
    """[N, D, H, W, outputs], 0 where a voxel is ignored."""
    members = REGIONS if is_regions else [[output] for output in range(OUTPUTS)]
    return torch.stack([torch.isin(label, torch.tensor(m)).double() for m in members], -1)


def overlap(p, t, counted, axes, squares):
    p = p * counted
    denominator = (p * p if squares else p).sum(axes) + t.sum(axes)
    return (2 * (p * t).sum(axes) + EPSILON) / (denominator + EPSILON)


def dice(p, t, counted, first=0, per_batch=False, squares=False, mean=False):
    measures = overlap(p, t, counted, (0, 1, 2, 3) if per_batch else (1, 2, 3), squares)
    losses = 1 - measures.reshape(-1, OUTPUTS).mean(0)[first:]
    return losses.mean() if mean else losses.sum()


def cross_entropy(logits, label, t, counted, is_regions, weights):
    if not is_regions:
        weight = None if weights is None else torch.tensor(weights)
        return F.cross_entropy(logits.movedim(-1, 1), label, weight=weight, ignore_index=IGNORED)
    each = F.binary_cross_entropy_with_logits(logits, t, reduction="none") * counted
    weight = torch.ones(OUTPUTS) if weights is None else torch.tensor(weights)
    return (each * weight).sum() / weight.sum() / counted.sum()


def focal(logits, label, t, counted, is_regions):
    if not is_regions:
        each = F.cross_entropy(logits.movedim(-1, 1), label, ignore_index=IGNORED, reduction="none")
        return ((1 - torch.exp(-each)) ** 2 * each).sum() / counted.sum()
    each = F.binary_cross_entropy_with_logits(logits, t, reduction="none")
    return ((1 - torch.exp(-each)) ** 2 * each * counted).sum() / OUTPUTS / counted.sum()


def tversky(p, t, counted):
    p, axes = p * counted, (1, 2, 3)
    both = (p * t).sum(axes)
    wrong = 0.3 * (p * (1 - t)).sum(axes) + 0.7 * ((1 - p) * t).sum(axes)
    return (1 - ((both + EPSILON) / (both + wrong + EPSILON)).mean(0)).sum()


def golden(is_regions, ignores):
    label = labels(LABELS if is_regions else OUTPUTS, ignores)
    counted = (label != IGNORED).double()[..., None]
    t = truth(label, is_regions)
    first = 0 if is_regions else 1  # What `includesBackground: false` leaves out.

    def of(loss):
        logits = (2 * torch.sin(torch.arange(24 * OUTPUTS) * 0.7)).reshape(SHAPE + [OUTPUTS]).requires_grad_()
        p = torch.sigmoid(logits) if is_regions else torch.softmax(logits, -1)
        value = loss(logits, p)
        value.backward()
        return {"value": value.item(), "gradient": logits.grad.flatten().tolist()}

    def entropy(logits, weights=None):
        return cross_entropy(logits, label, t, counted, is_regions, weights)

    batch = dict(first=first, per_batch=True, mean=True)
    return {
        "dice": of(lambda x, p: dice(p, t, counted)),
        "dice of the batch": of(lambda x, p: dice(p, t, counted, squares=True, **batch)),
        "cross-entropy": of(lambda x, p: entropy(x)),
        "weighted cross-entropy": of(lambda x, p: entropy(x, WEIGHTS)),
        "dice-cross-entropy": of(lambda x, p: dice(p, t, counted, **batch) + entropy(x)),
        "focal": of(lambda x, p: focal(x, label, t, counted, is_regions)),
        "tversky": of(lambda x, p: tversky(p, t, counted)),
    }


goldens = {
    "classes, ignored": golden(False, True),
    "regions": golden(True, False),
    "regions, ignored": golden(True, True),
}
path = pathlib.Path(__file__).with_name("losses.json")
path.write_text(json.dumps(goldens, indent=1) + "\n")
