# SPDX-License-Identifier: Apache-2.0
# Every third-party library, found once. Nothing is downloaded. The README says why each is here.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
find_package(Boost 1.81 REQUIRED COMPONENTS filesystem)
find_package(nlohmann_json 3.11 REQUIRED)
find_package(spdlog REQUIRED)
find_package(CLI11 REQUIRED)
find_package(tl-expected REQUIRED)
find_package(LibArchive REQUIRED)
find_package(OpenSSL REQUIRED COMPONENTS Crypto)
find_package(SQLite3 REQUIRED)
find_package(ZLIB REQUIRED)
pkg_check_modules(libyaml REQUIRED IMPORTED_TARGET GLOBAL yaml-0.1)
pkg_check_modules(libcrypt REQUIRED IMPORTED_TARGET GLOBAL libcrypt)
unset(__pkg_config_checked_libhs CACHE)  # a tree configured with the other library asks again
pkg_check_modules(libhs REQUIRED IMPORTED_TARGET GLOBAL libhs)
# Hyperscan ends with 5.4.2. Matches of Vectorscan 5.4.9 depend on where a text lies in memory: tests/unit/plugin/matcher_test.cpp.
# Upstream's fixes of that kind go up to 5.4.13 (github.com/VectorCamp/vectorscan, issue 317, pulls 368 and 378).
if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64" AND libhs_VERSION VERSION_GREATER 5.4.2
   AND libhs_VERSION VERSION_LESS 5.4.13)
  message(FATAL_ERROR "libhs ${libhs_VERSION} is a Vectorscan that loses matches on x86-64; install libhyperscan-dev")
endif()
pkg_check_modules(libisal REQUIRED IMPORTED_TARGET GLOBAL libisal)
pkg_check_modules(libseccomp REQUIRED IMPORTED_TARGET GLOBAL libseccomp)
find_path(MERIDIAN_VALIJSON_INCLUDE valijson/validator.hpp REQUIRED)
add_library(meridian_valijson INTERFACE)
target_include_directories(meridian_valijson SYSTEM INTERFACE ${MERIDIAN_VALIJSON_INCLUDE})
if(MERIDIAN_DEVELOPER_MODE)
  find_package(Catch2 REQUIRED)
endif()
