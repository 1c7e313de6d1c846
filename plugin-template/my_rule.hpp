// SPDX-License-Identifier: Apache-2.0
//
// my_rule.hpp: the judgement, as plain functions over bytes: easy to test, easy to read.
#pragma once

#include <string_view>

/// True if nothing but blanks stands before a match on its line: it is no comment.
bool begins_line(std::string_view before);
