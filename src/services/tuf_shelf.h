// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_SERVICES_TUF_SHELF_H_
#define OCISHIP_SERVICES_TUF_SHELF_H_

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "ociship/core.h"

namespace ociship::services {

// Where a TUF client keeps what it trusts: the metadata of roles, and targets, by their names.
class TufShelf {
 public:
  virtual ~TufShelf() = default;

  // nullopt when it is not there or larger than `max_bytes`.
  virtual Result<std::optional<std::string>> Read(std::string_view role,
                                                  std::size_t max_bytes) const = 0;
  virtual Status Write(std::string_view role, std::string_view bytes) = 0;
  virtual Status Remove(std::string_view role) = 0;

  // The same for targets.
  virtual Result<std::optional<std::string>> ReadTarget(std::string_view path,
                                                        std::size_t max_bytes) const = 0;
  virtual Status WriteTarget(std::string_view path, std::string_view bytes) = 0;
};

}  // namespace ociship::services

#endif  // OCISHIP_SERVICES_TUF_SHELF_H_
