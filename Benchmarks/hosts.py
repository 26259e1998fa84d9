"""Trains on two hosts, and under Slurm, and compares the bits with those of two processes on one host.

Usage: sudo python3 hosts.py [--vnet .build/release/vnet] [--mpirun .deps/bin/mpirun] [--only hosts|vanishing|slurm|system ...]

The hosts are network namespaces of this machine, each with a name, an address and an sshd of its own, joined by a pair of
virtual interfaces; they share its files, as a cluster's hosts do. All that is made is removed at the end. Parts:

    hosts      mpirun over ssh on two hosts: the weights of two processes on one host, bit for bit
    vanishing  a host whose processes end, and one whose cable is pulled: the job ends with a status other than 0
    slurm      srun with two tasks on one node (slurmctld, slurmd and munged of the part's own): the same weights
    system     the mpirun of an installed Open MPI 4: the same weights, or refused in a sentence

Needs root for the namespaces, and for the parts: iproute2 and openssh-server; slurm-wlm; openmpi-bin. A part whose
packages are missing is left out and said, and the exit status is then 2.
"""

import argparse
import contextlib
import hashlib
import json
import os
import pathlib
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time

SUBNET = "10.213.57"
HOSTS = ("vnet-a", "vnet-b")
PORT = 2257
# As root, mpirun wants to be told that this is meant.
ROOT = {"OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"}
ENDING_LIMIT = 120
PACKAGES = {
    "hosts": {"ip": "iproute2", "sshd": "openssh-server", "ssh-keygen": "openssh-client", "ssh": "openssh-client"},
    "slurm": {"slurmctld": "slurm-wlm", "slurmd": "slurm-wlm", "srun": "slurm-wlm", "munged": "munge"},
    "system": {"mpirun.openmpi": "openmpi-bin"},
}
PACKAGES["vanishing"] = PACKAGES["hosts"]


class Failure(Exception):
    """What did not hold, in a sentence."""


def run(*words, check=True, environment=None, timeout=300):
    """Runs a command; returns what it gave."""
    words = [str(word) for word in words]
    result = subprocess.run(
        words, capture_output=True, text=True, env={**os.environ, **ROOT, **(environment or {})}, timeout=timeout)
    if check and result.returncode != 0:
        raise Failure(f"{' '.join(words)}: exit {result.returncode}: {(result.stdout + result.stderr).strip()[-1500:]}")
    return result


def bits(model):
    """A digest of a checkpoint's tensors; its record names the run's time and threads, and does not count."""
    data = (pathlib.Path(model) / "last.safetensors").read_bytes()
    (length,) = struct.unpack_from("<Q", data)
    header = json.loads(data[8 : 8 + length])
    digest = hashlib.sha256()
    for name in sorted(name for name in header if name != "__metadata__"):
        first, end = header[name]["data_offsets"]
        digest.update(name.encode() + data[8 + length + first : 8 + length + end])
    return digest.hexdigest()


class Trials:
    def __init__(self, options, folder):
        self.vnet = pathlib.Path(options.vnet).resolve()
        self.mpirun = pathlib.Path(options.mpirun).resolve()
        self.folder = pathlib.Path(folder)
        self.data = self.folder / "data"
        run(self.vnet, "phantom", "--output", self.data, "--cases", 8)
        self.expected = self.trained("one-host", self.mpirun, "-np", 2)

    def training(self, model, epochs=2):
        """A small training, one thread a process; algorithms are not measured, which could choose otherwise."""
        words = [self.vnet, "train", "--data-dir", self.data, "--model-dir", model, "--epochs", epochs, "--filters", 4]
        words += ["--input-shape", 16, 16, 16, "--batch-size", 2, "--threads", 1, "--exact-convolution", "--device", "cpu"]
        return [str(word) for word in words]

    def trained(self, name, *launcher, environment=None):
        model = self.folder / name
        run(*launcher, *self.training(model), environment=environment)
        return bits(model)

    def require_same(self, found, what):
        if found != self.expected:
            raise Failure(f"{what}: other weights than two processes on one host give")
        print(f"{what}: the weights of two processes on one host, bit for bit", flush=True)

    # MARK: Two hosts

    def on_hosts(self):
        """The words that start mpirun on the first host, for a process on each."""
        addresses = ",".join(f"{SUBNET}.{index + 1}:1" for index in range(2))
        agent = f"ssh -F {self.folder}/ssh_config"
        words = inside(HOSTS[0], self.mpirun, "-np", 2, "--host", addresses)
        words += ["--prtemca", "plm_ssh_agent", agent, "--prtemca", "prte_if_include", f"{SUBNET}.0/24"]
        # How soon a host that answers no more is given up.
        words += ["--prtemca", "oob_tcp_keepalive_time", 5, "--prtemca", "oob_tcp_keepalive_intvl", 2]
        return words + ["--prtemca", "oob_tcp_keepalive_probes", 3, "--mca", "btl_tcp_if_include", f"{SUBNET}.0/24"]

    def hosts(self):
        with two_hosts(self.folder):
            self.require_same(self.trained("two-hosts", *self.on_hosts()), "mpirun on two hosts")

    def vanishing(self):
        with two_hosts(self.folder):
            self.ends_when("processes end", lambda: kill_all(HOSTS[1]))
        with two_hosts(self.folder):
            self.ends_when("cable is pulled", lambda: run("ip", "-n", HOSTS[1], "link", "set", "cable", "down"))

    def ends_when(self, what, vanish):
        model = self.folder / what.replace(" ", "-")
        words = [str(word) for word in self.on_hosts() + self.training(model, epochs=100_000)]
        with open(self.folder / "vanishing.log", "w") as log:
            job = subprocess.Popen(words, stdout=log, stderr=log, env={**os.environ, **ROOT}, start_new_session=True)
        try:
            begun = time.monotonic()
            while not (model / "last.safetensors").exists():
                if job.poll() is not None or time.monotonic() - begun > 60:
                    raise Failure(f"training on two hosts did not begin: {(self.folder / 'vanishing.log').read_text()[-1500:]}")
                time.sleep(0.1)
            vanish()
            begun = time.monotonic()
            try:
                status = job.wait(ENDING_LIMIT)
            except subprocess.TimeoutExpired:
                raise Failure(f"a host whose {what}: the job has not ended after {ENDING_LIMIT} s") from None
            if status == 0:
                raise Failure(f"a host whose {what}: the job ended with 0")
            print(f"a host whose {what}: the job ended with {status} after {time.monotonic() - begun:.1f} s", flush=True)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(job.pid, signal.SIGKILL)

    # MARK: Slurm

    def slurm(self):
        with one_node(self.folder / "slurm") as environment:
            kinds = run("srun", "--mpi=list", environment=environment)
            kind = next((kind for kind in ("pmix", "pmi2") if kind in kinds.stdout + kinds.stderr), None)
            if not kind:
                raise Failure("srun knows neither pmix nor pmi2")
            environment["LD_LIBRARY_PATH"] = str(self.mpirun.parent.parent / "lib")
            found = self.trained("slurm", "srun", f"--mpi={kind}", "-n", 2, environment=environment)
            self.require_same(found, f"srun --mpi={kind} -n 2")

    # MARK: An installed Open MPI

    def system(self):
        version = run("mpirun.openmpi", "--version").stdout.splitlines()[0]
        result = run("mpirun.openmpi", "-np", 2, "--oversubscribe", *self.training(self.folder / "system"), check=False)
        if result.returncode == 0:
            return self.require_same(bits(self.folder / "system"), version)
        sentences = {line for line in (result.stdout + result.stderr).splitlines() if line.startswith("Error")}
        if len(sentences) != 1:
            raise Failure(f"{version}: neither trains nor is refused in one sentence: {(result.stdout + result.stderr)[-1500:]}")
        print(f"{version}: refused: {sentences.pop()}", flush=True)


# MARK: Hosts


def inside(host, *words):
    """The words that run a command on a host."""
    return ["ip", "netns", "exec", host, "unshare", "--uts", "sh", "-c", 'hostname "$0" && exec "$@"', host, *words]


def kill_all(host):
    for pid in run("ip", "netns", "pids", host, check=False).stdout.split():
        with contextlib.suppress(ProcessLookupError):
            os.kill(int(pid), signal.SIGKILL)


def remove_hosts():
    for host in HOSTS:
        kill_all(host)
        run("ip", "netns", "delete", host, check=False)


@contextlib.contextmanager
def two_hosts(folder):
    """Two hosts that reach each other by ssh with a key of their own."""
    remove_hosts()
    try:
        for host in HOSTS:
            run("ip", "netns", "add", host)
            run("ip", "-n", host, "link", "set", "lo", "up")
        run("ip", "-n", HOSTS[0], "link", "add", "cable", "type", "veth", "peer", "name", "cable", "netns", HOSTS[1])
        key = folder / "key"
        if not key.exists():
            run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key)
        write_ssh_configuration(folder, key)
        for index, host in enumerate(HOSTS):
            run("ip", "-n", host, "address", "add", f"{SUBNET}.{index + 1}/24", "dev", "cable")
            run("ip", "-n", host, "link", "set", "cable", "up")
            daemon = inside(host, shutil.which("sshd"), "-D", "-f", folder / "sshd_config", "-o", f"ListenAddress={SUBNET}.{index + 1}")
            subprocess.Popen([str(word) for word in daemon], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for index in range(2):
            reach(folder, f"{SUBNET}.{index + 1}")
        yield
    finally:
        remove_hosts()


def write_ssh_configuration(folder, key):
    pathlib.Path("/run/sshd").mkdir(exist_ok=True)  # sshd insists on it
    shutil.copy(f"{key}.pub", folder / "authorized")
    (folder / "sshd_config").write_text(
        f"Port {PORT}\nHostKey {key}\nAuthorizedKeysFile {folder}/authorized\nStrictModes no\nUsePAM no\nPidFile none\n"
        "PermitRootLogin yes\nPasswordAuthentication no\n")
    (folder / "ssh_config").write_text(
        f"Host *\nPort {PORT}\nUser root\nIdentityFile {key}\nIdentitiesOnly yes\nStrictHostKeyChecking no\n"
        "UserKnownHostsFile /dev/null\nLogLevel ERROR\n")


def reach(folder, address):
    """Waits until a host answers."""
    for _ in range(50):
        if run(*inside(HOSTS[0], "ssh", "-F", folder / "ssh_config", address, "true"), check=False).returncode == 0:
            return
        time.sleep(0.2)
    raise Failure(f"no ssh to {address}")


# MARK: Slurm


@contextlib.contextmanager
def one_node(folder):
    """A Slurm of one node, on loopback; gives the environment by which srun finds it."""
    folder.mkdir()
    os.chmod(folder, 0o755)
    name = os.uname().nodename.split(".")[0]
    (folder / "munge.key").write_bytes(os.urandom(128))
    os.chmod(folder / "munge.key", 0o400)
    socket = folder / "munge.socket"
    (folder / "slurm.conf").write_text(
        f"ClusterName=vnet\nSlurmctldHost={name}(127.0.0.1)\nSlurmUser=root\nSlurmdUser=root\nAuthType=auth/munge\n"
        f"AuthInfo=socket={socket}\nStateSaveLocation={folder}/state\nSlurmdSpoolDir={folder}/spool\n"
        f"SlurmctldPidFile={folder}/ctld.pid\nSlurmdPidFile={folder}/slurmd.pid\nSlurmctldPort=26817\nSlurmdPort=26818\n"
        f"SlurmctldLogFile={folder}/ctld.log\nSlurmdLogFile={folder}/slurmd.log\n"
        "ProctrackType=proctrack/linuxproc\nTaskPlugin=task/none\nReturnToService=2\nSelectType=select/cons_tres\n"
        f"NodeName={name} NodeAddr=127.0.0.1 CPUs={os.cpu_count()} State=UNKNOWN\n"
        f"PartitionName=all Nodes={name} Default=YES State=UP\n")
    (folder / "state").mkdir()
    (folder / "spool").mkdir()
    environment = {"SLURM_CONF": str(folder / "slurm.conf")}
    daemons = [
        ["munged", "-F", "-f", f"--key-file={folder}/munge.key", f"--socket={socket}", f"--pid-file={folder}/munge.pid",
         f"--log-file={folder}/munge.log", f"--seed-file={folder}/munge.seed"],
        ["slurmctld", "-D"],
        ["slurmd", "-D", "-N", name],
    ]
    running = []
    try:
        for words in daemons:
            with open(folder / f"{words[0]}.out", "w") as log:
                running.append(subprocess.Popen(words, stdout=log, stderr=log, env={**os.environ, **environment}))
            time.sleep(1)
        for _ in range(60):
            if run("srun", "-n", 2, "true", check=False, environment=environment, timeout=60).returncode == 0:
                break
            if any(daemon.poll() is not None for daemon in running):
                logs = "\n".join(path.read_text()[-500:] for path in sorted(folder.glob("*.out")))
                raise Failure(f"a daemon of Slurm has ended: {logs}")
            time.sleep(1)
        else:
            raise Failure("srun starts nothing")
        yield environment
    finally:
        for daemon in reversed(running):
            daemon.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                daemon.wait(10)
            daemon.kill()


def main():
    parser = argparse.ArgumentParser(usage=__doc__.split("\n\n")[1].strip())
    parser.add_argument("--vnet", default=".build/release/vnet")
    parser.add_argument("--mpirun", default=".deps/bin/mpirun")
    parts = ("hosts", "vanishing", "slurm", "system")
    parser.add_argument("--only", nargs="+", choices=parts, default=parts)
    options = parser.parse_args()
    if os.geteuid() != 0:
        sys.exit("hosts: network namespaces are root's to make; run it as root")
    status = 0
    with tempfile.TemporaryDirectory(prefix="vnet-hosts-") as folder:
        try:
            trials = Trials(options, folder)
            for part in options.only:
                missing = {package for program, package in PACKAGES[part].items() if not shutil.which(program)}
                if missing:
                    print(f"{part}: left out, since packages are missing: apt-get install {' '.join(sorted(missing))}")
                    status = 2
                    continue
                getattr(trials, part)()
        except Failure as failure:
            sys.exit(f"hosts: {failure}")
    sys.exit(status)


if __name__ == "__main__":
    main()
