# SPDX-License-Identifier: Apache-2.0
#
# privilege_escalation_test.py: plugin `privilege-escalation` over an image of Debian in which the distribution's own tools
# (chmod, setcap, useradd, visudo, mknod) opened ways to root, layer by layer, as a real dockerd stores them.

import os
import shutil
import subprocess
import tempfile
import unittest

import meridian_cli as meridian
import engine as engines
from apt_mirror import mirror

PLUGIN = os.path.join(meridian.BUNDLES, "privilege_escalation")
INCLUDE = "sudo,libcap2-bin,python3-minimal,passwd"
DOCKERFILE = r"""FROM base:1
RUN useradd -m app && groupadd -r docker && usermod -aG docker app && useradd -o -u 0 -M twin 2>/dev/null
RUN chmod u+s /usr/bin/find /usr/bin/env && cp /bin/bash /usr/local/bin/backup && chmod 6755 /usr/local/bin/backup
RUN chmod u-s /usr/bin/env
RUN setcap cap_setuid+ep /usr/bin/python3.11 && cp /bin/cat /opt/agent && setcap cap_sys_admin=p /opt/agent
RUN printf 'Cmnd_Alias EDIT = /usr/bin/vim, \\\n  /usr/bin/less\nUser_Alias OPS = app\nOPS ALL=(root) NOPASSWD: EDIT\n' > /etc/sudoers.d/ops \
 && printf 'app ALL=(ALL) NOPASSWD: ALL\n' > /etc/sudoers.d/left.bak && chmod 440 /etc/sudoers.d/* && visudo -c
RUN mkdir -p /srv/job /etc/cron.d && printf '#!/bin/sh\n' > /srv/job/run && chmod 755 /srv/job/run && chown app /srv/job \
 && echo '* * * * * root cd / && /srv/job/run' > /etc/cron.d/job
RUN mknod /srv/disk b 8 0 && mkdir -m 777 /opt/bin && chmod 644 /etc/shadow && echo root:planted | chpasswd
ENV PATH=/opt/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
"""
EXPECTED = {
    ("root-group-member", "etc/group"): "medium",
    ("uid-zero-account", "etc/passwd"): "high",
    ("setuid-root-program", "usr/bin/find"): "high",
    ("setuid-root-program", "usr/local/bin/backup"): "high",
    ("setgid-program", "usr/local/bin/backup"): "high",
    ("capability-root", "usr/bin/python3.11"): "high",
    ("capability-root", "opt/agent"): "medium",
    ("sudo-program", "etc/sudoers.d/ops"): "high",
    ("root-runs-writable", "srv/job/run"): "high",
    ("device-node", "srv/disk"): "high",
    ("path-writable", "opt/bin"): "high",
    ("shadow-readable", "etc/shadow"): "high",
}
PRIVILEGED = {"setuid-root-program", "setgid-program", "capability-root", "sudo-program"}
ENGINE = None


def setUpModule():
    global ENGINE
    ENGINE = engines.Engine()
    unittest.addModuleCleanup(ENGINE.close)
    ENGINE.start()
    folder = tempfile.mkdtemp(dir="/var/tmp")
    unittest.addModuleCleanup(shutil.rmtree, folder, ignore_errors=True)
    tree, archive = os.path.join(folder, "root"), os.path.join(folder, "root.tar")
    subprocess.run(["debootstrap", "--variant=minbase", "--include=" + INCLUDE, "bookworm", tree, mirror()],
                   stdin=subprocess.DEVNULL, capture_output=True, timeout=400, check=True)
    subprocess.run(["tar", "--one-file-system", "--exclude=./var/cache/apt/archives/*.deb", "-C", tree, "-cf", archive, "."],
                   check=True)
    ENGINE.docker("import", archive, "base:1")
    ENGINE.build("planted:1", {"Dockerfile": DOCKERFILE})
    ENGINE.docker("create", "--name", "plain", "--network", "none", "planted:1", "true")
    ENGINE.docker("create", "--name", "kept", "--network", "none", "--security-opt", "no-new-privileges", "planted:1", "true")


def scan(*names):
    done = meridian.scan("--host-root", "/", "--store", "docker=" + ENGINE.data_root, "--no-discover", *names, plugins=PLUGIN)
    return done


def said(report):
    """(rule, path) -> severity of what is not info."""
    return {(one["rule"], one["location"].get("path")): one["severity"] for one in report.json["findings"]
            if one["severity"] != "info"}


class PrivilegeEscalation(unittest.TestCase):
    maxDiff = None

    def test_the_base_is_clean(self):
        done = scan("image", "base:1")
        self.assertEqual((done.code, said(done), done.json["gaps"]), (0, {}, []), done)

    def test_what_was_planted_is_found_and_nothing_else(self):
        done = scan("image", "planted:1")
        self.assertEqual(said(done), EXPECTED, done)
        self.assertEqual((done.code, done.json["gaps"]), (0, []), done)
        layers = {one["location"]["path"]: one["location"]["layer"]["index"] for one in done.json["findings"]
                  if one["rule"] == "setuid-root-program"}
        self.assertEqual(layers, {"usr/bin/find": 2, "usr/local/bin/backup": 2})

    def test_containers_have_the_same_and_no_new_privileges_is_respected(self):
        self.assertEqual(said(scan("container", "plain")), EXPECTED)
        kept = {key: "low" if key[0] in PRIVILEGED else severity for key, severity in EXPECTED.items()}
        self.assertEqual(said(scan("container", "kept")), kept)

    def test_every_isolation_says_the_same(self):
        reports = [meridian.scan("--host-root", "/", "--store", "docker=" + ENGINE.data_root, "--no-discover", "image", "planted:1",
                                 "--isolation", mode, "--jobs", jobs, plugins=PLUGIN)
                   for mode, jobs in (("none", "1"), ("auto", "2"), ("plugin", "3"))]
        self.assertEqual(len({meridian.steady(one.out) for one in reports}), 1)


if __name__ == "__main__":
    reason = engines.why_not() or (None if shutil.which("debootstrap") else "not installed: debootstrap")
    if reason:
        meridian.skip(reason)
    unittest.main()
