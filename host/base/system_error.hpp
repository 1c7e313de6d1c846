// SPDX-License-Identifier: Apache-2.0
//
// system_error.hpp: errno as an Error, and exceptions of libraries as an Error.
#pragma once

#include <cerrno>
#include <exception>
#include <new>
#include <string>
#include <string_view>

#include "meridian/result.hpp"

namespace meridian::base {

/// "what: no such file or directory". ENOENT and ENOTDIR are kNotFound, the rest kUnreadable;
/// `what` is escaped here.
Error system_error(int error_number, std::string_view what);

/// Runs `body` of a library that throws; the one place besides the SDK's fence that catches.
template <typename F>
auto seam(std::string_view what, F&& body) -> Result<decltype(body())> {
  try {
    return body();
  } catch (const std::bad_alloc&) {
    return Error(ErrorCode::kMemory, std::string(what) + ": out of memory");
  } catch (const std::exception& thrown) {
    return Error(ErrorCode::kCorrupt, std::string(what) + ": " + thrown.what());
  }
}

}  // namespace meridian::base
