// SPDX-License-Identifier: Apache-2.0
// The flags of commands that open a repository. Tested by tests/e2e/test_cli.py.
#include "cli/registry_flags.h"

namespace ociship::cli {

void AddLoginFlags(FlagSet& set, RegistryFlags& flags) {
  set.Text("--username", flags.username, "log in as this user, with --password-stdin", "NAME");
  set.Switch("--password-stdin", flags.password_stdin,
             "the password is standard input; or set OCISHIP_USERNAME\n"
             "and OCISHIP_PASSWORD");
}

void AddTokenFlag(FlagSet& set, RegistryFlags& flags) {
  set.Text("--registry-token", flags.registry_token,
           "a bearer token; OCISHIP_REGISTRY_TOKEN is safer, since others\n"
           "see command lines",
           "TOKEN");
}

void AddAuthFileFlag(FlagSet& set, RegistryFlags& flags) {
  set.Text("--authfile", flags.authfile, "the only file of credentials (REGISTRY_AUTH_FILE)",
           "FILE");
}

void AddConnectionFlags(FlagSet& set, RegistryFlags& flags) {
  set.Text("--cacert", flags.cacert,
           "PEM file of certificates to trust besides those of the system", "FILE");
  set.Text("--client-cert", flags.client_cert, "PEM file of a client certificate", "FILE");
  set.Text("--client-key", flags.client_key, "PEM file of its key", "FILE");
  set.Switch("--plain-http", flags.plain_http,
             "speak http without TLS also to other machines (loopback always does)");
  set.Switch("--insecure-skip-tls-verify", flags.insecure_skip_tls_verify,
             "trust every certificate");
  set.Text("--timeout", flags.timeout, "how long nothing may move, as in 30s or 2m (default: 60s)",
           "TIME");
}

}  // namespace ociship::cli
