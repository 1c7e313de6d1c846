// SPDX-License-Identifier: Apache-2.0
//
// reference.hpp: a REF as a user types it, and which objects it means (contract.md, "A REF is").
#pragma once

#include <string>
#include <string_view>

#include "meridian/result.hpp"
#include "model/inventory.hpp"

namespace meridian::model {

/// A name, an id or a prefix of one; or a place given by a transport.
struct Reference {
  std::string transport;  // "docker-archive", "dir", ...; empty: a name in the stores found
  std::string path;       // of a transport
  std::string name;       // the bare word; or, after a transport's path, which image in it

  /// "docker-archive:PATH[:REF]", "dir:PATH", ... A bare word before ':' is a transport only if it
  /// stands in contract.md's list. kInvalid for an empty REF or a path that is missing.
  static Result<Reference> parse(std::string_view text);
  std::string text() const;
};

/// A name without what Docker Hub's long form adds: "docker.io/library/x:1" is "x:1".
std::string_view familiar_name(std::string_view name);

/// The five rules: full id; hexadecimal prefix of an id; one identifier that matches any repository
/// carrying it (`python3` finds `veinmind/python3:1.0.2-stretch`); a repository path; an exact
/// tagged or digest reference. Docker Hub's long forms (`docker.io/library/x`) equal the short
/// ones.
bool matches(std::string_view name, const Image& image);
/// The same for a container: its name, id or prefix.
bool matches(std::string_view name, const Container& container);

}  // namespace meridian::model
