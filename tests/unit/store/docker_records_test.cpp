// SPDX-License-Identifier: Apache-2.0
#include "store/docker/records.hpp"

#include "support/catch.hpp"

using namespace meridian;
using namespace meridian::store;
using model::ContainerState;

TEST_CASE("parse_container: the state's word, in the engine's order") {
  struct Row {
    const char* state;
    ContainerState expected;
  };
  for (const Row& row :
       {Row{R"("Running":true,"StartedAt":"2026-01-01T00:00:00Z")", ContainerState::kRunning},
        Row{R"("Running":true,"Paused":true)", ContainerState::kPaused},
        Row{R"("Running":true,"Restarting":true)", ContainerState::kRestarting},
        Row{R"("Dead":true,"RemovalInProgress":true)", ContainerState::kDead},
        Row{R"("RemovalInProgress":true,"Running":true)", ContainerState::kRemoving},
        Row{R"("StartedAt":"0001-01-01T00:00:00Z")", ContainerState::kCreated},
        Row{"", ContainerState::kCreated},
        Row{R"("StartedAt":"2026-01-01T00:00:00Z")", ContainerState::kExited}}) {
    INFO(row.state);
    const auto record = parse_container(std::string(R"({"State":{)") + row.state + "}}");
    REQUIRE(record);
    CHECK(record->state == row.expected);
  }
}

TEST_CASE("parse_container: nulls are nothing, other types are kCorrupt") {
  CHECK(parse_container("{}"));
  CHECK(parse_container(R"({"State":null,"Config":null,"MountPoints":null,"Name":null})"));
  for (const char* const text :
       {"", "[]", "null", R"({"ID":7})", R"({"State":[]})", R"({"State":{"Running":"yes"}})",
        R"({"Config":{"Env":{}}})", R"({"MountPoints":[]})", R"({"MountPoints":{"/a":7}})"}) {
    INFO(text);
    REQUIRE_FALSE(parse_container(text));
    CHECK(parse_container(text).error().code() == ErrorCode::kCorrupt);
  }
  CHECK(parse_container(std::string(1000, '[')).error().code() == ErrorCode::kLimit);
}

TEST_CASE("parse_repositories: id to names, each once") {
  const auto names = parse_repositories(
      R"({"Repositories":{"b":{"b:2":"sha256:x","b:1":"sha256:x"},"a":{"a:1":"sha256:x"},"c":null}})");
  REQUIRE(names);
  CHECK(names->at("sha256:x") == std::vector<std::string>{"a:1", "b:1", "b:2"});
  CHECK(parse_repositories("{}")->empty());
  CHECK_FALSE(parse_repositories(R"({"Repositories":{"a":{"a:1":7}}})"));
  CHECK_FALSE(parse_repositories("[]"));
}

TEST_CASE("ids: exactly their patterns") {
  CHECK(is_docker_id(std::string(64, 'f')));
  CHECK_FALSE(is_docker_id(std::string(64, 'g')));
  CHECK_FALSE(is_docker_id(std::string(63, 'f')));
  CHECK_FALSE(is_docker_id(std::string(64, 'f') + "-init"));
  CHECK(is_driver_id(std::string(64, 'f') + "-init"));
  CHECK(is_driver_id(std::string(25, 'z')));
  for (const char* const bad : {"", ".", "..", "-init", "l", "a/b", "../x"}) {
    CHECK_FALSE(is_driver_id(bad));
  }
}
