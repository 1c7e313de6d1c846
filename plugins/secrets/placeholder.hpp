// SPDX-License-Identifier: Apache-2.0
//
// placeholder.hpp: is this value an example, a template or a reference instead of a secret?
//
// Why: most of what looks like a secret in an image is documentation. A value that is wrongly
// called a placeholder is a missed secret, so each test asks for something that chance does not do.
#pragma once

#include <string_view>

namespace meridian::secrets {

enum class PlaceholderTest {
  kOff,       // a checksum decides
  kToken,     // machine-made: an example word, a run, too few different letters
  kPassword,  // man-made as well: also words such as "password", references, paths, booleans
};

bool is_placeholder(std::string_view value, PlaceholderTest test);

/// "${X}", "{{ x }}", "<x>", "%(x)s", "$(cmd)" and their kin: filled in by somebody else later.
bool is_template(std::string_view value);

/// Points to where the secret is kept: a path, a vault or key store reference, a URL.
bool is_reference(std::string_view value);

/// Made of a crypt(3), LDAP or bcrypt hash: weak perhaps, but not a usable secret.
bool is_password_hash(std::string_view value);

}  // namespace meridian::secrets
