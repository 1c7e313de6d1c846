// SPDX-License-Identifier: Apache-2.0
//
// gzip_source.hpp: gzip (RFC 1952) by ISA-L's inflate, which takes half the time of zlib's. Each
// member's CRC-32 and size are compared. Only decoder.cpp includes it.
#pragma once

#include <memory>

#include "archive/byte_source.hpp"

namespace meridian::archive {

/// The decoded bytes of every member of `source` (taken), which begins with one; errors as of
/// decode()'s source.
std::unique_ptr<ByteSource> gzip_source(std::unique_ptr<ByteSource> source,
                                        const DecodeLimits& bounds);

}  // namespace meridian::archive
