"""Trains by two processes on two hosts, under Slurm's srun and with Debian's Open MPI, and compares the tensors of the
checkpoints with those of two processes on one host, bit for bit; takes a host away, and waits for the job's end.

Usage: python3 check_hosts.py [--vnet .build/release/vnet] [--mpirun .deps/bin/mpirun] [--only bits vanish slurm debian]
                              [--alive-interval 5] [--limit 60]

The hosts are namespaces of this machine (hosts.py). The program's record in a checkpoint, which holds times, is not compared.
Nothing is left at the end, nor after Ctrl-C. Needs root. Fails where bits differ, where a job that lost a host does not end
within the limit, or ends with status 0, and where a launcher is neither used nor refused by one sentence.

A host's death fails by Open MPI's fault where 5.0.11's mpirun ends with status 0 (docs/SCALING.md, Several hosts).

    --alive-interval S  ssh asks every S seconds whether the other host answers, and gives it up after the third time;
                        0 leaves that to Open MPI
    --limit S           seconds within which a job that lost a host must end
"""

import argparse
import os
import pathlib
import re
import shutil
import signal
import sys
import tempfile

import hosts
import slurm
import training

DEBIAN_LIBRARY = pathlib.Path("/usr/lib") / f"{os.uname().machine}-linux-gnu" / "libmpi.so.40"

# The programs that the parts run, and Debian's packages that hold them.
PACKAGES = {
    "all": {"/usr/sbin/sshd": "openssh-server", "ssh": "openssh-client", "ip": "iproute2", "pgrep": "procps"},
    "slurm": {"srun": "slurm-wlm", "slurmctld": "slurm-wlm", "slurmd": "slurm-wlm", "munged": "munge",
              slurm.PMIX / "libpmix.so.2": "libpmix2"},
    "debian": {"mpirun.openmpi": "openmpi-bin", DEBIAN_LIBRARY: "libopenmpi3"},
}


class Check:
    """Runs the trainings, and keeps a row of each."""

    def __init__(self, options, folder):
        self.options, self.folder = options, folder
        self.settings = folder / "settings"
        hosts.write_settings(self.settings, options.alive_interval)
        self.training = training.Training(options.vnet, folder)
        self.reference = None
        self.rows, self.failures = [], []

    def row(self, holds, what, *cells):
        line = f"| {' | '.join((what, *cells))} |"
        print(line if holds else f"{line} FAILED", flush=True)
        self.rows.append(line)
        if not holds:
            self.failures.append(what)

    # MARK: Launchers

    def mpirun(self, host, places, path=None):
        """The words that start two processes at places such as `host-a:1,host-b:1` from a host."""
        return host.words(path or self.options.mpirun, "-np", 2, "--host", places, "--bind-to", "none",
                          "--mca", "plm_rsh_agent", f"ssh -F {self.settings}/ssh")

    def fetched_library(self):
        """The words that let the program find the Open MPI beside --mpirun, as a program in .build does by itself."""
        return ["env", f"LD_LIBRARY_PATH={self.options.mpirun.parent.parent / 'lib'}"]

    def debian_library(self):
        folder = self.folder / "debian"
        folder.mkdir(exist_ok=True)
        if not (folder / DEBIAN_LIBRARY.name).exists():
            (folder / DEBIAN_LIBRARY.name).symlink_to(DEBIAN_LIBRARY)
        return ["env", f"LD_LIBRARY_PATH={folder}"]

    # MARK: Checks

    def same_bits(self, what, launcher, host=None):
        """Trains; the tensors must be those of the first training."""
        before = host.received_bytes() if host else 0
        ended, tensors = self.training.run(launcher)
        if ended.status != 0 or tensors is None:
            print(ended.output, file=sys.stderr)
            return self.row(False, what, f"status {ended.status}")
        travelled = f", {(host.received_bytes() - before) / 1024:.0f} KiB to {host.name}" if host else ""
        if self.reference is None:
            self.reference = tensors
            return self.row(True, what, "compared with" + travelled, ended.library)
        equal = tensors == self.reference
        self.row(equal, what, ("equal" if equal else "DIFFERENT") + travelled, ended.library)

    def refused(self, what, launcher):
        ended, tensors = self.training.run(launcher)
        self.row(ended.status != 0 and tensors is None and len(ended.sentences) == 1, what, *ended.sentences)

    def ends(self, what, launcher, interrupt):
        """The job must end in time, with a status other than 0, and leave the sign that it was cut short."""
        ended = self.training.interrupted(launcher, interrupt, self.options.limit)
        took = f"still ran after {self.options.limit} s" if ended.seconds is None else f"ended after {ended.seconds:.1f} s"
        holds = ended.seconds is not None and ended.status != 0 and ended.holds_lock
        self.row(holds, what, took, f"status {ended.status}", "training.lock left" if ended.holds_lock else "no training.lock")

    def others_end(self, what, launcher, host, other):
        """The processes of `other` must end in time where `host`, on which the launcher runs, dies."""

        def interrupt():
            host.kill()
            hosts.becomes_true(lambda: not other.processes("vnet"), self.options.limit)

        seconds = self.training.interrupted(launcher, interrupt, self.options.limit).seconds
        left = other.processes("vnet")
        self.row(not left, what, f"the other's process {'still runs' if left else 'ended'} after {seconds:.1f} s")

    # MARK: Parts

    def one_host(self):
        with hosts.two_hosts(self.settings) as (a, _):
            self.same_bits("mpirun, one host", self.mpirun(a, "host-a:2"))

    def bits(self):
        with hosts.two_hosts(self.settings) as (a, b):
            self.same_bits("mpirun, two hosts", self.mpirun(a, "host-a:1,host-b:1"), b)

    def vanish(self, path=None, library=(), name="mpirun"):
        interruptions = {
            "the other host's process is killed": lambda host: host.run("kill", "-KILL", *host.processes("vnet")),
            "the other host dies": lambda host: host.kill(),
            "the cable is cut": lambda host: host.cut(),
        }
        for what, interrupt in interruptions.items():
            with hosts.two_hosts(self.settings) as (a, b):
                launcher = [*self.mpirun(a, "host-a:1,host-b:1", path), *library]
                self.ends(f"{name}: {what}", launcher, lambda: interrupt(b))
        with hosts.two_hosts(self.settings) as (a, b):
            launcher = [*self.mpirun(a, "host-a:1,host-b:1", path), *library]
            self.others_end(f"{name}: its own host dies", launcher, a, b)

    def slurm(self):
        with hosts.two_hosts(self.settings) as (a, _):
            job = slurm.Slurm(a, self.folder / "slurm")
            tasks = job.words("srun", "--ntasks=2", "--mpi=pmix")
            self.same_bits("srun --mpi=pmix", [*tasks, *self.fetched_library()])
            self.ends("srun --mpi=pmix: a task is killed", [*tasks, *self.fetched_library()],
                      lambda: a.run("kill", "-KILL", a.processes("vnet")[-1]))
            mpirun = [self.options.mpirun, "--bind-to", "none"]
            self.same_bits("salloc, mpirun", job.words("salloc", "--quiet", "--ntasks=2", *mpirun))
            for way in ("none", "pmi2"):
                self.refused(f"srun --mpi={way}", job.words("srun", "--ntasks=2", f"--mpi={way}"))
            if DEBIAN_LIBRARY.exists():
                self.same_bits("srun --mpi=pmix, Debian's Open MPI", [*tasks, *self.debian_library()])

    def debian(self):
        path = shutil.which("mpirun.openmpi")
        with hosts.two_hosts(self.settings) as (a, b):
            one, two = (self.mpirun(a, places, path) for places in ("host-a:2", "host-a:1,host-b:1"))
            self.same_bits("Debian's mpirun, one host", [*one, *self.debian_library()])
            self.same_bits("Debian's mpirun, two hosts", [*two, *self.debian_library()], b)
            self.same_bits("Debian's mpirun, the fetched library, two hosts", [*two, *self.fetched_library()], b)
        self.vanish(path, self.debian_library(), "Debian's mpirun")


def require(parts):
    """Ends with one sentence where this machine lacks what the parts need."""
    if os.geteuid() != 0:
        sys.exit("check_hosts: needs root, to make hosts of namespaces; run it with sudo")
    needed = {program: package for part in ("all", *parts) for program, package in PACKAGES.get(part, {}).items()}
    missing = sorted({package for program, package in needed.items()
                      if not (shutil.which(program) or pathlib.Path(program).exists())})
    if missing:
        sys.exit(f"check_hosts: packages are missing; run 'apt-get install {' '.join(missing)}', or choose parts with --only")


def main():
    parser = argparse.ArgumentParser(usage=re.sub(r"\s+", " ", __doc__.split("\n\n")[1]))
    parser.add_argument("--vnet", type=pathlib.Path, default=".build/release/vnet")
    parser.add_argument("--mpirun", type=pathlib.Path, default=".deps/bin/mpirun")
    parts = ("bits", "vanish", "slurm", "debian")
    parser.add_argument("--only", nargs="+", choices=parts, default=parts)
    parser.add_argument("--alive-interval", type=int, default=5)
    parser.add_argument("--limit", type=int, default=60)
    options = parser.parse_args()
    require(options.only)
    options.vnet, options.mpirun = options.vnet.absolute(), options.mpirun.absolute()
    for program in (options.vnet, options.mpirun):
        if not program.exists():
            sys.exit(f"check_hosts: {program} does not exist; run 'make build' first, or give another path")
    os.environ |= {"OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"}
    # What `finally` does is done then, too.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit("check_hosts: stopped by a signal"))
    with tempfile.TemporaryDirectory(prefix="vnet-hosts-") as folder:
        check = Check(options, pathlib.Path(folder))
        check.one_host()
        for part in options.only:
            getattr(check, part)()
    if check.failures:
        sys.exit(f"check_hosts: {len(check.failures)} of {len(check.rows)} failed: {'; '.join(check.failures)}")


if __name__ == "__main__":
    main()
