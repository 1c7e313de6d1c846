// SPDX-License-Identifier: Apache-2.0
//
// Claims about containers/storage that need no engine: its lists, records of podman, buildah and
// CRI-O, where it is looked for, and what becomes of records that are wrong.
#include <sqlite3.h>

#include "store/collection.hpp"
#include "store/containers_storage/engine_records.hpp"
#include "store/containers_storage/place.hpp"
#include "store/containers_storage/podman_state.hpp"
#include "store/containers_storage/records.hpp"
#include "store/containers_storage/rootless.hpp"
#include "store/containers_storage/storage_store.hpp"
#include "support/bbolt_file.hpp"
#include "support/catch.hpp"
#include "support/temp_dir.hpp"

using namespace meridian;
using namespace meridian::store::containers_storage;
using testing_support::TempDir;

namespace {

const std::string kA(64, 'a'), kB(64, 'b'), kC(64, 'c');

std::string quoted(const std::string& text) { return '"' + text + '"'; }

}  // namespace

TEST_CASE("containers_storage: lists are read record by record") {
  const auto layers =
      parse_layers("[{\"id\":" + quoted(kA) + ",\"diff-digest\":\"sha256:" + kB +
                   "\",\"diff-size\":7},{\"id\":" + quoted(kB) + ",\"parent\":" + quoted(kA) +
                   ",\"flags\":{\"incomplete\":true}},"
                   "{\"id\":\"../x\"},{\"parent\":\"x\"},7]");
  REQUIRE(layers);
  REQUIRE(layers->good.size() == 2);
  CHECK(layers->good[0].size == 7);
  CHECK(layers->good[1].parent == kA);
  CHECK(layers->good[1].incomplete);
  CHECK(layers->bad.size() == 3);
  CHECK(parse_images("null")->good.empty());
  CHECK_FALSE(parse_images("{"));
  CHECK_FALSE(parse_containers("{}"));
}

TEST_CASE("containers_storage: the name of a kept file is no path") {
  CHECK(*big_data_name("manifest") == "manifest");
  CHECK(*big_data_name("sha256:7f8a") == "=c2hhMjU2OjdmOGE=");
  CHECK(*big_data_name("a:") == "=YTo=");
  CHECK(*big_data_name("..") == "=Li4=");
  CHECK(*big_data_name("") == "=");
  CHECK_FALSE(big_data_name("\xff\xff\xff"));  // base64 of it has a slash
  CHECK_FALSE(big_data_name(std::string(300, ':')));
}

TEST_CASE("containers_storage: storage.conf and crio.conf say where") {
  const auto said = parse_storage_conf(
      "[storage]\ndriver = \"overlay\"\ngraphroot = \"/g\"\nrunroot = \"/r\"\n"
      "[storage.options]\nadditionalimagestores = [\"/a\", \"/b\"]\n");
  REQUIRE(said);
  CHECK(said->root == "/g");
  CHECK(said->run == "/r");
  CHECK(said->additional == std::vector<std::string>{"/a", "/b"});
  CHECK(parse_storage_conf("[crio]\nroot = \"/c\"\n")->root == "/c");
  CHECK_FALSE(parse_storage_conf("[storage"));

  const TempDir folder;
  folder.file("etc/containers/storage.conf", "[storage]\ngraphroot = \"/data/g\"\n");
  folder.file("etc/passwd", "root:x:0:0::/root:/bin/sh\nann:x:1000:1000::/home/ann:/bin/sh\n");
  folder.file("home/ann/.config/containers/storage.conf",
              "[storage]\ngraphroot = \"$HOME/elsewhere\"\n");
  const auto host = rootfs::HostRoot::open(folder.path());
  std::vector<model::Problem> problems;
  const auto roots = announced_roots(**host, problems);
  CHECK(problems.empty());
  CHECK(roots.front().root == "/data/g");
  CHECK(roots.front().found_by == "/etc/containers/storage.conf");
  CHECK(roots.back().root == "/home/ann/elsewhere");

  folder.file("etc/containers/storage.conf",
              "[storage]\n[storage.options]\nadditionalimagestores = [\"/more\"]\n");
  folder.file("etc/crio/crio.conf", "[crio]\nroot = \"/crio\"\n");
  const auto both = announced_roots(**host, problems);
  REQUIRE(both.size() > 1);
  CHECK(both[1].root == "/crio");
  CHECK(both[1].additional == std::vector<std::string>{"/more"});
}

TEST_CASE("containers_storage: podman's records") {
  auto record = parse_podman(
      R"({"name":"web","rootfsImageName":"demo:1","pod":"p1","runtime":"crun","labels":{"a":"b"},
          "namedVolumes":[{"volumeName":"v","dest":"/data"}],"spec":{"ociVersion":"1.0.2"}})");
  REQUIRE(record);
  CHECK(record->state == model::ContainerState::kUnknown);  // until its state was read
  REQUIRE(add_podman_state(
      R"({"state":3,"pid":42,"exitCode":0,"startedTime":"2026-11-21T20:23:14Z"})", *record));
  CHECK(record->name == "web");
  CHECK(record->state == model::ContainerState::kRunning);
  CHECK(record->process.pid == 42);
  CHECK(record->volumes.at("/data") == "v");
  CHECK(record->spec_json == R"({"ociVersion":"1.0.2"})");
  REQUIRE(add_podman_state(R"({"state":8})", *record));
  CHECK(record->state == model::ContainerState::kRunning);
  CHECK_FALSE(add_podman_state(R"({"state":9})", *record));
  CHECK_FALSE(parse_podman("[]"));
  CHECK_FALSE(parse_podman(R"({"name":7})"));
}

TEST_CASE("containers_storage: a user's ids are his own and the ranges that he was given") {
  const auto mappings = rootless_mappings(
      "ann:100000:65536\nben:1:2\n1000:300000:10\nann:x:5\nann:1:0\n", "ann", 1000);
  REQUIRE(mappings.size() == 3);
  CHECK((mappings[0].container_id == 0 && mappings[0].host_id == 1000 && mappings[0].size == 1));
  CHECK((mappings[1].container_id == 1 && mappings[1].host_id == 100000 &&
         mappings[1].size == 65536));
  CHECK((mappings[2].container_id == 65537 && mappings[2].host_id == 300000 &&
         mappings[2].size == 10));
  CHECK(rootless_mappings("ann:1:4294967295\n", "ann", 1000).size() == 1);  // more than there are
}

TEST_CASE("containers_storage: variables of a path are those of its user") {
  const store::HomeUser ann = {"1000", "/home/ann", "ann"};
  CHECK(expand_path("$HOME/a/$USER/${UID}", ann) == "/home/ann/a/ann/1000");
  CHECK(expand_path("/plain", ann) == "/plain");
  CHECK_FALSE(expand_path("$XDG_DATA_HOME/a", ann));
  CHECK_FALSE(expand_path("$HOMEx", ann));
}

TEST_CASE("containers_storage: CRI-O's records") {
  const auto one = parse_crio(
      R"({"pod-name":"k8s_web-0_prod_0f1e_0","pod-id":"s1","image-name":"demo:1","name":"k8s_main_web-0_prod_0f1e_0",
          "metadata-name":"main","uid":"0f1e","namespace":"prod","attempt":0,"pod":false})");
  REQUIRE((one && *one));
  CHECK((*one)->name == "prod/web-0/main");
  CHECK((*one)->pod->sandbox == "s1");
  CHECK((*one)->pod->name == "web-0");
  const auto sandbox =
      parse_crio(R"({"pod-id":"s1","metadata-name":"web-0","namespace":"prod","pod":true})");
  REQUIRE((sandbox && *sandbox));
  CHECK((*sandbox)->name == "prod/web-0");
  CHECK_FALSE(*parse_crio(R"({"image-name":"demo:1"})"));
  CHECK_FALSE(parse_crio("{"));
  EngineRecord record;
  REQUIRE(add_crio_state(
      R"({"status":"running","pid":7,"initPid":8,"initStartTime":"12345","exitCode":0})", record));
  CHECK(record.process.pid == 8);
  CHECK(record.process.start_time == 12345);
  REQUIRE(add_crio_state(R"({"status":"stopped","exitCode":3})", record));
  CHECK(record.exit_code == 3);
  CHECK_FALSE(add_crio_state("[", record));
}

TEST_CASE("containers_storage: what stands behind a handler of CRI-O is what its table says") {
  const auto parsed = parse_crio_runtimes(
      "[crio.runtime.runtimes.kata]\nruntime_path = \"/usr/bin/containerd-shim-kata-v2\"\n"
      "runtime_type = \"vm\"\n[crio.runtime]\ndefault_runtime = \"runc\"\n");
  REQUIRE(parsed);
  REQUIRE(parsed->size() == 1);
  CHECK(parsed->at("kata").type == "vm");

  const TempDir folder;
  folder.file("etc/crio/crio.conf", "[crio.runtime.runtimes.safe]\nruntime_path = \"/old\"\n");
  folder.file("etc/crio/crio.conf.d/10.conf",
              "[crio.runtime.runtimes.safe]\nruntime_path = \"/usr/bin/containerd-shim-kata-v2\"\n"
              "runtime_type = \"vm\"\n[crio.runtime.runtimes.kata-runtime]\n"
              "runtime_path = \"/usr/bin/runc\"\n");
  folder.file("etc/crio/crio.conf.d/20.conf", "[");
  folder.file("usr/bin/runc", "x");
  const auto container = [](const std::string& id) {
    return "{\"id\":" + quoted(id) + ",\"layer\":" + quoted(kA) +
           R"(,"metadata":"{\"pod-id\":\"s\",\"metadata-name\":\"m\"}"})";
  };
  folder.file("g/overlay-images/images.json", "[]");
  folder.file("g/overlay-containers/containers.json",
              "[" + container(kA) + "," + container(kB) + "," + container(kC) + "]");
  const char* const handlers[] = {"safe", "kata-runtime", "nowhere"};
  for (int i = 0; i < 3; ++i) {
    folder.file(
        "g/overlay-containers/" +
            (i == 0   ? kA
             : i == 1 ? kB
                      : kC) +
            "/userdata/config.json",
        std::string(R"({"ociVersion":"1","annotations":{"io.kubernetes.cri-o.RuntimeHandler":")") +
            handlers[i] + "\"}}");
  }
  const auto host = rootfs::HostRoot::open(folder.path());
  const auto places = places_of(**host, {"/g", "/r", "test"});
  REQUIRE(places);
  StorageStore store(**host, archive::local_unpacker(), places->front());
  model::Inventory found;
  store.read(0, found);
  REQUIRE(found.containers.size() == 3);
  CHECK(found.containers[0].boundary.kind == model::Boundary::kMicroVm);
  CHECK(found.containers[1].boundary.kind ==
        model::Boundary::kSharedKernel);  // whatever it is called
  CHECK(found.containers[2].boundary.state == model::HandlerState::kNotConfigured);
}

TEST_CASE("containers_storage: podman's SQLite is read from memory, and nothing of it runs") {
  sqlite3* database = nullptr;
  REQUIRE(sqlite3_open(":memory:", &database) == SQLITE_OK);
  const char* const words =
      "CREATE TABLE ContainerConfig(ID TEXT, JSON TEXT);"
      "CREATE TABLE ContainerState(ID TEXT, State INTEGER, JSON TEXT);"
      "CREATE TABLE PodConfig(ID TEXT, JSON TEXT);"
      "INSERT INTO ContainerConfig VALUES('c1','{\"name\":\"a\"}');"
      "INSERT INTO ContainerState VALUES('c1',1,'{\"state\":6}');"
      "INSERT INTO ContainerState VALUES('gone',1,'{}');"
      "INSERT INTO PodConfig VALUES('p1','{\"name\":\"pod\"}');";
  REQUIRE(sqlite3_exec(database, words, nullptr, nullptr, nullptr) == SQLITE_OK);
  const auto bytes_of = [&database] {
    sqlite3_int64 size = 0;
    unsigned char* const data = sqlite3_serialize(database, "main", &size, 0);
    std::string bytes(reinterpret_cast<const char*>(data), static_cast<std::size_t>(size));
    sqlite3_free(data);
    return bytes;
  };
  const std::string whole = bytes_of();
  const auto state = parse_sqlite_state(whole);
  REQUIRE(state);
  CHECK(state->containers.size() == 1);
  CHECK(state->containers.at("c1").state == R"({"state":6})");
  CHECK(state->pods.at("p1") == R"({"name":"pod"})");
  CHECK_FALSE(parse_sqlite_state(whole.substr(0, whole.size() / 2)));
  CHECK_FALSE(parse_sqlite_state("no database"));
  // A view in place of a table could compute anything.
  REQUIRE(sqlite3_exec(database,
                       "DROP TABLE PodConfig; CREATE VIEW PodConfig AS SELECT 1 AS ID, 2 AS JSON;",
                       nullptr, nullptr, nullptr) == SQLITE_OK);
  CHECK_FALSE(parse_sqlite_state(bytes_of()));
  // A column that is computed makes a large text of a small file.
  REQUIRE(sqlite3_exec(database,
                       "DROP VIEW PodConfig;"
                       "CREATE TABLE PodConfig(ID TEXT, JSON TEXT AS (hex(zeroblob(1000000))));"
                       "INSERT INTO PodConfig VALUES('p1');",
                       nullptr, nullptr, nullptr) == SQLITE_OK);
  const auto large = parse_sqlite_state(bytes_of());
  REQUIRE_FALSE(large);
  CHECK(large.error().code() == ErrorCode::kLimit);
  sqlite3_close(database);
}

TEST_CASE("containers_storage: a damaged bolt_state.db is no engine without containers") {
  testing_support::BboltFile file;
  const auto lost = file.leaf({});
  const auto good = file.leaf({testing_support::BboltFile::value("config", "{}")});
  const auto all = file.leaf({testing_support::BboltFile::bucket("c1", good),
                              testing_support::BboltFile::bucket("c2", lost)});
  std::string bytes = file.finish(file.leaf({testing_support::BboltFile::bucket("ctr", all)}));
  const TempDir folder;
  folder.file("g/libpod/bolt_state.db", bytes);
  bytes[file.at(lost, 8)] = 0;
  folder.file("damaged/libpod/bolt_state.db", bytes);
  const auto host = rootfs::HostRoot::open(folder.path());
  const model::HostPath good_root = *model::HostPath::parse("/g");
  const model::HostPath run = *model::HostPath::parse("/r");
  model::HostPath path = good_root;
  const auto whole = read_podman_state(**host, good_root, run, path);
  REQUIRE(whole);
  CHECK(whole->damages.empty());
  CHECK(whole->containers.at("c1").config == "{}");
  const auto damaged = read_podman_state(**host, *model::HostPath::parse("/damaged"), run, path);
  REQUIRE(damaged);
  CHECK(damaged->containers.at("c1").config == "{}");
  REQUIRE(damaged->damages.size() == 1);
  CHECK(damaged->damages[0].message().find("ctr/c2") != std::string::npos);

  folder.file("damaged/overlay-images/images.json", "[]");
  const auto places = places_of(**host, {"/damaged", "/r", "test"});
  REQUIRE(places);
  StorageStore store(**host, archive::local_unpacker(), places->front(),
                     rootfs::TrustedAccess::kReadable);
  model::Inventory found;
  store.read(0, found);
  REQUIRE(found.problems.size() == 1);
  CHECK(found.problems[0].error.message().find("ctr/c2") != std::string::npos);
}

TEST_CASE("containers_storage: what is lost or wrong is a problem, and the rest goes on") {
  const TempDir folder;
  const std::string root = "g/";
  const std::string config =
      R"({"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":["sha256:)" +
      kB + R"("]}})";
  const std::string id = model::digest_of(config).text().substr(7);
  folder.file(root + "overlay-images/images.json",
              "[{\"id\":" + quoted(id) +
                  ",\"names\":[\"docker.io/library/demo:1\"],\"digest\":\"sha256:" + kC +
                  "\",\"layer\":" + quoted(kA) + "},{\"id\":" + quoted(kC) +
                  ",\"layer\":" + quoted(kC) + "}]");
  folder.file(root + "overlay-images/" + id + "/" + *big_data_name("sha256:" + id), config);
  folder.file(root + "overlay-layers/layers.json",
              "[{\"id\":" + quoted(kA) + ",\"diff-digest\":\"sha256:" + kB +
                  "\"},{\"id\":" + quoted(kB) + ",\"parent\":" + quoted(kB) + "}]");
  folder.file(root + "overlay/" + kA + "/diff/etc/hello", "x");
  folder.file(root + "overlay/" + kB + "/diff/etc/hello", "x");
  folder.file(root + "overlay-containers/containers.json",
              "[{\"id\":" + quoted(kA) + ",\"names\":[\"c\"],\"layer\":" + quoted(kB) +
                  "},{\"id\":" + quoted(kB) + ",\"metadata\":\"{\"}]");
  const auto host = rootfs::HostRoot::open(folder.path());
  const auto places = places_of(**host, {"/g", "/r", "test"});
  REQUIRE(places);
  REQUIRE(places->size() == 1);
  StorageStore store(**host, archive::local_unpacker(), places->front(),
                     rootfs::TrustedAccess::kReadable);
  model::Inventory found;
  store.read(0, found);
  REQUIRE(found.images.size() == 2);
  CHECK(found.images[0].names == std::vector<std::string>{"demo:1", "demo@sha256:" + kC});
  CHECK(found.images[0].config_digest);
  REQUIRE(found.images[0].layers.size() == 1);
  CHECK(store.open_layer(found.images[0].layers[0]));
  CHECK(store.witness(found.images[0].layers[0]));
  CHECK(found.images[1].layers[0].missing);
  CHECK_FALSE(store.open_layer(found.images[1].layers[0]));
  REQUIRE(found.containers.size() == 2);
  CHECK(found.containers[0].name == "c");
  CHECK(found.containers[0].layers.size() == 2);  // kB stands on itself
  std::size_t of_first = 0;
  for (const model::Problem& problem : found.problems) {
    CHECK_FALSE(problem.error.message().empty());
    of_first += problem.object == found.images[0].id ? 1 : 0;
  }
  CHECK(of_first == 0);
  CHECK(found.problems.size() >= 4);
  CHECK_FALSE(places_of(**host, {"/nowhere", "", "test"}));
}
