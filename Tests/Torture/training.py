"""Trials of a training: killed, out of space, robbed of its folder, doubled. What it leaves must go on to the same bits."""

import errno
import os
import pathlib
import shutil
import signal
import subprocess
import time

from trial import Failure, Skipped, tensors


def fresh(bench, name="model"):
    folder = bench.folder / name
    if folder.is_symlink():
        folder.unlink()
    shutil.rmtree(folder, ignore_errors=True)
    return folder


def finish(bench, model):
    """Goes on with what is left of a training, or begins anew where nothing is; the result must be the reference."""
    resumes = (model / "last.safetensors").exists()
    run = bench.check(bench.train(model, *(["--resume"] if resumes else [])))
    done = "already" in run.errors or "nothing" in run.errors or "done" in run.errors
    if run.status != 0 and not (resumes and done):
        raise Failure(f"does not go on: {run}")
    if tensors(model / "last.safetensors") != tensors(bench.model / "last.safetensors"):
        raise Failure(f"{model}: other weights than an uninterrupted training")
    if not (model / "best.safetensors").exists():
        raise Failure(f"{model}: the best checkpoint is missing")
    bench.expect(bench.run("predict", "--model-dir", model, "--checkpoint", "best", "--device", "cpu", "--threads", "1",
                           "--input", bench.data / "imagesTs", "--output", fresh(bench, "masks")), 0)
    left = [path.name for path in model.iterdir() if path.name.endswith(".tmp")]
    if len(left) > 2:
        raise Failure(f"{model}: temporary files are left: {left}")


def killed_at_random(bench):
    """kill -9 at a random instant."""
    model = fresh(bench)
    process = bench.start("train", "--data-dir", bench.data, "--model-dir", model, *bench.TRAINING)
    time.sleep(bench.random.uniform(0.02, 1.5))
    process.kill()
    process.wait()
    finish(bench, model)


def shim(bench):
    """The library that is preloaded, compiled once."""
    library = bench.folder / "faults.so"
    if not library.exists():
        source = os.path.join(os.path.dirname(__file__), "faults.c")
        for compiler in ("cc", "clang", "gcc"):
            if shutil.which(compiler):
                subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", library, source, "-ldl"], check=True)
                break
        else:
            raise Skipped("no C compiler (cc, clang or gcc) is on the PATH")
    return library


def faulty(bench, model, call, action, count=None):
    """A training in which one system call that touches the model's folder goes wrong."""
    environment = {"LD_PRELOAD": str(shim(bench)), "TORTURE_FOLDER": str(model), "TORTURE_AT": str(call),
                   "TORTURE_ACTION": str(action)}
    if count:
        environment["TORTURE_COUNT"] = str(count)
    return bench.train(model, environment=environment)


def call_count(bench):
    """How many system calls of a training touch its folder."""
    file = bench.folder / "calls"
    if not file.exists():
        bench.expect(faulty(bench, fresh(bench, "counted"), 0, "kill-before", file), 0)
    return int(file.read_text())


def killed_at_call(bench):
    """kill -9 right before or after a system call on the model's folder."""
    model = fresh(bench)
    call = 1 + bench.turn(call_count(bench))
    run = faulty(bench, model, call, bench.random.choice(["kill-before", "kill-after"]))
    if run.status != -signal.SIGKILL:
        raise Failure(f"was not killed at call {call}: {run}")
    finish(bench, model)


def failing_call(bench):
    """No space or an error of the disk at one system call on the folder; in turn at each."""
    turn = bench.turn(2 * call_count(bench))
    fail_at(bench, 1 + turn // 2, (errno.ENOSPC, errno.EIO)[turn % 2])


def refused_call(bench):
    """No permission, a read-only file system, a quota or too many files at one system call on the folder."""
    call = bench.random.randint(1, call_count(bench))
    fail_at(bench, call, bench.random.choice([errno.EACCES, errno.EROFS, errno.EDQUOT, errno.EMFILE]))


def fail_at(bench, call, code):
    model = fresh(bench)
    run = bench.check(faulty(bench, model, call, code))
    if run.status == 0 and not (model / "last.safetensors").exists():
        raise Failure(f"exit 0 without a checkpoint, call {call} failing with {os.strerror(code)}")
    finish(bench, model)


def vanishing_folder(bench):
    """The model's folder is removed while a training runs, which is far from its end: it ends with a sentence."""
    model = fresh(bench)
    process = bench.start("train", "--data-dir", bench.data, "--model-dir", model, *bench.TRAINING, "--epochs", "5000",
                          stderr=subprocess.PIPE)
    # A busy machine starts slowly: what is not there yet cannot vanish.
    for _ in range(600):
        if (model / "last.safetensors").exists():
            break
        time.sleep(0.1)
    time.sleep(bench.random.uniform(0.0, 0.7))
    # A file that is written meanwhile keeps the folder.
    while model.exists():
        shutil.rmtree(model, ignore_errors=True)
    errors = process.communicate(timeout=120)[1].decode(errors="replace")
    if process.returncode < 0 or "Fatal error" in errors:
        raise Failure(f"died with {process.returncode}: {errors[-300:]!r}")
    if process.returncode != 0 and not errors.strip():
        raise Failure(f"exit {process.returncode} without a word")
    if process.returncode == 0 and not (model / "last.safetensors").exists():
        raise Failure("exit 0 without a checkpoint")


def two_at_once(bench):
    """Two trainings into one folder: one trains, the other is refused."""
    model = fresh(bench)
    words = ["train", "--data-dir", bench.data, "--model-dir", model, *bench.TRAINING]
    processes = [bench.start(*words, stderr=subprocess.PIPE) for _ in range(2)]
    errors = [process.communicate(timeout=240)[1].decode(errors="replace") for process in processes]
    statuses = [process.returncode for process in processes]
    if sorted(status != 0 for status in statuses) != [False, True] or min(statuses) < 0:
        raise Failure(f"two trainings into one folder ended with {statuses}: {errors}")
    if tensors(model / "last.safetensors") != tensors(bench.model / "last.safetensors"):
        raise Failure("the training that went on has other weights")


def links_in_the_folder(bench):
    """Files of the model that are symbolic links: what they point to is not written."""
    model = fresh(bench)
    model.mkdir()
    victim = bench.folder / "victim"
    victim.write_text("precious")
    name = bench.random.choice(["log.jsonl", "last.safetensors", "best.safetensors", "report.html"])
    (model / name).symlink_to(victim)
    bench.check(bench.train(model, "--evaluate"))
    if victim.read_text() != "precious":
        raise Failure(f"{name} as a symbolic link: the file that it points to was written")


def resumed_in_steps(bench):
    """A training of one epoch after the other is the training of all."""
    model = fresh(bench)
    bench.expect(bench.train(model, "--epochs", "1"), 0)
    bench.expect(bench.train(model, "--resume", "--epochs", "2"), 0)
    finish(bench, model)


def rank_killed(bench):
    """A process of a job dies: the job ends, and soon."""
    fetched = pathlib.Path(__file__).resolve().parents[2] / ".deps/bin/mpirun"
    mpirun = str(fetched) if fetched.exists() else shutil.which("mpirun")
    if not mpirun:
        raise Skipped("no mpirun is on the PATH or in .deps/bin")
    model = fresh(bench)
    words = [mpirun, "-np", "2", "--allow-run-as-root", "--oversubscribe", *bench.words(
        "train", "--data-dir", bench.data, "--model-dir", model, *bench.TRAINING, "--epochs", "200")]
    job = subprocess.Popen(words, env=bench.environment({"OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"}),
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    try:
        ranks = []
        for _ in range(200):
            time.sleep(0.1)
            listing = subprocess.run(["pgrep", "-f", f"{bench.vnet} train.*{model}"], capture_output=True, text=True).stdout
            ranks = [int(pid) for pid in listing.split() if int(pid) != job.pid]
            if len(ranks) >= 2 and (model / "last.safetensors").exists():
                break
        else:
            raise Failure("the job wrote no checkpoint within 20 s")
        os.kill(bench.random.choice(ranks), signal.SIGKILL)
        job.wait(timeout=60)
    except subprocess.TimeoutExpired:
        raise Failure("the job goes on 60 s after one of its processes was killed")
    finally:
        try:
            os.killpg(job.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
    if job.returncode == 0:
        raise Failure("the job ended with exit 0")
