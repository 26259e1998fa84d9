"""A small training by two processes, and what is compared of it."""

import contextlib
import dataclasses
import json
import os
import signal
import subprocess
import time

PHANTOM = ["--cases", "8", "--seed", "1"]
# With direct convolutions, whose sums are in one order whatever the machine measures.
SETTINGS = ["--filters", "2", "--input-shape", "16", "16", "16", "--batch-size", "2", "--threads", "1", "--exact-convolution"]
EPOCHS = 3
ENDLESS = 1_000_000
# Within which a training is over, or has begun.
LIMIT_SECONDS = 120


@dataclasses.dataclass
class Ended:
    """A job that ended, with what it printed."""

    status: int
    output: str
    # Seconds from its interruption, None where it had to be killed.
    seconds: float | None = None
    # Whether the model's folder still holds training.lock, which a training that ends by itself removes.
    holds_lock: bool = False

    @property
    def library(self):
        """The file of Open MPI's library, which the program tells."""
        lines = [line for line in self.output.splitlines() if line.startswith("Note: 2 processes are joined by ")]
        return os.path.realpath(lines[0].split()[-1]) if lines else "no library"

    @property
    def sentences(self):
        """What the program itself says of an error, each sentence once."""
        return sorted({line for line in self.output.splitlines() if "Error: " in line})


class Training:
    def __init__(self, vnet, folder):
        self.vnet, self.folder = vnet, folder
        self._data, self._count = folder / "data", 0
        subprocess.run([vnet, "phantom", "--output", self._data, *PHANTOM, "--quiet"], check=True)

    def _new_model(self):
        self._count += 1
        return self.folder / f"model-{self._count}"

    def _words(self, launcher, model, epochs):
        words = [*launcher, self.vnet, "train", "--data-dir", self._data, "--model-dir", model, *SETTINGS, "--epochs", epochs]
        return [str(word) for word in words]

    def run(self, launcher):
        """Trains to the end; what was printed, and the bytes of the checkpoint's tensors, None where there is none."""
        model = self._new_model()
        result = subprocess.run(
            self._words(launcher, model, EPOCHS), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True, errors="replace", timeout=LIMIT_SECONDS)
        checkpoint = model / "last.safetensors"
        return Ended(result.returncode, result.stdout), tensor_bytes(checkpoint) if checkpoint.exists() else None

    def interrupted(self, launcher, interrupt, limit):
        """Trains without end, calls `interrupt` after two epochs, and waits for the job's end, at most `limit` seconds."""
        model = self._new_model()
        with open(model.with_suffix(".log"), "w+", errors="replace") as log:
            job = subprocess.Popen(
                self._words(launcher, model, ENDLESS), stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
            try:
                self._await_epochs(model, job, log)
                start = time.monotonic()
                interrupt()
                with contextlib.suppress(subprocess.TimeoutExpired):
                    job.wait(limit)
                seconds = time.monotonic() - start if job.returncode is not None else None
            finally:
                if job.poll() is None:
                    os.killpg(job.pid, signal.SIGKILL)
                    job.wait()
            log.seek(0)
            return Ended(job.returncode, log.read(), seconds, (model / "training.lock").exists())

    def _await_epochs(self, model, job, log):
        end = time.monotonic() + LIMIT_SECONDS
        while not (model / "log.jsonl").exists() or (model / "log.jsonl").read_text().count("validation_dice_background") < 2:
            if job.poll() is not None or time.monotonic() > end:
                log.seek(0)
                raise SystemExit(f"check_hosts: the training did not begin: {log.read()}")
            time.sleep(0.05)


def tensor_bytes(checkpoint):
    """The names, types, shapes and bytes of all tensors of a safetensors file, without its record."""
    content = checkpoint.read_bytes()
    length = int.from_bytes(content[:8], "little")
    header = json.loads(content[8 : 8 + length])
    header.pop("__metadata__", None)
    return header, content[8 + length :]
