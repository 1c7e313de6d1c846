// SPDX-License-Identifier: Apache-2.0
//
// zip.hpp: a zip file by the directory at its end (APPNOTE.TXT 6.3.10 of PKWARE), where it and all
// methods are the usual ones. Bytes in front of it, a start script, are none of its business.
#pragma once

#include <cstdint>

#include <meridian/result.hpp>

#include "inflate.hpp"
#include "members.hpp"

namespace meridian::secrets {

/// False, and nothing told: there is no such directory, or a member is packed by another method
/// than deflate. Damage of one member is told of it; errors as of read_members().
Result<bool> read_zip(ByteReader& source, std::uint64_t& budget, MemberSink& sink);

}  // namespace meridian::secrets
