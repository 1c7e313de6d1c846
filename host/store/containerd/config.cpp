// SPDX-License-Identifier: Apache-2.0
#include "store/containerd/config.hpp"

#include <fnmatch.h>

#include <algorithm>
#include <deque>
#include <filesystem>
#include <set>
#include <utility>

#include "base/escape.hpp"
#include "base/limits.hpp"

// Trees of values are freed by recursion.
#define TOML_EXCEPTIONS 0
#define TOML_HEADER_ONLY 1
#define TOML_MAX_NESTED_VALUES 32
#include <toml++/toml.h>

namespace meridian::store::containerd {
namespace {

using model::HostPath;

constexpr std::uint64_t kMaxConfig = 1 << 20;  // real ones have a few hundred lines
constexpr std::size_t kMaxDots = 64;           // in a line; each may be a table in a table
constexpr std::size_t kMaxFiles = 100;         // imports, theirs among them

Result<void> check_dots(std::string_view text) {
  std::size_t line = 1, dots = 0;
  for (const char byte : text) {
    if (byte == '\n') {
      ++line;
      dots = 0;
    }
    if (byte == '.' && ++dots > kMaxDots) {
      return Error(ErrorCode::kLimit, "line " + std::to_string(line) + ": more than " +
                                          std::to_string(kMaxDots) + " dots");
    }
  }
  return {};
}

Result<std::string> text_of(const toml::table& table, std::string_view key) {
  const toml::node* const node = table.get(key);
  if (node == nullptr) return std::string();
  if (const auto* const text = node->as_string()) return text->get();
  return Error(ErrorCode::kCorrupt, "'" + std::string(key) + "' is no string");
}

Result<std::vector<std::string>> texts_of(const toml::table& table, std::string_view key) {
  std::vector<std::string> out;
  const toml::node* const node = table.get(key);
  if (node == nullptr) return out;
  const toml::array* const list = node->as_array();
  if (list == nullptr) return Error(ErrorCode::kCorrupt, "'" + std::string(key) + "' is no list");
  for (const toml::node& entry : *list) {
    const auto* const text = entry.as_string();
    if (text == nullptr) {
      return Error(ErrorCode::kCorrupt, "'" + std::string(key) + "' has more than strings");
    }
    out.push_back(text->get());
  }
  return out;
}

class Reader {
 public:
  Reader(const rootfs::HostRoot& host, std::vector<model::Problem>& problems)
      : host_(host), problems_(problems) {}

  Config read(const HostPath& file);

 private:
  void take(const HostPath& file, bool imported);
  void import(const HostPath& from, const std::string& entry);
  void expand(const HostPath& folder, const std::string& pattern);
  void enqueue(HostPath file);
  void problem(Error error, const HostPath& file) {
    problems_.push_back({std::move(error), file.text(), {}, model::kNoStore});
  }

  const rootfs::HostRoot& host_;
  std::vector<model::Problem>& problems_;
  Config config_;
  std::deque<HostPath> queue_;
  std::set<HostPath> seen_;
};

void Reader::enqueue(HostPath file) {
  if (seen_.size() == kMaxFiles) {
    problem(Error(ErrorCode::kLimit, "is one of more than " + std::to_string(kMaxFiles) +
                                         " files that containerd's configuration imports"),
            file);
    return;
  }
  if (seen_.insert(file).second) queue_.push_back(std::move(file));
}

void Reader::expand(const HostPath& folder, const std::string& pattern) {
  const auto entries = host_.list(folder);
  if (!entries) {  // a pattern may match nothing
    if (entries.error().code() != ErrorCode::kNotFound) problem(entries.error(), folder);
    return;
  }
  for (const rootfs::DirEntry& entry : *entries) {
    if (seen_.size() == kMaxFiles) return;
    if (::fnmatch(pattern.c_str(), entry.name.c_str(), FNM_PATHNAME) == 0) {
      enqueue(folder / entry.name);
    }
  }
}

void Reader::import(const HostPath& from, const std::string& entry) {
  const std::string& parent = from.text();
  const bool absolute = !entry.empty() && entry.front() == '/';
  // Without "..", as containerd takes it, so that no file has two names.
  const std::string text =
      std::filesystem::path(absolute ? entry : parent.substr(0, parent.rfind('/') + 1) + entry)
          .lexically_normal()
          .string();
  const auto path = HostPath::parse(text);
  if (!path) return problem(Error(path.error()).in("'imports'"), from);
  const auto name = text.rfind('/') + 1;
  const auto wildcard = text.find('*');
  if (wildcard == std::string::npos) return enqueue(*path);
  if (wildcard < name) {
    return problem(Error(ErrorCode::kUnsupported,
                         "'imports': '" + base::escape(entry) + "' is a pattern of folders"),
                   from);
  }
  const auto folder = HostPath::parse(name == 1 ? "/" : text.substr(0, name - 1));
  if (folder) expand(*folder, text.substr(name));
}

void Reader::take(const HostPath& file, bool imported) {
  auto text = host_.read_file(file, kMaxConfig);
  if (!text) {
    const bool said = imported || text.error().code() != ErrorCode::kNotFound;
    if (said) problem(std::move(text).error(), file);
    return;
  }
  auto parsed = parse_config(*text);
  if (!parsed) return problem(std::move(parsed).error(), file);
  if (!parsed->root.empty()) config_.root = std::move(parsed->root);
  if (!parsed->address.empty()) config_.address = std::move(parsed->address);
  for (const std::string& entry : parsed->imports) import(file, entry);
}

Config Reader::read(const HostPath& file) {
  enqueue(file);
  while (!queue_.empty()) {
    const HostPath next = std::move(queue_.front());
    queue_.pop_front();
    take(next, next != file);
  }
  return std::move(config_);
}

}  // namespace

Result<ConfigFile> parse_config(std::string_view toml) {
  MERIDIAN_CHECK(check_dots(toml));
  const toml::parse_result parsed = toml::parse(toml);
  if (!parsed) {
    const toml::parse_error& error = parsed.error();
    return Error(ErrorCode::kCorrupt, "line " + std::to_string(error.source().begin.line) +
                                          ": is no TOML: " + base::escape(error.description()));
  }
  const toml::table& root = parsed.table();
  ConfigFile out;
  MERIDIAN_TRY(out.root, text_of(root, "root"));
  if (const toml::table* const grpc = root["grpc"].as_table()) {
    MERIDIAN_TRY(out.address, text_of(*grpc, "address"));
  }
  MERIDIAN_TRY(out.imports, texts_of(root, "imports"));
  return out;
}

Config read_config(const rootfs::HostRoot& host, const HostPath& file,
                   std::vector<model::Problem>& problems) {
  return Reader(host, problems).read(file);
}

}  // namespace meridian::store::containerd
