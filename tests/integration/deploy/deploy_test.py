# SPDX-License-Identifier: Apache-2.0
#
# deploy_test.py: the image, and what `meridian deploy` writes, with a real dockerd: it finds what a scan of the
# machine itself finds, each thing that it grants is needed, and who broke into it does no harm.
#
# In the release build only: the image holds that build.

import json
import os
import platform
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import unittest

import meridian_cli as meridian
import container
from container import DeployEngine, Script, build_image, deploy, from_image, make_base, names_of, run, without
sys.path.insert(0, os.path.join(meridian.SOURCE, 'tests/integration/docker'))
from corpus import IN_CONTAINERS, IN_IMAGES, build_images, run_containers
from engine import why_not

IMAGE = "meridian:test"
MOST_MEGABYTES = 150

ENGINE = None
CORPUS = (*IN_IMAGES, *IN_CONTAINERS)


def setUpModule():
    global ENGINE
    ENGINE = DeployEngine()
    unittest.addModuleCleanup(ENGINE.close)
    ENGINE.start()
    make_base(ENGINE, "base:1-deploy", "runtime")
    print(build_image(ENGINE, "runtime", "base:1-deploy", IMAGE), end="", flush=True)
    build_images(ENGINE)
    run_containers(ENGINE)
    attacks = os.path.join(ENGINE.home, "attacks")
    os.mkdir(attacks)
    subprocess.run(["gcc-12", "-static", "-O1", "-Wall", "-Werror", "-o", attacks + "/attacks",
                    os.path.join(os.path.dirname(__file__), "attacks.c")], check=True)


def store():
    return "docker=" + ENGINE.data_root


def words_of_scan(root):
    """Of what was planted: the scan's own container and image are there too, in one of the two scans alone."""
    return ["scan", "--host-root", root, "--format", "json", "--no-discover", "--store", store(), *CORPUS]


def deploy_of(folder, *options):
    """For the bundles of a folder, which is mounted."""
    done = meridian.run("deploy", "docker", "--plugin-dir", folder, *options)
    assert done.code == 0, done
    return done.out


def script(case, *options, change=lambda text: text):
    text = from_image(deploy("docker", "--image", IMAGE, *options))
    return Script(ENGINE, change(text), meridian.scratch(case))


def report_of(done):
    return meridian.validate(json.loads(done.stdout))


def what_was_found(report):
    """All of it but for what a run and a machine name: times, and the root."""
    kept = {key: report[key] for key in ("targets", "findings", "components", "facts")}
    kept["coverage"] = [{key: value for key, value in pair.items() if key != "milliseconds"}
                        for pair in report["coverage"]]
    return json.loads(json.dumps(kept).replace('"/host/', '"/'))


class Image(unittest.TestCase):
    def test_it_is_small_and_says_what_it_is(self):
        image = ENGINE.inspect(IMAGE)
        self.assertLess(image["Size"], MOST_MEGABYTES * 1000 * 1000)
        labels = image["Config"]["Labels"]
        self.assertEqual(labels["org.opencontainers.image.version"], json.loads(meridian.run("version", "--format", "json").out)
                         ["version"])
        self.assertEqual(labels["org.opencontainers.image.licenses"], "Apache-2.0")
        self.assertEqual(image["Config"]["User"], "0:0")
        self.assertEqual(len(image["RootFS"]["Layers"]), 1)

    def test_no_file_is_setuid_or_setgid_and_it_says_so_of_itself(self):
        done = meridian.run("fs", "find", "--host-root", "/", "--no-discover", "--store", store(), IMAGE, "/",
                            "--perm", "6000", "--type", "f")
        self.assertEqual((done.code, done.out), (0, ""), done)

    def test_the_list_of_packages_is_what_the_program_is_linked_to(self):
        linked = subprocess.run(["ldd", meridian.BINARY], capture_output=True, text=True, check=True).stdout
        needed = re.findall(r"NEEDED.*\[(.*)\]", subprocess.run(["readelf", "-d", meridian.BINARY], capture_output=True,
                                                               text=True, check=True).stdout)
        wanted = set()
        for name in needed:
            path = os.path.realpath(re.search(r"%s => (\S+)" % re.escape(name), linked)[1]) if (
                re.search(r"%s => " % re.escape(name), linked)) else None
            if path is None:
                continue  # the loader itself
            owner = subprocess.run(["dpkg", "-S", path, path.replace("/usr/lib", "/lib", 1)], capture_output=True,
                                   text=True).stdout.split(":")[0]
            wanted.add(owner)
        provided = {"libvectorscan5"} if platform.machine() != "x86_64" else set()  # as libhyperscan5
        self.assertEqual(wanted - set(container.packages("runtime")) - provided - {"libc6", "libgcc-s1"}, set())


class Found(unittest.TestCase):
    def host_report(self):
        done = meridian.run(*words_of_scan("/"), "--plugin-dir", meridian.BUNDLES)
        self.assertEqual(done.code, 0, done)
        return done.json

    def test_with_every_feature_the_script_finds_what_a_scan_on_the_host_finds(self):
        done = script(self, "--with", "opaque-directories", "--with", "processes").run(*words_of_scan("/host"))
        self.assertEqual(done.returncode, 0, done)
        self.assertEqual(what_was_found(report_of(done)), what_was_found(self.host_report()))

    def test_with_the_least_it_finds_the_same_and_says_what_it_did_not_see(self):
        done = script(self).run(*words_of_scan("/host"))
        self.assertEqual(done.returncode, 0, done)
        here, there = self.host_report(), report_of(done)
        self.assertEqual(there["findings"], here["findings"])
        self.assertEqual([one["id"] for one in there["targets"]], [one["id"] for one in here["targets"]])
        self.assertEqual({gap["kind"] for gap in there["gaps"]} - {"privilege", "missing-data"}, set(), there["gaps"])
        self.assertEqual(there["host"]["sandbox_level"], "full")

    def test_databases_of_the_host_are_read_where_they_are(self):
        data, folder = os.path.join(ENGINE.home, "data"), meridian.scratch(self)
        done = meridian.run("--data-dir", data, "data", "import", os.path.join(meridian.SOURCE, "tests/data/vulnerabilities"))
        self.assertEqual(done.code, 0, done)
        with open(folder + "/status", "w") as out:
            out.write("Package: libssl3\nStatus: install ok installed\nVersion: 3.0.5-1\nArchitecture: amd64\n"
                      "Source: openssl\n\n")
        with open(folder + "/os-release", "w") as out:
            out.write('ID=debian\nVERSION_ID="12"\n')
        with open(folder + "/Dockerfile", "w") as out:
            out.write("FROM scratch\nCOPY status /var/lib/dpkg/status\nCOPY os-release /etc/os-release\n")
        run(["docker", "build", "-q", "-t", "vulnerable:1", folder], ENGINE)
        text = from_image(meridian.run("--data-dir", data, "deploy", "docker", "--plugin-dir", meridian.BUNDLES, "--image",
                                       IMAGE).out)
        done = Script(ENGINE, text, folder).run(*words_of_scan("/host")[:-len(CORPUS)], "vulnerable:1")
        self.assertEqual(done.returncode, 0, done)
        report = report_of(done)
        self.assertIn("CVE-2022-3602", {one["detail"]["id"] for one in report["findings"] if one["rule"] == "vulnerable-package"})
        self.assertEqual({gap["kind"] for gap in report["gaps"]} - {"privilege"}, set(), report["gaps"])

    def test_compose_finds_the_same(self):
        if not shutil.which("docker-compose"):
            meridian.skip("docker-compose is not installed")
        folder = meridian.scratch(self)
        with open(folder + "/compose.yaml", "w") as out:
            out.write(deploy("compose", "--image", IMAGE))
        with open(folder + "/meridian-seccomp.json", "w") as out:
            out.write(deploy("seccomp"))
        done = run(["docker-compose", "-p", "meridiantest", "-f", folder + "/compose.yaml", "run", "--rm", "-T", "meridian",
                    *words_of_scan("/host")], ENGINE, check=False, cwd=folder)
        self.assertEqual(done.returncode, 0, done)
        self.assertEqual(report_of(done)["findings"], self.host_report()["findings"])


# What doctor says without a line of the script.
LOST = {
    "host-root": ("list images", "host-root-not-mounted"), "host-proc": ("too much", "submounts-writable"),
    "host-sys": ("too much", "submounts-writable"), "host-dev": ("too much", "submounts-writable"),
    "cap-dac-read-search": ("read layers", "no-dac-read-search"), "cap-sys-admin": ("opaque directories", "no-sys-admin"),
    "cap-sys-ptrace": ("processes", "no-sys-ptrace"), "report": ("report", "report-refused"), "keep": ("cache", "no-cache"),
    "user": ("read layers", "no-dac-read-search"), "read-only-root": ("too much", "container-writable"),
    "no-capabilities": ("too much", "extra-capabilities"), "no-network": ("too much", "host-network"), "memory": ("too much", "no-memory-limit"), "cpus": ("too much", "no-processor-limit"),
    "processes": ("too much", "no-process-limit"), "seccomp": ("too much", "open-by-handle"),
    "MERIDIAN_CACHE": ("cache", "no-cache"), "MERIDIAN_STATE": ("quarantine", "no-state"),
    "MERIDIAN_DATA": ("plugin io.meridian.vulnerabilities", "plugin-data"),
    "MERIDIAN_WRITES": ("read layers", "openat2-refused"),
}


class Grants(unittest.TestCase):
    """Each thing that is granted: what is lost without it is seen."""

    def lost(self, name, *options, words=None):
        done = script(self, *options, change=lambda text: without(text, name)).run(*(words or words_of_scan("/host")))
        return done

    def doctor_says(self, text, *words):
        """(feature or "too much", cause, what was seen) of a container of that script."""
        done = Script(ENGINE, text, meridian.scratch(self)).run(
            "doctor", "--format", "json", "--host-root", "/host", "--no-discover", "--store", store(), *words)
        self.assertIn(done.returncode, (0, 3), done)
        document = meridian.validate(json.loads(done.stdout))
        said = {(feature["name"], cause["cause"], cause["observed"]) for feature in document["features"]
                for cause in feature["causes"]}
        return said | {("too much", cause["cause"], cause["observed"]) for cause in document["too_much"]}

    def test_doctor_misses_each_line_that_is_taken_away(self):
        """Nothing that is granted or refused is superfluous."""
        folder = meridian.scratch(self)
        with open(folder + "/Dockerfile", "w") as out:  # the script is for such an image too
            out.write("FROM %s\nUSER 1000:1000\n" % IMAGE)
        run(["docker", "build", "-q", "-t", IMAGE + "-user", folder], ENGINE)
        options = ("--image", IMAGE + "-user")
        every = ("--with", "processes", "--with", "opaque-directories", "--report", folder, "--keep", folder)
        scripts = ((from_image(deploy("docker", *options)), ()),
                   (from_image(deploy("docker", *options, *every)), ("--report", "/report/report.json")))
        unnamed = {"host-root": ["host-proc", "host-sys", "host-dev"]}  # what cannot be mounted without it
        tried = set()
        for text, words in scripts:
            whole = self.doctor_says(text, *words)
            for name in names_of(text):
                if name in tried:
                    continue
                tried.add(name)
                if name == "no-new-privileges":  # runc installs the profile before it has dropped its groups then
                    continue
                less = without(text, name)
                if name == "no-network":  # this dockerd has no bridge, so that another than `none` is the host's
                    less = text.replace("--network none", "--network host")
                for other in unnamed.get(name, ()):
                    less = without(less, other)
                with self.subTest(name):
                    new = self.doctor_says(less, *words) - whole
                    self.assertIn(LOST[name], {(feature, cause) for feature, cause, _ in new})
        self.assertEqual(tried, {*LOST, "no-new-privileges"})

    def test_without_the_hosts_root_there_is_no_store(self):
        # Its procfs cannot be mounted below what is not there.
        change = lambda text: without(without(without(without(text, "host-root"), "host-proc"), "host-sys"), "host-dev")
        done = script(self, change=change).run("list", "images")
        self.assertEqual(done.returncode, 4, done)

    def test_without_reading_everything_the_engines_folder_is_closed(self):
        # What others may not read; the engine's folder is root's, and so is this test's.
        secret = os.path.join(ENGINE.layer_directories("deleted:1")[-2], "srv/deleted.key")
        was = os.stat(secret)
        os.chown(secret, 1234, 1234)
        os.chmod(secret, 0o600)
        self.addCleanup(lambda: (os.chown(secret, was.st_uid, was.st_gid), os.chmod(secret, was.st_mode & 0o7777)))
        self.assertNotIn("unreadable", {gap["kind"] for gap in report_of(script(self).run(*words_of_scan("/host")))["gaps"]})
        done = self.lost("cap-dac-read-search")
        self.assertIn("srv/deleted.key", done.stdout + done.stderr)
        gaps = [gap for gap in report_of(done)["gaps"] if gap.get("path") == "srv/deleted.key"]
        self.assertTrue(gaps, report_of(done)["gaps"])

    def test_without_trusted_attributes_a_gap_says_so(self):
        kinds = lambda done: {gap["kind"] for gap in report_of(done)["gaps"]}
        both = ("--with", "opaque-directories", "--with", "processes")
        # No vulnerabilities were imported.
        self.assertEqual(kinds(script(self, *both).run(*words_of_scan("/host"))), {"missing-data"})
        self.assertIn("privilege", kinds(self.lost("cap-sys-admin", *both)))

    def test_without_ptrace_less_is_seen_of_anothers_process(self):
        both = ("--with", "opaque-directories", "--with", "processes")
        words = ["show", "container", "--format", "json", "--host-root", "/host", "--no-discover", "--store", store(),
                 "running"]
        whole = script(self, *both).run(*words)
        less = self.lost("cap-sys-ptrace", *both, words=words)
        self.assertNotEqual(whole.stdout, less.stdout)
        self.assertIn("processes", whole.stdout)

    def test_without_the_folder_of_the_report_there_is_none(self):
        folder = meridian.scratch(self)
        words = words_of_scan("/host") + ["--output", "json=/report/report.json"]
        done = script(self, "--report", folder).run(*words)
        self.assertEqual(done.returncode, 0, done)
        with open(folder + "/report.json") as text:
            meridian.validate(json.load(text))
        os.unlink(folder + "/report.json")
        self.assertEqual(self.lost("report", "--report", folder, words=words).returncode, 2)
        self.assertEqual(os.listdir(folder), [])

    def test_what_is_kept_is_known_the_second_time(self):
        folder = meridian.scratch(self)
        kept = script(self, "--keep", folder)
        for cached in (False, True):
            statistics = report_of(kept.run(*words_of_scan("/host")))["statistics"]
            self.assertEqual(statistics["layers_cached"] > 0, cached, statistics)
        done = self.lost("keep", "--keep", folder)
        self.assertTrue(done.returncode != 0 or report_of(done)["statistics"]["layers_cached"] == 0, done)


class Interrupted(unittest.TestCase):
    """Ctrl-C goes to the script, to the engine's client and through it to the program."""

    def test_ctrl_c_writes_what_was_found_and_leaves_nothing(self):
        folder = meridian.scratch(self)
        bundles = folder + "/bundles"
        for name in ("hello", "slow"):
            shutil.copytree(meridian.fixture(name)[0], os.path.join(bundles, name))
        with open(folder + "/Dockerfile", "w") as out:
            out.write("FROM %s\nRUN mkdir -p /srv && echo x >/etc/hello.conf\nRUN echo slow >/srv/slow.txt\n" % IMAGE)
        run(["docker", "build", "-q", "--network", "none", "-t", "slow:1", folder], ENGINE)
        temporary = folder + "/tmp"
        os.mkdir(temporary)
        text = deploy_of(bundles, "--image", IMAGE, "--memory", "1G")
        path = Script(ENGINE, text, folder).path
        words = ["scan", "--host-root", "/host", "--format", "json", "--no-discover", "--store", store(), "--plugin-dir",
                 "/plugins/1", "slow:1"]
        process = subprocess.Popen(["sh", path, *words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True, start_new_session=True,
                                   env=container.environment(ENGINE, TMPDIR=temporary))
        try:
            self.assertTrue(self.stays(), "the scan ended before the signal")
            self.assertIsNone(process.poll())
            os.killpg(process.pid, signal.SIGINT)
            out, err = process.communicate(timeout=60)
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.communicate()
        self.assertEqual(process.returncode, 130, err)
        report = meridian.validate(json.loads(out))
        self.assertFalse(report["complete"])
        self.assertIn("etc/hello.conf", {finding["location"].get("path") for finding in report["findings"]})
        self.assertIn("srv/slow.txt", json.dumps(report["gaps"]) + json.dumps(report["coverage"]))
        self.assertEqual(os.listdir(temporary), [])  # the profile
        left = run(["docker", "ps", "-aq", "--filter", "ancestor=" + IMAGE], ENGINE).stdout
        self.assertEqual(left, "")

    def stays(self):
        """Waits until the scan has come to the file at which fixture `slow` stays; it took a second without `slow`."""
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            if run(["docker", "ps", "-q", "--filter", "ancestor=" + IMAGE], ENGINE).stdout:
                time.sleep(8)
                return True
            time.sleep(0.1)
        return False


def broken_into(text):
    """The container with a shell where the program was, and the attacks to choose from."""
    line = "set -- %s \"$@\"" % IMAGE
    assert line in text
    return text.replace(line, "set -- --mount type=bind,source=%s/attacks,target=/plugins,readonly "
                              "--entrypoint /bin/sh %s \"$@\"" % (ENGINE.home, IMAGE))


class Attacks(unittest.TestCase):
    """As uid 0 of the generated container, with everything the program has."""

    @classmethod
    def setUpClass(cls):
        # A tmpfs below the host's root, with a file and a socket of root, as /run is; and one in a container.
        cls.memory = os.path.join(ENGINE.home, "memory")
        os.mkdir(cls.memory)
        pid = str(ENGINE.process.pid)
        subprocess.run(["nsenter", "-t", pid, "-m", "mount", "-t", "tmpfs", "none", cls.memory], check=True)
        cls.addClassCleanup(subprocess.run, ["nsenter", "-t", pid, "-m", "umount", "-l", cls.memory])
        cls.socket = socket.socket(socket.AF_UNIX)
        cls.addClassCleanup(cls.socket.close)
        cls.socket.bind(ENGINE.home + "/host.sock")
        cls.socket.listen()
        cls.folder = os.path.join(ENGINE.home, "report")
        os.mkdir(cls.folder)
        cls.running = str(ENGINE.inspect("running")["State"]["Pid"])
        cls.merged = ENGINE.inspect("running")["GraphDriver"]["Data"]["MergedDir"]

    def setUp(self):
        subprocess.run(["nsenter", "-t", str(ENGINE.process.pid), "-m", "sh", "-c", "rm -rf {0}/*; echo old > {0}/file".
                        format(self.memory)], check=True)

    def attempts(self):
        """Name -> words of an attack."""
        below = "/host" + self.memory
        return {
            "core_pattern": ["open-to-write", "/host/proc/sys/kernel/core_pattern"],
            "own core_pattern": ["open-to-write", "/proc/sys/kernel/core_pattern"],
            "a file of the host": ["create", "/host/etc/meridian-was-here"],
            "a device": ["open-to-write", "/host/dev/null"],
            "a file in memory": ["open-to-write", below + "/file"],
            "a file in memory, as runc opens its pipe": ["open-to-write", below + "/file", "as-runc"],
            "a new file in memory": ["create", below + "/new"],
            "a file in memory, emptied": ["truncate", below + "/file"],
            "a file in memory, by openat2": ["openat2", below + "/file"],
            "a folder in memory": ["mkdir", below + "/folder"],
            "a name in memory": ["rename", below + "/file", below + "/other"],
            "a removal in memory": ["unlink", below + "/file"],
            "a mode in memory": ["chmod", below + "/file"],
            "another container's files": ["create", "/host" + self.merged + "/etc/meridian-was-here"],
            "the engine's socket": ["connect", "/host" + ENGINE.home + "/docker.sock"],
            "a socket of the host": ["connect", "/host" + ENGINE.home + "/host.sock"],
            "by handle": ["by-handle", "/etc/hosts", "/host/etc"],
            "another container's memory": ["memory", self.running],
            "another process's memory": ["memory", "1"],
            "ptrace": ["ptrace", "1"],
            "process_vm_readv": ["vm-read", "1"],
            "mount": ["mount"],
            "mknod": ["mknod", "/tmp/device"],
            "unshare": ["unshare"],
            "clone": ["clone"],
            "setns": ["setns"],
            "chroot": ["chroot"],
            "bpf": ["bpf"],
            "io_uring": ["io-uring"],
        }

    def answers(self, attempts, output):
        """Name -> did it work."""
        answers = output.split()
        self.assertEqual(set(answers) - {"0", "1"}, set(), output)
        return {name: answer == "0" for name, answer in zip(attempts, answers, strict=True)}

    @staticmethod
    def commands(attempts, where):
        return "; ".join("%s/attacks %s >&2; echo $?" % (where, " ".join(words)) for words in attempts.values())

    def by_shell(self, container_script, attempts):
        """A shell where the program was: all that the container has."""
        done = container_script.run("-c", self.commands(attempts, "/plugins"))
        self.assertEqual(done.returncode, 0, done)
        return self.answers(attempts, done.stdout)

    def by_program(self, attempts, *options):
        """The program itself: a plugin without isolation runs what it likes, in the middle of a scan."""
        folder = os.path.join(ENGINE.home, "bundles-of-run")
        if not os.path.exists(folder):
            shutil.copytree(meridian.fixture("run")[0], folder + "/run")
            shutil.copy(os.path.join(ENGINE.home, "attacks/attacks"), folder)
        text = deploy_of(folder + "/run", "--image", IMAGE, *options)
        text = text.replace("source=%s/run," % folder, "source=%s," % folder)
        done = Script(ENGINE, text, meridian.scratch(self)).run(
            *words_of_scan("/host")[:-len(CORPUS)], "--isolation", "none", "--plugin-dir", "/plugins/1/run", "--set",
            "org.meridian.fixture.run.command=" + self.commands(attempts, "/plugins/1"), "base:1")
        self.assertEqual(done.returncode, 0, done)
        said = [finding["message"] for finding in report_of(done)["findings"]]
        self.assertEqual(len(said), 1, done)
        output, _, status = said[0].rpartition("status ")
        self.assertEqual(status, "0", said)
        return self.answers(attempts, output.replace("\\n", " ").replace("\\x0a", " "))

    def test_each_is_refused_to_the_program(self):
        self.assertEqual([name for name, worked in self.by_program(self.attempts()).items() if worked], [])

    def test_to_a_shell_all_is_refused_but_what_runc_needs(self):
        results = self.by_shell(script(self, change=broken_into), self.attempts())
        self.assertEqual([name for name, worked in results.items() if worked],
                         ["a file in memory, as runc opens its pipe"])

    def test_without_the_profile_some_would_work(self):
        """So that what was refused above was refused by it."""
        names = ("a new file in memory", "a file in memory", "a socket of the host", "another container's files")
        attempts = {name: self.attempts()[name] for name in names}
        results = self.by_shell(script(self, change=lambda text: broken_into(without(text, "seccomp"))), attempts)
        self.assertEqual([name for name, worked in results.items() if not worked], [])

    def test_with_a_folder_for_the_report_only_what_the_readme_names_works(self):
        attempts = {**self.attempts(), "by handle": ["by-handle", "/report", "/host" + ENGINE.home]}
        results = self.by_shell(script(self, "--report", self.folder, change=broken_into), attempts)
        named = {name for name in attempts if "in memory" in name} | {"another container's files"}
        self.assertEqual({name for name, worked in results.items() if worked} - named, set())

    def test_by_handle_leaves_through_the_report_where_the_profile_is_the_engines(self):
        attempts = {"by handle": ["by-handle", "/report", "/host" + ENGINE.home]}
        change = lambda text: broken_into(without(text, "seccomp"))
        self.assertEqual(self.by_shell(script(self, "--report", self.folder, change=change), attempts), {"by handle": True})


if __name__ == "__main__":
    meridian.release_only()
    if why_not():
        meridian.skip(why_not())
    unittest.main(verbosity=2)
