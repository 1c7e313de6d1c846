# SPDX-License-Identifier: Apache-2.0
# cmake -D FOLDER=DIR -D LIST=FILE -P OwnBundles.cmake: writes the digests of the plugins' libraries
# in DIR/*/: the list by which the host knows bundles of its own build (host/plugin/own_bundles.hpp).
file(GLOB libraries ${FOLDER}/*/*.so)
set(lines "")
foreach(library ${libraries})
  file(SHA256 ${library} digest)
  string(APPEND lines "sha256:${digest}\n")
endforeach()
file(WRITE ${LIST} "${lines}")
file(CHMOD ${LIST} PERMISSIONS OWNER_READ OWNER_WRITE GROUP_READ WORLD_READ)
