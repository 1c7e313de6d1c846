// SPDX-License-Identifier: Apache-2.0
#include "store/procfs/parse.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <optional>
#include <utility>

#include "model/capabilities.hpp"

namespace meridian::store {
namespace {

constexpr int kDecimal = 10;
constexpr int kHex = 16;

template <typename Number>
std::optional<Number> number(std::string_view text, int base = kDecimal) {
  Number value = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value, base);
  if (error != std::errc() || stop != end || text.empty()) return std::nullopt;
  return value;
}

/// Takes the text up to `mark` off the front; all of it where there is none.
std::string_view take(std::string_view& text, char mark) {
  const auto at = text.find(mark);
  const std::string_view taken = text.substr(0, at);
  text.remove_prefix(at == std::string_view::npos ? text.size() : at + 1);
  return taken;
}

/// Takes the next word, whatever blanks are before it; empty at the end.
std::string_view take_word(std::string_view& text) {
  constexpr std::string_view kBlanks = " \t";
  text.remove_prefix(std::min(text.find_first_not_of(kBlanks), text.size()));
  const std::string_view word = text.substr(0, text.find_first_of(kBlanks));
  text.remove_prefix(word.size());
  return word;
}

std::vector<std::string> capability_names(std::uint64_t mask) {
  constexpr std::size_t kBits = 64;
  const auto known = model::all_capabilities();
  std::vector<std::string> names;
  for (std::size_t bit = 0; bit < kBits; ++bit) {
    if ((mask >> bit & 1U) == 0) continue;
    // Of a kernel that is newer than our list.
    names.push_back(bit < known.size() ? std::string(known[bit]) : "CAP_" + std::to_string(bit));
  }
  return names;
}

bool is_container_id(std::string_view text) {
  constexpr std::size_t kDigits = 64;
  return text.size() == kDigits && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

/// The part of a cgroup's name that may be an id: "ID", "docker-ID.scope", "x:cri-containerd:ID".
std::string_view id_part(std::string_view component) {
  constexpr std::string_view kScope = ".scope";
  if (const auto colon = component.rfind(':'); colon != std::string_view::npos) {
    return component.substr(colon + 1);
  }
  if (component.size() <= kScope.size() ||
      component.substr(component.size() - kScope.size()) != kScope) {
    return component;
  }
  component.remove_suffix(kScope.size());
  const auto dash = component.rfind('-');
  return dash == std::string_view::npos ? component : component.substr(dash + 1);
}

/// "0100007F" or four of those -> text; each eight digits are 32 bits in the machine's own order.
std::optional<std::string> address_text(std::string_view hex) {
  constexpr std::size_t kDigits = 8;
  std::array<std::uint32_t, 4> words{};
  if (hex.size() != kDigits && hex.size() != kDigits * words.size()) return std::nullopt;
  const std::size_t count = hex.size() / kDigits;
  for (std::size_t i = 0; i < count; ++i) {
    const auto word = number<std::uint32_t>(hex.substr(i * kDigits, kDigits), kHex);
    if (!word) return std::nullopt;
    words.at(i) = *word;
  }
  std::array<char, INET6_ADDRSTRLEN> text{};
  const char* const written = ::inet_ntop(count == 1 ? AF_INET : AF_INET6, words.data(),
                                          text.data(), static_cast<socklen_t>(text.size()));
  if (written == nullptr) return std::nullopt;
  return std::string(written);
}

/// "sl: local remote state queues timers retransmits uid timeout inode ..."
void add_inet_socket(std::string_view line, const std::string& protocol, Sockets& out) {
  constexpr std::string_view kListen = "0A";
  constexpr std::string_view kUnconnected = "07";
  constexpr int kBetweenStateAndInode = 5;
  (void)take_word(line);
  std::string_view local = take_word(line);
  std::string_view remote = take_word(line);
  const std::string_view state = take_word(line);
  for (int i = 0; i < kBetweenStateAndInode; ++i) (void)take_word(line);
  const auto inode = number<std::uint64_t>(take_word(line));
  const auto address = address_text(take(local, ':'));
  const auto port = number<std::uint16_t>(local, kHex);
  (void)take(remote, ':');
  if (!inode || *inode == 0 || !address || !port) return;
  const bool is_udp = protocol.substr(0, 3) == "udp";
  const bool listens =
      is_udp ? state == kUnconnected && *port != 0 && number<std::uint16_t>(remote, kHex) == 0
             : state == kListen;
  if (listens) out.try_emplace(*inode, model::ListeningSocket{protocol, *address, *port});
}

/// "num: references protocol flags type state inode path"
void add_unix_socket(std::string_view line, Sockets& out) {
  constexpr std::uint32_t kAccepts = 1U << 16;  // __SO_ACCEPTCON
  if (take_word(line).empty() || take_word(line).empty() || take_word(line).empty()) return;
  const auto flags = number<std::uint32_t>(take_word(line), kHex);
  (void)take_word(line);
  (void)take_word(line);
  const auto inode = number<std::uint64_t>(take_word(line));
  if (!flags || (*flags & kAccepts) == 0 || !inode || *inode == 0) return;
  if (!line.empty()) line.remove_prefix(1);  // the path may begin with a blank of its own
  out.try_emplace(*inode, model::ListeningSocket{"unix", std::string(line), 0});
}

}  // namespace

// The name stands in parentheses; state is field 3, the parent 4, the start time 22.
Result<ProcessStat> parse_process_stat(std::string_view text) {
  const Error wrong(ErrorCode::kCorrupt, "is no stat file of a process");
  const auto name_end = text.rfind(") ");
  const auto name_start = text.find('(');
  if (name_end == std::string_view::npos || name_start >= name_end) return wrong;
  ProcessStat out;
  out.name = text.substr(name_start + 1, name_end - name_start - 1);
  text.remove_prefix(name_end + 2);
  constexpr int kState = 3;
  constexpr int kParent = 4;
  constexpr int kStartTime = 22;
  for (int field = kState; field <= kStartTime; ++field) {
    if (text.empty()) return wrong;
    const std::string_view value = take(text, ' ');
    if (value.empty()) return wrong;
    if (field == kState) out.state = value[0];
    if (field == kParent) {
      const auto parent = number<std::int64_t>(value);
      if (!parent) return wrong;
      out.parent = *parent;
    }
    if (field == kStartTime) {
      const auto start = number<std::uint64_t>(value.substr(0, value.find('\n')));
      if (!start) return wrong;
      out.start_time = *start;
    }
  }
  return out;
}

Result<ProcessStatus> parse_process_status(std::string_view text) {
  ProcessStatus out;
  bool uid = false;
  bool gid = false;
  std::size_t sets = 0;
  const std::pair<std::string_view, std::vector<std::string>*> capabilities[] = {
      {"CapInh", &out.capabilities.inheritable},
      {"CapPrm", &out.capabilities.permitted},
      {"CapEff", &out.capabilities.effective},
      {"CapBnd", &out.capabilities.bounding},
      {"CapAmb", &out.capabilities.ambient}};
  const auto effective = [](std::string_view ids, std::uint32_t& id) {
    (void)take_word(ids);  // the real one
    const auto value = number<std::uint32_t>(take_word(ids));
    if (value) id = *value;
    return value.has_value();
  };
  while (!text.empty()) {
    std::string_view line = take(text, '\n');
    const std::string_view key = take(line, ':');
    if (key == "Uid") uid = effective(line, out.uid);
    if (key == "Gid") gid = effective(line, out.gid);
    if (key == "NSpid") {
      for (auto word = take_word(line); !word.empty(); word = take_word(line)) {
        if (const auto pid = number<std::int64_t>(word)) out.pids.push_back(*pid);
      }
    }
    for (const auto& [name, set] : capabilities) {
      if (key != name) continue;
      if (const auto mask = number<std::uint64_t>(take_word(line), kHex)) {
        *set = capability_names(*mask);
        ++sets;
      }
    }
  }
  if (uid && gid && sets >= std::size(capabilities)) return out;
  return Error(ErrorCode::kCorrupt, "is no status file of a process");
}

std::vector<std::string> parse_cgroup_paths(std::string_view text) {
  std::vector<std::string> paths;
  while (!text.empty()) {
    std::string_view line = take(text, '\n');
    (void)take(line, ':');  // its number
    (void)take(line, ':');  // its controllers
    if (line.empty() || line.front() != '/') continue;
    if (std::find(paths.begin(), paths.end(), line) == paths.end()) paths.emplace_back(line);
  }
  return paths;
}

bool names_container(std::string_view cgroup_path, std::string_view id) {
  if (id.empty()) return false;
  while (!cgroup_path.empty()) {
    const std::string_view component = take(cgroup_path, '/');
    if (component == id || id_part(component) == id) return true;
  }
  return false;
}

bool is_in_cgroup(std::string_view path, std::string_view cgroup) {
  constexpr std::string_view kUp = "/..";
  while (path.substr(0, kUp.size() + 1) == "/../") path.remove_prefix(kUp.size());
  if (path.substr(0, cgroup.size()) != cgroup) return false;
  return path.size() == cgroup.size() || path[cgroup.size()] == '/';
}

bool names_any_container(std::string_view cgroup_path) {
  while (!cgroup_path.empty()) {
    if (is_container_id(id_part(take(cgroup_path, '/')))) return true;
  }
  return false;
}

void parse_inet_sockets(std::string_view text, const std::string& protocol, Sockets& out) {
  while (!text.empty()) add_inet_socket(take(text, '\n'), protocol, out);
}

void parse_unix_sockets(std::string_view text, Sockets& out) {
  while (!text.empty()) add_unix_socket(take(text, '\n'), out);
}

std::uint64_t inode_of_link(std::string_view text, std::string_view kind) {
  if (text.substr(0, kind.size()) != kind) return 0;
  text.remove_prefix(kind.size());
  if (text.substr(0, 2) != ":[" || text.back() != ']') return 0;
  return number<std::uint64_t>(text.substr(2, text.size() - 3)).value_or(0);
}

bool take_deleted_mark(std::string& text) {
  constexpr std::string_view kMark = " (deleted)";
  if (text.size() < kMark.size() ||
      text.compare(text.size() - kMark.size(), kMark.size(), kMark) != 0) {
    return false;
  }
  text.resize(text.size() - kMark.size());
  return true;
}

std::vector<std::string> parse_arguments(std::string_view text) {
  std::vector<std::string> arguments;
  while (!text.empty()) arguments.emplace_back(take(text, '\0'));
  return arguments;
}

}  // namespace meridian::store
