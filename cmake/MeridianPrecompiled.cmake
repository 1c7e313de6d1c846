# SPDX-License-Identifier: Apache-2.0
# What nearly every source reads, compiled once for floors and once for unit tests (MERIDIAN_PCH).
# Targets take it by REUSE_FROM, so their flags are those given here. Clang only: GCC 12 forgets
# which of these headers are the system's, and warns of what it inlines from them.
if(NOT MERIDIAN_PCH)
  return()
endif()
if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  message(FATAL_ERROR "MERIDIAN_PCH is for clang")
endif()
set(MERIDIAN_PRECOMPILED <algorithm> <array> <chrono> <functional> <map> <memory> <mutex> <optional>
  <set> <span> <string> <string_view> <utility> <variant> <vector> <meridian/result.hpp>)
add_compile_options("SHELL:-Xclang -fno-pch-timestamp") # the same bytes each time, for ccache

file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/precompiled.cpp CONTENT "")
add_library(meridian_precompiled OBJECT ${PROJECT_BINARY_DIR}/precompiled.cpp)
target_link_libraries(meridian_precompiled PRIVATE meridian::sdk meridian::options)
if(MERIDIAN_FUZZ)
  target_compile_options(meridian_precompiled PRIVATE -fsanitize=fuzzer-no-link)
endif()
target_precompile_headers(meridian_precompiled PRIVATE ${MERIDIAN_PRECOMPILED})
