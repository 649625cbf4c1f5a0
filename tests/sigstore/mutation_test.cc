// SPDX-License-Identifier: Apache-2.0
// Flips bits of valid bundles and trusted roots: each flip is refused, or lies in a field that
// fixtures/sigstore/not_authenticated.txt names.
#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "deployment/json_paths.h"
#include "deployment/judge.h"
#include "fixtures.h"
#include "util/file.h"
#include "util/parallel.h"
#include "util/text.h"

namespace ociship::deployment {
namespace {

using ociship::testing::FixturePath;

// Which bytes of a text are changed, and how.
struct Flips {
  std::uint8_t mask = 1;
  std::size_t start = 0;
  std::size_t step = 1;
};

// A valid bundle, or the trusted root it is verified with.
enum class Target { kBundle, kTrustRoot };
struct Subject {
  std::string name;
  Target target = Target::kBundle;
  Minted minted;
  std::vector<Flips> flips;

  const std::string& text() const {
    return target == Target::kBundle ? minted.bundle : minted.trust_root;
  }
};

// The field names of accepted flips, with one of the places.
class Accepted {
 public:
  void Add(const std::string& field, const std::string& place) {
    const std::lock_guard lock(mutex_);
    fields_.emplace(field, place);
  }
  const std::map<std::string, std::string>& fields() const { return fields_; }

 private:
  std::mutex mutex_;
  std::map<std::string, std::string> fields_;
};

enum class Answer { kAccepted, kRefused };

Answer Try(const Subject& subject, const Judge& judge, const std::string& text) {
  if (subject.target == Target::kBundle) {
    const bool ok = VerifyMinted(judge, subject.minted, text, Known::kBytes).ok();
    return ok ? Answer::kAccepted : Answer::kRefused;
  }
  Minted minted = subject.minted;
  minted.trust_root = text;
  const bool ok = VerifyMinted(minted, Matching::kExact, Known::kBytes).ok();
  return ok ? Answer::kAccepted : Answer::kRefused;
}

std::string FieldName(const Subject& subject, const std::string& path) {
  return util::StrCat(subject.target == Target::kBundle ? "bundle " : "root ",
                      path.empty() ? "(document)" : path);
}

// Whether the flip spells the same character with another letter: \u003d and \u003D.
enum class Change { kValue, kSpelling };
Change ChangeOf(std::string_view text, std::size_t at, const Flips& flips) {
  const std::size_t escape = text.substr(0, at).rfind("\\u");
  const bool within = escape != std::string_view::npos && at >= escape + 2 && at < escape + 6;
  const bool letter = (text[at] >= 'a' && text[at] <= 'f') || (text[at] >= 'A' && text[at] <= 'F');
  return within && letter && flips.mask == 0x20 ? Change::kSpelling : Change::kValue;
}

Status FlipAll(const Subject& subject, Accepted& accepted) {
  const Judge judge = TRY(Judge::Of(subject.minted));
  if (Try(subject, judge, subject.text()) != Answer::kAccepted) {
    return Error(Code::kFailure, util::StrCat(subject.name, " is refused as it is"));
  }
  const JsonPaths paths(subject.text());
  std::string text = subject.text();
  for (const Flips& flips : subject.flips) {
    for (std::size_t at = flips.start; at < text.size(); at += flips.step) {
      if (ChangeOf(text, at, flips) == Change::kSpelling) continue;
      const char good = text[at];
      text[at] = static_cast<char>(good ^ static_cast<char>(flips.mask));
      if (Try(subject, judge, text) == Answer::kAccepted) {
        accepted.Add(FieldName(subject, paths.At(at)),
                     util::StrCat(subject.name, " at ", at, " with ", +flips.mask));
      }
      text[at] = good;
    }
  }
  return Ok();
}

// Every byte, and every fifth once more with another bit: the one that a letter's case is.
std::vector<Flips> Thorough() { return {{.mask = 0x01}, {.mask = 0x20, .start = 1, .step = 5}}; }

// A sample that lies elsewhere in each text; all of it with OCISHIP_MUTATIONS=all, which takes
// minutes.
std::vector<Flips> Sample(std::size_t number, std::size_t step) {
  const char* const wanted = std::getenv("OCISHIP_MUTATIONS");
  if (wanted != nullptr && std::string_view(wanted) == "all") return Thorough();
  return {{.mask = 0x01, .start = number % step, .step = step},
          {.mask = 0x20, .start = (number + 5) % step, .step = 2 * step}};
}

// Names without the workflow make small certificates, and so less to flip.
std::vector<Plan> ThoroughPlans() {
  return {
      {.san = San::kEmail},
      {.content = Content::kDsse,
       .san = San::kEmail,
       .log = LogKind::kV2,
       .witnesses = Witnesses::kThree,
       .stamps = Stamps::kEmbedded},
      {.signer = Signer::kKey, .media_type = MediaType::kV01},
      {.signer = Signer::kKey, .media_type = MediaType::kV02},
      {.signer = Signer::kKey, .promise = Promise::kLeftOut, .stamps = Stamps::kBare},
  };
}

std::vector<Plan> SampledPlans() {
  return {
      {},
      {.media_type = MediaType::kV02, .stamps = Stamps::kBare},
      {.media_type = MediaType::kV03Old, .promise = Promise::kLeftOut, .stamps = Stamps::kBare},
      {.content = Content::kDsse},
      {.content = Content::kDsse, .entry = EntryKind::kIntoto002},
      {.content = Content::kDsse, .entry = EntryKind::kIntoto001},
      {.content = Content::kDsse,
       .log = LogKind::kV2,
       .entry = EntryKind::kDsse002,
       .stamps = Stamps::kBare},
      {.key_type = KeyType::kRsa2048},
      {.key_type = KeyType::kP384, .log = LogKind::kV2, .stamps = Stamps::kBare},
      {.content = Content::kDsse, .signer = Signer::kKey, .key_type = KeyType::kEd25519},
      {.content = Content::kDsse, .signer = Signer::kKey, .log = LogKind::kNone},
      {.second_log = SecondLog::kOtherOperator},
      {.log = LogKind::kV2, .log_key = KeyType::kP256, .stamps = Stamps::kBare},
  };
}

std::vector<Subject> MintedSubjects() {
  std::vector<Subject> subjects;
  for (const Plan& plan : ThoroughPlans()) {
    subjects.push_back({.name = util::StrCat("thorough plan ", subjects.size()),
                        .minted = Mint(plan),
                        .flips = Thorough()});
  }
  for (const Plan& plan : SampledPlans()) {
    subjects.push_back({.name = util::StrCat("plan ", subjects.size()),
                        .minted = Mint(plan),
                        .flips = Sample(subjects.size(), 29)});
  }
  // A bundle that needs every authority of its trusted root.
  subjects.push_back({.name = "trusted root",
                      .target = Target::kTrustRoot,
                      .minted = Mint({.san = San::kEmail, .stamps = Stamps::kBare}),
                      .flips = {{.mask = 0x01}, {.mask = 0x20, .start = 3, .step = 13}}});
  subjects.push_back({.name = "trusted root of version 2",
                      .target = Target::kTrustRoot,
                      .minted = Mint({.log = LogKind::kV2, .stamps = Stamps::kBare}),
                      .flips = Sample(3, 29)});
  return subjects;
}

Result<std::string> Read(const std::filesystem::path& path) {
  return util::ReadFile(path.string(), sigstore::kMaxBundleBytes);
}

std::string ReadOr(const std::filesystem::path& path, const std::string& otherwise) {
  const Result<std::string> text = Read(path);
  return text.ok() ? std::string(util::Trim(text.value())) : otherwise;
}

// The folder of the conformance vectors: of the environment, or beside the sources.
std::filesystem::path VectorsFolder() {
  const char* const named = std::getenv("OCISHIP_VECTORS");
  if (named != nullptr) return named;
  return std::filesystem::path(FixturePath("")) / "../../shared/vectors";
}

constexpr std::string_view kConformanceIdentity =
    "https://github.com/sigstore-conformance/extremely-dangerous-public-oidc-beacon/.github/"
    "workflows/extremely-dangerous-oidc-beacon.yml@refs/heads/main";

Minted VectorOf(const std::filesystem::path& vectors, const std::filesystem::path& folder) {
  const std::filesystem::path suite = vectors / "sigstore-conformance" / "bundle-verify";
  const std::string production =
      ReadOr(vectors / "sigstore-root-signing/production/targets/trusted_root.json", "");
  Minted minted{.bundle = Read(folder / "bundle.sigstore.json").value(),
                .trust_root = ReadOr(folder / "trusted_root.json", production),
                .identity = ReadOr(folder / "identity", std::string(kConformanceIdentity)),
                .issuer = ReadOr(folder / "issuer", std::string(sigstore::kGitHubIssuer)),
                .public_key_pem = ReadOr(folder / "key.pub", "")};
  const bool own = std::filesystem::exists(folder / "artifact");
  minted.artifact = Read(own ? folder / "artifact" : suite / "a.txt").value();
  minted.key_window.from = 0;
  if (!minted.public_key_pem.empty()) minted.verify_with = Signer::kKey;
  if (minted.bundle.find("signedTimestamp") != std::string::npos) minted.stamp_threshold = 1;
  if (minted.bundle.find("dsseEnvelope") != std::string::npos) minted.statement = "any";
  return minted;
}

std::vector<Subject> VectorSubjects() {
  std::vector<Subject> subjects;
  const std::filesystem::path vectors = VectorsFolder();
  std::error_code error;
  std::set<std::filesystem::path> folders;
  for (const auto& entry : std::filesystem::directory_iterator(
           vectors / "sigstore-conformance" / "bundle-verify", error)) {
    const bool valid = !entry.path().filename().string().ends_with("_fail");
    if (entry.is_directory() && valid) folders.insert(entry.path());
  }
  for (const std::filesystem::path& folder : folders) {
    subjects.push_back({.name = folder.filename().string(),
                        .minted = VectorOf(vectors, folder),
                        .flips = Sample(subjects.size(), 101)});
  }
  return subjects;
}

// The lines of the fixture: a field, a colon, and why a flip in it does no harm.
std::set<std::string> FieldsNotAuthenticated() {
  const std::string text = Read(FixturePath("sigstore/not_authenticated.txt")).value();
  std::set<std::string> fields;
  for (const std::string_view line : util::Split(text, '\n')) {
    if (line.empty() || line.starts_with('#')) continue;
    const std::size_t colon = line.find(": ");
    REQUIRE(colon != line.npos);
    REQUIRE(colon + 2 < line.size());
    fields.insert(std::string(line.substr(0, colon)));
  }
  return fields;
}

// Whoever adds a line to the fixture changes this number too.
constexpr std::size_t kFieldsNotAuthenticated = 29;

TEST_CASE("mutation: a flipped bit is refused wherever it is not known to do no harm") {
  std::vector<Subject> subjects = MintedSubjects();
  const std::vector<Subject> vectors = VectorSubjects();
  if (vectors.empty()) MESSAGE("skipped: no conformance vectors in ", VectorsFolder().string());
  subjects.insert(subjects.end(), vectors.begin(), vectors.end());
  Accepted accepted;
  const Status done =
      util::ForEachParallel(subjects.size(), std::thread::hardware_concurrency(),
                            [&](std::size_t i) { return FlipAll(subjects[i], accepted); });
  INFO((done.ok() ? std::string() : done.error().message()));
  REQUIRE(done.ok());
  const std::set<std::string> listed = FieldsNotAuthenticated();
  CHECK(listed.size() == kFieldsNotAuthenticated);
  for (const auto& [field, place] : accepted.fields()) {
    INFO(field, ", ", place);
    CHECK(listed.contains(field));
  }
  for (const std::string& field : listed) {
    INFO(field);
    CHECK(accepted.fields().contains(field));
  }
}

}  // namespace
}  // namespace ociship::deployment
