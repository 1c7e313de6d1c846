// SPDX-License-Identifier: Apache-2.0
#include "model/image_config.hpp"

#include "support/catch.hpp"

using namespace meridian;
using meridian::model::ImageConfig;

namespace {

const std::string kOne = "\"sha256:" + std::string(64, '1') + "\"";
const std::string kTwo = "\"sha256:" + std::string(64, '2') + "\"";

std::string with(const std::string& diff_ids, const std::string& history) {
  return R"({"rootfs":{"diff_ids":[)" + diff_ids + R"(]},"history":[)" + history + "]}";
}

}  // namespace

TEST_CASE("image_config: what dockerd writes is read") {
  const auto config = ImageConfig::parse(
      R"({"architecture":"arm64","os":"linux","variant":"v8","created":"2026-01-02T03:04:05Z",
      "config":{"Env":["PATH=/bin","S=1"],"Cmd":["sh"],"Entrypoint":null,"User":"app",
      "WorkingDir":"/w","Labels":{"a":"b"},"OnBuild":null},"rootfs":{"type":"layers","diff_ids":[)" +
      kOne + "]}}");
  REQUIRE(config);
  CHECK(config->platform.text() == "linux/arm64/v8");
  CHECK(config->env == std::vector<std::string>{"PATH=/bin", "S=1"});
  CHECK(config->cmd == std::vector<std::string>{"sh"});
  CHECK(config->entrypoint.empty());
  CHECK(config->user == "app");
  CHECK(config->labels.at("a") == "b");
  CHECK(config->diff_ids.size() == 1);
  CHECK(config->raw.front() == '{');
}

TEST_CASE("image_config: every optional field may be absent or null") {
  CHECK(ImageConfig::parse("{}"));
  CHECK(ImageConfig::parse(R"({"config":null,"rootfs":null,"history":null,"os":null})"));
  CHECK(ImageConfig::parse(
      R"({"config":{"Env":null,"Cmd":null,"Labels":null},"rootfs":{"diff_ids":null}})"));
  CHECK(ImageConfig::parse(R"({"config":{"Cmd":"one string"}})")->cmd.size() == 1);
}

TEST_CASE("image_config: another type is kCorrupt and names the key") {
  for (const char* const text :
       {"[]", "7", "\"x\"", "null", R"({"config":[]})", R"({"config":{"Env":"A=1"}})",
        R"({"config":{"Env":[1]}})", R"({"config":{"Labels":[]}})", R"({"rootfs":{"diff_ids":{}}})",
        R"({"rootfs":{"diff_ids":["sha256:../../etc"]}})", R"({"history":{}})",
        R"({"history":[7]})", R"({"history":[{"empty_layer":"yes"}]})", R"({"os":1})"}) {
    const auto config = ImageConfig::parse(text);
    INFO(text);
    REQUIRE_FALSE(config);
    CHECK(config.error().code() == ErrorCode::kCorrupt);
  }
  CHECK(ImageConfig::parse(R"({"config":{"Env":[1]}})").error().message() ==
        "image config: 'Env'[0]: is number, not a string");
}

TEST_CASE("image_config: too many layers and a depth bomb are kLimit") {
  std::string many;
  for (int i = 0; i < 1001; ++i) many += (i == 0 ? "" : ",") + kOne;
  CHECK(ImageConfig::parse(with(many, "")).error().code() == ErrorCode::kLimit);
  CHECK(ImageConfig::parse("{\"a\":" + std::string(100'000, '[')).error().code() ==
        ErrorCode::kLimit);
}

TEST_CASE("image_config: history names layers, past the empty steps") {
  const auto config = ImageConfig::parse(
      with(kOne + "," + kTwo, R"({"created_by":"A"},{"created_by":"ENV","empty_layer":true},)"
                              R"({"created_by":"B"})"));
  REQUIRE(config);
  CHECK(config->history[0].layer == 0u);
  CHECK_FALSE(config->history[1].layer);
  CHECK(config->history[2].layer == 1u);
  CHECK(config->layer_commands() == std::vector<std::string>{"A", "B"});
}

TEST_CASE("image_config: a history that does not add up names no layer at all") {
  for (const char* const history : {"", "{}", "{},{},{}", R"({},{"empty_layer":true})"}) {
    const auto config = ImageConfig::parse(with(kOne + "," + kTwo, history));
    REQUIRE(config);
    for (const auto& step : config->history) CHECK_FALSE(step.layer);
    CHECK(config->layer_commands() == std::vector<std::string>{"", ""});
  }
}
