// SPDX-License-Identifier: Apache-2.0
//
// Property: every text of procfs is read or refused by every parser of them, and nothing that is
// said is more than the text holds: a name is a part of it, a socket takes a line, an argument a
// byte.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "store/procfs/parse.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace meridian;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto lines =
      static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')) + std::size_t{1};

  if (const auto stat = store::parse_process_stat(text)) {
    if (text.find("(" + stat->name + ") ") == std::string_view::npos) std::abort();
  } else if (stat.error().message().empty()) {
    std::abort();
  }
  if (const auto status = store::parse_process_status(text)) {
    if (status->pids.size() > size || status->capabilities.effective.size() > 64) std::abort();
  }
  const auto paths = store::parse_cgroup_paths(text);
  if (paths.size() > lines) std::abort();
  for (const std::string& path : paths) {
    if (path.empty() || path[0] != '/') std::abort();
    if (store::names_any_container(path) && path.size() < 64) std::abort();
    const std::string last = path.substr(path.rfind('/') + 1);
    if (!last.empty() && !store::names_container(path, last)) std::abort();
  }
  for (const char* const protocol : {"tcp", "tcp6", "udp", "udp6"}) {
    store::Sockets sockets;
    store::parse_inet_sockets(text, protocol, sockets);
    if (sockets.size() > lines || sockets.contains(0)) std::abort();
    for (const auto& [inode, socket] : sockets) {
      if (socket.protocol != protocol || socket.address.empty()) std::abort();
    }
  }
  store::Sockets sockets;
  store::parse_unix_sockets(text, sockets);
  if (sockets.size() > lines || sockets.contains(0)) std::abort();
  for (const auto& [inode, socket] : sockets) {
    if (socket.port != 0 || text.find(socket.address) == std::string_view::npos) std::abort();
  }
  const auto arguments = store::parse_arguments(text);
  if (arguments.size() > size) std::abort();
  std::string link(text);
  const bool marked = store::take_deleted_mark(link);
  if (link + (marked ? " (deleted)" : "") != text) std::abort();
  if (store::inode_of_link(text, "socket") != 0 && text.substr(0, 8) != "socket:[") std::abort();
  return 0;
}
