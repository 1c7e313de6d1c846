// SPDX-License-Identifier: Apache-2.0
#include "model/reference.hpp"

#include "support/catch.hpp"

using namespace meridian;
using namespace meridian::model;

TEST_CASE("reference: a word before ':' is a transport only from the fixed list") {
  struct Row {
    const char* text;
    const char* transport;
    const char* path;
    const char* name;
  };
  for (const Row& row :
       {Row{"demo:1", "", "", "demo:1"}, Row{"docker:24", "", "", "docker:24"},
        Row{"docker", "", "", "docker"}, Row{"sha256:ab", "", "", "sha256:ab"},
        Row{"localhost:5000/a:1", "", "", "localhost:5000/a:1"},
        Row{"docker-archive:/t/x.tar", "docker-archive", "/t/x.tar", ""},
        Row{"docker-archive:x.tar:demo:1", "docker-archive", "x.tar", "demo:1"},
        Row{"docker-archive:x.tar:@0", "docker-archive", "x.tar", "@0"},
        Row{"oci:dir:tag", "oci", "dir", "tag"},
        Row{"oci-archive:f.tar", "oci-archive", "f.tar", ""},
        Row{"dir:/a:b/c", "dir", "/a:b/c", ""}, Row{"docker://r.io/a:1", "docker", "", "r.io/a:1"},
        Row{"docker-daemon:a:1", "docker-daemon", "", "a:1"},
        Row{"containers-storage:a", "containers-storage", "", "a"},
        Row{"containerd:k8s.io/r.io/a:1", "containerd", "k8s.io", "r.io/a:1"}}) {
    INFO(row.text);
    const auto parsed = Reference::parse(row.text);
    REQUIRE(parsed);
    CHECK(parsed->transport == row.transport);
    CHECK(parsed->path == row.path);
    CHECK(parsed->name == row.name);
    CHECK(parsed->text() == row.text);
  }
}

TEST_CASE("reference: an empty one, or a transport without its part, is kInvalid") {
  for (const char* const text : {"", "dir:", "docker-archive:", "docker-archive::demo", "docker://",
                                 "containerd:", "containerd:ns", "containerd:/x", "oci:"}) {
    INFO(text);
    const auto parsed = Reference::parse(text);
    REQUIRE_FALSE(parsed);
    CHECK(parsed.error().code() == ErrorCode::kInvalid);
  }
}

TEST_CASE("matches: the five rules for an image") {
  const std::string hex = "7f8ac890" + std::string(56, '0');
  Image image;
  image.id = "sha256:" + hex;
  image.names = {"127.0.0.1:5555/team/app:v1", "demo:1", "demo@sha256:" + std::string(64, 'e'),
                 "veinmind/python3:1.0.2-stretch"};
  for (const std::string& yes :
       {image.id, hex, std::string("7f8a"), std::string("sha256:7f8a"), std::string("demo"),
        std::string("demo:1"), std::string("docker.io/library/demo:1"),
        std::string("index.docker.io/library/demo"), std::string("library/demo:1"),
        std::string("python3"), std::string("veinmind"), std::string("veinmind/python3"),
        std::string("docker.io/veinmind/python3"), std::string("app"), std::string("team"),
        std::string("127.0.0.1:5555/team/app"), std::string("127.0.0.1:5555/team/app:v1"),
        "demo@sha256:" + std::string(64, 'e')}) {
    INFO(yes);
    CHECK(matches(yes, image));
  }
  for (const std::string& no :
       {std::string(), std::string("8ac8"), hex + "0", std::string("sha256:"), std::string("dem"),
        std::string("demo:2"), std::string("python3:1.0.2-stretch"), std::string("python"),
        std::string("team/app"), std::string("127.0.0.1:5555"), std::string("127.0.0.1"),
        std::string("quay.io/veinmind/python3"), std::string("demo:1:1"), std::string("DEMO")}) {
    INFO(no);
    CHECK_FALSE(matches(no, image));
  }
}

TEST_CASE("matches: each form of a name against what a store calls the image") {
  const std::string digest = "sha256:" + std::string(64, 'e');
  const std::string other = "sha256:" + std::string(64, 'd');
  struct Row {
    std::string wanted;
    std::string stored;
    bool same;
  };
  const std::vector<Row> rows = {
      // An exact tagged or digest reference, familiar and full.
      {"demo:1", "demo:1", true},
      {"docker.io/library/demo:1", "demo:1", true},
      {"demo:1", "docker.io/library/demo:1", true},
      {"index.docker.io/library/demo:1", "docker.io/library/demo:1", true},
      {"docker.io/demo:1", "demo:1", true},
      {"docker.io/team/demo:1", "team/demo:1", true},
      {"quay.io/team/demo:1", "team/demo:1", false},
      {"demo:1", "quay.io/library/demo:1", false},
      {"library/demo:1", "quay.io/library/demo:1", false},
      {"demo:1", "demo:10", false},
      {"demo:", "demo:1", false},
      {"demo@" + digest, "demo@" + digest, true},
      {"docker.io/library/demo@" + digest, "demo@" + digest, true},
      {"demo:1@" + digest, "demo@" + digest, true},
      {"demo@" + digest, "demo:1@" + digest, true},
      {"demo:1@" + digest, "demo:1", false},
      {"demo:1@" + digest, "demo@" + other, false},
      {"demo@" + digest, "other@" + digest, false},
      {digest, "demo@" + digest, false},
      {"@" + digest, "demo@" + digest, false},
      // A repository path: every tag and digest of it.
      {"team/demo", "team/demo:1", true},
      {"team/demo", "team/demo@" + digest, true},
      {"docker.io/team/demo", "team/demo:1", true},
      {"team/demo", "quay.io/team/demo:1", false},
      {"quay.io/team/demo", "quay.io/team/demo:1", true},
      {"localhost:5000/demo", "localhost:5000/demo:1", true},
      {"localhost:5000/demo", "localhost:5000/demo", true},
      {"localhost:5000/dem", "localhost:5000/demo:1", false},
      {"team", "team/demo:1", true},
      {"team/", "team/demo:1", false},
      {"/demo", "team/demo:1", false},
      // One identifier: any part of the path, no registry, no beginning of a part.
      {"demo", "quay.io/team/demo:1", true},
      {"team", "quay.io/team/demo:1", true},
      {"quay.io", "quay.io/team/demo:1", false},
      {"localhost", "localhost/demo:1", false},
      {"localhost:5000", "localhost:5000/demo:1", false},
      {"dem", "demo:1", false},
      {"1", "demo:1", false},
      {"demo:1", "team/demo:1", false},
      // Names that read like ids, like transports, like nothing.
      {"beef", "beef:1", true},
      {"beef", "team/beef:1", true},
      {"bee", "beef:1", false},
      {"sha256:beef", "beef:1", false},
      {"oci", "oci:1", true},
      {"library/oci:1", "oci:1", true},
      {"docker:24", "docker:24", true},
      {":1", "demo:1", false},
      {"@", "demo:1", false},
      {":", "demo:1", false},
      {"/", "demo:1", false},
  };
  for (const Row& row : rows) {
    INFO(row.wanted << " for " << row.stored);
    Image image;
    image.id = "sha256:" + std::string(64, '7');
    image.names = {row.stored};
    CHECK(matches(row.wanted, image) == row.same);
  }
}

TEST_CASE("matches: an id, whole or its beginning, and what only looks like one") {
  const std::string hex = "beef01" + std::string(58, '0');
  Image image;
  image.id = "sha256:" + hex;
  Container container;
  container.id = hex;
  container.name = "cafe";
  for (const std::string& wanted : {hex, "sha256:" + hex, std::string("b"), std::string("beef"),
                                    std::string("sha256:beef01")}) {
    INFO(wanted);
    CHECK(matches(wanted, image));
  }
  for (const std::string& wanted :
       {std::string("BEEF"), std::string("eef0"), std::string("beeg"), std::string("sha256:"),
        std::string("sha512:beef"), std::string("beef:1"), hex + "00", std::string("beef ")}) {
    INFO(wanted);
    CHECK_FALSE(matches(wanted, image));
    CHECK_FALSE(matches(wanted, container));
  }
  CHECK(matches("beef", container));
  CHECK(matches("cafe", container));  // its name, though it reads like another's id
  CHECK_FALSE(matches("caf", container));
}

TEST_CASE("matches: Docker Hub's long form is the same image on the stored side too") {
  Image image;
  image.id = "sha256:" + std::string(64, '1');
  image.names = {"docker.io/library/demo:1"};
  CHECK(matches("demo:1", image));
  CHECK(matches("demo", image));
  CHECK_FALSE(matches("library", image));
}

TEST_CASE(
    "matches: an image is found by the id another store gives it, a plain folder by its path") {
  Image image;
  image.id = "sha256:" + std::string(64, '1');
  image.present_in.push_back({1, "sha256:" + std::string(64, '2'), {}});
  CHECK(matches("2222", image));
  Image folder;
  folder.id = "dir:/srv/root";
  CHECK(matches("dir:/srv/root", folder));
  CHECK_FALSE(matches("d", folder));
}

TEST_CASE("matches: a container by its name, id or prefix") {
  Container container;
  container.id = "fcf5" + std::string(60, '0');
  container.name = "web";
  CHECK(matches("web", container));
  CHECK(matches("fcf5", container));
  CHECK(matches(container.id, container));
  CHECK_FALSE(matches("we", container));
  CHECK_FALSE(matches("/web", container));
  CHECK_FALSE(matches("", container));
}
