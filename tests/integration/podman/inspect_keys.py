# SPDX-License-Identifier: Apache-2.0
#
# inspect_keys.py: every key of `podman inspect`, and where `show` has it. The rules' form: tests/support/inspect_rules.py.

import os

from inspect_rules import NotOnDisk, Unordered, UnorderedTexts, at, is_

NEVER = NotOnDisk("podman never fills it: it is there for clients of Docker")
NETWORK = NotOnDisk("podman's networks are not read (host/store/containers_storage/README.md)")
LAYERS = NotOnDisk("the layers' folders, whose files podman_test.py compares; `layers` names them by diffID")
STATES = {"created": ("created", "configured", "initialized"), "exited": ("exited", "stopped")}


def config(path, default=None):
    """Of podman's configuration, where Go leaves out what is empty."""
    return lambda one, _: found(one["config"], path, default)


def spec(path, default=None):
    return lambda one, _: found(one["spec"], path, default)


def found(value, path, default):
    for key in path.split("."):
        value = (value or {}).get(key)
    return default if value is None else value


def annotation(name, default=""):
    return lambda one, _: one["spec"].get("annotations", {}).get(name, default)


def is_true(name):
    return lambda one, _: one["spec"].get("annotations", {}).get(name) == "TRUE"


def below(here, there):
    """`here`.X of inspect is `there`.X of the object, both with dots in X."""
    return lambda one, path: at(one, there)[path[len(here) + 1:].replace("\0", ".")]


class OneOf(str):
    """Equal to each word that means the same state."""

    def __eq__(self, other):
        return other in STATES.get(str(self), (str(self),))

    __hash__ = str.__hash__


class Either:
    def __init__(self, *words):
        self.words = words

    def __eq__(self, other):
        return other in self.words


def state(word):
    return lambda one, _: one["target"]["state"] == word


def engine_file(name):
    return lambda one, _: one["engine_files"].get(name, "")


def folder(one, layer, part):
    return "%s/overlay/%s/%s" % (one["target"]["present_in"][0]["store_root"], layer, part)


def writable(part):
    return lambda one, _: folder(one, one["target"]["layers"][-1]["id"], part)


def capabilities(kind):
    """Go's nil for none."""
    return lambda one, _: sorted(one["privileges"]["capabilities"][kind]) or None


class Anything:
    def __eq__(self, other):
        return True


def changed_capabilities(kind):
    """Of a privileged one podman says what this machine itself lacks."""
    return lambda one, _: Anything() if one["config"]["privileged"] else UnorderedTexts(one["privileges"]["capabilities"][kind])


PARTS = ("ro", "rw", "shared", "rshared", "slave", "rslave", "private", "rprivate")


def mounts(one, _):
    """What --tmpfs mounts, inspect does not list here."""
    listed = []
    for mount in one["mounts"]:
        if mount["type"] == "tmpfs":
            continue
        # The options without what stands in fields of their own.
        options = [word for word in mount["mode"].split(",") if word not in PARTS]
        entry = {"Type": mount["type"], "Source": mount["source"], "Destination": mount["destination"],
                 "Driver": "local" if mount["type"] == "volume" else "", "Mode": "", "Options": options, "RW": mount["writable"],
                 "Propagation": mount["propagation"]}
        if mount["type"] == "volume":
            entry["Name"] = mount["name"]
        listed.append(entry)
    return Unordered(listed)


def tmpfs(one, path):
    given = {mount["destination"]: mount["mode"] for mount in one["mounts"] if mount["type"] == "tmpfs"}
    inside = path[len("HostConfig.Tmpfs."):].replace("\0", ".")
    return given[inside] if inside else given


def namespace(kind, private="private", host="host"):
    """As HostConfig's words for a mode."""
    def rule(one, _):
        share = next(of for of in one["privileges"]["namespaces"] if of["type"] == kind)
        return {"private": private, "host": host, "joined": "container:" + share["container"]}[share["sharing"]]
    return rule


def network_mode(one, path):
    return namespace("network", one["config"].get("networkMode") or "none")(one, path)


def dependencies(one, _):
    joined = {value for key, value in one["config"].items() if key.endswith("NsCtr")}
    return UnorderedTexts(joined | set(one["config"].get("Dependencies") or []))


def security(one, _):
    said = one["spec"].get("annotations", {})
    words = [key + "=" + said["io.podman.annotations." + key] for key in ("label", "seccomp", "apparmor")
             if "io.podman.annotations." + key in said]
    return UnorderedTexts(words + ["no-new-privileges"] * one["privileges"]["no_new_privileges"])


def nano_cpus(one, path):
    period, quota = (spec("linux.resources.cpu." + key, 0)(one, path) for key in ("period", "quota"))
    return quota * 10**9 // period if period and quota > 0 else 0


def swappiness(one, path):
    memory = spec("linux.resources.memory")(one, path)
    return 0 if memory is None else memory.get("swappiness", -1)


def ulimits(one, _):
    return [{"Name": limit["type"], "Soft": limit["soft"], "Hard": limit["hard"]} for limit in one["spec"]["process"].get("rlimits", [])]


def mapping(which):
    return lambda one, _: ["%d:%d:%d" % (part["container_id"], part["host_id"], part["size"])
                           for part in one["privileges"][which]]


def resource(path, default=0):
    return spec("linux.resources." + path, default)


STATE = [
    ("State.OciVersion", spec("ociVersion")),
    ("State.Status", lambda one, _: OneOf(one["target"]["state"])),
    ("State.Running", state("running")), ("State.Paused", state("paused")), ("State.Dead", state("dead")),
    ("State.Restarting", state("restarting")),
    ("State.OOMKilled", is_("run.oom_killed")),
    ("State.Pid", is_("run.pid")),
    ("State.ConmonPid", NotOnDisk("the program of podman's that watches it, not one of the container's")),
    ("State.ExitCode", is_("run.exit_code")),
    ("State.Error", is_("run.error")),
    ("State.StartedAt", is_("run.started")), ("State.FinishedAt", is_("run.finished")),
    ("State.Health.Status", is_("run.health")),
    ("State.Health.*", NotOnDisk("of the check's results only the last word is read")),
    ("State.CgroupPath", spec("linux.cgroupsPath")),
    *[("State." + key, NotOnDisk("checkpoints are not read")) for key in (
        "Checkpointed", "CheckpointedAt", "Restored", "RestoredAt", "CheckpointPath", "CheckpointLog", "RestoreLog")],
    ("State.StoppedByUser", NotOnDisk("who stopped it is no part of the model")),
]

CONFIG = [
    ("Config.Hostname", lambda one, path: spec("hostname")(one, path) or Either(os.uname().nodename, one["target"]["id"][:12])),
    ("Config.User", config("user", "")),
    ("Config.Tty", spec("process.terminal", False)),
    ("Config.OpenStdin", config("stdin", False)),
    ("Config.Env", lambda one, _: UnorderedTexts(one["spec"]["process"]["env"])),
    ("Config.Cmd", config("command")),
    ("Config.Image", is_("image_name")),
    ("Config.WorkingDir", spec("process.cwd")),
    ("Config.Labels", lambda one, _: one["labels"] or None),
    ("Config.Labels.*", below("Config.Labels", "labels")),
    ("Config.Annotations.*", below("Config.Annotations", "spec.annotations")),
    ("Config.StopSignal", config("stopSignal")),
    ("Config.HealthcheckOnFailureAction", lambda one, _: ["none", "", "kill", "restart", "stop"][
        one["config"]["healthcheck_on_failure_action"]]),
    ("Config.Healthcheck.*", lambda one, path: at(one["config"]["healthcheck"], path[len("Config.Healthcheck."):])),
    ("Config.Umask", config("umask")),
    ("Config.Timeout", config("timeout", 0)),
    ("Config.StopTimeout", config("stopTimeout")),
    ("Config.Passwd", config("passwd")),
    ("Config.sdNotifyMode", config("sdnotifyMode")),
    ("Config.CreateCommand", config("CreateCommand")),
    *[("Config." + key, NEVER) for key in (
        "Domainname", "DomainName", "AttachStdin", "AttachStdout", "AttachStderr", "StdinOnce", "Volumes", "OnBuild")],
]

HOST = [
    ("Binds", NotOnDisk("the same as Mounts, in the words of a command line")),
    ("CgroupManager", config("cgroupManager")),
    ("CgroupMode", namespace("cgroup")),
    ("ContainerIDFile", annotation("io.podman.annotations.cid-file")),
    ("LogConfig.Type", config("logDriver")), ("LogConfig.Tag", config("logTag")),
    ("LogConfig.Path", lambda one, _: one["config"]["logPath"] if one["config"]["logDriver"] == "k8s-file" else ""),
    ("LogConfig.Config", NEVER),
    ("LogConfig.Size", NotOnDisk("config.logSize, written for people")),
    ("NetworkMode", network_mode),
    ("PortBindings", NotOnDisk("config.newPortMappings in Docker's form")), ("PortBindings.*", NotOnDisk("the same")),
    ("RestartPolicy.Name", config("restart_policy", "")),
    ("RestartPolicy.MaximumRetryCount", config("restart_retries", 0)),
    ("AutoRemove", is_true("io.podman.annotations.autoremove")),
    ("CapAdd", changed_capabilities("added")), ("CapDrop", changed_capabilities("dropped")),
    ("Dns", config("dnsServer", [])), ("DnsOptions", config("dnsOption", [])), ("DnsSearch", config("dnsSearch", [])),
    ("ExtraHosts", config("hostsAdd", [])),
    ("GroupAdd", config("groups", [])),
    ("IpcMode", namespace("ipc", "shareable", Either("host", "shareable"))),  # the latter is 4's word for both
    ("Cgroups", lambda one, _: {"enabled": "default"}.get(one["config"]["cgroupsMode"], one["config"]["cgroupsMode"])),
    ("OomScoreAdj", spec("process.oomScoreAdj", 0)),
    ("PidMode", namespace("pid")),
    # `privileges` says what it got: on a machine that lacks a capability that is not everything.
    ("Privileged", config("privileged")),
    ("PublishAllPorts", is_true("io.podman.annotations.publish-all")),
    ("ReadonlyRootfs", is_("privileges.read_only_root")),
    ("SecurityOpt", security),
    ("Tmpfs", tmpfs), ("Tmpfs.*", tmpfs),
    ("UTSMode", namespace("uts")),
    ("UsernsMode", namespace("user", "private", "")),
    ("IDMappings.UidMap", mapping("uid_mappings")), ("IDMappings.GidMap", mapping("gid_mappings")),
    ("ShmSize", config("shmSize")),
    ("CpuShares", resource("cpu.shares")), ("CpuPeriod", resource("cpu.period")), ("CpuQuota", resource("cpu.quota")),
    ("CpuRealtimePeriod", resource("cpu.realtimePeriod")), ("CpuRealtimeRuntime", resource("cpu.realtimeRuntime")),
    ("CpusetCpus", resource("cpu.cpus", "")), ("CpusetMems", resource("cpu.mems", "")),
    ("NanoCpus", nano_cpus),
    ("Memory", resource("memory.limit")), ("MemoryReservation", resource("memory.reservation")),
    ("MemorySwap", resource("memory.swap")), ("MemorySwappiness", swappiness),
    ("OomKillDisable", resource("memory.disableOOMKiller", False)),
    ("PidsLimit", resource("pids.limit")),
    ("Ulimits", ulimits),
    ("Init", is_true("io.podman.annotations.init")),
    ("CgroupParent", lambda one, _: "" if one["config"]["cgroupParent"] == "/libpod_parent" else one["config"]["cgroupParent"]),
    ("Devices", NotOnDisk("the first node of that number which podman finds in /dev while it is asked; `privileges.devices` "
                          "has what the container got")),
    *[("Blkio" + key, NotOnDisk("written for people; spec.linux.resources.blockIO has it")) for key in (
        "Weight", "WeightDevice", "DeviceReadBps", "DeviceWriteBps", "DeviceReadIOps", "DeviceWriteIOps")],
    ("IntelRdtClosID", spec("linux.intelRdt.closID", "")),
    ("Annotations.*", NotOnDisk("spec.annotations")), ("Annotations", NotOnDisk("spec.annotations")),
    *[(key, NEVER) for key in (
        "VolumeDriver", "VolumesFrom", "Cgroup", "Links", "Runtime", "ConsoleSize", "Isolation", "DiskQuota", "KernelMemory", "CpuCount",
        "CpuPercent", "IOMaximumIOps", "IOMaximumBandwidth", "CgroupConf")],
]

CONTAINER = [
    ("Id", is_("target.id")),
    ("Name", lambda one, _: one["target"]["names"][0]),
    ("Created", is_("created")),
    ("Path", lambda one, _: one["spec"]["process"]["args"][0]), ("Args", lambda one, _: one["spec"]["process"]["args"][1:]),
    *STATE,
    ("Image", lambda one, _: one["target"]["image_id"][len("sha256:"):]),
    ("ImageDigest", NotOnDisk("of the image: a name of `show image`")),
    ("ImageName", is_("image_name")),
    ("Rootfs", config("rootfs", "")),
    ("Pod", lambda one, _: one["target"].get("pod", {}).get("uid", "")),
    ("ResolvConfPath", engine_file("/etc/resolv.conf")), ("HostnamePath", engine_file("/etc/hostname")),
    ("HostsPath", engine_file("/etc/hosts")),
    ("StaticDir", config("staticDir")),
    ("OCIConfigPath", lambda one, _: one["config"]["staticDir"] + "/config.json"),
    ("OCIRuntime", is_("target.isolation.runtime")),
    ("ConmonPidFile", config("conmonPidFile")), ("PidFile", config("pid_file")),
    ("RestartCount", is_("run.restart_count")),
    ("Driver", NotOnDisk("the store's driver: `list runtimes`")),
    ("MountLabel", spec("linux.mountLabel", "")), ("ProcessLabel", spec("process.selinuxLabel", "")),
    ("AppArmorProfile", is_("privileges.apparmor_profile")),
    ("EffectiveCaps", capabilities("effective")), ("BoundingCaps", capabilities("bounding")),
    ("ExecIDs", NotOnDisk("sessions of `podman exec` are not listed")),
    ("GraphDriver.Name", NotOnDisk("the store's driver: `list runtimes`")),
    ("GraphDriver.Data.LowerDir", LAYERS),
    ("GraphDriver.Data.MergedDir", writable("merged")), ("GraphDriver.Data.UpperDir", writable("diff")),
    ("GraphDriver.Data.WorkDir", writable("work")),
    ("Mounts", mounts),
    ("Dependencies", dependencies),
    ("NetworkSettings.*", NETWORK), ("NetworkSettings", NETWORK),
    ("Namespace", config("namespace", "")),
    ("IsInfra", config("pause", False)), ("IsService", config("isService", False)),
    ("KubeExitCodePropagation", NotOnDisk("what `podman kube play` does when it ends")), ("lockNumber", config("lockID")),
    ("UseImageHosts", config("UseImageHosts", False)), ("UseImageHostname", config("UseImageHostname", False)),
    *CONFIG,
    *[("HostConfig." + key, rule) for key, rule in HOST],
    # A list in 4, a text in 3 and before.
    ("Config.Entrypoint", lambda one, _: Words(one["config"].get("entrypoint") or [])),
]


class Words(list):
    """Equal to the list, and to the words as one text, as podman before 5 has them."""

    def __eq__(self, other):
        return (other or []) == list(self) or other == " ".join(self)


def repository(with_digest):
    return lambda one, _: UnorderedTexts(name for name in one["target"]["names"] if ("@" in name) == with_digest)


IMAGE = [
    ("Id", lambda one, _: one["target"]["id"][len("sha256:"):]),
    ("Digest", lambda one, _: next(name.split("@")[1] for name in one["target"]["names"] if "@" in name)),
    ("RepoTags", repository(False)), ("RepoDigests", repository(True)),
    ("Parent", is_("parent")),
    ("Comment", lambda one, _: one["config"].get("comment", "")), ("Author", lambda one, _: one["config"].get("author", "")),
    ("Created", is_("created")),
    ("Config.*", lambda one, path: at(one["config"]["config"], path[len("Config."):])),
    ("Version", lambda one, _: one["config"].get("docker_version", "")),
    ("Architecture", is_("config.architecture")), ("Os", is_("config.os")),
    ("Size", NotOnDisk("of the layers as podman sums them up, with its own files")), ("VirtualSize", NotOnDisk("the same")),
    ("GraphDriver.Name", NotOnDisk("the store's driver: `list runtimes`")),
    ("GraphDriver.Data.*", LAYERS),
    ("RootFS.Type", is_("config.rootfs.type")),
    ("RootFS.Layers", lambda one, _: [layer["diff_id"] for layer in one["target"]["layers"]]),
    ("Labels", lambda one, _: one["config"]["config"].get("Labels")), ("Labels.*", below("Labels", "config.config.Labels")),
    ("Annotations", NotOnDisk("of the manifest, which is not read")), ("Annotations.*", NotOnDisk("the same")),
    ("ManifestType", NotOnDisk("of the manifest, which is not read")),
    ("User", lambda one, _: one["config"]["config"].get("User", "")),
    ("History", lambda one, _: [{key: value for key, value in step.items() if key != "layer" and value} for step in one["history"]]),
    ("NamesHistory", NotOnDisk("names that it had once")),
    ("Healthcheck", lambda one, _: one["config"]["config"].get("Healthcheck")),
]
