// SPDX-License-Identifier: Apache-2.0
//
// refusal.hpp: the one form of every refusal: what was observed, what is required, the mend.
#pragma once

#include <string>
#include <string_view>

#include "meridian/result.hpp"

namespace meridian::plugin {

inline std::string refusal_text(std::string_view observed, std::string_view required,
                                std::string_view mend) {
  return std::string(observed)
      .append("; required: ")
      .append(required)
      .append("; mend: ")
      .append(mend);
}

inline Error refused(std::string_view observed, std::string_view required, std::string_view mend) {
  return Error(ErrorCode::kRefused, refusal_text(observed, required, mend));
}

}  // namespace meridian::plugin
