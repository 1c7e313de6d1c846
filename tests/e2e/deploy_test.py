# SPDX-License-Identifier: Apache-2.0
#
# deploy_test.py: `deploy docker|compose|kubernetes|seccomp`: what is written can be read by who reads it, and foreign
# text in it stays text. tests/integration/deploy runs it.

import json
import os
import subprocess
import unittest

import jsonschema
import meridian_cli as meridian
import yaml

KINDS = {"daemonset": "DaemonSet", "job": "Job", "cronjob": "CronJob"}
HOSTILE = "it's \"$(touch here)\" `touch here`, a: b #c \\ ${HOME} %s"


def deploy(what, *options, **how):
    return meridian.run("deploy", what, "--plugin-dir", meridian.HELLO, *options, **how)


def pod_of(manifest):
    spec = manifest["spec"]
    if manifest["kind"] == "CronJob":
        spec = spec["jobTemplate"]["spec"]
    return spec["template"]["spec"]


class Deploy(unittest.TestCase):
    def schema(self):
        with open(os.path.join(meridian.SOURCE, "tests/data/deploy/kubernetes.schema.json")) as text:
            return json.load(text)

    def manifest(self, kind, *options):
        done = deploy("kubernetes", "--kind", kind, *options)
        self.assertEqual(done.code, 0, done)
        manifest = yaml.safe_load(done.out)
        group = "apps" if kind == "daemonset" else "batch"
        schema = {**self.schema(), "$ref": "#/definitions/io.k8s.api.%s.v1.%s" % (group, KINDS[kind])}
        jsonschema.Draft7Validator(schema).validate(manifest)
        return manifest

    def test_manifests_keep_to_the_published_schema(self):
        for kind, name in KINDS.items():
            for options in ((), ("--report", "/r", "--keep", "/k", "--with", "processes", "--cpus", "0.5")):
                with self.subTest(kind=kind, options=options):
                    self.assertEqual(self.manifest(kind, *options)["kind"], name)

    def test_the_schema_refuses_what_is_misspelt(self):
        manifest = self.manifest("job")
        pod_of(manifest)["automountServiceAccountTokens"] = False
        schema = {**self.schema(), "$ref": "#/definitions/io.k8s.api.batch.v1.Job"}
        with self.assertRaises(jsonschema.ValidationError):
            jsonschema.Draft7Validator(schema).validate(manifest)

    def test_a_pod_has_what_the_issue_asks_for(self):
        for kind in KINDS:
            pod = pod_of(self.manifest(kind))
            self.assertIs(pod["automountServiceAccountToken"], False)
            self.assertEqual(pod["tolerations"], [{"operator": "Exists"}])
            container, = pod["containers"]
            security = container["securityContext"]
            self.assertIs(security["readOnlyRootFilesystem"], True)
            self.assertIs(security["allowPrivilegeEscalation"], False)
            self.assertEqual(security["capabilities"], {"drop": ["ALL"], "add": ["DAC_READ_SEARCH"]})
            self.assertEqual(security["seccompProfile"]["type"], "Localhost")
            self.assertNotIn("privileged", security)
            self.assertEqual(set(container["resources"]["limits"]), {"cpu", "memory"})
            root = next(mount for mount in container["volumeMounts"] if mount["mountPath"] == "/host")
            self.assertEqual((root["readOnly"], root["mountPropagation"]), (True, "HostToContainer"))
            self.assertEqual({mount["name"] for mount in container["volumeMounts"]},
                             {volume["name"] for volume in pod["volumes"]})
            for word in ("hostNetwork", "hostPID", "hostIPC"):
                self.assertNotIn(word, pod)

    def test_the_loop_of_a_daemonset_is_a_shell_program(self):
        words = pod_of(self.manifest("daemonset", "--every", "30m"))["containers"][0]["command"]
        program = words[2].replace("$$", "$")
        self.assertEqual(subprocess.run(["sh", "-n", "-c", program]).returncode, 0)
        self.assertIn("sleep 1800;", program)

    def test_the_hosts_databases_are_named_if_a_plugin_asks_for_one(self):
        environment = lambda done: yaml.safe_load(done.out)["services"]["meridian"]["environment"]
        self.assertNotIn("MERIDIAN_DATA", environment(deploy("compose")))
        words = ("deploy", "compose", "--plugin-dir", os.path.join(meridian.BUNDLES, "vulnerabilities"))
        self.assertEqual(environment(meridian.run(*words, env={"MERIDIAN_DATA": ""}))["MERIDIAN_DATA"],
                         "/host/var/lib/meridian/data")
        self.assertEqual(environment(meridian.run("--data-dir", "/srv/feeds/../$x", *words))["MERIDIAN_DATA"],
                         "/host/srv/$$x")

    def test_compose_is_yaml_and_the_profile_is_json(self):
        service = yaml.safe_load(deploy("compose").out)["services"]["meridian"]
        self.assertEqual((service["cap_drop"], service["cap_add"]), (["ALL"], ["DAC_READ_SEARCH"]))
        self.assertEqual((service["read_only"], service["network_mode"], service["user"]), (True, "none", "0:0"))
        self.assertIn("no-new-privileges:true", service["security_opt"])
        profile = json.loads(deploy("seccomp").out)
        self.assertEqual(profile["defaultAction"], "SCMP_ACT_ERRNO")
        allowed = {name for entry in profile["syscalls"] for name in entry["names"]}
        self.assertNotIn("open_by_handle_at", allowed)

    def engine_words(self, script):
        """What the engine is called with, by a shell."""
        folder = meridian.scratch(self)
        tell = os.path.join(folder, "tell")
        with open(tell, "w") as out:
            out.write("#!/bin/sh\nprintf '%s\\0' \"$@\"\n")
        os.chmod(tell, 0o755)
        done = subprocess.run(["sh", "-c", script, "scan.sh"], capture_output=True, text=True, cwd=folder,
                              env={"PATH": os.environ["PATH"], "MERIDIAN_ENGINE": tell})
        self.assertEqual((done.returncode, done.stderr), (0, ""), done)
        self.assertEqual(os.listdir(folder), ["tell"])  # nothing that stood in a value was run
        return done.stdout.split("\0")[:-1]

    def test_foreign_text_stays_one_word_in_a_shell(self):
        words = self.engine_words(deploy("docker", "--report", "/srv/" + HOSTILE).out)
        mounts = [words[i + 1] for i, word in enumerate(words) if word == "--mount"]
        self.assertIn('type=bind,"source=/srv/%s",target=/report' % HOSTILE.replace('"', '""'), mounts)

    def test_foreign_text_stays_one_scalar_in_yaml(self):
        volumes = pod_of(self.manifest("job", "--report", "/srv/" + HOSTILE))["volumes"]
        self.assertIn("/srv/" + HOSTILE, [volume.get("hostPath", {}).get("path") for volume in volumes])
        service = yaml.safe_load(deploy("compose", "--report", "/srv/" + HOSTILE).out)["services"]["meridian"]
        self.assertIn("/srv/" + HOSTILE.replace("$", "$$"), [volume.get("source") for volume in service["volumes"]])

    def test_every_line_of_the_script_has_its_reason(self):
        for block in deploy("docker").out.split("SECCOMP\n\n")[1].split("\n\n")[2:-1]:
            self.assertRegex(block, r"(?s)^# [A-Za-z0-9_-]+: .*Without: .*\.\nset -- .* \"\$@\"$")

    def test_what_is_no_value_is_refused(self):
        for options in (("--image", "--privileged"), ("--image", "a b"), ("--memory", "much"), ("--memory", "1M"),
                        ("--cpus", "all"), ("--cpus", "0"), ("--with", "everything"), ("--plugin", "absent"),
                        ("--skip-plugin", "hello")):
            done = deploy("docker", *options)
            self.assertEqual((done.code, done.out), (2, ""), done)
        self.assertEqual(deploy("kubernetes", "--kind", "cronjob", "--schedule", "a'b").code, 2)
        self.assertEqual(deploy("kubernetes", "--kind", "pod").code, 2)

    def test_it_can_be_written_to_a_file(self):
        path = os.path.join(meridian.scratch(self), "scan.sh")
        self.assertEqual(deploy("docker", "--output", path).code, 0)
        with open(path) as text:
            self.assertEqual(text.read(), deploy("docker").out)


if __name__ == "__main__":
    unittest.main()
