// SPDX-License-Identifier: Apache-2.0
#include "my_plugin.hpp"

// Id and version as in plugin.json; the host compares them.
MERIDIAN_PLUGIN(MyPlugin, "org.example.my-plugin", "1.0.0");
