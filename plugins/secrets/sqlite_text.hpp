// SPDX-License-Identifier: Apache-2.0
//
// sqlite_text.hpp: the text cells of a SQLite database in memory, table by table.
//
// Format: https://www.sqlite.org/fileformat2.html. Pages of a write-ahead log beside it are not
// seen.
#pragma once

#include <string>
#include <string_view>

#include "members.hpp"

namespace meridian::secrets {

bool is_sqlite(std::string_view head);

/// Each table is a member "table NAME", each row a line of it: its cells, joined by ", ". A cell
/// whose column promises a secret stands there once more, as "column=cell".
/// kCorrupt: what SQLite says; kLimit: more than `budget` bytes, which is counted down.
Result<void> read_tables(std::string database, std::uint64_t& budget, MemberSink& sink);

}  // namespace meridian::secrets
