"""What every trial rests on: runs of the program, and what they may never do."""

import dataclasses
import json
import os
import pathlib
from random import Random
import re
import resource
import signal
import subprocess


class Failure(Exception):
    """The program did what it may never do."""


class Skipped(Exception):
    """The trial cannot be made here; the reason is said in the table."""


@dataclasses.dataclass
class Run:
    """A run of the program that has ended."""

    words: list
    status: int
    output: str
    errors: str

    def __str__(self):
        return f"{' '.join(self.words)}: exit {self.status}, {(self.errors or self.output)[-400:]!r}"


# What a terminal would obey: all control characters but those that the program itself writes.
CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x80-\x9f]")
CRASH = re.compile(r"Fatal error|Segmentation fault|terminate called|AddressSanitizer|stack smashing")


@dataclasses.dataclass
class Bench:
    """What trials share: the program, a small data set, a small trained model and a scratch folder."""

    vnet: pathlib.Path
    tools: pathlib.Path
    folder: pathlib.Path
    random: Random = dataclasses.field(default_factory=Random)
    # Of the campaign, and of the trial among those of its kind.
    seed: int = 0
    number: int = 0

    # A training of about a second whose result does not depend on time.
    TRAINING = ["--filters", "2", "--input-shape", "16", "16", "16", "--batch-size", "2", "--epochs", "3",
                "--device", "cpu", "--threads", "1", "--exact-convolution"]

    # Measures what convolutions take where that is not kept.
    MEASURING = ["benchmark", "--mode", "predict", "--batch-size", "1", "--steps", "1", "--warmup-steps", "0", "--filters", "4",
                 "--input-shape", "48", "48", "48", "--device", "cpu", "--threads", "1"]

    @property
    def data(self):
        return self.folder / "data"

    @property
    def model(self):
        """Trained without a fault; never written to."""
        return self.folder / "reference"

    def prepare(self):
        """Makes the data set and the model."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.expect(self.run("phantom", "--output", self.data, "--cases", "6", "--test-cases", "2"), 0)
        self.expect(self.train(self.model), 0)

    @property
    def model_file(self):
        """The same in one file."""
        path = self.folder / "reference.safetensors"
        if not path.exists():
            self.expect(self.run("export", "--model-dir", self.model, "--output", path, "--license", "none"), 0)
        return path

    @property
    def measured_times(self):
        """What convolutions took here, as the program keeps it."""
        folder = self.folder / "cache" / "vnet"
        if not list(folder.glob("convolution-times-*.json")):
            self.expect(self.run(*self.MEASURING), 0)
        return next(folder.glob("convolution-times-*.json"))

    def turn(self, count):
        """A number below `count`: each comes once before one comes again, in an order that is the seed's."""
        order = list(range(count))
        Random(f"{self.seed} {self.number // count}").shuffle(order)
        return order[self.number % count]

    def environment(self, extra=None):
        return {**os.environ, "XDG_CACHE_HOME": str(self.folder / "cache"), **(extra or {})}

    def words(self, *words):
        return [str(self.vnet), *(str(word) for word in words)]

    def run(self, *words, environment=None, limit=120, memory=None, **options):
        """Runs the program to its end, in an address space of `memory` bytes. A run that hangs is a failure."""
        if memory:
            options["preexec_fn"] = lambda: resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
        options.setdefault("stdout", subprocess.PIPE)
        options.setdefault("stderr", subprocess.PIPE)
        command = self.words(*words)
        try:
            result = subprocess.run(command, env=self.environment(environment), timeout=limit,
                                    stdin=subprocess.DEVNULL, **options)
        except subprocess.TimeoutExpired:
            raise Failure(f"{' '.join(command)}: no end after {limit} s")
        text = lambda part: (part or b"").decode(errors="replace")
        return Run(command, result.returncode, text(result.stdout), text(result.stderr))

    def start(self, *words, environment=None, **options):
        """Starts the program; its outputs are dropped unless the options say otherwise."""
        options.setdefault("stdout", subprocess.DEVNULL)
        options.setdefault("stderr", subprocess.DEVNULL)
        return subprocess.Popen(self.words(*words), env=self.environment(environment), stdin=subprocess.DEVNULL, **options)

    def train(self, model, *more, **options):
        return self.run("train", "--data-dir", self.data, "--model-dir", model, *self.TRAINING, *more, **options)

    # --- What may never be -----------------------------------------------------------------------------------

    def check(self, run, allowed=None):
        """Fails where a run crashed, answered a fault without a sentence, or wrote what a terminal obeys."""
        if run.status < 0:
            raise Failure(f"died by {signal.Signals(-run.status).name}: {run}")
        if CRASH.search(run.errors):
            raise Failure(f"trapped: {run}")
        if run.status != 0 and not (run.errors + run.output).strip():
            raise Failure(f"no word about what is wrong: {run}")
        found = CONTROLS.search(run.output + run.errors)
        if found:
            raise Failure(f"control character {found.group()!r} on the terminal: {run}")
        if allowed is not None and run.status not in allowed:
            raise Failure(f"exit status not among {sorted(allowed)}: {run}")
        return run

    def expect(self, run, *statuses):
        return self.check(run, set(statuses))

    def refusal(self, run):
        """Fails where a run was not refused by a few lines."""
        self.check(run)
        if run.status == 0:
            raise Failure(f"accepted: {run}")
        if len(run.errors.splitlines()) > 12:
            raise Failure(f"more than a sentence: {run}")
        return run


def tensors(path):
    """The bytes of each tensor of a checkpoint."""
    content = pathlib.Path(path).read_bytes()
    length = int.from_bytes(content[:8], "little")
    header = json.loads(content[8 : 8 + length])
    data = content[8 + length :]
    return {name: data[slice(*entry["data_offsets"])] for name, entry in header.items() if name != "__metadata__"}


def contents(folder):
    """The bytes of every file below a folder, by path."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}
