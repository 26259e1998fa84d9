"""Hosts on this machine: processes in namespaces of their own, with a host name, an address and an sshd.

A host is its first process, an sshd, and all that is started from there. It has its own network, host name, numbers of
processes, shared memory and mounts; when the first process is killed the host is gone with everything that ran on it, and
nothing is left to remove. Hosts share this machine's files, as over NFS, except /etc/hosts, /run and /dev/shm; what Open MPI
writes for the time of a job goes to /run.
"""

import contextlib
import json
import os
import pathlib
import signal
import subprocess
import sys
import time

LINK = "vnet0"
ADDRESSES = {"host-a": "10.77.0.1", "host-b": "10.77.0.2"}
START_SECONDS = 20

SSHD_SETTINGS = """
HostKey {folder}/{name}.key
AuthorizedKeysFile {folder}/user.key.pub
StrictModes no
PidFile none
UsePAM no
PasswordAuthentication no
PermitRootLogin prohibit-password
SetEnv TMPDIR=/run
"""

# A host that does not answer is given up after three times the interval, in seconds; never where it is 0, ssh's default.
SSH_SETTINGS = """
ServerAliveInterval {alive_interval}
ServerAliveCountMax 3
IdentityFile {folder}/user.key
IdentitiesOnly yes
UserKnownHostsFile {folder}/known_hosts
StrictHostKeyChecking yes
BatchMode yes
"""

FIRST_PROCESS = """set -e
hostname {name}
mount --bind {folder}/addresses /etc/hosts
for place in /run /dev/shm; do mount -t tmpfs tmpfs $place; done
mkdir /run/sshd
ip link set lo up
touch {folder}/{name}.ready
exec /usr/sbin/sshd -D -e -f {folder}/{name}.sshd
"""


class Host:
    """A host called `name` that keeps its settings in `folder`, which `write_settings` has prepared."""

    def __init__(self, name, folder):
        self.name, self.number = name, None
        log_path, ready = folder / f"{name}.log", folder / f"{name}.ready"
        ready.unlink(missing_ok=True)
        # Killed when this program ends, whatever ends it.
        words = ["setpriv", "--pdeathsig", "KILL", "unshare", "--net", "--uts", "--mount", "--ipc", "--pid", "--fork",
                 "--kill-child", "--mount-proc", "bash", "-c", FIRST_PROCESS.format(name=name, folder=folder)]
        with open(log_path, "w") as log:
            self._starter = subprocess.Popen(
                words, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
        try:
            wait_for(lambda: ready.exists() or self._starter.poll() is not None, f"{name} did not start", log_path)
            if self._starter.poll() is not None:
                sys.exit(f"check_hosts: {name} did not start: {log_path.read_text().strip()}")
            number = self._starter.pid
            self.number = int(pathlib.Path(f"/proc/{number}/task/{number}/children").read_text())
        except BaseException:
            self.kill()
            raise

    def words(self, *command):
        """The words that run a command on this host."""
        return ["nsenter", f"--target={self.number}", "--all", "--", "env", "TMPDIR=/run", *map(str, command)]

    def run(self, *command):
        """Runs a command on this host; its output."""
        result = subprocess.run(self.words(*command), capture_output=True, text=True)
        if result.returncode != 0:
            sys.exit(f"check_hosts: {self.name}: {' '.join(map(str, command))}: {result.stdout}{result.stderr}")
        return result.stdout

    def processes(self, name):
        """The numbers, on this host, of its processes of that name."""
        return subprocess.run(self.words("pgrep", "-x", name), capture_output=True, text=True).stdout.split()

    def received_bytes(self):
        (link,) = json.loads(self.run("ip", "-json", "-statistics", "link", "show", LINK))
        return link["stats64"]["rx"]["bytes"]

    def cut(self):
        """Takes the link down: what is sent is lost, and nobody is told."""
        self.run("ip", "link", "set", LINK, "down")

    def kill(self):
        """Ends every process of the host at once."""
        if self._starter.poll() is None:
            # The kernel ends a host's other processes before its first, for which the starter waits.
            os.kill(self.number or self._starter.pid, signal.SIGKILL)
            self._starter.wait()


def write_settings(folder, alive_interval):
    """Makes the keys and addresses of all hosts, and the settings of sshd and ssh."""
    folder.mkdir()
    for key in ("user", *ADDRESSES):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder / f"{key}.key"], check=True)
    public = {name: (folder / f"{name}.key.pub").read_text() for name in ADDRESSES}
    (folder / "known_hosts").write_text("".join(f"{name} {key}" for name, key in public.items()))
    lines = ["127.0.0.1 localhost", *(f"{address} {name}" for name, address in ADDRESSES.items())]
    (folder / "addresses").write_text("\n".join(lines) + "\n")
    (folder / "ssh").write_text(SSH_SETTINGS.format(folder=folder, alive_interval=alive_interval))
    for name in ADDRESSES:
        (folder / f"{name}.sshd").write_text(SSHD_SETTINGS.format(name=name, folder=folder))


@contextlib.contextmanager
def two_hosts(folder):
    """Two hosts joined by a cable, gone at the end; `folder` is that of `write_settings`."""
    with contextlib.ExitStack() as stack:
        hosts = []
        for name in ADDRESSES:
            hosts.append(Host(name, folder))
            stack.callback(hosts[-1].kill)
        subprocess.run(["ip", "link", "add", LINK, "netns", str(hosts[0].number), "type", "veth",
                        "peer", "name", LINK, "netns", str(hosts[1].number)], check=True)
        for host in hosts:
            host.run("ip", "address", "add", f"{ADDRESSES[host.name]}/24", "dev", LINK)
            host.run("ip", "link", "set", LINK, "up")
        yield hosts


def becomes_true(holds, seconds):
    """Waits until `holds` returns true; returns whether it did in time."""
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


def wait_for(holds, otherwise, log=None):
    if not becomes_true(holds, START_SECONDS):
        sys.exit(f"check_hosts: {otherwise}" + (f": {log.read_text().strip()}" if log else ""))
