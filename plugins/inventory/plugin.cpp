// SPDX-License-Identifier: Apache-2.0
#include <meridian/plugin.hpp>

#include "inventory_plugin.hpp"

MERIDIAN_PLUGIN(meridian::inventory::InventoryPlugin, "io.meridian.inventory", "0.1.0");
