# SPDX-License-Identifier: Apache-2.0
#
# run_variants.py: containers started with every kind of option that reaches an OCI runtime spec.
#
# What a container is given and what it is called; nothing here says what must come of it.

import concurrent.futures
import glob
import json
import os
import stat
import subprocess

from engine import CGROUP_PARENT

FIRST = ("plain", "ipc-shareable", "volumes")
# A runtime in front of runc, for specs with capabilities that this machine cannot give: it keeps the
# engine's spec beside the one that runs. RUNTIME is its program.
KEEPING = ("--runtime", "keeping")
RUNTIME = """#!/usr/bin/python3
import json, os, shutil, sys
if "create" in sys.argv:
    path = os.path.join(sys.argv[sys.argv.index("--bundle") + 1], "config.json")
    shutil.copy(path, path.replace("config.json", "config.engine.json"))
    with open(path) as text:
        spec = json.load(text)
    with open("/proc/self/status") as status:
        mine = next(int(line.split()[1], 16) for line in status if line.startswith("CapBnd"))
    sets = spec["process"]["capabilities"]
    order = ALL_NAMES.split()
    for kind in sets:
        sets[kind] = [name for name in sets[kind] if mine >> order.index(name) & 1]
    with open(path, "w") as out:
        json.dump(spec, out)
os.execvp("runc", ["runc"] + sys.argv[1:])
"""
CAPABILITIES = ("CAP_CHOWN CAP_DAC_OVERRIDE CAP_DAC_READ_SEARCH CAP_FOWNER CAP_FSETID CAP_KILL CAP_SETGID CAP_SETUID "
                "CAP_SETPCAP CAP_LINUX_IMMUTABLE CAP_NET_BIND_SERVICE CAP_NET_BROADCAST CAP_NET_ADMIN CAP_NET_RAW "
                "CAP_IPC_LOCK CAP_IPC_OWNER CAP_SYS_MODULE CAP_SYS_RAWIO CAP_SYS_CHROOT CAP_SYS_PTRACE CAP_SYS_PACCT "
                "CAP_SYS_ADMIN CAP_SYS_BOOT CAP_SYS_NICE CAP_SYS_RESOURCE CAP_SYS_TIME CAP_SYS_TTY_CONFIG CAP_MKNOD "
                "CAP_LEASE CAP_AUDIT_WRITE CAP_AUDIT_CONTROL CAP_SETFCAP CAP_MAC_OVERRIDE CAP_MAC_ADMIN CAP_SYSLOG "
                "CAP_WAKE_ALARM CAP_BLOCK_SUSPEND CAP_AUDIT_READ CAP_PERFMON CAP_BPF CAP_CHECKPOINT_RESTORE")
IMAGE = "accounts:1"
# An image with names to look up: user and group databases with what real ones hold, and worse.
PASSWD = ("root:x:0:0:root:/root:/bin/sh\n"
          "# a comment\n"
          "app:x:1000:1000:App:/home/app:/bin/sh\n"
          "worker:x:1001:50::/:/bin/sh\n"
          "worker:x:2002:51::/:/bin/sh\n"
          "short:x:77\n"
          "12345:x:9:9::/:/bin/sh\n")
GROUP = ("root:x:0:root\nbin:x:1:root,app\nwheel:x:10:root\napp:x:1000:\nstaff:x:50:app,worker\n"
         "broken\naudio:x:29:app\naudio:x:30:worker\n")
SECCOMP = {"defaultAction": "SCMP_ACT_ALLOW", "archMap": [
    {"architecture": "SCMP_ARCH_X86_64", "subArchitectures": ["SCMP_ARCH_X86", "SCMP_ARCH_X32"]},
    {"architecture": "SCMP_ARCH_AARCH64", "subArchitectures": ["SCMP_ARCH_ARM"]}],
    "syscalls": [
        {"names": ["chmod"], "action": "SCMP_ACT_ERRNO", "args": [], "comment": "", "includes": {}, "excludes": {}},
        {"names": ["ptrace"], "action": "SCMP_ACT_ERRNO", "includes": {"minKernel": "4.8"}, "excludes": {}},
        {"names": ["mkdir"], "action": "SCMP_ACT_ERRNO", "includes": {}, "excludes": {"minKernel": "4.8"}},
        {"names": ["mount"], "action": "SCMP_ACT_ERRNO", "includes": {"caps": ["CAP_SYS_ADMIN"]}, "excludes": {}},
        {"names": ["umount2"], "action": "SCMP_ACT_ERRNO", "includes": {}, "excludes": {"caps": ["CAP_SYS_ADMIN"]}},
        {"names": ["arch_prctl"], "action": "SCMP_ACT_ALLOW", "includes": {"arches": ["amd64", "x32"]}, "excludes": {}},
        {"names": ["arm_fadvise64_64"], "action": "SCMP_ACT_ALLOW", "includes": {"arches": ["arm", "arm64"]}},
        {"names": ["personality"], "action": "SCMP_ACT_ERRNO",
         "args": [{"index": 0, "value": 8, "valueTwo": 0, "op": "SCMP_CMP_EQ"}]},
        {"names": ["acct"], "action": "SCMP_ACT_ERRNO", "args": None, "excludes": {"arches": ["s390x"]}}]}


def add_runtime(engine):
    """Before the engine starts."""
    program = os.path.join(engine.home, "keeping-runtime")
    with open(program, "w") as out:
        out.write(RUNTIME.replace("ALL_NAMES", repr(CAPABILITIES)))
    os.chmod(program, 0o755)
    engine.options += ["--add-runtime", "keeping=" + program]


def prepare(engine, busybox, shared_root=True):
    """The image, and the files and folders that the variants bind; gives their folder. `shared_root`: not for an
    engine in a root of its own, where runc cannot leave a shared mount."""
    engine.build(IMAGE, {
        "Dockerfile": "FROM scratch\nCOPY busybox /bin/busybox\n"
                      "RUN [\"/bin/busybox\", \"--install\", \"-s\", \"/bin\"]\nCOPY files /\n"
                      "ENV FROM_IMAGE=1 OVERRIDDEN=image\nLABEL image.label=1\nVOLUME /anonymous\nEXPOSE 80/tcp\n"
                      "CMD [\"sleep\", \"6000\"]\n",
        "busybox": busybox, "files/etc/passwd": PASSWD, "files/etc/group": GROUP})
    binds = os.path.join(engine.home, "binds")
    for name in ("plain", "shared", "other"):
        os.makedirs(os.path.join(binds, name))
    with open(os.path.join(binds, "file"), "w") as out:
        out.write("x")
    with open(os.path.join(engine.home, "seccomp.json"), "w") as out:
        json.dump(SECCOMP, out)
    shared = os.path.join(binds, "shared")
    # The root as it is outside of private mount namespaces: the engine asks for it when "/" is bound.
    for mount in [["--bind", shared, shared], ["--make-shared", shared]] + [["--make-shared", "/"]] * shared_root:
        subprocess.run(["nsenter", "-t", str(engine.process.pid), "-m", "mount", *mount], check=True)
    engine.docker("volume", "create", "--opt", "type=tmpfs", "--opt", "device=tmpfs", "tmpvolume")
    return binds


def run_one(engine, name, args):
    own = args.index(None) if None in args else len(args)
    options = args[:own]
    if "--network" not in options:
        options = ["--network", "none", *options]
    engine.docker("run", "-d", "--name", name, *options, IMAGE, *args[own + 1:])


def run_all(engine, wanted):
    """Starts them, some at a time."""
    for name in FIRST:
        run_one(engine, name, wanted[name])
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(run_one, engine, name, args) for name, args in wanted.items() if name not in FIRST]:
            done.result()


def a_disk():
    """A block device; what is asked of it is never done, as nothing is read or written."""
    return next(path for path in sorted(glob.glob("/dev/*")) if stat.S_ISBLK(os.stat(path).st_mode))


def variants(binds, seccomp, disk):
    """Name -> the arguments of `docker run`, then those of the container after None. Those in FIRST
    are joined by others."""
    return {
        "plain": [],
        "user-name": ["--user", "app"],
        "user-number": ["--user", "1000"],
        "user-unknown-number": ["--user", "4242"],
        "user-and-group": ["--user", "app:staff"],
        "user-and-numbers": ["--user", "7:8"],
        "user-twice": ["--user", "worker"],
        "user-like-a-number": ["--user", "12345"],
        "groups": ["--group-add", "audio", "--group-add", "1234", "--group-add", "bin"],
        "user-groups": ["--user", "app", "--group-add", "wheel", "--group-add", "50"],
        "caps-add": ["--cap-add", "SYS_ADMIN", "--cap-add", "cap_net_admin"],
        "caps-drop": ["--cap-drop", "NET_RAW", "--cap-drop", "CAP_MKNOD"],
        "caps-both": ["--cap-add", "SYS_PTRACE", "--cap-drop", "CHOWN"],
        "caps-drop-all": ["--cap-drop", "ALL"],
        "caps-only-one": ["--cap-drop", "ALL", "--cap-add", "NET_BIND_SERVICE"],
        "caps-add-all": ["--cap-add", "ALL", *KEEPING],
        "caps-add-all-but": ["--cap-add", "ALL", "--cap-drop", "SYS_MODULE", *KEEPING],
        "caps-user": ["--cap-add", "NET_ADMIN", "--user", "app"],
        "privileged": ["--privileged", *KEEPING],
        "privileged-user": ["--privileged", "--user", "1000"],
        "privileged-read-only": ["--privileged", "--read-only", *KEEPING],
        "pid-host": ["--pid", "host"],
        "pid-container": ["--pid", "container:plain"],
        "ipc-host": ["--ipc", "host"],
        "ipc-shareable": ["--ipc", "shareable"],
        "ipc-container": ["--ipc", "container:ipc-shareable"],
        "ipc-none": ["--ipc", "none"],
        "ipc-private": ["--ipc", "private"],
        "uts-host": ["--uts", "host"],
        "cgroupns-host": ["--cgroupns", "host"],
        "cgroupns-private": ["--cgroupns", "private"],
        "net-host": ["--network", "host"],
        "net-container": ["--network", "container:plain"],
        "read-only": ["--read-only"],
        "read-only-tmpfs": ["--read-only", "--tmpfs", "/run", "-v", binds + "/plain:/data"],
        "tmpfs": ["--tmpfs", "/t1", "--tmpfs", "/t2:rw,exec,size=64k,mode=1770",
                  "--mount", "type=tmpfs,destination=/t3,tmpfs-size=1048576,tmpfs-mode=1770",
                  "--mount", "type=tmpfs,destination=/t4,readonly"],
        "binds": ["-v", binds + "/plain:/rw", "-v", binds + "/plain:/ro:ro", "-v", binds + "/file:/deep/in/file:ro",
                  "--mount", "type=bind,source=%s/other,target=/nonrec,bind-nonrecursive=true" % binds],
        "binds-propagation": ["-v", binds + "/shared:/a:rshared", "-v", binds + "/shared:/b:rslave,ro",
                              "-v", binds + "/plain:/c:private", "-v", binds + "/shared:/d:slave"],
        "binds-slave": ["-v", binds + "/shared:/b:rslave"],
        "binds-of-the-engines-files": ["-v", binds + "/file:/etc/hosts:ro", "-v", binds + "/file:/etc/resolv.conf"],
        "bind-shm": ["-v", binds + "/plain:/dev/shm", "--ipc", "shareable"],
        "volumes": ["-v", "named:/named", "-v", "named:/named-ro:ro", "-v", "/another",
                    "--mount", "type=volume,source=fresh,target=/fresh,volume-nocopy"],
        "volume-mounted": ["-v", "tmpvolume:/mounted"],
        "volumes-from": ["--volumes-from", "volumes:ro"],
        "devices": ["--device", "/dev/null:/dev/mynull:r", "--device", "/dev/full",
                    "--device-cgroup-rule", "c 42:* rmw", "--device-cgroup-rule", "b 7:1 r",
                    "--device-cgroup-rule", "a *:* m"],
        "device-folder": ["--device", "/dev/net:/dev/in"],
        "privileged-device": ["--privileged", *KEEPING, "--device", "/dev/null:/dev/mynull:r", "--device", "/dev/zero"],
        "ulimits": ["--ulimit", "nofile=100:200", "--ulimit", "core=-1", "--ulimit", "nproc=50"],
        "memory": ["--memory", "64m", "--memory-reservation", "32m", "--memory-swap", "128m",
                   "--memory-swappiness", "10", "--oom-kill-disable"],
        "cpu": ["--cpu-shares", "512", "--cpuset-cpus", "0", "--cpuset-mems", "0", "--cpu-period", "50000",
                "--cpu-quota", "25000"],
        "cpus": ["--cpus", "0.5"],
        "pids": ["--pids-limit", "100"],
        "pids-unlimited": ["--pids-limit", "-1"],
        "blkio": ["--device-read-bps", disk + ":1mb", "--device-write-iops", disk + ":100"],
        "seccomp-unconfined": ["--security-opt", "seccomp=unconfined"],
        "seccomp-file": ["--security-opt", "seccomp=" + seccomp],
        "seccomp-file-admin": ["--security-opt", "seccomp=" + seccomp, "--cap-add", "SYS_ADMIN"],
        "no-new-privileges": ["--security-opt", "no-new-privileges"],
        "no-new-privileges-false": ["--security-opt", "no-new-privileges=false"],
        "systempaths-unconfined": ["--security-opt", "systempaths=unconfined"],
        "labels-off": ["--security-opt", "label=disable"],
        "init": ["--init"],
        "init-pid-host": ["--init", "--pid", "host"],
        "workdir": ["--workdir", "/made/for/it"],
        "entrypoint": ["--entrypoint", "/bin/sleep", None, "6001"],
        "command": [None, "sh", "-c", "sleep 6002 # \u00e9\t<&>"],
        "environment": ["-e", "A=1", "-e", "B=", "-e", "OVERRIDDEN=run", "-e", "PATH=/bin", "-e", "A=2", "-e", "FROM_IMAGE",
                        "-e", "HOSTNAME=mine"],
        "tty": ["--tty"],
        "interactive": ["--interactive"],
        "hostname": ["--hostname", "name", "--domainname", "example.org"],
        "hostname-dots": ["--hostname", "name.example.org"],
        "hosts-dns": ["--add-host", "db:10.0.0.1", "--dns", "10.0.0.2", "--dns-search", "example.org", "--dns-option", "ndots:2"],
        "sysctl": ["--sysctl", "net.ipv4.ip_forward=1", "--sysctl", "net.ipv4.ip_unprivileged_port_start=1024",
                   "--sysctl", "kernel.msgmax=65536"],
        "shm-size": ["--shm-size", "1m"],
        "oom-score": ["--oom-score-adj", "500"],
        "cgroup-parent": ["--cgroup-parent", CGROUP_PARENT],
        "stop-signal": ["--stop-signal", "SIGUSR1", "--stop-timeout", "3"],
        "labels": ["--label", "a=b", "--label", "c"],
        "healthcheck": ["--health-cmd", "true", "--health-interval", "1h", "--health-retries", "3"],
        "restart": ["--restart", "on-failure:3"],
        "logging": ["--log-driver", "none"],
        **dangers(binds, disk),
    }


def dangers(binds, disk):
    """What gives a container a way to this machine; it only sleeps. Beside each a near miss."""
    socket = os.path.join(os.path.dirname(binds), "docker.sock")
    data_root = os.path.join(os.path.dirname(binds), "host/srv/docker-data")
    return {
        "danger-socket": ["-v", socket + ":/var/run/docker.sock"],
        "danger-socket-read-only": ["-v", socket + ":/engine:ro"],
        "danger-state": ["-v", data_root + ":/state"],
        "danger-root": ["-v", "/:/host:ro"],
        "danger-root-alone": ["--mount", "type=bind,source=/,target=/host,readonly,bind-nonrecursive=true"],
        "danger-etc": ["-v", "/etc:/host-etc"],
        "danger-etc-read-only": ["-v", "/etc:/host-etc:ro", "--user", "1000", "--security-opt", "no-new-privileges"],
        "safe-hostname": ["-v", "/etc/hostname:/host-name:ro"],
        "danger-proc": ["-v", "/proc:/host-proc"],
        "danger-proc-read-only": ["-v", "/proc:/host-proc:ro"],
        "danger-sys": ["-v", "/sys:/host-sys"],
        "danger-cgroup": ["-v", "/sys/fs/cgroup:/groups"],
        "safe-cgroup": ["-v", "/sys/fs/cgroup:/groups:ro"],
        "danger-dev": ["-v", "/dev:/host-dev"],
        "danger-programs": ["-v", "/usr/bin:/programs"],
        "safe-programs": ["-v", "/usr/bin:/programs:ro"],
        "danger-home": ["-v", "/root:/home-of-root"],
        "danger-disk": ["--device", disk + ":/dev/disk"],
        "danger-disk-to-read": ["--device", disk + ":/dev/disk:r"],
        "danger-disk-by-rule": ["--device-cgroup-rule", "b *:* rw"],
        "safe-disk-rule": ["--device-cgroup-rule", "b *:* rw", "--cap-drop", "MKNOD"],
        "danger-pid-ptrace": ["--pid", "host", "--cap-add", "SYS_PTRACE"],
        "danger-net-admin": ["--network", "host", "--cap-add", "NET_ADMIN"],
        "danger-handles": ["--cap-add", "DAC_READ_SEARCH", *KEEPING],
        "safe-module": ["--cap-add", "SYS_MODULE", "--user", "1000", "--security-opt", "no-new-privileges", *KEEPING],
        "danger-shared": ["-v", binds + "/shared:/a:rshared", "--cap-add", "SYS_ADMIN"],
        "danger-sys-admin-bare": ["--cap-add", "SYS_ADMIN", "--security-opt", "seccomp=unconfined"],
        "danger-stopped": ["-v", socket + ":/engine", "--cap-add", "SYS_ADMIN"],
    }
