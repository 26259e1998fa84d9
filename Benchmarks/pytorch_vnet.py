"""Times the `hippocampus` network in PyTorch: the peer that `vnet benchmark` is compared with.

Usage: python pytorch_vnet.py [--batch 8] [--steps 10] [--threads 2] [--amp-dtype bf16] [--inference]

The strongest eager form on CPUs: channels_last_3d, oneDNN's convolutions. A training step is forward, loss,
backward, clipping by the global norm and TensorFlow-1 RMSProp, on the full-size network and one fixed batch
of 32^3. Two steps of warm-up, then the median of the steps. Prints one line of JSON.
"""

import argparse
import json
import statistics
import time

import torch
from torch import nn
import torch.nn.functional as F

WARM_UP = 2


class ConvNormReLU(nn.Sequential):
    def __init__(self, convolution):
        norm = nn.BatchNorm3d(convolution.out_channels, eps=1e-3, momentum=0.01)
        super().__init__(convolution, norm, nn.ReLU(inplace=True))


def conv(inputs, outputs):
    return ConvNormReLU(nn.Conv3d(inputs, outputs, 3, padding=1))


def down(channels):
    return ConvNormReLU(nn.Conv3d(channels, 2 * channels, 2, stride=2))


def up(inputs, outputs):
    return ConvNormReLU(nn.ConvTranspose3d(inputs, outputs, 2, stride=2))


def three(channels):
    return nn.Sequential(*[conv(channels, channels) for _ in range(3)])


class VNet(nn.Module):
    def __init__(self, base=16, classes=3):
        super().__init__()
        b = base
        self.input = conv(1, b)
        self.down = nn.ModuleList([down(b), down(2 * b), down(4 * b)])
        self.encoder = nn.ModuleList([three(2 * b), three(4 * b), three(8 * b)])
        self.up = nn.ModuleList([up(8 * b, 4 * b), up(8 * b, 2 * b)])
        self.decoder = nn.ModuleList([three(8 * b), three(4 * b)])
        self.output = up(4 * b, b)
        self.logits = nn.Conv3d(b, classes, 3, padding=1)

    def forward(self, image):
        x = image + self.input(image)
        skips = []
        for downsample, block in zip(self.down, self.encoder):
            x = downsample(x)
            x = x + block(x)
            skips.append(x)
        for upsample, block, skip in zip(self.up, self.decoder, (skips[1], skips[0])):
            x = torch.cat([upsample(x), skip], dim=1)
            x = x + block(x)
        return self.logits(self.output(x))


def dice_loss(logits, truth):
    probabilities = torch.softmax(logits.float(), dim=1)
    total = lambda tensor: tensor.sum(dim=(2, 3, 4))
    dice = (2 * total(probabilities * truth) + 1e-6) / (total(probabilities) + total(truth) + 1e-6)
    return (1 - dice.mean(dim=0)).sum()


class RMSProp:
    """TensorFlow 1's centred RMSProp, by PyTorch's multi-tensor operations."""

    def __init__(self, parameters, rate=1e-4):
        self.parameters, self.rate = list(parameters), rate
        self.ms = [torch.ones_like(p) for p in self.parameters]
        self.mg = [torch.zeros_like(p) for p in self.parameters]

    @torch.no_grad()
    def step(self):
        gradients = [p.grad for p in self.parameters]
        torch._foreach_mul_(self.ms, 0.9)
        torch._foreach_addcmul_(self.ms, gradients, gradients, value=0.1)
        torch._foreach_lerp_(self.mg, gradients, 0.1)
        denominators = torch._foreach_addcmul(self.ms, self.mg, self.mg, value=-1)
        torch._foreach_add_(denominators, 1e-10)
        torch._foreach_sqrt_(denominators)
        torch._foreach_addcdiv_(self.parameters, gradients, denominators, value=-self.rate)


def make_batch(batch):
    generator = torch.Generator().manual_seed(1)
    image = torch.randn(batch, 1, 32, 32, 32, generator=generator)
    labels = torch.randint(0, 3, (batch, 32, 32, 32), generator=generator)
    truth = F.one_hot(labels, 3).permute(0, 4, 1, 2, 3).float()
    return (tensor.contiguous(memory_format=torch.channels_last_3d) for tensor in (image, truth))


def make_step(model, image, truth, amp, inference):
    precision = lambda: torch.autocast("cpu", torch.bfloat16, enabled=amp)
    if inference:
        model.eval()

        def infer():
            with torch.inference_mode(), precision():
                torch.softmax(model(image).float(), dim=1)

        return infer
    optimizer = RMSProp(model.parameters())

    def train():
        model.zero_grad(set_to_none=True)
        with precision():
            logits = model(image)
        dice_loss(logits, truth).backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()

    return train


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--steps", type=int, default=10)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--amp-dtype", choices=["bf16"])
    parser.add_argument("--inference", action="store_true")
    options = parser.parse_args()

    torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    model = VNet().to(memory_format=torch.channels_last_3d)
    assert sum(p.numel() for p in model.parameters()) == 3_599_747
    step = make_step(model, *make_batch(options.batch), options.amp_dtype is not None, options.inference)
    seconds = []
    for index in range(WARM_UP + options.steps):
        start = time.perf_counter()
        step()
        if index >= WARM_UP:
            seconds.append(time.perf_counter() - start)
    median = statistics.median(seconds)
    print(
        json.dumps(
            {
                "program": f"PyTorch {torch.__version__.split('+')[0]} eager, channels_last_3d",
                "mode": "inference" if options.inference else "training",
                "dtype": options.amp_dtype or "f32",
                "batch_size": options.batch,
                "threads": options.threads,
                "steps": options.steps,
                "seconds_per_step": round(median, 5),
                "images_per_second": round(options.batch / median, 3),
            }
        )
    )


if __name__ == "__main__":
    main()
