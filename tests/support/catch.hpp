// SPDX-License-Identifier: Apache-2.0
//
// catch.hpp: Catch2 under one name, v2 (Debian 12) or v3.
#pragma once

#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_all.hpp>
#else
#include <catch2/catch.hpp>
#endif
