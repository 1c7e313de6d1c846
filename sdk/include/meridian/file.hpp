// SPDX-License-Identifier: Apache-2.0
//
// file.hpp: a file of a layer, and a match in it, as a callback sees them.
//
// Views: valid until the callback returns. A plugin never opens anything itself.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "abi/file.h"
#include "failure.hpp"
#include "result.hpp"
#include "text.hpp"

namespace meridian {

/// One regular file, already open.
class File {
 public:
  explicit File(const meridian_file* file) : file_(file) {}

  /// Bytes, relative to the root: "etc/shadow". Not promised to be UTF-8.
  std::string_view path() const { return view(file_->path); }
  std::string_view name() const { return path().substr(path().rfind('/') + 1); }
  const meridian_stat& stat() const { return *file_->stat; }
  std::uint64_t size() const { return file_->stat->size; }

  /// `size` bytes from `offset`, fewer at the end of the file.
  Result<std::string> window(std::uint64_t offset, std::uint64_t size) const {
    std::string bytes;
    const std::uint64_t left = offset < this->size() ? this->size() - offset : 0;
    bytes.resize(static_cast<std::size_t>(std::min(size, left)));
    Failure failure;
    std::uint64_t got = 0;
    const meridian_status status =
        file_->read(file_->impl, offset, bytes.data(), bytes.size(), &got, failure.get());
    if (status != MERIDIAN_OK) return failure.error(status);
    bytes.resize(static_cast<std::size_t>(std::min<std::uint64_t>(got, bytes.size())));
    return bytes;
  }

  /// The whole content; kLimit if it has more than `limit` bytes.
  Result<std::string> content(std::uint64_t limit) const {
    if (size() > limit) {
      return Error(ErrorCode::kLimit,
                   std::to_string(size()) + " bytes, limit " + std::to_string(limit));
    }
    return window(0, size());
  }

  /// SHA-256 of the content, computed once for all plugins.
  Result<std::array<std::uint8_t, 32>> sha256() const {
    std::array<std::uint8_t, 32> digest{};
    Failure failure;
    const meridian_status status = file_->sha256(file_->impl, digest.data(), failure.get());
    if (status != MERIDIAN_OK) return failure.error(status);
    return digest;
  }

  /// An extended attribute, "security.capability" say; kNotFound if it has none.
  Result<std::string_view> xattr(std::string_view name) const {
    meridian_str value{};
    Failure failure;
    const meridian_status status = file_->xattr(file_->impl, lend(name), &value, failure.get());
    if (status != MERIDIAN_OK) return failure.error(status);
    return view(value);
  }

  const meridian_file* raw() const { return file_; }

 private:
  const meridian_file* file_;
};

/// Where the shared matcher saw a subscribed pattern: a candidate, for the plugin to confirm.
class Match {
 public:
  explicit Match(const meridian_match* match) : match_(match) {}

  File file() const { return File(match_->file); }
  std::string_view bytes() const { return view(match_->bytes); }
  std::string_view before() const { return view(match_->before); }
  std::string_view after() const { return view(match_->after); }
  std::uint64_t offset() const { return match_->offset; }
  std::uint64_t line() const { return match_->line; }      // from 1
  std::uint64_t column() const { return match_->column; }  // bytes, from 1

  const meridian_match* raw() const { return match_; }

 private:
  const meridian_match* match_;
};

}  // namespace meridian
