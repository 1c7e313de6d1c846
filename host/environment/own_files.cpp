// SPDX-License-Identifier: Apache-2.0
#include "environment/own_files.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include "base/read_file.hpp"

namespace meridian::environment {

std::string own_text(const std::string& path, std::uint64_t limit) {
  const base::UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!file) return "";
  auto text = base::read_all(file.get(), limit, path);
  return text ? *std::move(text) : "";
}

std::uint64_t own_namespace(const std::string& name) {
  struct stat info {};
  return ::stat(("/proc/self/ns/" + name).c_str(), &info) == 0 ? info.st_ino : 0;
}

std::string line_value(const std::string& text, const std::string& name) {
  const std::string wanted = "\n" + name + ":";
  const std::size_t at = ("\n" + text).find(wanted);
  if (at == std::string::npos) return "";
  const std::size_t from = at + wanted.size() - 1;
  const std::string line = text.substr(from, text.find('\n', from) - from);
  const std::size_t begin = line.find_first_not_of(" \t");
  if (begin == std::string::npos) return "";
  return line.substr(begin, line.find_last_not_of(" \t") - begin + 1);
}

}  // namespace meridian::environment
