// SPDX-License-Identifier: Apache-2.0
#include "store/runtime_settings.hpp"

#include "store/containerd/toml.hpp"

namespace meridian::store {
namespace {

using containerd::TomlEntry;
using model::RuntimeSetting;

std::string joined(const std::vector<std::string>& parts, std::size_t first, char between) {
  std::string text;
  for (std::size_t i = first; i < parts.size(); ++i) {
    if (i > first) text += between;
    text += parts[i];
  }
  return text;
}

/// Of the tables whose names begin with one of `tables`; names of settings are from part `first`
/// on.
Result<std::vector<RuntimeSetting>> settings_of(std::string_view toml, const std::string& source,
                                                const std::vector<std::string_view>& tables,
                                                std::size_t first) {
  MERIDIAN_TRY(const std::vector<TomlEntry> entries, containerd::parse_toml(toml));
  std::vector<RuntimeSetting> out;
  for (const TomlEntry& entry : entries) {
    bool ours = false;
    for (const std::string_view table : tables) ours = ours || entry.path.front() == table;
    if (!ours || entry.path.size() <= first) continue;
    if (out.size() == kMaxSettings) {
      return Error(ErrorCode::kLimit, "more than " + std::to_string(kMaxSettings) + " settings");
    }
    const bool many = entry.kind == TomlEntry::Kind::kTexts;
    out.push_back(
        {joined(entry.path, first, '.'), many ? joined(entry.texts, 0, ',') : entry.text, source});
  }
  return out;
}

}  // namespace

std::vector<RuntimeSetting> settings_of_arguments(const std::vector<std::string>& words,
                                                  const std::string& source) {
  std::vector<RuntimeSetting> out;
  const auto is_flag = [](const std::string& word) { return word.size() > 1 && word[0] == '-'; };
  for (std::size_t i = 0; i < words.size() && out.size() < kMaxSettings; ++i) {
    if (!is_flag(words[i])) continue;
    const std::string text = words[i].substr(words[i][1] == '-' ? 2 : 1);
    const auto equals = text.find('=');
    if (equals != std::string::npos) {
      out.push_back({text.substr(0, equals), text.substr(equals + 1), source});
    } else if (i + 1 < words.size() && !is_flag(words[i + 1])) {
      out.push_back({text, words[++i], source});
    } else {
      out.push_back({text, "true", source});
    }
  }
  return out;
}

Result<std::vector<RuntimeSetting>> settings_of_runsc(std::string_view toml,
                                                      const std::string& source) {
  return settings_of(toml, source, {"runsc_config"}, 1);
}

Result<std::vector<RuntimeSetting>> settings_of_kata(std::string_view toml,
                                                     const std::string& source) {
  return settings_of(toml, source, {"hypervisor", "agent", "runtime", "factory", "image"}, 0);
}

}  // namespace meridian::store
