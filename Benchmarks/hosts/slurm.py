"""Debian's Slurm on one host, with all that it writes in a temporary folder."""

import contextlib
import os
import pathlib
import shutil
import subprocess

from hosts import wait_for

# Debian's plug-in opens libpmix.so in this folder, which only libpmix-dev puts there.
PMIX = pathlib.Path("/usr/lib") / f"{os.uname().machine}-linux-gnu" / "pmix2/lib"

SETTINGS = """
ClusterName=vnet
SlurmctldHost={name}
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
StateSaveLocation={folder}/slurmctld
SlurmdSpoolDir={folder}/slurmd
SlurmctldPidFile=/run/slurmctld.pid
SlurmdPidFile=/run/slurmd.pid
TmpFS=/run
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SlurmdParameters=config_overrides
NodeName={name} CPUs=2
PartitionName=all Nodes=ALL Default=YES
"""


class Slurm:
    """Slurm's daemons on a host, with which they end."""

    def __init__(self, host, folder):
        self._host, self._settings = host, folder / "slurm.conf"
        for name in ("slurmctld", "slurmd"):
            (folder / name).mkdir(parents=True)
        self._settings.write_text(SETTINGS.format(name=host.name, folder=folder))
        (folder / "munge.key").write_bytes(os.urandom(128))
        (folder / "munge.key").chmod(0o400)
        self._link_pmix(folder / "pmix")
        host.run("mkdir", "-p", "/run/munge")
        # --force: of folders whose parents others may write to, as /tmp.
        host.run("munged", "--force", f"--key-file={folder}/munge.key", f"--seed-file={folder}/munge.seed",
                 f"--log-file={folder}/munged.log")
        for name in ("slurmctld", "slurmd"):
            host.run(name, "-f", self._settings, "-L", folder / f"{name}.log")
        wait_for(self._is_idle, "Slurm's node is not idle", folder / "slurmctld.log")

    def _link_pmix(self, folder):
        shutil.copytree(PMIX, folder, symlinks=True)
        with contextlib.suppress(FileExistsError):
            (folder / "libpmix.so").symlink_to("libpmix.so.2")
        self._host.run("mount", "--bind", folder, PMIX)

    def _is_idle(self):
        words = self.words("sinfo", "--noheader", "--format=%T")
        return subprocess.run(words, capture_output=True, text=True).stdout.strip() == "idle"

    def words(self, *command):
        """The words that run one of Slurm's commands."""
        return self._host.words("env", f"SLURM_CONF={self._settings}", *command)
