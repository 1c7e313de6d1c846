// SPDX-License-Identifier: Apache-2.0
#include "lane/shared_page.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <new>

#include "base/system_error.hpp"

namespace meridian::lane {

void Unmap::operator()(SharedPage* page) const {
  base::ReadPace::remove(page->flight.reading);
  ::munmap(page, sizeof(SharedPage));
}

Result<SharedPage*> map_page(int file) {
  void* const at = ::mmap(nullptr, sizeof(SharedPage), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  if (at == MAP_FAILED) return base::system_error(errno, "mapping a flight page");  // NOLINT
  return static_cast<SharedPage*>(at);
}

Result<MadePage> make_page() {
  MadePage made;
  made.file = base::UniqueFd(::memfd_create("meridian-page", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!made.file) return base::system_error(errno, "memfd_create");
  // Of fixed size: a page that its process makes shorter would end the supervisor (SIGBUS).
  if (::ftruncate(made.file.get(), sizeof(SharedPage)) != 0 ||
      ::fcntl(made.file.get(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0) {
    return base::system_error(errno, "making a flight page");
  }
  MERIDIAN_TRY(SharedPage* const page, map_page(made.file.get()));
  made.page.reset(new (page) SharedPage());
  base::ReadPace::add(made.page->flight.reading);
  return made;
}

}  // namespace meridian::lane
