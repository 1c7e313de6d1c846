# SPDX-License-Identifier: Apache-2.0
# Flags live in one interface target, never in globals: meridian::options.
option(MERIDIAN_DEVELOPER_MODE "Tests, and warnings as errors (presets set it)" OFF)
option(MERIDIAN_FUZZ "Fuzz targets, libFuzzer programs; the host counts edges for them (clang, sanitizers)" OFF)
option(MERIDIAN_UNIT_TESTS "All unit tests; OFF: those alone whose claim is about this very compiler" ON)
option(MERIDIAN_PCH "Precompiled headers: a cold build takes a third less; hides a missing #include" OFF)
set(MERIDIAN_SANITIZE "" CACHE STRING "Sanitizers, as a list: address;undefined or thread")

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_CXX_VISIBILITY_PRESET hidden)
set(CMAKE_VISIBILITY_INLINES_HIDDEN ON)

find_program(MERIDIAN_CCACHE ccache)
if(MERIDIAN_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${MERIDIAN_CCACHE})
  set(CMAKE_C_COMPILER_LAUNCHER ${MERIDIAN_CCACHE})
endif()

add_library(meridian_options INTERFACE)
add_library(meridian::options ALIAS meridian_options)
target_compile_options(meridian_options INTERFACE -Wall -Wextra -fstack-protector-strong)
target_compile_definitions(meridian_options INTERFACE _FILE_OFFSET_BITS=64)
target_link_options(meridian_options INTERFACE -Wl,-z,relro,-z,now,-z,noexecstack)
if(MERIDIAN_DEVELOPER_MODE)
  target_compile_options(meridian_options INTERFACE
    -Wpedantic -Wshadow -Wconversion -Wnon-virtual-dtor -Werror
    $<$<COMPILE_LANGUAGE:CXX>:-Wold-style-cast>)
endif()
if(MERIDIAN_SANITIZE)
  list(JOIN MERIDIAN_SANITIZE "," _sanitize)
  target_compile_options(meridian_options INTERFACE
    -fsanitize=${_sanitize} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  target_link_options(meridian_options INTERFACE -fsanitize=${_sanitize})
else()
  target_compile_definitions(meridian_options INTERFACE _FORTIFY_SOURCE=2)
endif()
find_program(MERIDIAN_MOLD mold)
if(MERIDIAN_MOLD)
  target_link_options(meridian_options INTERFACE -fuse-ld=mold)
endif()
