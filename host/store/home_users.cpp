// SPDX-License-Identifier: Apache-2.0
#include "store/home_users.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <string_view>
#include <utility>

#include "base/limits.hpp"

namespace meridian::store {
namespace {

constexpr std::size_t kMaxUsers = 10'000;
constexpr const char* kFile = "/etc/passwd";

}  // namespace

std::vector<HomeUser> home_users(const rootfs::HostRoot& host,
                                 std::vector<model::Problem>& problems) {
  std::vector<HomeUser> users;
  const auto problem = [&problems](Error error) {
    problems.push_back({std::move(error), kFile, {}, model::kNoStore});
  };
  auto text = host.read_file(*model::HostPath::parse(kFile), limits::kMaxMetadataFile);
  if (!text) {
    if (text.error().code() != ErrorCode::kNotFound) problem(std::move(text).error());
    return users;
  }
  std::set<std::string> homes;
  std::string_view rest = *text;
  while (!rest.empty()) {
    std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    std::array<std::string_view, 7> fields;  // passwd(5)
    for (std::string_view& field : fields) {
      field = line.substr(0, line.find(':'));
      line.remove_prefix(std::min(field.size() + 1, line.size()));
    }
    const std::string home(fields[5]);
    if (home.size() < 2 || home[0] != '/' || !homes.insert(home).second) continue;
    if (users.size() == kMaxUsers) {
      problem(
          Error(ErrorCode::kLimit, "more than " + std::to_string(kMaxUsers) +
                                       " homes; the rest were not asked for engines of theirs"));
      break;
    }
    users.push_back({std::string(fields[2]), home, std::string(fields[0])});
  }
  return users;
}

}  // namespace meridian::store
