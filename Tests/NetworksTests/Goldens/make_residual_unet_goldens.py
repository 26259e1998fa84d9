"""Makes residual_unet.json: a small residual U-Net's loss, gradients and prediction by PyTorch in float64.

    pip install torch; python make_residual_unet_goldens.py

Weights are no random numbers but sines of their positions, so that the test can make them, too.
"""

import json
import math
import pathlib

import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
FILTERS, BLOCKS, CLASSES, CHANNELS, EXTENTS, BATCH = 2, [1, 2, 1], 3, 2, [8, 8, 4], 2


class Network:
    """Tensors are [N, C, D, H, W]; weights are stored as the Swift network stores them."""

    def __init__(self):
        self.weights = {}

    def weight(self, name, *shape):
        number = len(self.weights)
        count = math.prod(shape)
        wave = torch.sin(torch.arange(count) * 0.7 + number)
        if name.endswith("kernel"):
            wave = wave * math.sqrt(2 / math.prod(shape[:4]))
        elif name.endswith("scale"):
            wave = 1 + 0.2 * wave
        else:
            wave = 0.1 * wave
        self.weights[name] = wave.reshape(shape).requires_grad_()
        return self.weights[name]

    def conv(self, name, x, channels, size, stride=1):
        kernel = self.weight(f"{name}/kernel", size, size, size, x.shape[1], channels).permute(4, 3, 0, 1, 2)
        return F.conv3d(x, kernel, self.weight(f"{name}/bias", channels), stride=stride, padding=size // 2)

    def norm(self, name, x):
        channels = x.shape[1]
        scale, offset = self.weight(f"{name}/scale", channels), self.weight(f"{name}/offset", channels)
        return F.instance_norm(x, weight=scale, bias=offset, eps=1e-5)

    def unit(self, name, x, channels, stride=1):
        return F.leaky_relu(self.norm(f"{name}/norm", self.conv(f"{name}/conv", x, channels, 3, stride)), 0.01)

    def block(self, name, x, channels, stride):
        y = self.unit(f"{name}/conv1", x, channels, stride)
        y = self.norm(f"{name}/conv2/norm", self.conv(f"{name}/conv2/conv", y, channels, 3))
        if stride > 1 or x.shape[1] != channels:
            x = self.norm(f"{name}/projection/norm", self.conv(f"{name}/projection/conv", x, channels, 1, stride))
        return F.leaky_relu(y + x, 0.01)

    def logits(self, x):
        x = self.unit("stem", x, FILTERS)
        skips = []
        for stage, count in enumerate(BLOCKS):
            for block in range(count):
                stride = 2 if stage > 0 and block == 0 else 1
                x = self.block(f"encoder{stage}/block{block + 1}", x, FILTERS << stage, stride)
            skips.append(x)
        x = skips.pop()
        logits = []
        for stage in reversed(range(len(skips))):
            name, channels = f"decoder{stage}", FILTERS << stage
            kernel = self.weight(f"{name}/upsample/kernel", 2, 2, 2, channels, x.shape[1]).permute(4, 3, 0, 1, 2)
            x = F.conv_transpose3d(x, kernel, self.weight(f"{name}/upsample/bias", channels), stride=2)
            x = self.unit(name, torch.cat([x, skips[stage]], dim=1), channels)
            logits.insert(0, self.conv("output/logits" if stage == 0 else f"{name}/logits", x, CLASSES, 1))
        return logits


def main():
    count = BATCH * CHANNELS * math.prod(EXTENTS)
    image = torch.sin(torch.arange(count) * 1.3).reshape(BATCH, *EXTENTS, CHANNELS).permute(0, 4, 1, 2, 3)
    voxels = torch.arange(BATCH * math.prod(EXTENTS))
    labels = ((voxels // 3) % CLASSES).reshape(BATCH, *EXTENTS)
    network = Network()
    logits = network.logits(image)
    losses = []
    for level, part in enumerate(logits):
        step = 1 << level
        losses.append(F.cross_entropy(part, labels[:, ::step, ::step, ::step]))
    weights = [0.5**level for level in range(len(losses))]
    loss = sum(w * l for w, l in zip(weights, losses)) / sum(weights)
    loss.backward()
    gradients = {name: weight.grad.flatten() for name, weight in network.weights.items()}
    direction = lambda g: torch.cos(torch.arange(len(g)))
    golden = {
        "loss": loss.item(),
        "finestLoss": losses[0].item(),
        "names": list(network.weights),
        "parameterCount": sum(weight.numel() for weight in network.weights.values()),
        "gradientNorms": {name: g.norm().item() for name, g in gradients.items()},
        "gradientProjections": {name: (g @ direction(g)).item() for name, g in gradients.items()},
        "firstProbabilities": torch.softmax(logits[0], dim=1)[0, :, 0, 0].T.flatten().tolist(),
    }
    path = pathlib.Path(__file__).parent / "residual_unet.json"
    path.write_text(json.dumps(golden, indent=1) + "\n")


if __name__ == "__main__":
    main()
