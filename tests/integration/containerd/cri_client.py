# SPDX-License-Identifier: Apache-2.0
#
# cri_client.py: as much of a kubelet's runtime interface (CRI) as makes pods: protobuf by hand, gRPC by Debian's library.
#
# Field numbers: k8s.io/cri-api, pkg/apis/runtime/v1/api.proto.

NODE = 2  # of NamespaceMode: the host's
EXITED = 2  # of ContainerState


def varint(value):
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes(out + bytes([value]))


def message(fields):
    """{number: int | str | bytes | dict | list of them}"""
    out = b""
    for number, value in fields.items():
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, int):
                out += varint(number << 3) + varint(one)
            else:
                body = message(one) if isinstance(one, dict) else one.encode() if isinstance(one, str) else one
                out += varint(number << 3 | 2) + varint(len(body)) + body
    return out


def text_map(values):
    return [{1: key, 2: value} for key, value in sorted(values.items())]


def first_text(answer):
    """Field 1 of an answer that has no other before it: an id of under 128 bytes."""
    assert answer[:1] == b"\x0a", answer
    return answer[2:2 + answer[1]].decode()


def parts(data):
    """{number: the last value of it: int or bytes}"""
    found, at = {}, 0

    def number():
        nonlocal at
        value = shift = 0
        while True:
            byte = data[at]
            at, value, shift = at + 1, value | (byte & 0x7F) << shift, shift + 7
            if byte < 0x80:
                return value

    while at < len(data):
        key = number()
        found[key >> 3] = number()
        if key & 7 == 2:
            size = found[key >> 3]
            found[key >> 3], at = data[at:at + size], at + size
    return found


class Cri:
    def __init__(self, socket):
        import grpc  # only where it is used: not every machine has it

        self.channel = grpc.insecure_channel("unix://" + socket)

    def call(self, method, fields, service="RuntimeService"):
        same = lambda data: data
        return self.channel.unary_unary("/runtime.v1.%s/%s" % (service, method), same, same)(message(fields), timeout=60)

    def close(self):
        self.channel.close()

    @staticmethod
    def pod(name, space, uid, logs):
        """A PodSandboxConfig on the host's network, which needs no CNI."""
        return {1: {1: name, 2: uid, 3: space}, 3: logs, 6: text_map({
            "io.kubernetes.pod.name": name, "io.kubernetes.pod.namespace": space, "io.kubernetes.pod.uid": uid}),
                8: {2: {1: {1: NODE}}}}

    def run_pod(self, pod, handler=""):
        return first_text(self.call("RunPodSandbox", {1: pod, 2: handler} if handler else {1: pod}))

    def create(self, sandbox, pod, name, image, command, mounts=()):
        labels = {**{one[1]: one[2] for one in pod[6]}, "io.kubernetes.container.name": name}
        config = {1: {1: name}, 2: {1: image}, 3: list(command), 9: text_map(labels), 10: [], 11: name + ".log",
                  7: [{1: inside, 2: outside, 3: 1} for inside, outside in mounts]}
        return self.create_as(sandbox, pod, config)

    def create_as(self, sandbox, pod, config):
        return first_text(self.call("CreateContainer", {1: sandbox, 2: config, 3: pod}))

    def exit_code(self, container):
        """None while it runs."""
        status = parts(parts(self.call("ContainerStatus", {1: container}))[1])
        return status.get(7, 0) if status.get(3) == EXITED else None

    def start(self, container):
        self.call("StartContainer", {1: container})

    def remove_pod(self, sandbox):
        self.call("StopPodSandbox", {1: sandbox})
        self.call("RemovePodSandbox", {1: sandbox})
