// SPDX-License-Identifier: Apache-2.0
//
// languages.hpp: what the package managers of Python, Ruby, PHP, Rust and .NET write of what they
// installed or resolved. Node's are in node.hpp.
#pragma once

#include <string_view>

#include "package.hpp"

namespace meridian::packages {

/// METADATA of a *.dist-info, PKG-INFO of an *.egg-info, or a single *.egg-info (PEP 314, 566).
Parsed parse_python_metadata(std::string_view bytes);

/// `specifications/NAME-VERSION.gemspec` as RubyGems writes it; `path` says what it does not.
Parsed parse_gemspec(std::string_view path, std::string_view bytes);
/// Bundler's lock file: the sections GEM.
Parsed parse_gemfile_lock(std::string_view bytes);

/// Composer's `vendor/composer/installed.json` of both versions, and `composer.lock`.
Parsed parse_composer_installed(std::string_view bytes);
Parsed parse_composer_lock(std::string_view bytes);

Parsed parse_cargo_lock(std::string_view bytes);

/// `APPLICATION.deps.json`: libraries of type "package".
Parsed parse_dotnet_deps(std::string_view bytes);

}  // namespace meridian::packages
