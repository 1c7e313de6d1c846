// SPDX-License-Identifier: Apache-2.0
#include "store/engine_files.hpp"

#include <algorithm>

#include "base/limits.hpp"

namespace meridian::store {
namespace {

// Ids, digests and sizes; the longest is "sha512:" with 128 digits.
constexpr std::uint64_t kMaxLine = 1024;

}  // namespace

Result<std::string> EngineFiles::read(const model::HostPath& path) const {
  return host_.read_file(path, limits::kMaxMetadataFile);
}

Result<std::string> EngineFiles::read_line(const model::HostPath& path) const {
  MERIDIAN_TRY(std::string text, host_.read_file(path, kMaxLine));
  constexpr const char* kSpace = " \t\r\n";
  text.erase(text.find_last_not_of(kSpace) + 1);
  text.erase(0, text.find_first_not_of(kSpace));
  return text;
}

std::vector<std::string> EngineFiles::list(const model::HostPath& path) {
  std::vector<std::string> names;
  auto entries = host_.list(path);
  if (!entries) {
    if (entries.error().code() != ErrorCode::kNotFound) {
      problem(std::move(entries).error(), path, {});
    }
    return names;
  }
  if (entries->size() > limits::kMaxObjects) {
    problem(Error(ErrorCode::kLimit, std::to_string(entries->size()) + " entries, the first " +
                                         std::to_string(limits::kMaxObjects) + " are read"),
            path, {});
    entries->resize(limits::kMaxObjects);
  }
  for (auto& entry : *entries) names.push_back(std::move(entry.name));
  return names;
}

Result<void> EngineFiles::check_directory(const model::HostPath& path) const {
  MERIDIAN_TRY(const base::UniqueFd directory, host_.open_directory(path));
  return {};
}

void EngineFiles::problem(Error error, const model::HostPath& path, std::string object) {
  problems_.push_back({std::move(error), path.text(), std::move(object), store_});
}

std::optional<Error> lost_layers(const model::Image& image) {
  const auto lost = std::count_if(image.layers.begin(), image.layers.end(),
                                  [](const model::Layer& layer) { return layer.missing; });
  if (lost == 0) return std::nullopt;
  return Error(ErrorCode::kNotFound, std::to_string(lost) + " of " +
                                         std::to_string(image.config.diff_ids.size()) +
                                         " layers of its image " + image.id + " cannot be read");
}

}  // namespace meridian::store
