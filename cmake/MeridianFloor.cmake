# SPDX-License-Identifier: Apache-2.0
# meridian_add_floor(NAME SOURCES a.cpp... [PUBLIC target...] [PRIVATE target...])
# One static library per folder of host/. PUBLIC: what its headers need; PRIVATE: its sources only.
# Headers are included as "<floor>/<file>.hpp".
function(meridian_add_floor name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;PUBLIC;PRIVATE")
  add_library(meridian_${name} STATIC ${arg_SOURCES})
  add_library(meridian::${name} ALIAS meridian_${name})
  target_include_directories(meridian_${name} PUBLIC ${PROJECT_SOURCE_DIR}/host)
  target_link_libraries(meridian_${name} PUBLIC meridian::sdk ${arg_PUBLIC}
    PRIVATE meridian::options ${arg_PRIVATE})
  # Floors only: in a plugin it would add to what the library exports.
  if(MERIDIAN_FUZZ)
    target_compile_options(meridian_${name} PRIVATE -fsanitize=fuzzer-no-link)
  endif()
  if(MERIDIAN_PCH)
    target_precompile_headers(meridian_${name} REUSE_FROM meridian_precompiled)
  endif()
endfunction()
