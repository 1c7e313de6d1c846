# SPDX-License-Identifier: Apache-2.0
#
# inspect_keys.py: every key of `docker inspect`, and where `show` has it.
# The rules' form: tests/support/inspect_rules.py.

from inspect_rules import NotOnDisk, Unordered, UnorderedTexts, at, below, equal, is_


def mounts(one, _):
    """Of config.v2.json's mount points only: what --tmpfs mounts, inspect does not list."""
    listed = []
    for mount in one["mounts"]:
        if mount["type"] == "tmpfs" and mount["destination"] not in one["config"]["MountPoints"]:
            continue
        entry = {"Type": mount["type"], "Source": mount["source"], "Destination": mount["destination"],
                 "Mode": "" if mount["type"] == "tmpfs" else mount["mode"], "RW": mount["writable"],
                 "Propagation": mount["propagation"]}
        if mount["type"] == "volume":
            entry["Name"] = mount["name"]
        if mount["driver"]:
            entry["Driver"] = mount["driver"]
        listed.append(entry)
    return Unordered(listed)


def graph(part):
    """Docker's four folders of the overlay2 driver, named by the mount that the spec's root is."""
    def rule(one, _):
        root = one["spec"]["root"]["path"]
        return {"MergedDir": root, "UpperDir": root[:-len("merged")] + "diff", "WorkDir": root[:-len("merged")] + "work"}[part]
    return rule


def from_bridge(one, path):
    """Copies, for old clients, of the default bridge's endpoint."""
    networks = one["config"]["NetworkSettings"]["Networks"] or {}
    key = path.split(".")[-1]
    empty = 0 if key.endswith("PrefixLen") else ""
    return networks.get("bridge", {}).get(key, empty)


LOWER = NotOnDisk("put together from the layers' folders, whose ids are the `layers` that docker_test.py compares")

CONTAINER = [
    ("Id", is_("target.id")),
    ("Image", is_("target.image_id")),
    ("Created", is_("created")),
    ("Path", equal("config.")), ("Args", equal("config.")),
    ("State.Status", is_("target.state")),
    ("State.Pid", is_("run.pid")),
    ("State.Health.Log", NotOnDisk("grows while it runs; the record is written now and then")),
    ("State.*", equal("config.")),
    ("ResolvConfPath", equal("config.")), ("HostnamePath", equal("config.")), ("HostsPath", equal("config.")),
    ("LogPath", equal("config.")),
    ("Name", lambda one, _: "/" + one["target"]["names"][0]),
    ("RestartCount", is_("run.restart_count")),
    ("Driver", equal("config.")),
    ("Platform", is_("config.OS")),
    ("MountLabel", equal("config.")), ("ProcessLabel", equal("config.")), ("AppArmorProfile", equal("config.")),
    ("ExecIDs", NotOnDisk("`docker exec` lives in the daemon's memory")),
    ("HostConfig.*", below("HostConfig", "host_config")),
    ("GraphDriver.Name", is_("config.Driver")),
    ("GraphDriver.Data.LowerDir", LOWER),
    ("GraphDriver.Data.MergedDir", graph("MergedDir")),
    ("GraphDriver.Data.UpperDir", graph("UpperDir")),
    ("GraphDriver.Data.WorkDir", graph("WorkDir")),
    ("Mounts", mounts),
    ("Config.*", equal("config.")),
    *[("NetworkSettings." + key, from_bridge) for key in (
        "EndpointID", "Gateway", "GlobalIPv6Address", "GlobalIPv6PrefixLen", "IPAddress", "IPPrefixLen", "IPv6Gateway",
        "MacAddress")],
    # null on disk where there are none; the engine shows an empty object.
    *[("NetworkSettings." + key, lambda one, path: at(one, "config." + path) or {}) for key in ("Ports", "Networks")],
    ("NetworkSettings.*", equal("config.")),
]


IMAGE = [
    ("Id", is_("target.id")),
    ("RepoTags", lambda one, _: UnorderedTexts(name for name in one["target"]["names"] if "@" not in name)),
    ("RepoDigests", lambda one, _: UnorderedTexts(name for name in one["target"]["names"] if "@" in name)),
    ("Parent", is_("parent")),
    ("Comment", lambda one, _: one["config"].get("comment", "")),
    ("Created", is_("created")),
    ("Container", is_("config.container")),
    ("ContainerConfig.*", below("ContainerConfig", "config.container_config")),
    ("DockerVersion", is_("config.docker_version")),
    ("Author", lambda one, _: one["config"].get("author", "")),
    ("Config.*", below("Config", "config.config")),
    ("Architecture", is_("config.architecture")),
    ("Os", is_("config.os")),
    ("Size", is_("size")), ("VirtualSize", is_("size")),
    ("GraphDriver.Name", NotOnDisk("the store's driver: `list runtimes`")),
    ("GraphDriver.Data.*", LOWER),
    ("RootFS.Type", is_("config.rootfs.type")),
    ("RootFS.Layers", lambda one, _: [layer["diff_id"] for layer in one["target"]["layers"]]),
    ("Metadata.LastTagTime", is_("last_tagged")),
]
