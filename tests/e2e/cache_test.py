# SPDX-License-Identifier: Apache-2.0
#
# cache_test.py: what an earlier scan found is found again without reading, calling or starting anything;
# and only that: what changed, failed or could not be looked at is looked at again.

import json
import os
import re
import shutil
import signal
import stat
import subprocess
import time
import unittest

import docker_store
import image_archive
import meridian_cli as meridian
import opens
import samples
from image_archive import Image, Layer
from planted import token

# What a scan did, as against what it found (contract.md).
COUNTERS = re.compile(r'"(layers_cached|files_opened|bytes_read|plugin_calls)": ?[0-9]+')


def found(done):
    return COUNTERS.sub(r'"\1": 0', meridian.steady(done.out))


class Cached(unittest.TestCase):
    def setUp(self):
        self.folder = meridian.scratch(self)
        self.cache = os.path.join(self.folder, "cache")

    def scan(self, *args, code=0, **how):
        done = meridian.scan("--cache", self.cache, *args, **how)
        self.assertEqual(done.code, code, done)
        return done

    def archive(self, *images, name="images.tar"):
        ref = samples.archive(self.folder, *images, name=name)
        time.sleep(0.1)  # of a file that is younger than a tick of the clock nothing is kept
        return ref

    def numbers(self, done):
        return done.json["statistics"]

    def assert_cached(self, done):
        numbers = self.numbers(done)
        self.assertEqual((numbers["layers_cached"], numbers["files_opened"], numbers["bytes_read"],
                          numbers["plugin_calls"]), (numbers["layers_unique"], 0, 0, 0), done)

    def assert_read(self, done, layers=None):
        numbers = self.numbers(done)
        self.assertEqual(numbers["layers_unique"] - numbers["layers_cached"],
                         numbers["layers_unique"] if layers is None else layers, done)


class Results(Cached):
    def test_a_second_scan_says_the_same_and_does_nothing(self):
        ref = self.archive(samples.leaky(), samples.deleted(), Image("env:1", [Layer().file("a", "b")], ["A=1"]))
        cold = self.scan(ref)
        self.assert_read(cold)
        warm = self.scan(ref)
        self.assert_cached(warm)
        self.assertEqual(found(cold), found(warm))
        self.assertEqual(found(meridian.scan(ref)), found(warm))
        self.assertEqual({layer["identity"] for target in warm.json["targets"] for layer in target["layers"]}, {"verified"})

    def test_no_order_of_images_shows(self):
        below = [Layer().directory("etc").file("etc/hello-kept", "1").file("etc/hello-gone", "2").file("etc/hello-new", "3"),
                 Layer().file("etc/hello-second", "4")]
        child = Image("child:1", [*below, Layer().whiteout("etc/hello-gone").file("etc/hello-new", "5")])
        refs = {"base": self.archive(Image("base:1", below), name="base.tar"),
                "child": self.archive(child, name="child.tar")}
        without = {name: found(meridian.scan(ref)) for name, ref in refs.items()}
        for order in (("base", "child"), ("child", "base")):
            with self.subTest(order=order):
                self.cache = os.path.join(self.folder, "first-" + order[0])
                for number, name in enumerate((*order, *order)):
                    done = self.scan(refs[name])
                    self.assertEqual(found(done), without[name])
                    # Of the second image the layers below are known by their hash, whatever archive they are in.
                    if number == 1:
                        self.assertEqual(self.numbers(done)["files_opened"], 1 if name == "child" else 0, done)

    def test_what_changed_is_looked_at(self):
        self.scan(self.archive(samples.leaky()))
        place = os.path.join(self.folder, "images.tar")
        with open(place, "rb") as text:
            before = text.read()
        # In place, with the same size and mtime: only the ctime says so.
        times = os.stat(place)
        ref = self.archive(samples.clean(), name="other.tar").replace("other", "images")
        with open(os.path.join(self.folder, "other.tar"), "rb") as other, open(place, "r+b") as text:
            after = other.read()
            self.assertLessEqual(len(after), len(before))
            text.write(after.ljust(len(before), b"\0"))
        os.utime(place, ns=(times.st_atime_ns, times.st_mtime_ns))
        done = self.scan(ref)
        self.assert_read(done)
        self.assertEqual(done.json["findings"], [])

    def test_options_and_exclusions_have_results_of_their_own(self):
        ref = self.archive(samples.leaky())
        self.scan(ref)
        hello = meridian.fixture("hello")[1]["id"]
        for args in (["--set", hello + ".greeting=other"], ["--exclude", "etc/hello*"]):
            done = self.scan(ref, *args)
            self.assert_read(done)
            self.assertEqual(found(done), found(meridian.scan(ref, *args)))
        self.assert_cached(self.scan(ref))

    def test_a_plugin_more_reads_for_itself_alone(self):
        ref = self.archive(samples.leaky())
        both = os.path.join(self.folder, "both")
        shutil.copytree(meridian.HELLO, os.path.join(both, "hello"))
        shutil.copytree(meridian.fixture("viewer")[0], os.path.join(both, "viewer"))
        self.scan(ref)
        without = found(meridian.scan(ref, plugins=both))
        for _ in range(2):
            self.assertEqual(found(self.scan(ref, plugins=both)), without)

    def test_what_is_no_function_of_the_layer_is_asked_again(self):
        bundle = os.path.join(self.folder, "hello")
        shutil.copytree(meridian.HELLO, bundle)
        place = os.path.join(bundle, "plugin.json")
        with open(place) as text:
            manifest = json.load(text)
        manifest.setdefault("needs", {})["pure_layer_function"] = False
        with open(place, "w") as text:
            json.dump(manifest, text)
        ref = self.archive(samples.leaky())
        self.scan(ref, plugins=bundle)
        again = self.scan(ref, plugins=bundle)
        self.assertEqual(self.numbers(again)["layers_cached"], 0)
        self.assertGreater(self.numbers(again)["plugin_calls"], 0)

    def test_a_layer_that_is_not_what_it_says_is_not_kept(self):
        lying = Layer().directory("etc").file("etc/hello", "x")
        lying.bytes_instead(Layer().file("etc/hello", "other").tar())
        ref = self.archive(Image("lying:1", [lying, Layer().file("etc/hello2", "x")]))
        cold = self.scan(ref, code=3)
        warm = self.scan(ref, code=3)
        self.assert_read(warm, 1)
        self.assertEqual(found(cold), found(warm))
        # What was found in it is not found in an image that has the real one.
        honest = self.archive(Image("honest:1", [Layer().directory("etc").file("etc/hello", "x")]), name="honest.tar")
        self.assert_read(self.scan(honest))
        # And what was found in the real one is not found in what only claims to be it.
        again = self.archive(Image("lying:1", [lying, Layer().file("etc/hello2", "x")]), name="again.tar")
        self.assertEqual(found(self.scan(again, code=3)), found(meridian.scan(again)))

    def test_directories_are_read_each_time(self):
        ref = samples.root_directory(self.folder, {"etc/hello": "x"})
        self.scan(ref)
        self.assert_read(self.scan(ref))

    def test_rules_and_severities_are_asked_of_what_was_kept(self):
        ref = self.archive(samples.leaky())
        self.scan(ref)
        name, manifest = "hello", meridian.fixture("hello")[1]
        rule = "%s/%s" % (name, manifest["rules"][0]["id"])
        for args in (["--rule", rule + "=off"], ["--rule", rule + "=critical"], ["--severity", "high"]):
            done = self.scan(ref, *args)
            self.assert_cached(done)
            self.assertEqual(found(done), found(meridian.scan(ref, *args)))


class Store(Cached):
    """An engine's folders: what its records say of a layer holds there, while nothing was seen to change."""

    def setUp(self):
        super().setUp()
        self.host = docker_store.make(self.folder, [{"etc/hello1": "a"}, {"etc/hello2": "b", "srv/x": "c"}])
        self.layers = os.path.join(self.host, "var/lib/docker/overlay2")

    def images(self, *args, **how):
        return self.scan("--host-root", self.host, "image", *args, **how)

    def test_kept_while_the_folder_is_as_it_was(self):
        cold = self.images()
        warm = self.images()
        self.assert_cached(warm)
        self.assertEqual(found(cold), found(warm))
        changed = next(place for place, _, names in os.walk(self.layers) if "hello1" in names)
        with open(os.path.join(os.path.dirname(changed), "new"), "w") as out:
            out.write("x")
        self.assert_read(self.images(), 1)

    def test_a_copy_of_the_store_is_another_store(self):
        self.images()
        copy = os.path.join(self.folder, "copy")
        subprocess.run(["cp", "-a", self.host, copy], check=True)
        self.assert_read(self.scan("--host-root", copy, "image"))

    def test_containers_are_looked_at_each_time(self):
        self.scan("--host-root", self.host)
        own = next(os.path.join(self.layers, name, "diff") for name in os.listdir(self.layers)
                   if not os.listdir(os.path.join(self.layers, name, "diff") if name != "l" else self.folder))
        os.mkdir(os.path.join(own, "etc"))
        with open(os.path.join(own, "etc/hello-written"), "w") as out:
            out.write("x")
        done = self.scan("--host-root", self.host)
        self.assert_read(done, 2)  # init and writable
        self.assertIn("etc/hello-written", {place[1] for place in meridian.places(done.json)})
        self.assertEqual(found(done), found(meridian.scan("--host-root", self.host)))

    @unittest.skipIf(meridian.SANITIZED, "a sanitizer's leak checker fails below strace; the release build counts")
    def test_seen_from_outside_nothing_is_opened_or_started(self):
        command = [meridian.BINARY, "scan", "--cache", self.cache, "--plugin-dir", meridian.HELLO, "--host-root", self.host,
                   "image"]
        _, cold = opens.count(command, self.layers, meridian.environment())
        self.assertEqual(sum(cold.values()), 2, cold)
        _, warm = opens.count(command, self.layers, meridian.environment())
        self.assertEqual(sum(warm.values()), 0, warm)
        log = os.path.join(self.folder, "log")
        subprocess.run(["strace", "-f", "-qq", "-e", "trace=execve", "-e", "signal=none", "-o", log, *command],
                       check=True, stdin=subprocess.DEVNULL, capture_output=True, env=meridian.environment())
        with open(log) as text:
            self.assertNotIn('"lane"', text.read())


class Secrets(Cached):
    def test_a_secret_is_kept_without_its_value(self):
        value, other = token(1), token(2)
        ref = self.archive(Image("one:1", [Layer("RUN echo " + value).file("srv/.env", "A=" + value + "\n")],
                                 ["TOKEN=" + other]),
                           Image("two:1", [Layer().file("srv/again.env", "A=" + value + "\n")]))
        cold = self.scan(ref, plugins=meridian.BUNDLES)
        warm = self.scan(ref, plugins=meridian.BUNDLES)
        self.assert_cached(warm)
        self.assertEqual(found(cold), found(warm))
        groups = [one.get("group") for one in warm.json["findings"]]
        self.assertIn("g1", groups, warm)
        for secret in (value, other):
            self.assertNotIn(secret, warm.out)
            for name in os.listdir(self.cache):
                with open(os.path.join(self.cache, name), "rb") as file:
                    self.assertNotIn(secret.encode(), file.read(), name)
        shown = self.scan(ref, "--show-secrets", plugins=meridian.SECRETS)
        self.assertIn(value, shown.out)


class Folder(Cached):
    def test_only_ours(self):
        ref = self.archive(samples.leaky())
        self.scan(ref)
        self.assertEqual(stat.S_IMODE(os.stat(self.cache).st_mode), 0o700)
        for name in os.listdir(self.cache):
            self.assertEqual(stat.S_IMODE(os.stat(os.path.join(self.cache, name)).st_mode), 0o600, name)
        os.chmod(self.cache, 0o777)
        done = self.scan(ref, code=2)
        self.assertIn("group and others cannot write", done.err)
        self.assertEqual(done.out, "")

    def test_none_and_the_environment(self):
        ref = self.archive(samples.leaky())
        meridian.scan(ref, "--cache", "none", env={"MERIDIAN_CACHE": self.cache})
        self.assertFalse(os.path.exists(self.cache))
        for _ in range(2):
            done = meridian.scan(ref, env={"MERIDIAN_CACHE": self.cache})
        self.assert_cached(done)

    def test_a_size_and_what_was_not_used_for_longest_goes(self):
        hello = meridian.fixture("hello")[1]["id"]
        options = ["--set", hello + ".most=1000"]
        # About 200 kB are kept of each.
        refs = []
        for number in range(8):
            layer = Layer().directory("etc")
            for file in range(800):
                layer.file("etc/hello-%d-%d" % (number, file), "x")
            refs.append(self.archive(Image("image:%d" % number, [layer]), name="%d.tar" % number))
        place = os.path.join(self.cache, "results-1.db")
        for ref in refs:
            self.scan("--cache-size", "1M", *options, ref)
            self.assertLessEqual(os.stat(place).st_size, 1 << 20)
        kept = []
        for ref in reversed(refs):
            kept.append(self.numbers(self.scan("--cache-size", "1M", *options, ref))["layers_cached"])
            if not kept[-1]:
                break
        self.assertEqual(kept[:2], [1, 1])
        self.assertEqual(kept[-1], 0)
        # Room for all, and then less of it: that a scan keeps nothing new is no reason to stay above.
        for ref in refs:
            self.scan(*options, ref)
        self.assertGreater(os.stat(place).st_size, 1 << 20)
        self.assert_cached(self.scan("--cache-size", "1M", *options, refs[-1]))
        self.assertLessEqual(os.stat(place).st_size, 1 << 20)

    def test_what_is_no_size(self):
        for word in ("0", "100k", "much", "1T"):
            done = meridian.run("scan", "--cache", self.cache, "--cache-size", word, "dir:/")
            self.assertEqual(done.code, 2, done)
            self.assertIn("--cache-size", done.err)

    def test_a_broken_file_is_set_aside_and_said(self):
        ref = self.archive(samples.leaky())
        cold = self.scan(ref)
        place = os.path.join(self.cache, "results-1.db")
        with open(place, "r+b") as file:
            file.write(b"no database" * 100)
        for name in ("-wal", "-shm"):
            if os.path.exists(place + name):
                os.remove(place + name)
        done = self.scan(ref)
        self.assertIn("set aside as results-1.db.corrupt", done.err)
        self.assert_read(done)
        self.assertEqual(found(cold), found(done))
        self.assert_cached(self.scan(ref))

    def test_a_full_disk_costs_the_cache_and_no_result(self):
        os.mkdir(self.cache)
        ref = self.archive(samples.leaky())
        small = ["unshare", "--mount", "sh", "-c",
                 'mount -t tmpfs -o size=32k,mode=700 none "$0" && exec "$@"', self.cache]
        if subprocess.run([*small, "true"], capture_output=True, check=False).returncode != 0:
            meridian.skip("mount is not allowed here")
        done = meridian.scan(ref, "--cache", self.cache, prefix=small)
        self.assertIn("cache", done.err)
        if done.code != 2:  # not even the empty database fits: said, and nothing is scanned
            self.assertEqual(found(done), found(meridian.scan(ref)))

    def test_several_at_once_and_killed_ones(self):
        refs = [self.archive(samples.leaky(number=number), name="%d.tar" % number) for number in range(1, 4)]
        command = [meridian.BINARY, "scan", "--plugin-dir", meridian.HELLO, "--cache", self.cache, "--format", "json"]
        running = [subprocess.Popen([*command, *refs], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                    stderr=subprocess.PIPE, env=meridian.environment()) for _ in range(3)]
        time.sleep(0.1)
        running[0].send_signal(signal.SIGKILL)
        outputs = [one.communicate(timeout=60) for one in running]
        warm = self.scan(*refs)
        self.assert_cached(warm)
        for one, (out, err) in list(zip(running, outputs))[1:]:
            self.assertEqual((one.returncode, err.decode()), (0, ""))
            self.assertEqual(COUNTERS.sub(r'"\1": 0', meridian.steady(out.decode())), found(warm))


class Patterns(Cached):
    def test_they_are_compiled_once_for_the_same_bundles(self):
        words = re.compile(r"patterns: (\d+) databases were kept, (\d+) compiled")
        own_words = re.compile(r"io.meridian.secrets: (\d+) tables were kept for it, (\d+) are new")
        own = []
        seen = []
        for name, image in (("one.tar", samples.leaky()), ("other.tar", samples.deleted())):
            ref = self.archive(image, name=name)
            done = self.scan(ref, "--log-level", "debug", plugins=meridian.SECRETS)
            seen.append([tuple(map(int, match)) for match in words.findall(done.err)])
            own += own_words.findall(done.err)
            self.assertEqual(found(done), found(meridian.scan(ref, plugins=meridian.SECRETS)))
        (first,), (second,) = seen
        self.assertEqual((first[0], second), (0, (first[1], 0)))
        self.assertGreater(first[1], 0)
        self.assertEqual(own, [("0", "3"), ("3", "0")])
        # Who keeps nothing compiles what he needs, when he needs it.
        alone = meridian.scan(self.archive(samples.leaky()), "--log-level", "debug", plugins=meridian.SECRETS)
        self.assertIsNone(words.search(alone.err), alone)

if __name__ == "__main__":
    unittest.main()
