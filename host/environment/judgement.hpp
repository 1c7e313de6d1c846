// SPDX-License-Identifier: Apache-2.0
//
// judgement.hpp: the parts of diagnose().
#pragma once

#include <vector>

#include "environment/diagnosis.hpp"

namespace meridian::environment {

/// The capability of that number is effective.
bool holds(const Observed& seen, unsigned capability);

/// What the container was given and no feature and no plugin uses; nothing outside of one.
std::vector<Diagnosis> too_much(const Observed& seen);

}  // namespace meridian::environment
