// SPDX-License-Identifier: Apache-2.0
//
// rootfs_path.cpp: normal form of a path, as text only.
#include "rootfs/rootfs_path.hpp"

#include <algorithm>
#include <cstring>

#include "base/limits.hpp"

namespace meridian::rootfs {

Result<RootfsPath> RootfsPath::parse(std::string_view text) {
  if (text.size() > limits::kMaxPath) {
    return Error(ErrorCode::kLimit, "a path of " + std::to_string(text.size()) +
                                        " bytes, more than " + std::to_string(limits::kMaxPath));
  }
  if (text.find('\0') != std::string_view::npos) {
    return Error(ErrorCode::kInvalid, "a path that holds a NUL");
  }
  std::string clean;
  clean.reserve(text.size());
  while (!text.empty()) {
    const std::string_view part = text.substr(0, text.find('/'));
    text.remove_prefix(std::min(part.size() + 1, text.size()));
    if (part.empty() || part == ".") continue;
    if (part == "..") {
      const std::size_t slash = clean.rfind('/');
      clean.resize(slash == std::string::npos ? 0 : slash);
      continue;
    }
    if (!clean.empty()) clean += '/';
    clean += part;
  }
  return RootfsPath(std::move(clean));
}

std::string_view RootfsPath::name() const {
  // Asked of every file; memrchr looks at many bytes at once.
  const char* const first = text_.data();
  const void* const slash = ::memrchr(first, '/', text_.size());
  if (slash == nullptr) return text_;
  return std::string_view(text_).substr(
      static_cast<std::size_t>(static_cast<const char*>(slash) - first) + 1);
}

RootfsPath RootfsPath::parent() const {
  const std::size_t slash = text_.rfind('/');
  return RootfsPath(slash == std::string::npos ? std::string() : text_.substr(0, slash));
}

RootfsPath RootfsPath::operator/(std::string_view name) const {
  std::string text;
  text.reserve(text_.size() + 1 + name.size());
  text = text_;
  if (!text.empty()) text += '/';
  text += name;
  return RootfsPath(std::move(text));
}

ChildPath::ChildPath(const RootfsPath& parent) : path_(parent) {
  if (!path_.is_root()) path_.text_ += '/';
  prefix_ = path_.text_.size();
}

const RootfsPath& ChildPath::named(std::string_view name) {
  path_.text_.resize(prefix_);
  path_.text_ += name;
  return path_;
}

}  // namespace meridian::rootfs
