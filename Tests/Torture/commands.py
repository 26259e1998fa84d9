"""Trials of commands: arguments, outputs, names and folders that nobody should give, and memory that is not there."""

import gzip
import json
import os
import shutil
import struct
import subprocess

from trial import Failure, Skipped, contents
from training import fresh

# What stands in place of an argument.
ODD_WORDS = ["", "-1", "0", "1e308", "nan", "inf", "-inf", "99999999999999999999", "0x10", "1,5", "\u00e9", "a b", "-",
             "--", "/dev/null", "/", ".", "..", "\x1b]0;title\x07", "none", "all", "%s%n", "A" * 5000, "\n", "--help"]


def valid_commands(bench, output):
    """Commands that work, as words."""
    data, model = ["--data-dir", bench.data], ["--model-dir", bench.model]
    cpu = ["--device", "cpu", "--threads", "1"]
    return [
        ["verify", *data],
        ["inspect", bench.model],
        ["inspect", "--preset", "hippocampus", "--plan", *cpu],
        ["predict", *model, "--input", bench.data / "imagesTs", "--output", output, *cpu, "--probabilities", "--preview",
         "--volumes", output / "volumes.csv"],
        ["evaluate", *data, *model, "--json", "-", *cpu],
        ["train", *data, "--model-dir", output, *bench.TRAINING, "--epochs", "1"],
        ["train", "--config", bench.model / "config.yaml", "--model-dir", output, "--dry-run"],
        ["phantom", "--output", output, "--cases", "2"],
        ["benchmark", "--steps", "1", "--warmup-steps", "0", "--filters", "2", "--input-shape", "16", "16", "16", *cpu],
    ]


def prove_commands(bench):
    """Fails where one of them does not work: nothing would be learned from damaging it."""
    for words in valid_commands(bench, bench.folder / "output"):
        fresh(bench, "output")
        bench.expect(bench.run(*words), 0)


def mutated_arguments(bench):
    """A command that works, with words dropped, doubled, exchanged or replaced."""
    output = fresh(bench, "output")
    before = contents(bench.model)
    words = [str(word) for word in bench.random.choice(valid_commands(bench, output))]
    for _ in range(bench.random.randint(1, 3)):
        place = bench.random.randrange(1, len(words))
        kind = bench.random.randrange(5)
        if kind == 0:
            del words[place]
        elif kind == 1:
            words.insert(place, words[place])
        elif kind == 2:
            other = bench.random.randrange(1, len(words))
            words[place], words[other] = words[other], words[place]
        elif kind == 3:
            words[place] = bench.random.choice(ODD_WORDS)
        else:
            words.insert(place, bench.random.choice(ODD_WORDS))
        if len(words) < 2:
            break
    # Within a scratch folder, with little memory and time: what is asked for may be huge, and then is refused or slow.
    scratch = fresh(bench, "scratch")
    scratch.mkdir()
    try:
        run = bench.run(*words, cwd=scratch, limit=60, memory=6 << 30)
    except Failure as failure:
        if any(word.isdigit() and len(word) > 3 for word in words) or "1e308" in words:
            return
        raise failure
    except ValueError:
        return  # a word that no process can be given
    bench.check(run)
    # evaluate writes beside the model on purpose; weights and records stay.
    after = contents(bench.model)
    changed = [name for name in before if name.endswith(".safetensors") and before[name] != after.get(name)]
    if changed:
        raise Failure(f"{run}: changed {changed} of a trained model")


def full_output(bench):
    """Standard output is full or closed: a sentence and an exit status, never a trap."""
    words = bench.random.choice(valid_commands(bench, fresh(bench, "output")))
    closes = bench.random.random() < 0.5
    if closes:
        run = bench.run(*words, preexec_fn=lambda: os.close(1), stdout=None)
    else:
        with open("/dev/full", "wb") as full:
            run = bench.run(*words, stdout=full)
    if run.status == 0 and not closes:
        raise Failure(f"exit 0 though the output was full: {run}")
    bench.check(run)


def reader_goes(bench):
    """The reader of a pipe goes away: the program ends quietly, as other tools do."""
    words = bench.random.choice(valid_commands(bench, fresh(bench, "output")))
    reading, writing = os.pipe()
    os.close(reading)
    try:
        run = bench.run(*words, stdout=writing)
    finally:
        os.close(writing)
    if run.status < 0 and run.status != -13:
        raise Failure(f"died: {run}")
    if "Fatal error" in run.errors:
        raise Failure(f"trapped: {run}")


# --- Data sets ---------------------------------------------------------------------------------------------------------


def data_set(bench, entries, **more):
    """A folder with the phantom's first scan and mask and a dataset.json of one's own."""
    folder = fresh(bench, "hostile")
    (folder / "imagesTr").mkdir(parents=True)
    (folder / "labelsTr").mkdir()
    description = json.loads((bench.data / "dataset.json").read_text())
    description.update(training=entries, test=[], numTraining=len(entries), **more)
    (folder / "dataset.json").write_text(json.dumps(description))
    return folder


def first_case(bench):
    case = json.loads((bench.data / "dataset.json").read_text())["training"][0]
    return bench.data / case["image"], bench.data / case["label"]


HOSTILE_NAMES = ["a\x1b[31mb", "a\x1b]0;x\x07b", "a\rb", "a\nb", "a b", "a'b", 'a"b', "a;b", "$(id)", "=1+1", "+1", "-rf",
                 "@x", "a\u202eb", "\u00e9", "a%n", "A" * 200, "a\x9b31mb", "a\tb", "..a", "a..", "a&b<c>"]


def hostile_names(bench):
    """Names of scans and classes that terminals, shells, spreadsheets and browsers obey."""
    name = bench.random.choice(HOSTILE_NAMES)
    image, label = first_case(bench)
    entries = [{"image": f"imagesTr/{name}{index}.nii.gz", "label": f"labelsTr/{name}{index}.nii.gz"} for index in range(3)]
    labels = {"0": "background", "1": name, "2": "other"}
    folder = data_set(bench, entries, labels=labels, name=name, modality={"0": name})
    for entry in entries:
        shutil.copy(image, folder / entry["image"])
        shutil.copy(label, folder / entry["label"])
    model, output = fresh(bench), fresh(bench, "output")
    cpu = ["--device", "cpu", "--threads", "1"]
    bench.check(bench.run("verify", "--data-dir", folder))
    trained = bench.check(bench.run("train", "--data-dir", folder, "--model-dir", model, *bench.TRAINING, "--epochs", "1"))
    if trained.status != 0:
        return
    bench.check(bench.run("inspect", model))
    bench.check(bench.run("evaluate", "--data-dir", folder, "--model-dir", model, *cpu))
    bench.check(bench.run("predict", "--model-dir", model, "--input", folder / "imagesTr", "--output", output, *cpu))
    report = next(model.glob("*.html"), None)
    if report and "a&b<c>" in report.read_text():
        raise Failure("the report holds a name that is not escaped")
    for table in model.glob("*.csv"):
        for line in table.read_text().splitlines()[1:]:
            if line[:1] in "=+-@":
                raise Failure(f"{table.name}: a cell that a spreadsheet computes: {line[:40]!r}")


def leading_out(bench):
    """Paths of a dataset.json that lead out of its folder are not opened."""
    secret = bench.folder / "secret.nii.gz"
    shutil.copy(first_case(bench)[0], secret)
    path = bench.random.choice([
        "../secret.nii.gz", "imagesTr/../../secret.nii.gz", str(secret), "./../secret.nii.gz", "imagesTr/./../../secret.nii.gz",
        "..\\secret.nii.gz", "imagesTr//../..//secret.nii.gz"])
    folder = data_set(bench, [{"image": path, "label": path}])
    for command in (["verify"], ["train", "--model-dir", fresh(bench), *bench.TRAINING]):
        bench.refusal(bench.run(*command, "--data-dir", folder))


def damaged(bench, content, insertions):
    """The bytes with some changed, removed, or put in."""
    content = bytearray(content)
    for _ in range(bench.random.randint(1, 8)):
        place = bench.random.randrange(len(content))
        kind = bench.random.randrange(3)
        if kind == 0:
            content[place] = bench.random.randrange(256)
        elif kind == 1:
            del content[place : place + bench.random.randint(1, 20)]
        else:
            content[place:place] = bench.random.choice(insertions)
    return content


def damaged_description(bench):
    """A dataset.json with bytes changed: read or refused."""
    folder = fresh(bench, "hostile")
    shutil.copytree(bench.data, folder)
    description = folder / "dataset.json"
    insertions = [b"{", b"[", b'"', b"null", b"1e999", b"\\u0000", b"../", b"\xff"]
    description.write_bytes(damaged(bench, description.read_bytes(), insertions))
    bench.check(bench.run("verify", "--data-dir", folder))


def damaged_configuration(bench):
    """A file of options with bytes changed: obeyed or refused, and nothing is written."""
    configuration, model = fresh(bench, "config.yaml"), fresh(bench)
    insertions = [b"{", b"[", b"- ", b"? ", b": ", b"&a ", b"*a", b"<<: ", b"!!binary ", b"|\n", b"'", b'"', b"1e999", b"\0", b"\xff",
                  b"[" * 3000, b"\n---\n"]
    configuration.write_bytes(damaged(bench, (bench.model / "config.yaml").read_bytes(), insertions))
    run = bench.check(bench.run(
        "train", "--config", configuration, "--data-dir", bench.data, "--model-dir", model, "--device", "cpu", "--threads", "1",
        "--dry-run", limit=300, memory=4 << 30))
    if run.status != 0:
        bench.refusal(run)
    if model.exists():
        raise Failure(f"a folder although nothing was to be trained: {run}")


def damaged_model(bench):
    """Files of a trained model with bits flipped, cut or emptied: predicted from only where that is sound."""
    model = fresh(bench)
    shutil.copytree(bench.model, model)
    file = bench.random.choice(sorted(path for path in model.iterdir() if path.is_file()))
    content = bytearray(file.read_bytes())
    kind = bench.random.randrange(4)
    if not content:
        return
    if kind == 0:
        content = content[: bench.random.randrange(len(content))]
    else:
        for _ in range(bench.random.randint(1, 4)):
            place = bench.random.randrange(min(len(content), 4096) if kind == 1 else len(content))
            content[place] ^= 1 << bench.random.randrange(8)
    file.write_bytes(content)
    output = fresh(bench, "output")
    cpu = ["--device", "cpu", "--threads", "1"]
    bench.check(bench.run("inspect", model))
    bench.check(bench.run("predict", "--model-dir", model, "--input", bench.data / "imagesTs", "--output", output, *cpu))


def damaged_cache(bench):
    """Measured times with bytes changed: what is damaged is measured again."""
    cache = fresh(bench, "damaged-cache")
    (cache / "vnet").mkdir(parents=True)
    times = bench.measured_times
    content = bytearray(times.read_bytes())
    for _ in range(bench.random.randint(1, 6)):
        content[bench.random.randrange(len(content))] = bench.random.choice(b"\0\xff0129-.e,:;{}[]\"")
    if bench.random.random() < 0.2:
        content = content[: bench.random.randrange(len(content))]
    (cache / "vnet" / times.name).write_bytes(content)
    bench.expect(bench.run(*bench.MEASURING, environment={"XDG_CACHE_HOME": str(cache)}), 0)


def scan(extents, spacing=(1, 1, 1), units=2, byte=0):
    """A NIfTI-1 file of uint8 voxels, gzipped: a huge one takes few bytes."""
    header = bytearray(352)
    struct.pack_into("<i", header, 0, 348)
    struct.pack_into("<8h", header, 40, 3, *extents, 1, 1, 1, 1)
    struct.pack_into("<hh", header, 70, 2, 8)
    struct.pack_into("<8f", header, 76, 1, *spacing, 0, 0, 0, 0)
    struct.pack_into("<f", header, 108, 352)
    header[123] = units
    struct.pack_into("<h", header, 252, 1)
    header[344:348] = b"n+1\0"
    body = bytes([byte]) * (extents[0] * extents[1])
    packed = gzip.compress(bytes(header) + body * min(extents[2], 4), 1)
    if extents[2] > 4:
        packed += gzip.compress(body * 4, 1) * ((extents[2] - 4) // 4)
    return packed


SPACINGS = [0, 1e-30, 1e-6, 1000, 1e6, 1e9, 1e18, 1e30, float("inf"), float("nan"), -1]


def absurd_scan(bench):
    """A spacing, a unit or an extent that no scan has: a sentence for it, and the other scan is predicted."""
    inputs, output = fresh(bench, "inputs"), fresh(bench, "output")
    inputs.mkdir()
    good = sorted((bench.data / "imagesTs").glob("*.nii.gz"))[0]
    shutil.copy(good, inputs / good.name)
    kind = bench.random.randrange(3)
    if kind == 0:
        spacing = [bench.random.choice(SPACINGS) if bench.random.random() < 0.6 else 1 for _ in range(3)]
        content = scan((24, 24, 24), spacing)
    elif kind == 1:
        content = scan((24, 24, 24), (1, 1, 1), units=bench.random.choice([0, 1, 3, 5, 255]))
    else:
        content = scan(bench.random.choice([(1, 1, 1), (1, 300, 1), (3000, 8, 8), (8, 8, 4096), (400, 400, 400)]))
    (inputs / "odd.nii.gz").write_bytes(content)
    run = bench.check(bench.run(
        "predict", "--model-dir", bench.model, "--input", inputs, "--output", output, "--device", "cpu", "--threads", "1",
        limit=300, memory=4 << 30), {0, 1})
    if not (output / good.name).exists():
        raise Failure(f"the good scan beside an odd one was not predicted: {run}")
    if run.status == 1 and "odd.nii.gz" not in run.output + run.errors:
        raise Failure(f"the odd scan is not named: {run}")


def large_scan(bench, extent):
    """A scan whose file is small."""
    path = bench.folder / f"large{extent}.nii.gz"
    if not path.exists():
        path.write_bytes(scan((extent, extent, extent), byte=7))
    return path


def little_memory(bench):
    """Under a limit on memory: done, or refused by a sentence with the numbers before the work begins."""
    mebibytes = bench.random.choice([160, 180, 200, 220, 240, 260, 300, 400, 600, 800, 1200])
    extent = bench.random.choice(["16", "64", "128", "256", "512"])
    cpu = ["--device", "cpu", "--threads", bench.random.choice(["1", "2"])]
    words = bench.random.choice([
        ["benchmark", "--mode", bench.random.choice(["train", "predict"]), "--steps", "1", "--warmup-steps", "0",
         "--batch-size", "1", "--input-shape", extent, extent, extent, "--filters", "2", "--exact-convolution", *cpu],
        ["predict", "--model-dir", bench.model, "--input", large_scan(bench, int(extent)), "--output",
         fresh(bench, "output"), *cpu],
        ["evaluate", "--data-dir", bench.data, "--model-dir", bench.model, "--output", fresh(bench, "output"), *cpu],
        ["train", "--data-dir", bench.data, "--model-dir", fresh(bench), *bench.TRAINING, "--input-shape", extent, extent,
         extent, "--epochs", "1", *cpu],
    ])
    run = bench.run(*words, limit=300, memory=mebibytes << 20)
    # The dynamic linker itself may not have room; that is not the program's word to say.
    if run.status == 127 or "error while loading shared libraries" in run.errors:
        return
    bench.check(run)


def read_only_model(bench):
    """The model's folder cannot be written: evaluate prints its scores and says what it could not keep."""
    if os.geteuid() == 0 and not shutil.which("setpriv"):
        raise Skipped("root writes everywhere, and setpriv is not there")
    model = fresh(bench)
    shutil.copytree(bench.model, model)
    model.chmod(0o555)
    words = bench.words("evaluate", "--data-dir", bench.data, "--model-dir", model, "--device", "cpu", "--threads", "1")
    if os.geteuid() == 0:
        words = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", *words]
    result = subprocess.run(words, capture_output=True, text=True, env=bench.environment(), timeout=120)
    model.chmod(0o755)
    if "Permission denied" in result.stderr and "Dice" not in result.stdout and "vnet" in result.stderr.split(":")[0]:
        raise Skipped("the program cannot be run by another user here")
    if result.returncode == 0 or "Dice" not in result.stdout:
        raise Failure(f"exit {result.returncode}, scores printed: {'Dice' in result.stdout}: {result.stderr[-300:]!r}")
