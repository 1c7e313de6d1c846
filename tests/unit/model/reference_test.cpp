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
