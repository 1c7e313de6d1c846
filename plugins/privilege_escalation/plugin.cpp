// SPDX-License-Identifier: Apache-2.0
#include <meridian/plugin.hpp>

#include "privilege_escalation_plugin.hpp"

MERIDIAN_PLUGIN(meridian::privilege_escalation::PrivilegeEscalationPlugin,
                "io.meridian.privilege-escalation", "0.1.0");
