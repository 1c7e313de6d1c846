# SPDX-License-Identifier: Apache-2.0
#
# isolation_test.py: plugin `isolation` over containers of a real dockerd that has gVisor, gVisor with flags that open it, a runtime
# named like it that is runc, by a link and by a copy, and one without a program.

import os
import shutil
import unittest

import meridian_cli as meridian
import corpus
import engine as engines

ENGINE = None
IMAGE = "isolated:1"
PLUGIN = os.path.join(meridian.BUNDLES, "isolation")
OPEN_FLAGS = ["--platform=ptrace", "--network=host", "--debug"]
RUN_FLAGS = ["--platform=ptrace", "--ignore-cgroups", "--network=none", "--overlay2=root:memory"]
# name -> (options of `docker create`, the rules that must be found)
CONTAINERS = {
    "plain": ((), set()),
    "privileged": (("--privileged",), {"shared-kernel-privileges"}),
    "host-pid": (("--pid", "host"), {"shared-kernel-privileges"}),
    "gvisor": (("--runtime", "runsc"), set()),
    "open": (("--runtime", "runsc-open"), {"gvisor-ptrace", "gvisor-host-network", "gvisor-debug"}),
    "linked": (("--runtime", "runsc-link"), {"sandbox-in-name-only"}),
    "copied": (("--runtime", "gvisor"), {"sandbox-in-name-only"}),
    "shared": (("--runtime", "runsc", "--pid", "host", "-v", "/srv:/data", "--device", "/dev/null:/dev/given"),
               {"sandbox-host-namespace", "sandbox-host-path", "sandbox-device"}),
    "no-program": (("--runtime", "gone"), {"handler-without-program"}),
    # The one that is started: nested machines have no other platform, and no cgroups to give.
    "running": (("--runtime", "runsc-run"), {"gvisor-ptrace", "gvisor-open-flags"}),
}


def runtimes(home):
    """What stands in daemon.json."""
    link, copy = os.path.join(home, "link/runsc"), os.path.join(home, "copy/runsc")
    for path in (link, copy):
        os.makedirs(os.path.dirname(path))
    os.symlink(shutil.which("runc"), link)
    shutil.copy(shutil.which("runc"), copy)
    gone = os.path.join(home, "gone")
    shutil.copy(shutil.which("runc"), gone)  # dockerd asks it when it starts
    runsc = shutil.which("runsc")
    return {"runsc": {"path": runsc}, "runsc-open": {"path": runsc, "runtimeArgs": OPEN_FLAGS},
            "runsc-run": {"path": runsc, "runtimeArgs": RUN_FLAGS},
            "runsc-link": {"path": link}, "gvisor": {"path": copy}, "gone": {"path": gone}}


def options():
    return ("--host-root", "/", "--store", "docker=" + ENGINE.data_root, "--no-discover")


def setUpModule():
    global ENGINE
    ENGINE = engines.Engine()
    unittest.addModuleCleanup(ENGINE.close)
    ENGINE.config = {"runtimes": runtimes(ENGINE.home)}
    ENGINE.start()
    ENGINE.build(IMAGE, {"Dockerfile": "FROM scratch\nCOPY busybox /bin/busybox\n", "busybox": corpus.busybox()})
    for name, (words, _) in CONTAINERS.items():
        ENGINE.docker("create", "--name", name, "--network", "none", *words, IMAGE, "/bin/busybox", "sleep", "1000")
    ENGINE.docker("start", "running")
    os.remove(os.path.join(ENGINE.home, "gone"))


def scan(*more, **how):
    """The command, and container -> rule -> finding."""
    done = meridian.scan(*options(), *more, plugins=PLUGIN, **how)
    names = {one["id"]: one["names"][0] for one in done.json["targets"] if one["kind"] == "container"}
    found = {name: {} for name in CONTAINERS}
    for one in done.json["findings"]:
        found[names[one["target"]]][one["rule"]] = one
    return done, found


class Isolation(unittest.TestCase):
    def test_each_container_has_the_rules_that_its_options_make(self):
        done, found = scan()
        self.assertEqual({name: set(rules) for name, rules in found.items()},
                         {name: rules for name, (_, rules) in CONTAINERS.items()}, done)
        # What it writes is gVisor's alone: that is said, and nothing else is missing.
        names = meridian.target_names(done.json)
        self.assertEqual([(gap["kind"], names[gap["target"]]) for gap in done.json["gaps"]], [("unsupported", "running")], done)
        self.assertIn("overlay2=root:memory", done.json["gaps"][0]["message"])

    def test_of_one_that_runs_the_kernel_inside_is_what_was_said(self):
        one = meridian.run(*options(), "show", "container", "running", "--format", "json").json["objects"][0]
        # Without a cgroup of its own nothing more than a process of that number says that it runs.
        self.assertEqual((one["target"]["state"], one["run"]["liveness"]), ("running", "alive"))
        boundary = one["target"]["isolation"]
        self.assertEqual((boundary["kind"], boundary["runtime"]), ("application-kernel", "gVisor"), boundary)
        self.assertRegex(boundary["evidence"][-1], r"/runtime-\w+/moby/(\w+)_sandbox:\1\.state is there: runsc's state of it$")
        inside = ENGINE.docker("exec", "running", "/bin/busybox", "uname", "-r").stdout.strip()
        self.assertNotEqual(inside, os.uname().release)

    def test_a_lane_says_what_this_process_says(self):
        reports = [scan("--isolation", mode)[0] for mode in ("auto", "none")]
        self.assertEqual(*(meridian.steady(one.out) for one in reports))

    def test_a_copy_of_runc_is_named_by_its_content_and_a_link_by_where_it_leads(self):
        found = scan()[1]
        for name in ("linked", "copied"):
            self.assertIn("is runc, which shares the host's kernel", found[name]["sandbox-in-name-only"]["message"])
        listed = meridian.run(*options(), "show", "container", "copied", "linked", "gvisor", "--format", "json")
        evidence = {one["target"]["names"][0]: one["target"]["isolation"] for one in listed.json["objects"]}
        self.assertIn("nothing in it is of gVisor; it is runc", evidence["copied"]["evidence"][-1])
        self.assertIn("leads to runc", evidence["linked"]["evidence"][-1])
        self.assertEqual([evidence[name]["kind"] for name in ("copied", "linked", "gvisor")],
                         ["shared-kernel", "shared-kernel", "application-kernel"])

    def test_a_container_with_the_hosts_kernel_is_told_what_its_engine_has(self):
        message = scan()[1]["privileged"]["shared-kernel-privileges"]["message"]
        self.assertIn("privileged", message)
        self.assertIn("runtime 'runsc' (gVisor)", message)
        self.assertIn("a runtime 'gvisor' that is no sandbox", message)

    def test_the_policy_is_the_configurations(self):
        found = scan("--set", "io.meridian.isolation.trusted_images=registry.example/*",
                     "--set", "io.meridian.isolation.dangerous=host-pid")[1]
        self.assertEqual(set(found["plain"]), {"shared-kernel-untrusted"})
        self.assertEqual(set(found["privileged"]), {"shared-kernel-untrusted"})
        self.assertEqual(set(found["host-pid"]), {"shared-kernel-untrusted", "shared-kernel-privileges"})
        self.assertEqual(set(found["gvisor"]), set())


if __name__ == "__main__":
    reason = engines.why_not() or (None if shutil.which("runsc") else "gVisor is not installed (apt-get install runsc)")
    if reason:
        meridian.skip(reason)
    unittest.main()
