// SPDX-License-Identifier: Apache-2.0
// Searches the credential for a repository (ociship/store.h, Keychain), and tells how. Tested by
// keychain_test.cc.
#include "registry/keychain.h"

#include <map>
#include <memory>
#include <mutex>
#include <utility>

#include "registry/credential_file.h"
#include "registry/credential_helper.h"
#include "util/file.h"
#include "util/text.h"
#include "util/try.h"

namespace ociship::registry {
namespace {

using util::StrCat;
using Place = KeychainStep::Place;
using Outcome = KeychainStep::Outcome;
using MaybeCredential = std::optional<Credential>;

// Somewhere credentials are kept. Read once: a path may be a pipe, and one run uses one state.
struct Source {
  Place place = Place::kDockerConfig;
  std::string path = {};
  CredentialFormat format = CredentialFormat::kDocker;
  bool is_read = false;
  std::optional<CredentialFile> file = {};  // without: it is missing

  std::string Name() const {
    return place == Place::kInlineConfig ? "DOCKER_AUTH_CONFIG"
                                         : StrCat("credential file ", util::Quoted(path));
  }
};

std::vector<Source> SourcesOf(const KeychainOptions& options) {
  if (options.given) return {};
  if (!options.exclusive_file.empty()) {
    return {{.place = Place::kExclusiveFile, .path = options.exclusive_file}};
  }
  std::vector<Source> sources;
  if (!options.inline_config.empty()) sources.push_back({.place = Place::kInlineConfig});
  if (!options.docker_config.empty()) {
    sources.push_back({.place = Place::kDockerConfig, .path = options.docker_config});
  }
  for (const std::string& path : options.auth_files) {
    sources.push_back(
        {.place = Place::kAuthFile, .path = path, .format = CredentialFormat::kContainers});
  }
  if (!options.legacy_file.empty()) {
    sources.push_back({.place = Place::kLegacyFile,
                       .path = options.legacy_file,
                       .format = CredentialFormat::kLegacy});
  }
  return sources;
}

class KeychainImpl : public Keychain {
 public:
  explicit KeychainImpl(KeychainOptions options)
      : options_(std::move(options)), sources_(SourcesOf(options_)) {}

  Result<MaybeCredential> Find(const Repository& repository) override {
    return Search(repository).found;
  }

  KeychainSearch Search(const Repository& repository);

 private:
  // Each looks, writes down what it saw, and gives what it found.
  Result<MaybeCredential> LookInto(Source& source, const Repository& repository,
                                   std::vector<KeychainStep>& steps);
  Result<MaybeCredential> AskHelper(const std::string& name, const std::string& host,
                                    KeychainStep step, std::vector<KeychainStep>& steps);

  Status Read(Source& source) const;
  Result<std::string> TextOf(const Source& source) const;
  Result<MaybeCredential> HelperAnswer(const std::string& name, const std::string& host);

  const KeychainOptions options_;
  std::mutex mutex_;  // also makes sure that a helper is asked once
  std::vector<Source> sources_;
  std::map<std::pair<std::string, std::string>, MaybeCredential> answers_;  // by helper and host
};

// What was found is in the step, and the step in the list.
Result<MaybeCredential> Note(Result<MaybeCredential> found, KeychainStep step,
                             std::vector<KeychainStep>& steps) {
  if (!found.ok()) {
    step.outcome = Outcome::kFailed;
    step.detail = found.error().message();
  } else if (found.value()) {
    step.outcome = Outcome::kUsed;
    step.detail = DescribeCredential(*found.value());
  } else {
    step.outcome = Outcome::kNone;
  }
  steps.push_back(std::move(step));
  return found;
}

Result<std::string> KeychainImpl::TextOf(const Source& source) const {
  if (source.place == Place::kInlineConfig) return options_.inline_config;
  return util::ReadFile(source.path, kMaxCredentialFileBytes);
}

Status KeychainImpl::Read(Source& source) const {
  if (source.is_read) return Ok();
  const Result<std::string> text = TextOf(source);
  const bool is_missing = !text.ok() && text.error().code() == Code::kNotFound;
  // One that somebody named must be there: without it the push would go out as nobody.
  if (is_missing && source.place == Place::kExclusiveFile) {
    return text.error().While(source.Name()).As(Code::kBadInput);
  }
  if (!is_missing) {
    if (!text.ok()) return text.error().While(source.Name());
    auto file = CredentialFile::Parse(text.value(), source.format);
    if (!file.ok()) return std::move(file).error().While(source.Name());
    source.file = std::move(file).value();
  }
  source.is_read = true;
  return Ok();
}

Result<MaybeCredential> KeychainImpl::HelperAnswer(const std::string& name,
                                                   const std::string& host) {
  const auto known = answers_.find({name, host});
  if (known != answers_.end()) return known->second;
  const CredentialHelper helper = TRY(CredentialHelper::Named(name));
  MaybeCredential answer = TRY(helper.Get(host));
  answers_.insert_or_assign({name, host}, answer);
  return answer;
}

Result<MaybeCredential> KeychainImpl::AskHelper(const std::string& name, const std::string& host,
                                                KeychainStep step,
                                                std::vector<KeychainStep>& steps) {
  step.helper = name;
  return Note(HelperAnswer(name, host), std::move(step), steps);
}

Result<MaybeCredential> KeychainImpl::LookInto(Source& source, const Repository& repository,
                                               std::vector<KeychainStep>& steps) {
  KeychainStep step{.place = source.place, .path = source.path};
  const Status read = Read(source);
  if (!read.ok()) return Note(read.error(), std::move(step), steps);
  if (!source.file) {
    step.outcome = Outcome::kMissing;
    steps.push_back(std::move(step));
    return MaybeCredential();
  }
  const std::string& helper = source.file->HelperFor(repository.host());
  if (!helper.empty()) {
    auto answer = AskHelper(helper, repository.host(), step, steps);
    if (!answer.ok()) return std::move(answer).error().While(source.Name());
    if (answer.value()) return answer;
  }
  const CredentialEntry* entry = source.file->Find(repository);
  if (entry == nullptr) return Note(MaybeCredential(), std::move(step), steps);
  step.key = entry->written_key;
  Result<Credential> decoded = entry->Decode();
  if (decoded.ok()) return Note(MaybeCredential(decoded.value()), std::move(step), steps);
  return Note(std::move(decoded).error().While(
                  StrCat(source.Name(), ": the entry ", util::Quoted(entry->written_key))),
              std::move(step), steps);
}

KeychainSearch KeychainImpl::Search(const Repository& repository) {
  KeychainSearch search;
  if (repository.kind() != Repository::Kind::kRegistry) return search;
  if (options_.given) {
    search.found = Note(options_.given, {}, search.steps);
    return search;
  }
  const std::lock_guard lock(mutex_);
  for (Source& source : sources_) {
    if (search.found.ok() && !search.found.value()) {
      search.found = LookInto(source, repository, search.steps);
    } else {
      search.steps.push_back({.place = source.place, .path = source.path});
    }
  }
  return search;
}

}  // namespace

KeychainSearch Explain(const KeychainOptions& options, const Repository& repository) {
  return KeychainImpl(options).Search(repository);
}

}  // namespace ociship::registry

namespace ociship {

std::unique_ptr<Keychain> NewKeychain(KeychainOptions options) {
  return std::make_unique<registry::KeychainImpl>(std::move(options));
}

}  // namespace ociship
