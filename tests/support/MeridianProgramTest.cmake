# SPDX-License-Identifier: Apache-2.0
# meridian_add_program_test(NAME SCRIPT file LABEL label [TIMEOUT seconds] [COST seconds]): one ctest that runs a
# Python test of the real binary; tests/support/meridian_cli.py reads what is set here.
include_guard(GLOBAL)
set(MERIDIAN_PYTHON /usr/bin/python3 CACHE FILEPATH "The Python that has Debian's python3-jsonschema")

function(meridian_add_program_test name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "SCRIPT;LABEL;TIMEOUT;COST" "")
  get_filename_component(script ${arg_SCRIPT} ABSOLUTE)
  set(sanitized 0)
  if(MERIDIAN_SANITIZE)
    set(sanitized 1)
  endif()
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 300)
  endif()
  add_test(NAME ${name} COMMAND ${MERIDIAN_PYTHON} -B ${script})
  set_tests_properties(${name} PROPERTIES LABELS ${arg_LABEL} TIMEOUT ${arg_TIMEOUT}
    SKIP_RETURN_CODE 77)
  if(arg_COST)
    set_tests_properties(${name} PROPERTIES COST ${arg_COST})
  endif()
  set_property(TEST ${name} PROPERTY ENVIRONMENT
    PYTHONPATH=${PROJECT_SOURCE_DIR}/tests/support
    MERIDIAN_SOURCE=${PROJECT_SOURCE_DIR}
    MERIDIAN_BINARY=${PROJECT_BINARY_DIR}/bin/meridian
    MERIDIAN_BUNDLES=${PROJECT_BINARY_DIR}/bundles
    MERIDIAN_FIXTURES=${PROJECT_BINARY_DIR}/fixtures
    MERIDIAN_CACHE=none
    MERIDIAN_SANITIZED=${sanitized} ${MERIDIAN_SANITIZER_ENVIRONMENT})
endfunction()
