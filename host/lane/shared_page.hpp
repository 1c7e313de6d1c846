// SPDX-License-Identifier: Apache-2.0
//
// shared_page.hpp: memory shared by the supervisor and one process of a lane: its flight recorder,
// and "stop soon" for its plugins. Neither side trusts what the other could have written there.
#pragma once

#include <memory>

#include "base/cancel.hpp"
#include "base/unique_fd.hpp"
#include "lane/flight_page.hpp"
#include "meridian/result.hpp"

namespace meridian::lane {

struct SharedPage {
  base::Cancel cancel;
  FlightPage flight;
};

struct Unmap {
  void operator()(SharedPage* page) const;
};
/// A mapping; never unmapped in lanes and workers, whose signal handlers write there.
using MappedPage = std::unique_ptr<SharedPage, Unmap>;

/// A new page, and the memory file to send to the process: of fixed size.
struct MadePage {
  MappedPage page;
  base::UniqueFd file;
};
Result<MadePage> make_page();

/// In the process that was sent it.
Result<SharedPage*> map_page(int file);

}  // namespace meridian::lane
