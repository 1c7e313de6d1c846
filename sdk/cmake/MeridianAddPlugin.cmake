# SPDX-License-Identifier: Apache-2.0
# meridian_add_plugin(NAME ENTRY plugin.cpp [LOGIC a.cpp...] [LINK target...] [MANIFEST plugin.json]
#                     [RULES dir])
#
# Builds the bundle NAME/: NAME.so (one exported symbol, hidden visibility, RELRO, no lazy binding),
# plugin.json and rules/ beside it, in ${CMAKE_BINARY_DIR}/bundles/NAME (MERIDIAN_BUNDLE_DIR to
# change). LOGIC goes into the static library NAME_logic, which unit tests link without dlopen.
# ENTRY holds MERIDIAN_PLUGIN. LINK is what both need.
set(_meridian_sdk_cmake_dir ${CMAKE_CURRENT_LIST_DIR})

function(meridian_add_plugin name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "ENTRY;MANIFEST;RULES" "LOGIC;LINK")
  if(NOT arg_ENTRY)
    message(FATAL_ERROR "meridian_add_plugin(${name}): ENTRY names the source with MERIDIAN_PLUGIN")
  endif()
  set(bundle_root ${CMAKE_BINARY_DIR}/bundles)
  if(MERIDIAN_BUNDLE_DIR)
    set(bundle_root ${MERIDIAN_BUNDLE_DIR})
  endif()
  set(bundle ${bundle_root}/${name})
  set(manifest ${CMAKE_CURRENT_SOURCE_DIR}/plugin.json)
  if(arg_MANIFEST)
    get_filename_component(manifest ${arg_MANIFEST} ABSOLUTE)
  endif()
  set(rules ${CMAKE_CURRENT_SOURCE_DIR}/rules)
  if(arg_RULES)
    get_filename_component(rules ${arg_RULES} ABSOLUTE)
  endif()
  set(options)
  if(TARGET meridian::options)
    set(options meridian::options)
  endif()

  if(arg_LOGIC)
    add_library(${name}_logic STATIC ${arg_LOGIC})
    target_include_directories(${name}_logic PUBLIC ${CMAKE_CURRENT_SOURCE_DIR})
    target_link_libraries(${name}_logic PUBLIC meridian::sdk ${arg_LINK} PRIVATE ${options})
    target_compile_features(${name}_logic PUBLIC cxx_std_20)
    set_target_properties(${name}_logic PROPERTIES POSITION_INDEPENDENT_CODE ON
      CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON)
  endif()

  add_library(${name}_plugin MODULE ${arg_ENTRY})
  target_link_libraries(${name}_plugin PRIVATE meridian::sdk ${arg_LINK} ${options})
  if(arg_LOGIC)
    target_link_libraries(${name}_plugin PRIVATE ${name}_logic)
  endif()
  target_compile_features(${name}_plugin PRIVATE cxx_std_20)
  set_target_properties(${name}_plugin PROPERTIES PREFIX "" OUTPUT_NAME ${name}
    LIBRARY_OUTPUT_DIRECTORY ${bundle} CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON
    LINK_DEPENDS ${_meridian_sdk_cmake_dir}/plugin.map)
  target_link_options(${name}_plugin PRIVATE
    -Wl,--version-script=${_meridian_sdk_cmake_dir}/plugin.map
    -Wl,-z,relro,-z,now,-z,noexecstack -Wl,--exclude-libs,ALL)
  # The host refuses what group or others can write to, which a umask of 002 would allow.
  add_custom_command(TARGET ${name}_plugin POST_BUILD VERBATIM
    COMMAND chmod go-w $<TARGET_FILE_DIR:${name}_plugin> $<TARGET_FILE:${name}_plugin>)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # Unique symbols would outlive the plugin and be shared between plugins.
    target_compile_options(${name}_plugin PRIVATE -fno-gnu-unique)
    if(arg_LOGIC)
      target_compile_options(${name}_logic PRIVATE -fno-gnu-unique)
    endif()
  endif()

  set(copy ${CMAKE_COMMAND} -E copy_if_different ${manifest} ${bundle}/plugin.json)
  set(sources ${manifest})
  set(copy_rules)
  set(contents ${bundle}/plugin.json)
  if(IS_DIRECTORY ${rules})
    file(GLOB_RECURSE rule_files CONFIGURE_DEPENDS ${rules}/*)
    list(APPEND sources ${rule_files})
    list(APPEND contents ${bundle}/rules)
    set(copy_rules COMMAND ${CMAKE_COMMAND} -E rm -rf ${bundle}/rules
      COMMAND ${CMAKE_COMMAND} -E copy_directory ${rules} ${bundle}/rules)
  endif()
  add_custom_command(OUTPUT ${bundle}/plugin.json COMMAND ${copy} ${copy_rules}
    COMMAND chmod -R go-w ${contents}
    DEPENDS ${sources} COMMENT "Bundle ${name}" VERBATIM)
  add_custom_target(${name}_bundle ALL DEPENDS ${bundle}/plugin.json)
  add_dependencies(${name}_bundle ${name}_plugin)
  set_property(TARGET ${name}_bundle PROPERTY MERIDIAN_BUNDLE ${bundle})
endfunction()
