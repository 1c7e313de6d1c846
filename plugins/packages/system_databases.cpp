// SPDX-License-Identifier: Apache-2.0
#include "system_databases.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "text_fields.hpp"

namespace meridian::packages {
namespace {

/// Whether the third word of dpkg's Status says that files of it are there.
bool is_on_disk(std::string_view status) {
  constexpr std::array<std::string_view, 6> kStates = {"installed",        "triggers-pending",
                                                       "triggers-awaited", "half-configured",
                                                       "unpacked",         "half-installed"};
  const std::string_view state = status.substr(std::min(status.rfind(' ') + 1, status.size()));
  return std::find(kStates.begin(), kStates.end(), state) != kStates.end();
}

Package of_stanza(const Stanza& stanza) {
  Package package;
  package.type = "deb";
  package.name = stanza["Package"];
  package.version = stanza["Version"];
  package.arch = stanza["Architecture"];
  // "glibc", or "gcc-12 (12.2.0-14)" where the versions differ.
  const std::string_view source = stanza["Source"];
  const std::size_t open = source.find('(');
  package.source = trimmed(source.substr(0, open));
  if (open != std::string_view::npos) {
    const std::string_view version = source.substr(open + 1);
    package.source_version = trimmed(version.substr(0, version.find(')')));
  }
  if (package.source.empty()) package.source = package.name;
  if (package.source_version.empty()) package.source_version = package.version;
  return package;
}

void add_stanza(Collector& out, const Stanza& stanza) {
  if (stanza["Package"].empty()) {
    return out.problem(Error(ErrorCode::kCorrupt, "a stanza without the field Package"));
  }
  if (stanza["Version"].empty()) {
    return out.problem(
        Error(ErrorCode::kCorrupt,
              "package '" + std::string(stanza["Package"].substr(0, 64)) + "' has no version"));
  }
  out.add(of_stanza(stanza));
}

}  // namespace

Parsed parse_dpkg_status(std::string_view bytes) {
  Collector out;
  while (!bytes.empty() && out.has_room()) {
    const Stanza stanza = Stanza::take(bytes);
    if (stanza.empty()) continue;
    const std::string_view status = stanza["Status"];
    if (status.empty()) {
      out.problem(
          Error(ErrorCode::kCorrupt,
                "package '" + std::string(stanza["Package"].substr(0, 64)) + "' has no status"));
    } else if (is_on_disk(status)) {
      add_stanza(out, stanza);
    }
  }
  return out.take();
}

Parsed parse_dpkg_stanza(std::string_view bytes) {
  Collector out;
  const Stanza stanza = Stanza::take(bytes);
  if (stanza["Status"].empty() || is_on_disk(stanza["Status"])) add_stanza(out, stanza);
  return out.take();
}

std::vector<std::string> parse_copyright(std::string_view bytes) {
  std::set<std::string, std::less<>> names;
  const Stanza head = Stanza::take(bytes);
  if (head["Format"].empty()) return {};
  const auto add = [&names](const Stanza& stanza) {
    const std::string_view name = stanza["License"];
    if (name.empty() || name.size() > kMaxText || names.size() >= kMaxLicenses) return;
    names.emplace(name);
  };
  add(head);
  // A paragraph with License alone only gives its text.
  while (!bytes.empty()) {
    const Stanza stanza = Stanza::take(bytes);
    if (!stanza["Files"].empty()) add(stanza);
  }
  return {names.begin(), names.end()};
}

Parsed parse_apk_installed(std::string_view bytes) {
  Collector out;
  Package package;
  const auto finish = [&] {
    if (package.name.empty() && package.version.empty()) return;
    if (package.name.empty() || package.version.empty()) {
      out.problem(Error(ErrorCode::kCorrupt, "package '" + package.name.substr(0, 64) +
                                                 package.version.substr(0, 64) +
                                                 "' lacks its name or version"));
    } else {
      package.type = "apk";
      if (package.source.empty()) package.source = package.name;
      package.source_version = package.version;
      out.add(std::move(package));
    }
    package = {};
  };
  while (!bytes.empty() && out.has_room()) {
    const std::string_view line = take_line(bytes);
    if (line.empty()) {
      finish();
      continue;
    }
    if (line.size() < 2 || line[1] != ':') {
      out.problem(Error(ErrorCode::kCorrupt, "a line that is no field"));
      continue;
    }
    const std::string_view value = line.substr(2);
    switch (line[0]) {
      case 'P':
        package.name = value;
        break;
      case 'V':
        package.version = value;
        break;
      case 'A':
        package.arch = value;
        break;
      case 'L':
        package.licenses = {std::string(value)};
        break;
      case 'o':
        package.source = value;
        break;
      default:  // files, checksums, dependencies
        break;
    }
  }
  finish();
  return out.take();
}

Parsed parse_pacman_desc(std::string_view bytes) {
  Package package;
  package.type = "alpm";
  std::string_view field;
  while (!bytes.empty()) {
    const std::string_view line = take_line(bytes);
    if (line.size() > 2 && line.front() == '%' && line.back() == '%') {
      field = line.substr(1, line.size() - 2);
    } else if (line.empty()) {
      field = {};
    } else if (field == "NAME") {
      package.name = line;
    } else if (field == "VERSION") {
      package.version = line;
    } else if (field == "ARCH") {
      package.arch = line;
    } else if (field == "BASE") {
      package.source = line;
    } else if (field == "LICENSE" && package.licenses.size() < kMaxLicenses) {
      package.licenses.emplace_back(line);
    }
  }
  if (package.name.empty() || package.version.empty()) {
    return failed(ErrorCode::kCorrupt, "no name or no version in it");
  }
  if (package.source.empty()) package.source = package.name;
  package.source_version = package.version;
  Collector out;
  out.add(std::move(package));
  return out.take();
}

}  // namespace meridian::packages
