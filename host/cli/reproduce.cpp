// SPDX-License-Identifier: Apache-2.0
#include "cli/reproduce.hpp"

#include <string>
#include <string_view>

namespace meridian::cli {

namespace {

bool is_fault(finding::GapKind kind) {
  switch (kind) {
    case finding::GapKind::kCrash:
    case finding::GapKind::kTimeout:
    case finding::GapKind::kMemory:
    case finding::GapKind::kException:
    case finding::GapKind::kProtocol:
    case finding::GapKind::kShutdown:
      return true;
    default:
      return false;
  }
}

/// A word for a shell: as it is, or in single quotes.
std::string quoted(std::string_view word) {
  constexpr std::string_view kPlain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:=@,+";
  if (!word.empty() && word.find_first_not_of(kPlain) == std::string_view::npos) {
    return std::string(word);
  }
  std::string text = "'";
  for (const char c : word) {
    if (c == '\'') {
      text += "'\\''";
    } else {
      text += c;
    }
  }
  return text + "'";
}

class CommandLine {
 public:
  void add(std::string_view word) { text_.append(text_.empty() ? "" : " ").append(quoted(word)); }
  void add(std::string_view option, std::string_view value) {
    if (value.empty()) return;
    add(option);
    add(value);
  }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

CommandLine command_of(const GlobalArgs& global, const ScanArgs& args) {
  CommandLine line;
  line.add("meridian");
  line.add("scan");
  if (args.host) {
    line.add("host");
  } else if (!args.images) {
    line.add("container");
  } else if (!args.containers) {
    line.add("image");
  }
  line.add("--host-root", global.host_root);
  for (const std::string& store : global.stores) line.add("--store", store);
  if (global.no_discover) line.add("--no-discover");
  if (global.platform) line.add("--platform", global.platform->text());
  for (const std::string& directory : args.plugins.directories) line.add("--plugin-dir", directory);
  line.add("--config", args.plugins.config);
  for (const std::string& setting : args.plugins.settings) line.add("--set", setting);
  for (const std::string& glob : args.exclude) line.add("--exclude", glob);
  if (args.all) line.add("--all");
  line.add("--timeout", std::to_string(args.running.timeout.count()) + "ms");
  line.add("--isolation", "plugin");
  line.add("--quarantine", "off");
  line.add("--jobs", "1");
  return line;
}

}  // namespace

void add_reproductions(const GlobalArgs& global, const ScanArgs& args, finding::Report& report) {
  const CommandLine line = command_of(global, args);
  for (finding::Gap& gap : report.gaps) {
    if (gap.plugin.empty() || !is_fault(gap.kind)) continue;
    CommandLine own = line;
    own.add("--plugin", gap.plugin);
    for (const std::string& reference : args.references) own.add(reference);
    if (args.references.empty() && !gap.target.empty()) own.add(gap.target);
    gap.reproduce = own.text();
  }
}

}  // namespace meridian::cli
