// SPDX-License-Identifier: Apache-2.0
#include "program_data.hpp"

#include <fnmatch.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <utility>

namespace meridian::privilege_escalation {
namespace {

using nlohmann::json;

constexpr auto kFunctions = std::to_array<std::string_view>(
    {"shell", "command", "file-read", "file-write", "library-load", "privilege"});
constexpr std::size_t kMaxName = 255;

bool is_function(std::string_view word) {
  return std::find(kFunctions.begin(), kFunctions.end(), word) != kFunctions.end();
}

Result<std::vector<std::string>> functions(const json& object, const char* key,
                                           const std::string& name) {
  std::vector<std::string> words;
  const auto found = object.find(key);
  if (found == object.end()) return words;
  const Error wrong(ErrorCode::kCorrupt,
                    "program '" + name + "': '" + key + "' is not a list of functions");
  if (!found->is_array()) return wrong;
  for (const json& item : *found) {
    const auto* word = item.get_ptr<const json::string_t*>();
    if (word == nullptr || !is_function(*word)) return wrong;
    words.push_back(*word);
  }
  return words;
}

Result<Program> parse_program(const std::string& name, const json& object) {
  if (!object.is_object()) {
    return Error(ErrorCode::kCorrupt, "program '" + name + "' is not an object");
  }
  Program program;
  MERIDIAN_TRY(program.sudo, functions(object, "sudo", name));
  MERIDIAN_TRY(program.setuid, functions(object, "setuid", name));
  for (const auto& item : object.items()) {
    if (item.key() == "sudo" || item.key() == "setuid") continue;
    const bool known = item.key() == "sets_uid" || item.key() == "interactive";
    if (!known || !item.value().is_boolean()) {
      return Error(ErrorCode::kCorrupt, "program '" + name + "': key '" + item.key() + "'");
    }
    (item.key() == "sets_uid" ? program.sets_uid : program.interactive) = item.value() == true;
  }
  return program;
}

bool is_version_byte(char byte) { return (byte >= '0' && byte <= '9') || byte == '.'; }

// "python3.11" -> "python", "gcc-12" -> "gcc", "python3.11m" stays.
std::string_view without_version(std::string_view name) {
  while (!name.empty() && is_version_byte(name.back())) name.remove_suffix(1);
  while (!name.empty() && (name.back() == '-' || name.back() == '_')) name.remove_suffix(1);
  return name;
}

}  // namespace

Result<ProgramData> ProgramData::parse(std::string_view programs, std::string_view expected) {
  ProgramData out;
  const json data = json::parse(programs, nullptr, false);
  const auto list = data.is_object() ? data.find("programs") : data.end();
  if (!data.is_object() || list == data.end() || !list->is_object()) {
    return Error(ErrorCode::kCorrupt, "programs.json has no object 'programs'");
  }
  for (const auto& item : list->items()) {
    MERIDIAN_TRY(auto program, parse_program(item.key(), item.value()));
    out.programs_[item.key()] = std::move(program);
  }
  const json places = json::parse(expected, nullptr, false);
  const auto known = places.is_object() ? places.find("expected") : places.end();
  if (!places.is_object() || known == places.end() || !known->is_object()) {
    return Error(ErrorCode::kCorrupt, "expected.json has no object 'expected'");
  }
  for (const auto& item : known->items()) {
    const auto* package = item.value().get_ptr<const json::string_t*>();
    if (package == nullptr) {
      return Error(ErrorCode::kCorrupt, "expected '" + item.key() + "' names no package");
    }
    out.expected_.push_back({item.key(), *package});
  }
  return out;
}

Result<void> ProgramData::add_program(std::string_view text) {
  const std::size_t equals = text.find('=');
  const Error wrong(ErrorCode::kInvalid,
                    "programs: '" + std::string(text) +
                        "' is not NAME=none or NAME=sudo:FUNCTION,...;setuid:FUNCTION,...");
  if (equals == 0 || equals == std::string_view::npos || equals > kMaxName) return wrong;
  const std::string name(text.substr(0, equals));
  text.remove_prefix(equals + 1);
  if (text == "none") {
    programs_.erase(name);
    return {};
  }
  Program program;
  while (!text.empty()) {
    std::string_view part = text.substr(0, text.find(';'));
    text.remove_prefix(std::min(part.size() + 1, text.size()));
    const std::size_t colon = std::min(part.find(':'), part.size());
    const std::string_view context = part.substr(0, colon);
    if (context != "sudo" && context != "setuid") return wrong;
    part.remove_prefix(std::min(colon + 1, part.size()));
    while (!part.empty()) {
      const std::string_view word = part.substr(0, part.find(','));
      part.remove_prefix(std::min(word.size() + 1, part.size()));
      if (!is_function(word)) return wrong;
      (context == "sudo" ? program.sudo : program.setuid).emplace_back(word);
    }
  }
  programs_[name] = std::move(program);
  return {};
}

const Program* ProgramData::find(std::string_view name) const {
  const auto exact = [this](std::string_view one) -> const Program* {
    const auto found = programs_.find(one);
    return found == programs_.end() ? nullptr : &found->second;
  };
  if (const Program* found = exact(name)) return found;
  if (name.substr(0, 8) == "ld-linux" || name.substr(0, 8) == "ld-musl-") return exact("ld.so");
  const std::string_view bare = without_version(name);
  if (const Program* found = exact(bare)) return found;
  // vim.basic, vim.tiny, nmap.real: an edition; x86_64-linux-gnu-gcc: a compiler's triplet.
  for (const std::string_view edition :
       {".basic", ".tiny", ".nox", ".gtk", ".gtk3", ".real", ".bin", ".static", ".traditional",
        ".openbsd", ".distrib", "-static", "-gtk"}) {
    if (bare.size() > edition.size() && bare.substr(bare.size() - edition.size()) == edition) {
      return exact(bare.substr(0, bare.size() - edition.size()));
    }
  }
  constexpr std::string_view kTriplet = "-linux-gnu-";
  const std::size_t at = bare.find(kTriplet);
  return at == std::string_view::npos ? nullptr : exact(bare.substr(at + kTriplet.size()));
}

const Expected* ProgramData::expected(std::string_view path) const {
  const std::string text(path);
  const auto found = std::find_if(expected_.begin(), expected_.end(), [&](const Expected& one) {
    return ::fnmatch(one.path.c_str(), text.c_str(), FNM_PATHNAME) == 0;
  });
  return found == expected_.end() ? nullptr : &*found;
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text.append(text.empty() ? "" : ", ").append(word);
  return text;
}

}  // namespace meridian::privilege_escalation
