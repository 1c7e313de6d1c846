// SPDX-License-Identifier: Apache-2.0
//
// Claims about the files of a Kubernetes node: manifests, the kubelet's settings and folders,
// networks, and how they are put together with what an engine recorded.
#include <filesystem>

#include "store/kubernetes/cni.hpp"
#include "store/kubernetes/kubelet.hpp"
#include "store/kubernetes/manifests.hpp"
#include "store/kubernetes/node.hpp"
#include "store/kubernetes/yaml.hpp"
#include "support/catch.hpp"
#include "support/temp_dir.hpp"

using namespace meridian::store::kubernetes;
using meridian::ErrorCode;

namespace {

constexpr const char* kUuid = "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0";
constexpr const char* kHash = "0123456789abcdef0123456789abcdef";

constexpr const char* kStatic = R"(apiVersion: v1
kind: Pod
metadata: {name: etcd, namespace: kube-system}
spec:
  hostNetwork: true
  runtimeClassName: sandboxed
  containers:
  - {name: etcd, image: "registry.k8s.io/etcd:3.5"}
  volumes:
  - name: data
    hostPath: {path: /var/lib/etcd}
  - {name: certs, secret: {secretName: etcd-certs}}
---
# a comment alone
---
apiVersion: node.k8s.io/v1
kind: RuntimeClass
metadata: {name: sandboxed}
handler: runsc
)";

std::string first(const char* yaml) {
  const auto documents = yaml_documents(yaml);
  REQUIRE(documents);
  REQUIRE(documents->size() == 1);
  return documents->front();
}

}  // namespace

TEST_CASE("kubernetes: YAML is JSON as Kubernetes takes it") {
  CHECK(first("{a: true, b: 7, c: 'true', d: yes, e: ~, f: 1.5, g: \"7\"}") ==
        R"({"a":true,"b":7,"c":"true","d":"yes","e":null,"f":"1.5","g":"7"})");
  CHECK(first("x: &a [1, two]\ny: *a\n") == R"({"x":[1,"two"],"y":[1,"two"]})");
  CHECK(first("{\"json\": [\"too\"]}") == R"({"json":["too"]})");
  CHECK(yaml_documents("---\n---\n# nothing\n")->empty());
  CHECK(yaml_documents("")->empty());
}

TEST_CASE("kubernetes: YAML that is none, too large, too deep or too much says so with its line") {
  const auto broken = yaml_documents("a: 1\nb: [\n");
  REQUIRE_FALSE(broken);
  CHECK(broken.error().code() == ErrorCode::kCorrupt);
  CHECK_THAT(broken.error().message(), Catch::Contains("line "));
  CHECK(yaml_documents("? [a, b]\n: c\n").error().code() == ErrorCode::kCorrupt);
  CHECK(yaml_documents(std::string(kMaxYaml + 1, ' ')).error().code() == ErrorCode::kLimit);
  CHECK(yaml_documents(std::string(100, '[') + std::string(100, ']')).error().code() ==
        ErrorCode::kLimit);
  CHECK_FALSE(yaml_documents(std::string(100'000, '[')));
  // Nine aliases of nine each, nine times over: 400 million values of 300 bytes.
  std::string laughs = "a0: &a0 [x,x,x,x,x,x,x,x,x]\n";
  for (int i = 1; i < 9; ++i) {
    const std::string before = "*a" + std::to_string(i - 1);
    laughs += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + before;
    for (int k = 0; k < 8; ++k) laughs += "," + before;
    laughs += "]\n";
  }
  CHECK(yaml_documents(laughs).error().code() == ErrorCode::kLimit);
}

TEST_CASE("kubernetes: pods and runtime classes of manifests, whatever else stands there") {
  const auto found = parse_manifests(kStatic);
  REQUIRE(found);
  REQUIRE(found->pods.size() == 1);
  const auto& pod = found->pods[0].pod;
  CHECK(pod.name == "etcd");
  CHECK(pod.name_space == "kube-system");
  CHECK(pod.host_network);
  CHECK_FALSE(pod.host_pid);
  CHECK(found->pods[0].runtime_class == "sandboxed");
  REQUIRE(pod.containers.size() == 1);
  CHECK(pod.containers[0].image == "registry.k8s.io/etcd:3.5");
  REQUIRE(pod.volumes.size() == 2);
  CHECK(pod.volumes[0].type == "hostPath");
  CHECK(pod.volumes[0].source == "/var/lib/etcd");
  CHECK(pod.volumes[1].source == "etcd-certs");
  REQUIRE(found->runtime_classes.size() == 1);
  CHECK(found->runtime_classes[0].handler == "runsc");

  const auto list = parse_manifests(
      "kind: RuntimeClassList\nitems:\n- {kind: RuntimeClass, metadata: {name: a}, handler: b}\n"
      "- {kind: ConfigMap}\n- {kind: List, items: [{kind: Pod}]}\n");
  REQUIRE(list);
  CHECK(list->runtime_classes.size() == 1);
  CHECK(list->pods.empty());  // lists in lists are nobody's
  CHECK_THAT(parse_manifests("kind: Pod\n---\n- 1\n").error().message(),
             Catch::Contains("document 2"));
  CHECK_FALSE(parse_manifests("kind: RuntimeClass\nmetadata: {name: a}\n"));
  CHECK_FALSE(parse_manifests("kind: Pod\nspec: 7\n"));
}

TEST_CASE("kubernetes: a kubelet's settings, of flags and of files") {
  const auto flags = flag_settings({"--anonymous-auth=false", "--root-dir", "/data/kubelet", "-v",
                                    "2", "--protect-kernel-defaults", "--unknown=1"});
  CHECK(flags == Settings{{"authentication.anonymous.enabled", "false"},
                          {"protectKernelDefaults", "true"},
                          {"rootDir", "/data/kubelet"}});
  const auto file = file_settings(
      "kind: KubeletConfiguration\nauthentication:\n  anonymous: {enabled: true}\n"
      "authorization: {mode: AlwaysAllow}\nreadOnlyPort: 10255\nstaticPodPath: /m\n"
      "seccompDefault: [1]\n");
  REQUIRE(file);
  CHECK(*file == Settings{{"authentication.anonymous.enabled", "true"},
                          {"authorization.mode", "AlwaysAllow"},
                          {"readOnlyPort", "10255"},
                          {"staticPodPath", "/m"}});
  CHECK_FALSE(file_settings("authentication: 7"));
  CHECK(flag_words("# made by kubeadm\nKUBELET_KUBEADM_ARGS=\"--a=b --c d\"\n") ==
        std::vector<std::string>{"--a=b", "--c", "d"});
  CHECK(flag_words("--x\n--y=z") == std::vector<std::string>{"--x", "--y=z"});
  CHECK(flag_words("").empty());
}

TEST_CASE("kubernetes: networks of lists and of single plugins") {
  CHECK(parse_cni(R"({"name":"n","plugins":[{"type":"bridge"},{"type":"portmap"}]})")->plugins ==
        std::vector<std::string>{"bridge", "portmap"});
  CHECK(parse_cni(R"({"name":"lo","type":"loopback"})")->plugins ==
        std::vector<std::string>{"loopback"});
  CHECK_FALSE(parse_cni("[]"));
  CHECK_FALSE(parse_cni("{"));
}

TEST_CASE("kubernetes: which volume a path on the host is") {
  const std::string pod = std::string("/var/lib/kubelet/pods/") + kUuid;
  const auto token = volume_of(pod + "/volumes/kubernetes.io~projected/kube-api-access-x7k");
  REQUIRE(token);
  CHECK(token->type == "projected");
  CHECK(token->name == "kube-api-access-x7k");
  CHECK(volume_of(pod + "/volumes/kubernetes.io~csi/pvc-1/mount")->name == "pvc-1");
  CHECK(volume_of(pod + "/etc-hosts")->type == "kubelet");
  CHECK_FALSE(volume_of(pod));
  CHECK_FALSE(volume_of(pod + "/volumes/kubernetes.io~secret"));
  CHECK_FALSE(volume_of(pod + "/volumes/kubernetes.io~/x"));
  CHECK_FALSE(volume_of("/pods/short/volumes/kubernetes.io~secret/x"));
  CHECK_FALSE(volume_of("/srv/data"));
}

TEST_CASE("kubernetes: engine, kubelet's folders and manifests tell of one pod") {
  const meridian::testing_support::TempDir folder;
  folder.file("var/lib/kubelet/config.yaml", "authorization: {mode: Webhook}\n");
  folder.file(
      "var/lib/kubelet/kubeadm-flags.env",
      "KUBELET_KUBEADM_ARGS=\"--container-runtime-endpoint=unix:///run/containerd/c.sock\"\n");
  folder.file("etc/kubernetes/manifests/etcd.yaml", kStatic);
  folder.file("etc/kubernetes/manifests/.hidden.yaml", "not: [read");
  folder.file("etc/kubernetes/manifests/broken.yaml", "a: [");
  folder.file("etc/cni/net.d/10-net.conflist", R"({"name":"n","plugins":[{"type":"bridge"}]})");
  folder.file(std::string("var/lib/kubelet/pods/") + kHash + "/containers/etcd/x", "");
  folder.file(
      std::string("var/lib/kubelet/pods/") + kUuid + "/volumes/kubernetes.io~secret/creds/token",
      "");
  folder.directory("var/lib/kubelet/pods/not-a-uid");
  folder.file("extra/classes/rc.yml",
              "kind: RuntimeClass\nmetadata: {name: other}\nhandler: runsc\n---\n"
              "kind: RuntimeClass\nmetadata: {name: nobodys}\nhandler: nowhere\n");

  std::vector<meridian::model::Container> containers(2);
  containers[0].id = "sandbox1";
  containers[0].pod = meridian::model::Pod{"sandbox1", "etcd-node1", "kube-system", kHash, "runsc"};
  containers[1] = containers[0];
  containers[1].id = "c1";
  containers[1].name = "kube-system/etcd-node1/etcd";
  containers[1].image_name = "etcd:3.5";
  containers[1].state = meridian::model::ContainerState::kRunning;
  std::vector<meridian::model::KernelBoundary> handlers(1);
  handlers[0].handler = "runsc";
  handlers[0].state = meridian::model::HandlerState::kReady;
  handlers[0].kind = meridian::model::Boundary::kApplicationKernel;
  containers[1].handlers =
      std::make_shared<const std::vector<meridian::model::KernelBoundary>>(handlers);
  const auto host = meridian::rootfs::HostRoot::open(folder.path());
  REQUIRE(host);
  const auto look = read_node(**host, {folder.at("extra"), "/nowhere"}, containers);

  REQUIRE(look.node.kubelets.size() == 1);
  CHECK(look.node.kubelets[0].manifests == "/etc/kubernetes/manifests");
  CHECK(look.node.kubelets[0].settings ==
        std::vector<std::pair<std::string, std::string>>{
            {"authorization.mode", "Webhook"},
            {"containerRuntimeEndpoint", "unix:///run/containerd/c.sock"}});
  REQUIRE(look.node.networks.size() == 1);
  REQUIRE(look.node.pods.size() == 2);
  const auto& other = look.node.pods[0];  // its name is nowhere on disk
  CHECK(other.uid == kUuid);
  REQUIRE(other.volumes.size() == 1);
  CHECK(other.volumes[0].name == "creds");
  const auto& etcd = look.node.pods[1];
  CHECK(etcd.name == "etcd-node1");
  CHECK(etcd.sources.size() == 3);
  CHECK(etcd.handler == "runsc");
  CHECK(etcd.runtime_classes == std::vector<std::string>{"sandboxed", "other"});
  CHECK(etcd.host_network);
  REQUIRE(etcd.containers.size() == 1);
  CHECK(etcd.containers[0].id == "c1");
  CHECK(etcd.volumes.size() == 2);
  REQUIRE(look.node.runtime_classes.size() == 3);
  CHECK(look.node.runtime_classes[0].name == "nobodys");
  CHECK(look.node.runtime_classes[0].state == meridian::model::HandlerState::kNotConfigured);
  CHECK(look.node.runtime_classes[1].kind == meridian::model::Boundary::kApplicationKernel);
  REQUIRE(look.problems.size() == 2);
  CHECK(look.problems[0].path == "/etc/kubernetes/manifests/broken.yaml");
  CHECK(look.problems[1].path == "/nowhere");
}

TEST_CASE("kubernetes: where there is none, nothing is found and the places are named") {
  const meridian::testing_support::TempDir folder;
  const auto host = meridian::rootfs::HostRoot::open(folder.path());
  const auto look = read_node(**host, {}, {});
  CHECK(look.is_empty());
  CHECK(look.looked_at.size() == 4);
}
