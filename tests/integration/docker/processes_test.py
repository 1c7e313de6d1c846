# SPDX-License-Identifier: Apache-2.0
#
# processes_test.py: the processes of containers that a real engine runs, against `docker top`, against procfs as this test reads
# it, and against what the test itself started.

import os
import subprocess
import time
import unittest

import meridian_cli as meridian
import corpus
import engine as engines
import opens

ENGINE = None
SHOWN = {}  # name -> object of `show`
VIEWER = os.path.join(os.environ["MERIDIAN_FIXTURES"], "viewer")
VIEWER_ID = "org.meridian.fixture.viewer"
IMAGE = "accounts:1"
# A program that is deleted while it runs, a file that is deleted while it is open, one that stays, and a socket.
BUSY = ("cp /bin/busybox /tmp/sleep; /tmp/sleep 5001 & "
        "until [ \"$(readlink /proc/$!/exe)\" = /tmp/sleep ]; do :; done; "
        "exec 5>/tmp/gone 6</etc/hello; rm /tmp/sleep /tmp/gone; "
        "busybox httpd -f -p 127.0.0.1:8080 & exec sleep 5002")
CONTAINERS = {
    "plain": (),
    "busy": ("sh", "-c", BUSY),
    "host-pid": ("--pid", "host", None),
    "joined": ("--pid", "container:plain", None),
    "user": ("--user", "1000:50", None),
    "dropped": ("--cap-drop", "ALL", "--cap-add", "CHOWN", None),
    "paused": (),
    "stopped": (),
}
NAMESPACES = {"mount": "mnt", "pid": "pid", "network": "net", "ipc": "ipc", "uts": "uts", "user": "user", "cgroup": "cgroup"}


def store():
    return "--host-root", "/", "--store", "docker=" + ENGINE.data_root, "--no-discover"


def show(*names, where=None, **how):
    done = meridian.run(*(where or store()), "show", "container", *names, "--format", "json", **how)
    return done, {one["target"]["names"][0]: one for one in done.json["objects"]}


def start(name, words):
    own = words.index(None) if None in words else None
    options = words[:own] if own is not None else ()
    command = words if own is None and words else ("sleep", "5000")
    ENGINE.docker("run", "-d", "--name", name, "--network", "none", *options, IMAGE, *command)


def setUpModule():
    global ENGINE
    ENGINE = engines.Engine()
    unittest.addModuleCleanup(ENGINE.close)
    ENGINE.start()
    ENGINE.build(IMAGE, {"Dockerfile": "FROM scratch\nCOPY busybox /bin/busybox\n"
                                       "RUN [\"/bin/busybox\", \"--install\", \"-s\", \"/bin\"]\nCOPY files /\nRUN mkdir /tmp\n",
                         "busybox": corpus.busybox(), "files/etc/hello": "x"})
    for name, words in CONTAINERS.items():
        start(name, words)
    ENGINE.docker("exec", "-d", "plain", "sleep", "5003")
    ENGINE.docker("pause", "paused")
    ENGINE.docker("stop", "-t", "0", "stopped")
    deadline = time.monotonic() + 30
    while not ready():
        if time.monotonic() > deadline:
            raise RuntimeError("the containers' processes did not start: %s" % [top(name) for name in ("busy", "plain")])
        time.sleep(0.05)
    done, objects = show(*CONTAINERS)
    if done.code != 0 or done.json["gaps"]:
        raise AssertionError(str(done))
    SHOWN.update(objects)


def ready():
    """All that was started is there, nothing of how it came to be is left, and the server listens."""
    busy = {words: pid for pid, (_, words) in top("busy").items()}
    plain = {words for _, words in top("plain").values()}
    server = "busybox httpd -f -p 127.0.0.1:8080"
    if set(busy) != {"/tmp/sleep 5001", "sleep 5002", server} or plain != {"sleep 5000", "sleep 5003"}:
        return False
    with open("/proc/%d/net/tcp" % busy[server]) as table:
        return any(words[1].endswith(":1F90") and words[3] == "0A" for words in map(str.split, table))


def top(name):
    """What `docker top` says: {pid: (parent, command line)}."""
    lines = ENGINE.docker("top", name, "-eo", "pid,ppid,args").stdout.splitlines()[1:]
    return {int(pid): (int(parent), words) for pid, parent, words in (line.split(None, 2) for line in lines)}


def processes(name):
    return SHOWN[name]["processes"]


def one(name, *arguments):
    """The process of a container that was started so."""
    found = [process for process in processes(name) if process["arguments"][-len(arguments):] == list(arguments)]
    if len(found) != 1:
        raise AssertionError("%s %s: %s" % (name, arguments, processes(name)))
    return found[0]


def status(pid):
    with open("/proc/%d/status" % pid) as text:
        return {key: value.split() for key, value in (line.rstrip("\n").split(":", 1) for line in text)}


def of_the_machine(link):
    """The first process's; None where even the test may not look."""
    try:
        return os.readlink("/proc/1/" + link)
    except PermissionError:
        return None


def running():
    return [name for name in CONTAINERS if name != "stopped"]


class Running(unittest.TestCase):
    maxDiff = None

    def test_they_are_those_of_docker_top(self):
        for name in running():
            with self.subTest(name):
                mine = {process["pid"]: (process["parent"], " ".join(process["arguments"])) for process in processes(name)}
                self.assertEqual(mine, top(name))

    def test_pids_inside_are_the_kernels(self):
        for name in running():
            for process in processes(name):
                with self.subTest(name, pid=process["pid"]):
                    self.assertEqual(process["inside_pid"], int(status(process["pid"])["NSpid"][-1]))
        self.assertEqual(one("plain", "sleep", "5000")["inside_pid"], 1)
        host_pid = one("host-pid", "sleep", "5000")
        self.assertEqual(host_pid["inside_pid"], host_pid["pid"])
        self.assertGreater(one("joined", "sleep", "5000")["inside_pid"], 1)

    def test_namespaces_are_the_kernels(self):
        for name in running():
            for process in processes(name):
                with self.subTest(name, pid=process["pid"]):
                    for space in process["namespaces"]:
                        link = "ns/" + NAMESPACES[space["type"]]
                        text = os.readlink("/proc/%d/%s" % (process["pid"], link))
                        self.assertEqual(text, "%s:[%d]" % (NAMESPACES[space["type"]], space["inode"]))
                        host = of_the_machine(link)
                        self.assertEqual(space["of_host"], None if host is None else text == host)
                    self.assertEqual({space["type"] for space in process["namespaces"]}, set(NAMESPACES))

    def test_users_and_capabilities(self):
        user = one("user", "sleep", "5000")
        self.assertEqual((user["uid"], user["gid"], user["capabilities"]["effective"]), (1000, 50, []))
        self.assertEqual(one("dropped", "sleep", "5000")["capabilities"]["effective"], ["CAP_CHOWN"])
        plain = one("plain", "sleep", "5000")
        self.assertEqual((plain["uid"], plain["gid"]), (0, 0))
        self.assertEqual(plain["capabilities"]["bounding"], SHOWN["plain"]["privileges"]["capabilities"]["bounding"])

    def test_a_deleted_executable(self):
        deleted = one("busy", "/tmp/sleep", "5001")
        self.assertEqual((deleted["executable"], deleted["executable_deleted"]), ("/tmp/sleep", True))
        self.assertEqual([(process["executable"], process["executable_deleted"]) for process in processes("plain")],
                         [("/bin/busybox", False)] * 2)

    def test_open_files_are_the_kernels(self):
        busy = one("busy", "sleep", "5002")
        files = {file["descriptor"]: (file["target"], file["deleted"]) for file in busy["open_files"]}
        self.assertEqual((files[5], files[6]), (("/tmp/gone", True), ("/etc/hello", False)))
        for name in running():
            for process in processes(name):
                folder = "/proc/%d/fd" % process["pid"]
                self.assertEqual({file["descriptor"]: file["target"] + (" (deleted)" if file["deleted"] else "")
                                  for file in process["open_files"]},
                                 {int(fd): os.readlink(os.path.join(folder, fd)) for fd in os.listdir(folder)})

    def test_listening_sockets_and_who_has_them(self):
        listening = {(name, process["arguments"][0]): process["listening"]
                     for name in running() for process in processes(name) if process["listening"]}
        self.assertEqual(listening, {("busy", "busybox"): [{"protocol": "tcp", "address": "127.0.0.1", "port": 8080}]})

    def test_start_times_are_the_kernels(self):
        for process in processes("busy"):
            with open("/proc/%d/stat" % process["pid"]) as stat:
                self.assertEqual(process["start_time"], int(stat.read().rsplit(") ", 1)[1].split()[19]))

    def test_a_stopped_container_has_none(self):
        self.assertEqual(processes("stopped"), [])

    def test_for_people(self):
        done = meridian.run(*store(), "show", "container", "busy")
        self.assertEqual(done.code, 0, done)
        pid = one("busy", "/tmp/sleep", "5001")["pid"]
        for text in ("deleted executable  %d /tmp/sleep" % pid, " tcp 127.0.0.1 port 8080", "(inside 1, parent ",
                     ") sleep 5002"):
            self.assertIn(text, done.out)


class ParallelContainer(unittest.TestCase):
    """Below a host root of its own: without procfs, with it, and without the right to look into other processes."""

    def setUp(self):
        self.where = ("--host-root", ENGINE.host, "--no-discover", "--store", "docker=" + ENGINE.data)

    def test_without_procfs_a_gap_says_what_to_mount(self):
        done, objects = show("plain", "stopped", where=self.where)
        self.assertEqual(done.code, 0, done)
        self.assertEqual((objects["plain"]["processes"], objects["stopped"]["processes"]), (None, []))
        gap, = done.json["gaps"]
        self.assertEqual((gap["kind"], gap["path"], gap["target"]), ("privilege", "/proc", objects["plain"]["target"]["id"]))
        self.assertEqual(gap["mend"], "mount the machine's own /proc at %s/proc, read-only" % ENGINE.host)

    def test_with_procfs_mounted_there(self):
        folder = os.path.join(ENGINE.host, "proc")
        mount = ["unshare", "--mount", "--propagation", "private", "sh", "-c",
                 'mkdir "$0" && mount --bind /proc "$0" && mount -o remount,bind,ro "$0" && exec "$@"', folder]
        self.addCleanup(os.rmdir, folder)
        done, objects = show(*running(), where=self.where, prefix=mount)
        self.assertEqual((done.code, done.json["gaps"]), (0, []), done)
        for name in running():
            self.assertEqual(objects[name]["processes"], processes(name), name)

    def test_without_the_right_to_look_what_is_hidden_is_a_gap(self):
        less = ["setpriv", "--inh-caps=-sys_ptrace", "--bounding-set=-sys_ptrace"]
        done, objects = show("user", prefix=less)
        self.assertEqual(done.code, 0, done)
        process, = objects["user"]["processes"]
        self.assertEqual((process["arguments"], process["uid"]), (["sleep", "5000"], 1000))
        self.assertEqual((process["open_files"], process["listening"], process["namespaces"]), (None, None, []))
        self.assertEqual({gap["kind"] for gap in done.json["gaps"]}, {"privilege"})
        self.assertEqual({gap["message"].split(" of ")[0] for gap in done.json["gaps"]},
                         {"the executable", "the namespaces", "the open files"})
        for gap in done.json["gaps"]:
            self.assertIn("CAP_SYS_PTRACE", gap["mend"])


class Scan(unittest.TestCase):
    """A plugin that asks sees the same; one that does not costs no look at procfs."""

    def scan(self, *args, where=None, **how):
        return meridian.scan(*(where or store()), "container", *running(), *args, plugins=VIEWER, **how)

    def test_a_plugin_that_asks(self):
        report = self.scan("--set", VIEWER_ID + ".processes=true").json
        names = meridian.target_names(report)
        found = {(names[finding["target"]], finding["location"]["field"], finding["evidence"]["text"])
                 for finding in report["findings"] if finding["rule"] == "process"}
        self.assertEqual(found, {(name, "process:%d" % process["pid"],
                                  "%d open %d %s" % (process["inside_pid"], len(process["open_files"]), process["executable"]))
                                 for name in running() for process in processes(name)})
        self.assertEqual(report["gaps"], [])

    def test_that_nobody_could_look_is_a_gap_of_who_asked(self):
        where = ("--host-root", ENGINE.host, "--no-discover", "--store", "docker=" + ENGINE.data)
        report = self.scan("--set", VIEWER_ID + ".processes=true", where=where).json
        self.assertEqual({(gap["kind"], gap["plugin"], gap["path"]) for gap in report["gaps"]},
                         {("privilege", VIEWER_ID, "/proc")})
        self.assertEqual(len(report["gaps"]), len(running()))
        self.assertEqual(self.scan(where=where).json["gaps"], [])

    @unittest.skipIf(meridian.SANITIZED, "a leak checker cannot run under strace")
    def test_without_a_question_procfs_is_left_alone(self):
        def cgroups_read(*args):
            command = [meridian.BINARY, "scan", "--plugin-dir", VIEWER, *store(), *args]
            done, calls = opens.every(command, meridian.environment())
            self.assertEqual(done.returncode, 0, done)
            read = [path for path, how in calls if path.startswith("/proc/") and path.endswith("/cgroup")]
            return [path for path in read if not is_its_own(path, calls)]

        def is_its_own(path, calls):
            """The environment is looked at in any case, and the program's own group with it."""
            return any(other == path[:-len("cgroup")] + "uid_map" for other, how in calls)
        self.assertEqual(cgroups_read(), [])
        self.assertGreater(len(cgroups_read("--set", VIEWER_ID + ".processes=true")), len(running()))


class Coming(unittest.TestCase):
    """Processes that come and go while somebody looks."""

    def test_nothing_fails_when_a_process_ends_meanwhile(self):
        name = "restless"
        loop = "while true; do busybox sleep 1 & for i in 1 2 3 4 5 6 7 8 9; do busybox true & busybox sleep 0.02; done; done"
        ENGINE.docker("run", "-d", "--name", name, "--network", "none", IMAGE, "sh", "-c", loop)
        self.addCleanup(ENGINE.docker, "rm", "-f", name)
        seen = set()
        for _ in range(5 if meridian.SANITIZED else 25):
            done, objects = show(name)
            self.assertEqual((done.code, done.json["gaps"]), (0, []), done)
            seen |= {process["pid"] for process in objects[name]["processes"]}
            self.assertIn(1, {process["inside_pid"] for process in objects[name]["processes"]})
        self.assertGreater(len(seen), 1)


if __name__ == "__main__":
    if engines.why_not():
        meridian.skip(engines.why_not())
    unittest.main()
