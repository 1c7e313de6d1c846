# SPDX-License-Identifier: Apache-2.0
#
# inspect_variants.py: containers of podman, one for each group of options that `podman inspect` shows.

IMAGE = "localhost/demo:1"
COMMAND = ["/bin/busybox", "sleep", "6000"]


def variants(folder):
    """Name -> (options, command); each runs. `folder` has a subfolder and a file to bind."""
    options = {
        "plain": [],
        "caps": ["--cap-add", "NET_ADMIN", "--cap-drop", "MKNOD", "--cap-drop", "CAP_SETFCAP"],
        "caps-none": ["--cap-drop", "ALL"],
        "privileged": ["--privileged"],
        "pid-host": ["--pid", "host"],
        "pid-joined": ["--pid", "container:plain", "--ipc", "container:plain"],
        "network-host": ["--network", "host"],
        "network-joined": ["--network", "container:plain"],
        "ipc-host": ["--ipc", "host", "--uts", "host"],
        "userns": ["--uidmap", "0:100000:65536", "--gidmap", "0:200000:65536"],
        "no-new-privileges": ["--security-opt", "no-new-privileges"],
        "unconfined": ["--security-opt", "seccomp=unconfined", "--security-opt", "label=disable"],
        "masks": ["--security-opt", "unmask=/proc/acpi", "--security-opt", "mask=/proc/version"],
        "read-only": ["--read-only"],
        "device": ["--device", "/dev/full:/dev/given:r", "--device", "/dev/zero"],
        "tmpfs": ["--tmpfs", "/scratch:size=1m,mode=1770", "--tmpfs", "/more"],
        "volumes": ["-v", "named:/data", "-v", folder + "/one:/one:ro", "-v", folder + "/file:/etc/given:rw,nosuid", "-v", "/anonymous",
                    "--mount", "type=bind,source=%s/one,target=/shared,bind-propagation=rslave" % folder],
        "memory": ["--memory", "64m", "--memory-reservation", "32m", "--memory-swap", "128m", "--oom-score-adj", "100"],
        "cpu": ["--cpus", "0.5", "--cpu-shares", "512", "--cpuset-cpus", "0"],
        "pids": ["--pids-limit", "50", "--ulimit", "core=0:0", "--ulimit", "nofile=100:200", "--ulimit", "nproc=50:60"],
        "sysctl": ["--sysctl", "net.ipv4.ip_unprivileged_port_start=1024", "--shm-size", "1m"],
        "user": ["--user", "1000:50", "--group-add", "7", "--workdir", "/tmp"],
        "user-name": ["--user", "app"],
        "names": ["--network", "none", "--hostname", "web", "--env", "B=2", "--env", "A=9", "--label", "app=web", "--label", "a.b/c=d", "--annotation", "x=y"],
        "restart": ["--restart", "on-failure:3", "--stop-signal", "SIGUSR1", "--stop-timeout", "3"],
        "health": ["--health-cmd", "true", "--health-interval", "disable", "--health-retries", "2"],
        "health-begun": ["--health-cmd", "true", "--health-interval", "disable"],
        "init-tty": ["--init", "--init-path", folder + "/init", "--tty", "--interactive"],
        "entrypoint": ["--entrypoint", '["/bin/busybox", "sleep"]'],
        "removed": ["--rm", "--log-driver", "none"],
        "expose": ["--expose", "8080", "--expose", "53/udp"],
        "hosts": ["--network", "host", "--add-host", "db:10.0.0.1", "--dns", "10.0.0.2", "--dns-search", "example.org", "--dns-option", "ndots:2"],
        "in-pod": ["--pod", "pod1", "--network", "none"],
    }
    own = {"entrypoint": ["5000"]}
    return {name: (words if has_network(words) else ["--network", "none", *words], own.get(name, COMMAND))
            for name, words in options.items()}


def has_network(words):
    return "--network" in words
