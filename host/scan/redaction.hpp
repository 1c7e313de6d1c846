// SPDX-License-Identifier: Apache-2.0
//
// redaction.hpp: a secret as a report may show it, and text cleaned of it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace meridian::scan {

inline constexpr std::size_t kShortestScrubbed = 4;  // shorter ones occur by chance

/// The first few characters (none below 12 bytes, four from 20), then asterisks: enough to tell
/// which key it is, never enough to use it. The same for every run; part of the fingerprint.
std::string redact(std::string_view secret);

/// `text` with every occurrence of each secret of at least four bytes replaced by its redacted
/// form.
std::string scrub(std::string text, const std::vector<std::string_view>& secrets);

}  // namespace meridian::scan
