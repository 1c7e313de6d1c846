// SPDX-License-Identifier: Apache-2.0
#include "base/system_error.hpp"

#include <system_error>

#include "base/escape.hpp"

namespace meridian::base {
namespace {

// "No such file or directory" reads on after a colon; "RPC struct is bad" stays.
std::string in_lower_case(std::string message) {
  const auto is_upper = [](char c) { return c >= 'A' && c <= 'Z'; };
  if (message.size() > 1 && is_upper(message[0]) && !is_upper(message[1])) {
    message[0] = static_cast<char>(message[0] - 'A' + 'a');
  }
  return message;
}

}  // namespace

Error system_error(int error_number, std::string_view what) {
  const bool absent = error_number == ENOENT || error_number == ENOTDIR;
  return Error(absent ? ErrorCode::kNotFound : ErrorCode::kUnreadable,
               escape(what) + ": " + in_lower_case(std::generic_category().message(error_number)));
}

}  // namespace meridian::base
