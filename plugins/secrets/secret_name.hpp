// SPDX-License-Identifier: Apache-2.0
//
// secret_name.hpp: does the name of a variable or key promise a secret?
//
// Why not a search for "KEY" in it: KEYBOARD, GPG_KEY (a fingerprint), PASSWORD_FILE and TOKEN_URL
// hold none. A name is cut into words, and its last words say what kind of thing it is.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace meridian::secrets {

/// "dbPassword", "DB_PASSWORD", "db-password" -> {"db", "password"}. At most 16 words.
std::vector<std::string> name_words(std::string_view name);

bool promises_secret(std::string_view name);

}  // namespace meridian::secrets
