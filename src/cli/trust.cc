// SPDX-License-Identifier: Apache-2.0
// ociship trust update and trust show. Tested by tests/e2e/test_trust.py.
#include <utility>

#include "api/trust.h"
#include "cli/commands.h"
#include "cli/registry_options.h"
#include "cli/trust_options.h"
#include "cli/trust_report.h"
#include "util/text.h"
#include "util/time.h"
#include "util/try.h"

namespace ociship::cli {
namespace {

Result<TlsOptions> ReadTls(const Context& context) {
  StoreOptions store = TRY(ReadStoreOptions({}, StoreOptions::Access::kRead, context.environment));
  return std::move(store.tls);
}

}  // namespace

Status RunTrustUpdate(const TrustCommandFlags& flags, const Context& context) {
  const services::TrustRequest request = TRY(ReadTrust(flags.trust, context));
  const TlsOptions tls = TRY(ReadTls(context));
  const services::LoadedTrust trust = TRY(UpdateTrust(request, tls, context.effects));
  for (const std::string& note : trust.notes) context.output.Note(note);
  if (flags.format == Format::kJson) {
    context.output.Answer(FormatTrustJson(trust));
    return Ok();
  }
  context.output.Answer(util::StrCat(trust.origin, ", until ",
                                     trust.expires ? util::FormatRfc3339(*trust.expires) : ""));
  return Ok();
}

Status RunTrustShow(const TrustCommandFlags& flags, const Context& context) {
  const services::TrustRequest request = TRY(ReadTrust(flags.trust, context));
  const TlsOptions tls = TRY(ReadTls(context));
  const services::LoadedTrust trust = TRY(LoadTrust(request, tls, context.effects));
  for (const std::string& note : trust.notes) context.output.Note(note);
  if (flags.format == Format::kJson) {
    context.output.Answer(FormatTrustJson(trust));
    return Ok();
  }
  for (const std::string& line : DescribeTrust(trust)) context.output.Answer(line);
  return Ok();
}

}  // namespace ociship::cli
