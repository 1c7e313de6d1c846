# SPDX-License-Identifier: Apache-2.0
#
# meridian_cli.py: runs the real binary and reads what it says. Every JSON answer that passes through
# here is validated against the shipped schema, so each test is a schema test too.
#
# From the environment (ctest sets it): MERIDIAN_BINARY, MERIDIAN_BUNDLES, MERIDIAN_FIXTURES,
# MERIDIAN_SOURCE, MERIDIAN_SANITIZED (1: the binary has a sanitizer).

import base64
import json
import os
import re
import subprocess
import sys
import tempfile

import jsonschema

BINARY = os.environ["MERIDIAN_BINARY"]
BUNDLES = os.environ["MERIDIAN_BUNDLES"]
FIXTURES = os.environ["MERIDIAN_FIXTURES"]
SOURCE = os.environ["MERIDIAN_SOURCE"]
SANITIZED = os.environ.get("MERIDIAN_SANITIZED", "0") not in ("", "0", "OFF")
SECRETS = os.path.join(BUNDLES, "secrets")
HELLO = os.path.join(FIXTURES, "hello")  # reports each etc/hello*; starts in no time, unlike 100 patterns
SKIPPED = 77  # ctest's SKIP_RETURN_CODE
SECONDS = 120  # no command of a test takes a tenth of it; a hang ends here


def validate(document):
    """Against the schema that the document itself names, as shipped."""
    name = document["schema"].replace("/", "-") + ".schema.json"
    with open(os.path.join(SOURCE, "host/report/schema", name)) as text:
        jsonschema.validate(document, json.load(text), format_checker=jsonschema.FormatChecker())
    return document


class Done:
    """A command that has ended: exit status, bytes of both streams as text."""

    def __init__(self, args, code, out, err):
        self.args, self.code, self.out, self.err = args, code, out, err

    def __str__(self):
        return "$ meridian %s\nexit status %d\n%s%s" % (" ".join(self.args), self.code, self.out[-4000:],
                                                       self.err[-4000:])

    @property
    def json(self):
        return validate(json.loads(self.out))


def environment(**extra):
    kept = {key: value for key, value in os.environ.items()
            if not key.startswith("MERIDIAN_") and key not in ("NO_COLOR",)}
    # No test meets what another one's plugin broke on, or found, or waits for what runs beside it.
    return {**kept, "LC_ALL": "C.UTF-8", "MERIDIAN_STATE": "none", "MERIDIAN_CACHE": "none",
            "MERIDIAN_DATA": "/nonexistent", "MERIDIAN_PRIORITY": "normal", **extra}


def run(*args, env=None, prefix=(), timeout=SECONDS, binary=BINARY):
    """Runs `meridian ARGS`. `prefix`: a command in front, such as strace."""
    args = [str(arg) for arg in args]
    done = subprocess.run([*prefix, binary, *args], stdin=subprocess.DEVNULL, capture_output=True,
                          timeout=timeout, env=environment(**(env or {})))
    return Done(args, done.returncode, done.stdout.decode("utf-8", "surrogateescape"),
                done.stderr.decode("utf-8", "surrogateescape"))


def start(*args, **popen):
    """Starts `meridian ARGS`, both streams piped; for tests that interrupt it."""
    return subprocess.Popen([BINARY, *map(str, args)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, env=environment(), **popen)


def scan(*args, plugins=HELLO, **how):
    """`meridian scan` with JSON on standard output."""
    return run("scan", "--plugin-dir", plugins, "--format", "json", *args, **how)


def scan_formats(forms, *args, plugins=HELLO, **how):
    """One `meridian scan` that writes a file in each of `forms`: (the command, {form: text})."""
    with tempfile.TemporaryDirectory(prefix="meridian-test-") as folder:
        files = {form: os.path.join(folder, form) for form in forms}
        outputs = [word for form, path in files.items() for word in ("--output", "%s=%s" % (form, path))]
        done = run("scan", "--plugin-dir", plugins, *outputs, *args, **how)
        texts = {}
        for form, path in files.items():
            if not os.path.exists(path):
                continue  # the exit status says more
            with open(path, encoding="utf-8", errors="surrogateescape") as text:
                texts[form] = text.read()
        if "json" in texts:
            validate(json.loads(texts["json"]))
        return done, texts


# Fields that may differ between two scans of the same state (contract.md, "Report"), and between machines.
VOLATILE = re.compile(r'"(started|finished|seconds|milliseconds|peak_memory|sandbox_level)": ?("[^"]*"|[0-9.eE+-]+)')


def steady(text):
    """A report's bytes, of any format, with the volatile fields blanked; nothing else is touched."""
    text = VOLATILE.sub(r'"\1": 0', text)
    text = re.sub(r"^(meridian [^\n]*?, sandbox )[^\n]*", r"\1LEVEL), STARTED", text)
    return re.sub(r"[0-9.?]+ seconds\n$", "0 seconds\n", text)


def path_of(location):
    """The path's exact bytes, as text with surrogates; None if there is none."""
    if "path_base64" in location:
        return os.fsdecode(base64.b64decode(location["path_base64"]))
    return location.get("path")


def target_names(report):
    """Target id -> its first name, or the id."""
    return {target["id"]: (target["names"] or [target["id"]])[0] for target in report["targets"]}


def places(report, rule=None):
    """{(target name, path, rule, layer index, visibility)}: each finding at each of its places."""
    names = target_names(report)
    found = set()
    for finding in report["findings"]:
        if rule is not None and finding["rule"] != rule:
            continue
        for location in [finding["location"], *finding.get("occurrences", [])]:
            layer = location["layer"]["index"] if "layer" in location else None
            found.add((names[finding["target"]], path_of(location), finding["rule"], layer,
                       location["visibility"]))
    return found


def target(report, name):
    """The target that carries `name`."""
    for one in report["targets"]:
        if name in one["names"] or one["id"] == name:
            return one
    raise AssertionError("no target %r among %r" % (name, [t["names"] for t in report["targets"]]))


def coverage(report, name):
    """{last part of the plugin's id: its coverage entry} for the target that carries `name`."""
    wanted = target(report, name)["id"]
    return {entry["plugin"].split(".")[-1]: entry for entry in report["coverage"]
            if entry["target"] == wanted}


def fixture(name):
    """The bundle folder of a fixture plugin and its manifest."""
    for place in (os.path.join(FIXTURES, name), os.path.join(BUNDLES, name)):
        manifest = os.path.join(place, "plugin.json")
        if os.path.exists(manifest):
            with open(manifest) as text:
                return place, json.load(text)
    raise AssertionError("no fixture plugin %r in %s" % (name, FIXTURES))


def scratch(case):
    """A folder that ends with the test."""
    place = tempfile.TemporaryDirectory(prefix="meridian-test-")
    case.addCleanup(place.cleanup)
    return place.name


def release_only():
    """Ends the program as skipped in a sanitized build; MERIDIAN_ALL_ENGINES=1 runs it there too."""
    if SANITIZED and not os.environ.get("MERIDIAN_ALL_ENGINES"):
        print("skipped: the release build runs this")
        sys.exit(SKIPPED)


def skip(reason):
    """Ends the program as skipped; in CI a test that cannot run has failed."""
    print("cannot run:", reason, file=sys.stderr)
    sys.exit(1 if os.environ.get("CI") == "true" else SKIPPED)
