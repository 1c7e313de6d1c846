// SPDX-License-Identifier: Apache-2.0
#include "store/containerd/task_files.hpp"

#include <charconv>
#include <system_error>

#include "base/escape.hpp"
#include "base/limits.hpp"
#include "store/containerd/encoding.hpp"

namespace meridian::store::containerd {
namespace {

using model::HostPath;

/// Where the shim of runc keeps its runtime's state unless an option says otherwise.
constexpr std::string_view kRuncRoot = "/run/containerd/runc";
constexpr std::uint64_t kMaxPidFile = 64;
// Fields of containerd.runc.v1.Options, and of runtimeoptions.v1.Options.
constexpr std::uint32_t kBinaryField = 6;
constexpr std::uint32_t kRootField = 7;
constexpr std::uint32_t kConfigField = 2;

/// nullopt: it is not there.
Result<std::optional<std::string>> read_if_there(const rootfs::HostRoot& host, const HostPath& path,
                                                 std::uint64_t limit) {
  auto text = host.read_file(path, limit);
  if (text) return std::optional(*std::move(text));
  if (text.error().code() == ErrorCode::kNotFound) return std::optional<std::string>();
  return std::move(text).error();
}

}  // namespace

Result<RuntimeOptions> parse_runtime_options(std::string_view bytes) {
  MERIDIAN_TRY(const Any any, parse_any(bytes));
  RuntimeOptions out;
  const auto take = [&any](std::uint32_t field, std::string& value) -> Result<void> {
    MERIDIAN_TRY(const auto found, message_field(any.value, field));
    value = found.value_or(std::string_view());
    return {};
  };
  if (any.type.find("runc") != std::string_view::npos) {
    MERIDIAN_CHECK(take(kBinaryField, out.binary));
    MERIDIAN_CHECK(take(kRootField, out.root));
  } else if (any.type.find("runtimeoptions") != std::string_view::npos) {
    MERIDIAN_CHECK(take(kConfigField, out.config));
  }
  return out;
}

TaskFiles::TaskFiles(const rootfs::HostRoot& host, const HostPath& state,
                     const std::string& name_space)
    : host_(host),
      bundles_(state / "io.containerd.runtime.v2.task" / name_space),
      name_space_(name_space) {}

Result<std::optional<std::int64_t>> TaskFiles::pid(const std::string& id, std::string& file) const {
  const HostPath path = bundles_ / id / "init.pid";
  file = path.text();
  MERIDIAN_TRY(const auto text, read_if_there(host_, path, kMaxPidFile));
  if (!text) return std::optional<std::int64_t>();
  std::int64_t pid = 0;
  const char* const end = text->data() + text->size();
  const auto [last, error] = std::from_chars(text->data(), end, pid);
  const bool whole = last == end || (last + 1 == end && *last == '\n');
  if (error != std::errc() || !whole || pid <= 0) {
    return Error(ErrorCode::kCorrupt, "'" + base::escape(*text) + "' is no process number");
  }
  return std::optional(pid);
}

Result<std::optional<std::string>> TaskFiles::state(const ContainerRecord& record,
                                                    std::string& file) const {
  const auto options = parse_runtime_options(record.options);
  const std::string root =
      options && !options->root.empty() ? options->root : std::string(kRuncRoot);
  const auto folder = HostPath::parse(root);
  if (!folder) return std::optional<std::string>();
  for (const char* const name : {"state.json", "status"}) {
    const HostPath path = *folder / name_space_ / record.id / name;
    file = path.text();
    MERIDIAN_TRY(auto text, read_if_there(host_, path, limits::kMaxMetadataFile));
    if (text) return text;
  }
  return std::optional<std::string>();
}

}  // namespace meridian::store::containerd
