// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_CLI_FLAG_SET_H_
#define OCISHIP_CLI_FLAG_SET_H_

#include <optional>
#include <string>
#include <vector>

namespace ociship::cli {

// The flags of one command, to be added to. The parser behind it, which is slow to compile, is seen
// by command_line.cc alone, so that groups of flags can be declared beside what reads them.
//
// `names` are long names separated by commas: "--certificate-chain,--cert-chain". Values outlive
// the parsing.
class FlagSet {
 public:
  virtual ~FlagSet() = default;
  virtual void Text(const std::string& names, std::string& value, const std::string& what,
                    const std::string& placeholder) = 0;
  // May be given several times.
  virtual void List(const std::string& names, std::vector<std::string>& values,
                    const std::string& what, const std::string& placeholder) = 0;
  virtual void Number(const std::string& names, std::optional<unsigned>& value,
                      const std::string& what) = 0;
  virtual void Switch(const std::string& names, bool& value, const std::string& what) = 0;
};

}  // namespace ociship::cli

#endif  // OCISHIP_CLI_FLAG_SET_H_
