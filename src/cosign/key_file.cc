// SPDX-License-Identifier: Apache-2.0
// The private key file of cosign: PEM around the JSON of go-securesystemslib, encrypted. Covered by
// tests/cosign/key_file_test.cc.
#include "cosign/key_file.h"

#include "crypto/pem.h"
#include "util/bytes.h"
#include "util/encoding.h"
#include "util/json.h"
#include "util/text.h"
#include "util/try.h"

namespace ociship::cosign {
namespace {

constexpr std::string_view kLabel = "ENCRYPTED SIGSTORE PRIVATE KEY";
constexpr std::string_view kOldLabel = "ENCRYPTED COSIGN PRIVATE KEY";
constexpr std::string_view kKdfName = "scrypt";
constexpr std::string_view kCipherName = "nacl/secretbox";
constexpr std::uint64_t kScryptR = 8;
constexpr std::uint64_t kScryptP = 1;
constexpr std::size_t kSaltBytes = 32;
constexpr std::size_t kNonceBytes = 24;
constexpr std::size_t kTagBytes = 16;

Error OtherLabel(std::string_view label) {
  if (label == "PUBLIC KEY" || label == "RSA PUBLIC KEY") {
    return Error(Code::kBadInput, "this is a public key file, give the private key");
  }
  if (label == "PRIVATE KEY" || label == "EC PRIVATE KEY" || label == "RSA PRIVATE KEY") {
    return Error(Code::kBadInput,
                 "this private key is not encrypted as cosign does it, import it first");
  }
  return Error(Code::kBadInput,
               util::StrCat("this is ", util::Quoted(label), ", not a private key file of cosign"));
}

Status CheckName(const util::Json& object, std::string_view wanted) {
  std::string name = TRY(object.String("name"));
  if (name == wanted) return Ok();
  return Error(Code::kBadInput,
               util::StrCat("the key file uses ", util::Quoted(name), ", not ", wanted));
}

Result<util::Bytes> SizedBytes(const util::Json& object, std::string_view key, std::size_t size) {
  std::string text = TRY(object.String(key));
  util::Bytes bytes = TRY(util::Base64Decode(text));
  if (bytes.size() != size) {
    return Error(Code::kBadInput, util::StrCat(util::Quoted(key), " of the key file has ",
                                               bytes.size(), " bytes, not ", size));
  }
  return bytes;
}

Result<crypto::KeyBox> ParseBox(std::string_view text) {
  util::Json json = TRY(util::Json::Parse(text));
  const util::Json* kdf = TRY(json.Object("kdf"));
  TRY(CheckName(*kdf, kKdfName));
  const util::Json* params = TRY(kdf->Object("params"));
  const std::uint64_t r = TRY(params->Unsigned("r"));
  const std::uint64_t p = TRY(params->Unsigned("p"));
  if (r != kScryptR || p != kScryptP) {
    return Error(Code::kBadInput, "the key file has scrypt parameters that cosign never uses");
  }
  const util::Json* cipher = TRY(json.Object("cipher"));
  TRY(CheckName(*cipher, kCipherName));
  crypto::KeyBox box;
  box.n = TRY(params->Unsigned("N"));
  box.salt = TRY(SizedBytes(*kdf, "salt", kSaltBytes));
  box.nonce = TRY(SizedBytes(*cipher, "nonce", kNonceBytes));
  std::string ciphertext = TRY(json.String("ciphertext"));
  box.ciphertext = TRY(util::Base64Decode(ciphertext));
  if (box.ciphertext.size() < kTagBytes) {
    return Error(Code::kBadInput, "the ciphertext of the key file is cut off");
  }
  return box;
}

}  // namespace

Result<crypto::KeyBox> ParseKeyFile(std::string_view text) {
  if (text.size() > kMaxKeyFileBytes) {
    return Error(Code::kBadInput,
                 util::StrCat("the key file is larger than ", util::HumanBytes(kMaxKeyFileBytes)));
  }
  crypto::PemBlock block = TRY(crypto::ParsePem(text));
  if (block.label != kLabel && block.label != kOldLabel) return OtherLabel(block.label);
  return ParseBox(util::AsText(block.content));
}

std::string FormatKeyFile(const crypto::KeyBox& box) {
  util::JsonWriter json;
  json.BeginObject().Key("kdf").BeginObject().Key("name").String(kKdfName);
  json.Key("params").BeginObject().Key("N").Unsigned(box.n);
  json.Key("r").Unsigned(kScryptR).Key("p").Unsigned(kScryptP).EndObject();
  json.Key("salt").String(util::Base64Encode(box.salt)).EndObject();
  json.Key("cipher").BeginObject().Key("name").String(kCipherName);
  json.Key("nonce").String(util::Base64Encode(box.nonce)).EndObject();
  json.Key("ciphertext").String(util::Base64Encode(box.ciphertext)).EndObject();
  return crypto::FormatPem(kLabel, util::AsBytes(json.text()));
}

}  // namespace ociship::cosign
