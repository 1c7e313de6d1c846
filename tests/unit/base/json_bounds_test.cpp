// SPDX-License-Identifier: Apache-2.0
#include "base/json_bounds.hpp"

#include <string>

#include "base/limits.hpp"
#include "support/catch.hpp"

using meridian::ErrorCode;
using meridian::base::check_json_bounds;
namespace limits = meridian::limits;

TEST_CASE("check_json_bounds: a tower of brackets is refused at the limit") {
  const std::string most(limits::kMaxJsonDepth, '[');
  CHECK(check_json_bounds(most + std::string(limits::kMaxJsonDepth, ']')));
  const auto past = check_json_bounds(most + "{");
  REQUIRE_FALSE(past);
  CHECK(past.error().code() == ErrorCode::kLimit);
  CHECK_FALSE(check_json_bounds(std::string(10 << 20, '[')));
}

TEST_CASE("check_json_bounds: brackets inside strings are text") {
  CHECK(check_json_bounds("\"" + std::string(1000, '[') + "\""));
  CHECK(check_json_bounds(R"("\")" + std::string(1000, '{') + "\""));
  CHECK_FALSE(check_json_bounds(R"("\\")" + std::string(1000, '{')));
}

TEST_CASE("check_json_bounds: closing more than was opened does not earn depth") {
  CHECK_FALSE(check_json_bounds(std::string(1000, ']') + std::string(100, '[')));
}

TEST_CASE("check_json_bounds: a flat text of very many values is refused") {
  std::string many = "[";
  for (std::size_t i = 0; i <= limits::kMaxJsonValues; ++i) many += "1,";
  CHECK_FALSE(check_json_bounds(many));
}
