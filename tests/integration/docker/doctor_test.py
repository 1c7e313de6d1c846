# SPDX-License-Identifier: Apache-2.0
#
# doctor_test.py: what `doctor` says of real containers: for each defect its cause and its mend, and with the mend
# applied nothing of it; what a scan says of the same; and scans while mounts and the engine come and go.
#
# The machine is one of its own: process and mount namespaces with dockerd in them, / shared, the data root on a
# file system of its own.

import json
import os
import shutil
import signal
import subprocess
import time
import unittest

import meridian_cli as meridian
from engine import COMMAND_SECONDS, Engine, why_not
from sandbox_test import image_root

HOST = "--mount type=bind,source=/,target=/host,readonly,bind-propagation=rslave"
# What docker's own profile does not refuse once DAC_READ_SEARCH is there (lab.md, 1).
PROFILE = {"defaultAction": "SCMP_ACT_ALLOW", "architectures": ["SCMP_ARCH_X86_64", "SCMP_ARCH_AARCH64"], "syscalls": [
    {"names": ["open_by_handle_at"], "action": "SCMP_ACT_ERRNO"}]}
NO_OPENAT2 = {**PROFILE, "syscalls": [{"names": ["open_by_handle_at", "openat2"], "action": "SCMP_ACT_ERRNO"}]}

# Of the container in which little is missing, by what it is for. {} is the folder with the profiles.
BASE = {
    "root": HOST, "network": "--network none", "read-only": "--read-only", "scratch": "--tmpfs /tmp", "user": "--user 0",
    "drop": "--cap-drop ALL", "add": "--cap-add DAC_READ_SEARCH", "privileges": "--security-opt no-new-privileges",
    "seccomp": "--security-opt seccomp={}/profile.json", "memory": "--memory 1g --memory-swap 1g", "cpus": "--cpus 2",
    "processes": "--pids-limit 128"}

# (cause, of which feature or "too much", what stands in place of what, words of the mend, whose words BASE then has)
ROWS = [
    ("host-root-not-mounted", "list images", {"root": ""}, HOST),
    ("host-root-not-mounted", "processes", {"root": ""}, HOST),
    ("host-root-not-recursive", "list images", {"root": HOST + ",bind-nonrecursive=true"}, HOST),
    ("host-root-not-recursive", "processes", {"root": HOST + ",bind-nonrecursive=true"}, HOST),
    ("host-root-not-recursive", "specs", {"root": HOST + ",bind-nonrecursive=true"}, HOST),
    ("host-root-writable", "too much", {"root": HOST.replace("readonly,", "")}, HOST),
    ("no-dac-read-search", "read layers", {"add": ""}, "--cap-add DAC_READ_SEARCH"),
    ("no-dac-read-search", "list images", {"user": "--user 1000:1000"}, "--user 0"),
    ("no-scratch", "scratch", {"scratch": ""}, "--tmpfs /tmp"),
    ("openat2-refused", "read layers", {"seccomp": "--security-opt seccomp={}/no-openat2.json"}, "seccomp=FILE"),
    ("extra-capabilities", "too much", {"drop": ""}, "--cap-drop ALL"),
    ("new-privileges", "too much", {"privileges": ""}, "--security-opt no-new-privileges"),
    ("open-by-handle", "too much", {"seccomp": ""}, "seccomp=FILE"),
    ("no-seccomp", "too much", {"seccomp": "--security-opt seccomp=unconfined"}, "seccomp=FILE"),
    ("host-network", "too much", {"network": "--network host"}, "--network none"),
    ("host-pid", "too much", {"root": HOST + " --pid host"}, "no --pid host"),
    ("engine-socket", "too much", {"root": HOST + " -v {}/docker.sock:/var/run/docker.sock"}, "no mount at"),
    ("container-writable", "too much", {"read-only": ""}, "--read-only"),
    ("no-memory-limit", "too much", {"memory": ""}, "--memory 1g"),
    ("no-process-limit", "too much", {"processes": ""}, "--pids-limit 128"),
    ("no-processor-limit", "too much", {"cpus": ""}, "--cpus 2"),
]
# What BASE itself lacks: (cause, feature, the mend, which is then added).
LACKS = [
    ("no-sys-admin", "opaque directories", "--cap-add SYS_ADMIN"),
    ("no-sys-ptrace", "processes", "--cap-add SYS_PTRACE"),
    ("no-cache", "cache", "--mount type=volume,source=meridian-cache,target=/var/cache/meridian"),
    ("no-state", "quarantine", "--mount type=volume,source=meridian-state,target=/var/lib/meridian"),
]


class Machine(Engine):
    """First process is a shell that starts dockerd again whenever it ends, until close()."""

    def __init__(self):
        super().__init__(config={"live-restore": True})
        self.ending = os.path.join(self.home, "ending")

    def private(self):
        return ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "--propagation", "private",
                "sh", "-c", self.private_setup() + 'while [ ! -e %s ]; do "$@"; done' % self.ending, "sh"]

    def private_setup(self):
        return (super().private_setup() + "mount --make-rshared /; mount -t tmpfs -o mode=755 data %s; " % self.data_root)

    def first(self):
        """Its first process, as the real machine numbers it."""
        return children(self.process.pid)[0]

    def daemon(self):
        return children(self.first())[0]

    def run(self, *command):
        """With the machine's mounts and processes."""
        subprocess.run(["nsenter", "--target", str(self.first()), "--mount", "--pid", *command], check=True,
                       timeout=COMMAND_SECONDS)

    def restart(self):
        os.kill(self.daemon(), signal.SIGTERM)
        deadline = time.monotonic() + COMMAND_SECONDS
        time.sleep(0.2)
        while self.docker("version", check=False).returncode != 0:
            if time.monotonic() > deadline:
                raise RuntimeError("dockerd did not come back:\n" + self.tail())
            time.sleep(0.1)

    def stop(self):
        if self.process is None or self.process.poll() is not None:
            return
        try:
            self.remove_containers()
            with open(self.ending, "w"):
                os.kill(self.daemon(), signal.SIGTERM)
            self.process.wait(COMMAND_SECONDS)
        finally:
            super().stop()  # kills what is left


def children(pid):
    with open("/proc/%d/task/%d/children" % (pid, pid)) as text:
        return [int(child) for child in text.read().split()]


def causes(document):
    """{(feature or "too much", cause): mend as docker's option}"""
    found = {}
    for feature in document["features"]:
        for cause in feature["causes"]:
            found[feature["name"], cause["cause"]] = cause["mend"].get("docker", "")
    for cause in document["too_much"]:
        found["too much", cause["cause"]] = cause["mend"].get("docker", "")
    return found


class Doctor(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.machine = Machine()
        cls.addClassCleanup(cls.machine.close)
        cls.machine.start()
        root = image_root(os.path.join(cls.machine.home, "root"))
        shutil.copytree(meridian.HELLO, root + "/plugins/hello")
        os.makedirs(root + "/bin")
        os.makedirs(root + "/etc")
        with open(root + "/etc/hello1", "w") as out:
            out.write("hello")
        shutil.copy(shutil.which("busybox"), root + "/bin/busybox")
        os.symlink("busybox", root + "/bin/sh")
        subprocess.run(["tar", "-C", root, "-cf", root + ".tar", "."], check=True)
        cls.machine.docker("import", root + ".tar", "doctor:1")
        for name, profile in (("profile", PROFILE), ("no-openat2", NO_OPENAT2)):
            with open(os.path.join(cls.machine.home, name + ".json"), "w") as out:
                json.dump(profile, out)
        cls.base = cls.diagnose()

    @classmethod
    def options(cls, changed=None):
        parts = {**BASE, **(changed or {})}
        return " ".join(parts.values()).replace("{}", cls.machine.home).split()

    @classmethod
    def run_in(cls, changed, *command, env=()):
        return cls.machine.docker("run", "--rm", *cls.options(changed), *env, "doctor:1", "/meridian", *command, check=False)

    @classmethod
    def doctor(cls, *extra):
        return ["doctor", "--format", "json", "--store", "docker=" + cls.machine.data_root, *extra]

    @classmethod
    def diagnose(cls, changed=None, *extra):
        done = cls.run_in(changed, *cls.doctor(*extra))
        if not done.stdout:
            raise AssertionError(done)
        document = meridian.validate(json.loads(done.stdout))
        states = {feature["state"] for feature in document["features"]}
        if done.returncode != (3 if "unavailable" in states else 0):
            raise AssertionError(done)
        return document

    def test_the_container_is_known_and_only_what_it_lacks_is_said(self):
        self.assertEqual(self.base["container"]["engine"], "docker", self.base)
        self.assertTrue(self.base["parallel_container"])
        self.assertEqual(self.base["host_root"], "/host")
        found = causes(self.base)
        expected = {(feature, cause) for cause, feature, _ in LACKS} | {("too much", "submounts-writable")}
        if meridian.SANITIZED:
            found.pop(("plugin sandbox", "sandbox-partial"))
        self.assertEqual(set(found), expected, self.base)
        states = {feature["name"]: feature["state"] for feature in self.base["features"]}
        for name in ("list images", "read layers", "writable layers", "specs", "running state", "scratch"):
            self.assertEqual(states[name], "works", self.base)
        writable = next(one for one in self.base["too_much"] if one["cause"] == "submounts-writable")
        self.assertRegex(writable["observed"], r"^\d+ mounts below /host are writable \(/host/")
        self.assertIn("both cannot be had", writable["mend"]["note"])

    def test_each_defect_is_said_with_its_mend_and_gone_with_it(self):
        base = causes(self.base)
        seen = {}
        for cause, feature, changed, mend in ROWS:
            with self.subTest(cause=cause, feature=feature):
                key = json.dumps(changed)
                if key not in seen:
                    seen[key] = self.diagnose(changed)
                found = causes(seen[key])
                self.assertIn((feature, cause), found, seen[key])
                self.assertIn(mend, found[feature, cause])
                self.assertNotIn((feature, cause), base)  # which has what the mend says

    def test_what_the_smallest_container_lacks_is_gone_with_the_mend(self):
        changed = {"root": " ".join([HOST, *(mend for _, _, mend in LACKS)])}
        mended = causes(self.diagnose(changed))
        for cause, feature, mend in LACKS:
            with self.subTest(cause=cause):
                self.assertEqual(causes(self.base)[feature, cause], mend)
                self.assertNotIn((feature, cause), mended)

    def test_a_host_root_that_was_named_and_is_not_there(self):
        document = self.diagnose(None, "--host-root", "/nowhere")
        self.assertIn("target=/nowhere,", causes(document)["list images", "host-root-missing"])
        by_variable = self.run_in(None, *self.doctor(), env=["--env", "MERIDIAN_HOST_ROOT=/nowhere"])
        self.assertEqual(by_variable.returncode, 3, by_variable)
        self.assertIn("host-root-missing", by_variable.stdout)
        scan = self.run_in(None, "scan", "--host-root", "/nowhere", "--plugin-dir", "/plugins")
        self.assertEqual(scan.returncode, 2, scan)
        self.assertIn("list images: unavailable: ", scan.stderr)
        self.assertIn("target=/nowhere,readonly,bind-propagation=rslave", scan.stderr)

    def test_a_data_root_on_a_mount_that_came_later(self):
        late = os.path.join(self.machine.host, "late")
        os.mkdir(late)
        for name in ("private", "slave"):
            self.machine.docker("run", "-d", "--name", name, *self.options(), "doctor:1", "/bin/busybox", "sleep", "600")
        # docker itself refuses a private mount of / while its data root lies there; others do not.
        pid = self.machine.docker("inspect", "--format", "{{.State.Pid}}", "private").stdout.strip()
        self.machine.run("nsenter", "--target", pid, "--mount", "/bin/busybox", "mount", "--make-rprivate", "/host")
        self.assertIn("bind-propagation=rslave", causes(self.ask("private"))["list images", "host-root-private"])
        self.machine.run("mount", "--bind", self.machine.data_root, late)
        self.addCleanup(self.machine.run, "umount", late)
        found = causes(self.ask("private", "--no-discover", "--store", "docker=" + late))
        self.assertIn("bind-propagation=rslave", found.get(("list images", "mount-not-seen"), ""), found)
        found = causes(self.ask("slave", "--no-discover", "--store", "docker=" + late))
        self.assertFalse([key for key in found if key[0] == "list images"], found)
        self.machine.docker("rm", "-f", "private", "slave")

    def ask(self, name, *args):
        """doctor in the container that runs under that name."""
        args = args or self.doctor()[3:]
        done = self.machine.docker("exec", name, "/meridian", "doctor", "--format", "json", *args, check=False)
        return meridian.validate(json.loads(done.stdout))

    def test_a_procfs_that_hides_processes(self):
        self.machine.run("mount", "-o", "remount,hidepid=2", "/proc")
        try:
            hidden = causes(self.diagnose({"user": "--user 1000:1000"}))
            self.assertEqual(hidden["processes", "procfs-hidden"], "--user 0")
            self.assertNotIn(("processes", "procfs-hidden"), causes(self.diagnose()))
        finally:
            self.machine.run("mount", "-o", "remount,hidepid=0", "/proc")

    def test_a_scan_says_and_reports_the_same(self):
        words = ["scan", "--store", "docker=" + self.machine.data_root, "--plugin-dir", "/plugins", "--format", "json"]
        done = self.run_in({"add": ""}, *words)
        host = meridian.validate(json.loads(done.stdout))["host"]
        self.assertTrue(host["parallel_container"])
        self.assertEqual(host["container"], "a container of docker")
        said = {(entry["feature"], entry["cause"]): entry for entry in host["environment"]}
        self.assertEqual(said["read layers", "no-dac-read-search"]["mend"].split(" (")[0],
                         "--user 0 --cap-add DAC_READ_SEARCH")
        lines = [line for line in done.stderr.splitlines() if "degraded: " in line]
        self.assertEqual(len(lines), sum(entry["state"] == "degraded" for entry in host["environment"]), done)
        self.assertTrue(any("read layers: degraded: CAP_DAC_READ_SEARCH is not held" in line for line in lines), done)
        self.assertEqual(self.run_in({"add": ""}, "--quiet", *words).stderr, "")
        whole = self.run_in(None, *words)
        report = meridian.validate(json.loads(whole.stdout))
        self.assertNotIn("no-dac-read-search", {entry["cause"] for entry in report["host"]["environment"]})
        self.assertEqual(whole.returncode, 0, whole)

    def test_mounts_and_the_engine_come_and_go_while_it_scans(self):
        out = os.path.join(self.machine.home, "out")
        late = os.path.join(self.machine.host, "fleeting")
        os.mkdir(out)
        os.mkdir(late)
        loop = ("i=0; while [ ! -e /out/stop ] && [ $i -lt 200 ]; do i=$((i+1)); /meridian scan image doctor:1 --store docker=%s "
                "--plugin-dir /plugins --format json > /out/$i.json 2> /out/$i.err; echo $? > /out/$i.code; done; "
                "> /out/done" % self.machine.data_root)
        self.machine.docker("run", "-d", "--name", "loop", *self.options(), "-v", out + ":/out", "doctor:1", "/bin/sh",
                            "-c", loop)
        for turn in range(4):
            self.machine.run("mount", "-t", "tmpfs", "late", late)
            self.machine.docker("run", "-d", "--name", "beside", "--network", "none", "doctor:1", "/bin/busybox", "sleep", "60")
            if turn % 2 == 0:
                self.machine.restart()
            self.machine.docker("rm", "-f", "beside")
            self.machine.run("umount", late)
        with open(os.path.join(out, "stop"), "w"):
            pass
        deadline = time.monotonic() + COMMAND_SECONDS
        while not os.path.exists(os.path.join(out, "done")) and time.monotonic() < deadline:
            time.sleep(0.1)
        codes = sorted(name for name in os.listdir(out) if name.endswith(".code"))
        self.assertGreaterEqual(len(codes), 3)
        for name in codes:
            stem = os.path.join(out, name[:-5])
            with open(stem + ".code") as code, open(stem + ".json") as text, open(stem + ".err") as err:
                self.assertEqual(code.read().strip(), "0", err.read())
                report = meridian.validate(json.load(text))
            paths = {finding["location"].get("path") for finding in report["findings"]}
            self.assertIn("etc/hello1", paths, report["gaps"])
            self.assertTrue(report["complete"], report["gaps"])
        self.machine.docker("rm", "-f", "loop")


if __name__ == "__main__":
    meridian.release_only()
    if why_not():
        meridian.skip(why_not())
    unittest.main()
