"""Times a V-Net in PyTorch: a peer that `vnet benchmark` is compared with.

Usage: python pytorch_vnet.py [--preset hippocampus|milletari] [--form eager|channels_last|compile|graph ...]
                              [--mode train|predict] [--batch-size 8 ...] [--extent 32] [--warmup-steps 2]
                              [--steps 10] [--threads 2] [--amp] [--device cuda] [--no-tf32]

A training step is forward, loss, backward, clipping by the global norm and TensorFlow-1 RMSProp, on the
full-size network and one fixed batch. `--amp` is PyTorch's autocast to bf16, on GPUs to fp16 (without a loss scale:
what one costs is left out). `--form compile` uses CUDA graphs on GPUs, `--form graph` makes the whole step one. Its batch
stays on the device. The median of the steps counts; prints one line of JSON for each form and batch size.
"""

import argparse
import contextlib
import dataclasses
import json
import resource
import statistics
import sys
import time

import torch
from torch import nn
import torch.nn.functional as F


@dataclasses.dataclass
class Structure:
    kernel: int
    down: tuple
    up: tuple
    activation: type
    has_norm: bool
    adds_before_activation: bool
    head_kernel: int
    parameters: int
    filters: int = 16
    classes: int = 3


STRUCTURES = {
    "hippocampus": Structure(3, (3, 3, 3), (3, 3), nn.ReLU, True, False, 3, 3_599_747),
    "milletari": Structure(5, (2, 3, 3, 3), (3, 3, 2, 1), nn.PReLU, False, True, 1, 65_175_347),
}


class Layer(nn.Module):
    """Convolution, norm, residual where it comes before the activation, activation."""

    def __init__(self, convolution, s):
        super().__init__()
        channels = convolution.out_channels
        self.convolution = convolution
        self.norm = nn.BatchNorm3d(channels, eps=1e-3, momentum=0.01) if s.has_norm else nn.Identity()
        self.activation = nn.PReLU(channels) if s.activation is nn.PReLU else nn.ReLU(inplace=True)

    def forward(self, x, residual=None):
        x = self.norm(self.convolution(x))
        return self.activation(x if residual is None else x + residual)


class Block(nn.Module):
    def __init__(self, inputs, channels, count, s):
        super().__init__()
        widths = [inputs] + [channels] * count
        self.before = s.adds_before_activation
        self.layers = nn.ModuleList(
            Layer(nn.Conv3d(i, o, s.kernel, padding=s.kernel // 2), s) for i, o in zip(widths, widths[1:])
        )

    def forward(self, x):
        y = x
        for layer in self.layers[:-1]:
            y = layer(y)
        return self.layers[-1](y, x) if self.before else self.layers[-1](y) + x


class VNet(nn.Module):
    def __init__(self, s):
        super().__init__()
        width = s.filters
        self.input = Block(1, width, 1, s)
        self.down, self.encoder, self.up, self.decoder = (nn.ModuleList() for _ in range(4))
        widths = [width]
        for count in s.down:
            self.down.append(Layer(nn.Conv3d(width, 2 * width, 2, stride=2), s))
            width *= 2
            self.encoder.append(Block(width, width, count, s))
            widths.append(width)
        widths.pop()
        self.skips = len(s.up)
        for count in s.up:
            skip = widths.pop()
            self.up.append(Layer(nn.ConvTranspose3d(width, skip, 2, stride=2), s))
            width = 2 * skip
            self.decoder.append(Block(width, width, count, s))
        self.output = Layer(nn.ConvTranspose3d(width, s.filters, 2, stride=2), s) if widths else nn.Identity()
        inputs = s.filters if widths else width
        self.logits = nn.Conv3d(inputs, s.classes, s.head_kernel, padding=s.head_kernel // 2)

    def forward(self, x):
        x = self.input(x)
        skips = [x]
        for downsample, block in zip(self.down, self.encoder):
            x = block(downsample(x))
            skips.append(x)
        skips.pop()
        for upsample, block in zip(self.up, self.decoder):
            x = block(torch.cat([upsample(x), skips.pop()], dim=1))
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


def make_batch(batch, extent, memory_format, device):
    generator = torch.Generator().manual_seed(1)
    image = torch.randn(batch, 1, extent, extent, extent, generator=generator)
    labels = torch.randint(0, 3, (batch, extent, extent, extent), generator=generator)
    truth = F.one_hot(labels, 3).permute(0, 4, 1, 2, 3).float()
    return (tensor.to(device).contiguous(memory_format=memory_format) for tensor in (image, truth))


def make_step(model, forward, image, truth, amp, mode):
    dtype = torch.float16 if image.is_cuda else torch.bfloat16
    precision = lambda: torch.autocast(image.device.type, dtype) if amp else contextlib.nullcontext()
    if mode == "predict":

        def predict():
            with torch.no_grad(), precision():
                return torch.softmax(forward(image).float(), dim=1)

        return predict
    optimizer = RMSProp(model.parameters())

    def train():
        model.zero_grad(set_to_none=True)
        with precision():
            logits = forward(image)
        dice_loss(logits, truth).backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()

    return train


def captured(step):
    """The step as one CUDA graph."""
    stream = torch.cuda.Stream()
    stream.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(stream):
        for _ in range(3):
            step()
    torch.cuda.current_stream().wait_stream(stream)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        step()
    return graph.replay


def measured(options, form, batch):
    """The figures of one form at one batch size."""
    structure = STRUCTURES[options.preset]
    memory_format = torch.contiguous_format if form == "eager" else torch.channels_last_3d
    torch.manual_seed(0)
    model = VNet(structure).to(options.device, memory_format=memory_format)
    assert sum(p.numel() for p in model.parameters()) == structure.parameters
    model.train(options.mode == "train")
    compilation = "reduce-overhead" if options.device == "cuda" else "default"
    forward = torch.compile(model, mode=compilation) if form == "compile" else model
    tensors = make_batch(batch, options.extent, memory_format, options.device)
    wait = torch.cuda.synchronize if options.device == "cuda" else lambda: None
    step = make_step(model, forward, *tensors, options.amp, options.mode)
    if form == "graph":
        step = captured(step)
    seconds = []
    for index in range(options.warmup_steps + options.steps):
        start = time.perf_counter()
        step()
        wait()
        if index >= options.warmup_steps:
            seconds.append(time.perf_counter() - start)
    return {
        "program": f"PyTorch {torch.__version__.split('+')[0]} {form}",
        "form": form,
        "batchSize": batch,
        "imagesPerSecond": round(batch / statistics.median(seconds), 3),
        "peakMemoryKiB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss,
    }


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--preset", choices=list(STRUCTURES), default="hippocampus")
    parser.add_argument("--form", choices=["eager", "channels_last", "compile", "graph"], nargs="+", default=["channels_last"])
    parser.add_argument("--mode", choices=["train", "predict"], default="train")
    parser.add_argument("--batch-size", type=int, nargs="+", default=[8])
    parser.add_argument("--extent", type=int, default=32)
    parser.add_argument("--warmup-steps", type=int, default=2)
    parser.add_argument("--steps", type=int, default=10)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--amp", action="store_true")
    parser.add_argument("--device", choices=["cpu", "cuda"], default="cpu")
    parser.add_argument("--no-tf32", action="store_true")
    options = parser.parse_args()
    if "graph" in options.form and options.device != "cuda":
        sys.exit("pytorch_vnet: --form graph needs --device cuda")

    torch.set_num_threads(options.threads)
    torch.backends.cudnn.benchmark = True
    torch.backends.cudnn.allow_tf32 = torch.backends.cuda.matmul.allow_tf32 = not options.no_tf32
    for batch in options.batch_size:
        for form in options.form:
            print(json.dumps(measured(options, form, batch)), flush=True)


if __name__ == "__main__":
    main()
