// SPDX-License-Identifier: Apache-2.0
//
// mends.hpp: what to change for each cause, as the option of each engine. Data and its look-up.
#pragma once

#include <string>

#include "environment/diagnosis.hpp"

namespace meridian::environment {

struct Mend {
  std::string machine;     // outside of a container; empty: nothing to do there
  std::string docker;      // options of `docker run`
  std::string compose;     // keys of a service
  std::string kubernetes;  // fields of a container or pod
  std::string note;        // what goes with it, or why there is no mend; may be empty
};

/// "no-sys-admin": for scripts; stays. "" of kNone.
const char* to_text(Cause cause);

Mend mend_of(const Diagnosis& diagnosis);

/// The one that fits where this process runs, with its note. Empty: there is none.
std::string mend_for(const Container& container, const Diagnosis& diagnosis);

}  // namespace meridian::environment
