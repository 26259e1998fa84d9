"""Makes the parity goldens of the `hippocampus` preset with PyTorch.

Usage: python make_pytorch_goldens.py [--base-filters 4] [--extent 16] [--batch 2] [--classes 3]
       (needs torch, numpy and safetensors; made with torch 2.11)

Writes beside this script:

    pytorch_hippocampus.safetensors   initial weights and state, `batch/image` [N, D, H, W, 1] f32 and
                                      `batch/labels` [N, D, H, W] i32
    pytorch_hippocampus.json          loss and gradients at step 0; ten training steps by four optimisers

Everything is computed in float64 from the float32 weights and batch, so that float32 programs are judged
against the truth; `float32RelativeDifference` says how far PyTorch's own float32 run is from it.

Definitions, where frameworks differ:

- Kernels are stored in TensorFlow's layouts: [kd, kh, kw, in, out], transposed [kd, kh, kw, out, in].
- Batch norm: momentum 0.99, epsilon 1e-3, biased variance in the normalisation AND in the moving average:
  `tf.layers.batch_normalization` of TensorFlow 1 runs 5-D input through `tf.nn.moments` (biased). Only its
  fused 4-D kernel, and PyTorch's own layer, keep the unbiased variance (factor N / (N - 1)).
- Loss: sum over all classes of 1 - mean over the batch of (2 sum(p y) + 1e-6) / (sum(p) + sum(y) + 1e-6).
- RMSProp, TensorFlow 1, centred: ms (init 1) = 0.9 ms + 0.1 g^2; mg (init 0) = 0.9 mg + 0.1 g;
  w -= lr g / sqrt(ms - mg^2 + 1e-10).
- Adam, TensorFlow: m = 0.9 m + 0.1 g; v = 0.999 v + 0.001 g^2;
  w -= lr sqrt(1 - 0.999^t) / (1 - 0.9^t) m / (sqrt(v) + 1e-7), t = 1 at the first step.
- SGD, Nesterov: a = 0.9 a + g; w -= lr (g + 0.9 a).
- Clipping, `tf.clip_by_global_norm`: g *= clip / max(norm, clip), norm over all parameters together.

A bias that feeds a batch norm has a gradient of zero but for rounding. Adam divides such a gradient by its
own size, so those biases, and with them the moving means, differ between any two programs: compare Adam's
inference more loosely than its losses.
"""

import argparse
import json
import math
import pathlib

import numpy
import torch
import torch.nn.functional as F
from safetensors.numpy import save_file

STEPS = 10
# The gradients' global norm is about 0.9 here: clipping to 0.5 takes effect.
RUNS = {
    "rmsprop": {"optimizer": "rmsprop", "learningRate": 1e-2},
    "rmspropClipped": {"optimizer": "rmsprop", "learningRate": 1e-2, "clipNorm": 0.5},
    "adam": {"optimizer": "adam", "learningRate": 1e-3},
    "nesterov": {"optimizer": "sgd", "learningRate": 1e-2, "momentum": 0.9},
}


# --- Network ---------------------------------------------------------------------------------------------


def layer_shapes(base, classes):
    """Kernel shapes by layer, in the order of execution; transposed convolutions end in [out, in]."""
    shapes = {"input/conv": (3, 3, 3, 1, base)}
    channels = base
    for block in ("down1", "down2", "down3"):
        shapes[f"{block}/downsample/conv"] = (2, 2, 2, channels, 2 * channels)
        channels *= 2
        for conv in ("conv1", "conv2", "conv3"):
            shapes[f"{block}/{conv}/conv"] = (3, 3, 3, channels, channels)
    for block, skip in (("up1", 4 * base), ("up2", 2 * base)):
        shapes[f"{block}/upsample/conv"] = (2, 2, 2, skip, channels)
        channels = 2 * skip
        for conv in ("conv1", "conv2", "conv3"):
            shapes[f"{block}/{conv}/conv"] = (3, 3, 3, channels, channels)
    shapes["output/upsample/conv"] = (2, 2, 2, base, channels)
    shapes["output/logits"] = (3, 3, 3, base, classes)
    return shapes


def initial_values(base, classes, random):
    """Parameters and batch-norm state. Kernels are Glorot-uniform; biases, scales and offsets are moved off
    their usual zeros and ones, so that exchanging them would show."""
    weights, state = {}, {}
    for layer, shape in layer_shapes(base, classes).items():
        filters = shape[3] if "upsample" in layer else shape[4]
        limit = math.sqrt(6 / (math.prod(shape[:3]) * (shape[3] + shape[4])))
        weights[f"{layer}/kernel"] = random.uniform(-limit, limit, shape)
        weights[f"{layer}/bias"] = 0.1 * random.standard_normal(filters)
        if layer.endswith("/conv"):
            norm = layer.removesuffix("conv") + "norm"
            weights[f"{norm}/scale"] = 1 + 0.1 * random.standard_normal(filters)
            weights[f"{norm}/offset"] = 0.1 * random.standard_normal(filters)
            state[f"{norm}/mean"] = numpy.zeros(filters)
            state[f"{norm}/variance"] = numpy.ones(filters)
    single = lambda values: {name: value.astype(numpy.float32) for name, value in values.items()}
    return single(weights), single(state)


class Network:
    """The hippocampus network; tensors are [N, C, D, H, W] inside, as PyTorch has them."""

    MOMENTUM, EPSILON = 0.99, 1e-3

    def __init__(self, weights, state, dtype):
        self.weights = {
            name: torch.tensor(value, dtype=dtype, requires_grad=True) for name, value in weights.items()
        }
        self.state = {name: torch.tensor(value, dtype=dtype) for name, value in state.items()}

    def conv(self, x, layer, stride=1):
        kernel = self.weights[f"{layer}/kernel"].permute(4, 3, 0, 1, 2)
        padding = 1 if kernel.shape[-1] == 3 else 0
        return F.conv3d(x, kernel, self.weights[f"{layer}/bias"], stride=stride, padding=padding)

    def transposed_conv(self, x, layer):
        kernel = self.weights[f"{layer}/kernel"].permute(4, 3, 0, 1, 2)
        return F.conv_transpose3d(x, kernel, self.weights[f"{layer}/bias"], stride=2)

    def norm_relu(self, x, layer, training):
        column = lambda vector: vector.reshape(1, -1, 1, 1, 1)
        if training:
            variance, mean = torch.var_mean(x, dim=(0, 2, 3, 4), correction=0)
            for name, batch in (("mean", mean), ("variance", variance)):
                moving = self.state[f"{layer}/{name}"]
                moving.mul_(self.MOMENTUM).add_(batch.detach(), alpha=1 - self.MOMENTUM)
        else:
            mean, variance = self.state[f"{layer}/mean"], self.state[f"{layer}/variance"]
        normalised = (x - column(mean)) * torch.rsqrt(column(variance) + self.EPSILON)
        scale, offset = self.weights[f"{layer}/scale"], self.weights[f"{layer}/offset"]
        return torch.relu(normalised * column(scale) + column(offset))

    def residual_block(self, x, block, training):
        y = x
        for conv in ("conv1", "conv2", "conv3"):
            y = self.norm_relu(self.conv(y, f"{block}/{conv}/conv"), f"{block}/{conv}/norm", training)
        return x + y

    def logits(self, image, training):
        x = image + self.norm_relu(self.conv(image, "input/conv"), "input/norm", training)
        skips = []
        for block in ("down1", "down2", "down3"):
            x = self.conv(x, f"{block}/downsample/conv", stride=2)
            x = self.norm_relu(x, f"{block}/downsample/norm", training)
            x = self.residual_block(x, block, training)
            skips.append(x)
        for block, skip in (("up1", skips[1]), ("up2", skips[0])):
            x = self.transposed_conv(x, f"{block}/upsample/conv")
            x = self.norm_relu(x, f"{block}/upsample/norm", training)
            x = self.residual_block(torch.cat([x, skip], dim=1), block, training)
        x = self.transposed_conv(x, "output/upsample/conv")
        x = self.norm_relu(x, "output/upsample/norm", training)
        return self.conv(x, "output/logits")


def dice_loss(logits, labels):
    probabilities = torch.softmax(logits, dim=1)
    truth = F.one_hot(labels, logits.shape[1]).permute(0, 4, 1, 2, 3).to(logits.dtype)
    total = lambda tensor: tensor.sum(dim=(2, 3, 4))
    dice = (2 * total(probabilities * truth) + 1e-6) / (total(probabilities) + total(truth) + 1e-6)
    return (1 - dice.mean(dim=0)).sum()


# --- Optimisers ------------------------------------------------------------------------------------------


class Optimizer:
    def __init__(self, optimizer, learningRate, momentum=0.0, clipNorm=None):
        self.kind, self.rate, self.momentum, self.clip_norm = optimizer, learningRate, momentum, clipNorm
        self.slots, self.step_count = {}, 0

    def step(self, weights):
        """Updates the weights in place; returns the global norm of the gradients before clipping."""
        self.step_count += 1
        norm = torch.sqrt(sum((weight.grad**2).sum() for weight in weights.values()))
        factor = 1 if self.clip_norm is None else self.clip_norm / max(norm, self.clip_norm)
        with torch.no_grad():
            for name, weight in weights.items():
                weight -= getattr(self, self.kind)(name, weight.grad * factor)
                weight.grad = None
        return norm.item()

    def slot(self, name, kind, like, initial=0.0):
        return self.slots.setdefault((name, kind), torch.full_like(like, initial))

    def rmsprop(self, name, g):
        ms, mg = self.slot(name, "ms", g, 1.0), self.slot(name, "mg", g)
        ms.mul_(0.9).add_(0.1 * g * g)
        mg.mul_(0.9).add_(0.1 * g)
        return self.rate * g / torch.sqrt(ms - mg * mg + 1e-10)

    def adam(self, name, g):
        m, v = self.slot(name, "m", g), self.slot(name, "v", g)
        m.mul_(0.9).add_(0.1 * g)
        v.mul_(0.999).add_(0.001 * g * g)
        rate = self.rate * math.sqrt(1 - 0.999**self.step_count) / (1 - 0.9**self.step_count)
        return rate * m / (torch.sqrt(v) + 1e-7)

    def sgd(self, name, g):
        a = self.slot(name, "a", g)
        a.mul_(self.momentum).add_(g)
        return self.rate * (g + self.momentum * a)


# --- Goldens ---------------------------------------------------------------------------------------------


def make_batch(batch, extent, classes, random):
    """Smooth images with one ball per foreground class; z-scored, as training does."""
    grid = numpy.stack(numpy.meshgrid(*[numpy.arange(extent)] * 3, indexing="ij"), axis=-1)
    images, labels = [], []
    for _ in range(batch):
        label = numpy.zeros((extent,) * 3, numpy.int32)
        image = 0.5 * random.standard_normal((extent,) * 3)
        for index in range(1, classes):
            centre = random.uniform(0.3, 0.7, 3) * extent
            inside = ((grid - centre) ** 2).sum(-1) < (extent * random.uniform(0.15, 0.25)) ** 2
            label[inside] = index
            image[inside] += index
        images.append((image - image.mean()) / image.std())
        labels.append(label)
    return numpy.stack(images)[..., None].astype(numpy.float32), numpy.stack(labels)


def run(weights, state, image, labels, options, dtype):
    """Ten training steps: the loss and the gradients' global norm before each update, then the softmax in
    inference mode, [N, D, H, W, C]."""
    network, optimizer = Network(weights, state, dtype), Optimizer(**options)
    x = torch.tensor(image, dtype=dtype).permute(0, 4, 1, 2, 3)
    y = torch.tensor(labels, dtype=torch.int64)
    losses, norms = [], []
    for _ in range(STEPS):
        loss = dice_loss(network.logits(x, training=True), y)
        loss.backward()
        losses.append(loss.item())
        norms.append(optimizer.step(network.weights))
    with torch.no_grad():
        softmax = torch.softmax(network.logits(x, training=False), dim=1).permute(0, 2, 3, 4, 1)
    return losses, norms, softmax.double().contiguous()


def run_golden(weights, state, image, labels, options):
    losses, norms, softmax = run(weights, state, image, labels, options, torch.float64)
    losses32, _, softmax32 = run(weights, state, image, labels, options, torch.float32)
    relative = lambda a, b: max(abs(x - y) / abs(y) for x, y in zip(a, b))
    flat = softmax.flatten()
    probes = [round(i * (len(flat) - 1) / 23) for i in range(24)]
    return options | {
        "losses": losses,
        "globalGradientNorms": norms,
        "inferenceSoftmax": {
            "classSums": softmax.sum(dim=(0, 1, 2, 3)).tolist(),
            "first": flat[:12].tolist(),
            "probeIndices": probes,
            "probeValues": flat[probes].tolist(),
        },
        "float32RelativeDifference": {
            "losses": relative(losses32, losses),
            "inferenceSoftmaxAbsolute": (softmax32 - softmax).abs().max().item(),
        },
    }


def step_zero(weights, state, image, labels):
    """Loss and gradients at the initial weights. A projection is the sum of g[i] cos(i) over the gradient
    in its stored layout: unlike a norm, it notices transposed axes."""
    network = Network(weights, state, torch.float64)
    x = torch.tensor(image, dtype=torch.float64).permute(0, 4, 1, 2, 3)
    loss = dice_loss(network.logits(x, training=True), torch.tensor(labels, dtype=torch.int64))
    loss.backward()
    gradients = {name: weight.grad.flatten() for name, weight in network.weights.items()}
    direction = lambda g: torch.cos(torch.arange(len(g), dtype=torch.float64))
    return {
        "loss": loss.item(),
        "gradientNorms": {name: g.norm().item() for name, g in gradients.items()},
        "gradientProjections": {name: (g @ direction(g)).item() for name, g in gradients.items()},
    }


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--base-filters", type=int, default=4)
    parser.add_argument("--extent", type=int, default=16)
    parser.add_argument("--batch", type=int, default=2)
    parser.add_argument("--classes", type=int, default=3)
    options = parser.parse_args()

    full_size = sum(
        math.prod(s) + (s[3] if "upsample" in n else s[4]) * (3 if n.endswith("/conv") else 1)
        for n, s in layer_shapes(16, 3).items()
    )
    assert full_size == 3_599_747, full_size

    torch.set_num_threads(1)
    random = numpy.random.default_rng(20)
    weights, state = initial_values(options.base_filters, options.classes, random)
    image, labels = make_batch(options.batch, options.extent, options.classes, random)
    folder = pathlib.Path(__file__).parent
    batch = {"batch/image": image, "batch/labels": labels}
    save_file(weights | state | batch, folder / "pytorch_hippocampus.safetensors")

    golden = {
        "configuration": {
            "baseFilters": options.base_filters,
            "inputShape": [options.extent] * 3,
            "batchSize": options.batch,
            "classes": options.classes,
            "torch": torch.__version__.split("+")[0],
        },
        "parameterNames": list(weights),
        "stateNames": list(state),
        "parameterCount": sum(value.size for value in weights.values()),
        "stepZero": step_zero(weights, state, image, labels),
        "runs": {n: run_golden(weights, state, image, labels, o) for n, o in RUNS.items()},
    }
    (folder / "pytorch_hippocampus.json").write_text(json.dumps(golden, indent=1) + "\n")
    for name, values in golden["runs"].items():
        print(name, values["losses"][0], values["losses"][-1], values["globalGradientNorms"][:3],
              values["float32RelativeDifference"])


if __name__ == "__main__":
    main()
