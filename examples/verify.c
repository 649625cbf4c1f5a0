// SPDX-License-Identifier: Apache-2.0
// Verifies that a file was signed by an identity, and says who signed it and when. Ends with 0, or
// with the code of what went wrong.
//
//   cc verify.c $(pkg-config --cflags --libs ociship) -o verify
//   ./verify FILE BUNDLE TRUSTED_ROOT IDENTITY ISSUER
#include <ociship/ociship.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

struct text {
  char* data;
  size_t size;
};

// The whole of a file. data is NULL when it can not be read.
static struct text read_file(const char* path) {
  enum { kMost = 64 << 20 };
  struct text text = {NULL, 0};
  FILE* const file = fopen(path, "rb");
  if (file != NULL && fseek(file, 0, SEEK_END) == 0) {
    const long size = ftell(file);
    if (size >= 0 && size <= kMost && fseek(file, 0, SEEK_SET) == 0) {
      text.data = malloc((size_t)size + 1);
      if (text.data != NULL) text.size = fread(text.data, 1, (size_t)size, file);
    }
  }
  if (file != NULL) fclose(file);
  if (text.data == NULL) fprintf(stderr, "%s can not be read\n", path);
  return text;
}

static void print_evidence(const ociship_verification* verified) {
  printf("  signed by %s\n", ociship_verification_subject(verified, NULL));
  printf("  who logged in at %s\n", ociship_verification_issuer(verified, NULL));
  enum { kSourceRepository = 12 };
  const char* const repository = ociship_verification_extension(verified, kSourceRepository, NULL);
  if (repository != NULL) {
    printf("  %s %s\n", ociship_extension_name(kSourceRepository), repository);
  }
  for (size_t i = 0; i < ociship_verification_time_count(verified); ++i) {
    const time_t seconds = (time_t)ociship_verification_time(verified, i);
    char text[sizeof "2024-03-19T17:26:26Z"];
    strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", gmtime(&seconds));
    printf("  at %s, says %s\n", text, ociship_verification_time_source(verified, i));
  }
  for (size_t i = 0; i < ociship_verification_log_count(verified); ++i) {
    const long long entry = (long long)ociship_verification_log_index(verified, i);
    const char* const log = ociship_verification_log_name(verified, i);
    if (entry >= 0) printf("  entry %lld of %s\n", entry, log);
    if (entry < 0) printf("  an entry of %s\n", log);
  }
}

// Gives the code of the first step that fails.
static int verify(const char* const* names, const struct text* file, const struct text* bundle,
                  const struct text* trusted_root) {
  const ociship_identity who = {
      .struct_size = sizeof who, .identity = names[4], .issuer = names[5]};
  ociship_trust_root* root = NULL;
  ociship_policy* policy = NULL;
  ociship_verification* verified = NULL;
  ociship_error* error = NULL;
  int code = ociship_trust_root_from_json(trusted_root->data, trusted_root->size, &root, &error);
  if (code == OCISHIP_OK) {
    code = ociship_policy_with_identities(&who, 1, NULL, &policy, &error);
  }
  if (code == OCISHIP_OK) {
    const ociship_circumstances given = {
        .struct_size = sizeof given, .root = root, .now = (int64_t)time(NULL)};
    code = ociship_verify_bytes(file->data, file->size, bundle->data, bundle->size, policy, &given,
                                &verified, &error);
  }
  if (code == OCISHIP_OK) {
    printf("verified %s\n", names[1]);
    print_evidence(verified);
  } else {
    fprintf(stderr, "%s: %s\n", names[1], ociship_error_message(error));
  }
  ociship_error_free(error);
  ociship_verification_free(verified);
  ociship_policy_free(policy);
  ociship_trust_root_free(root);
  return code;
}

int main(int argc, char** argv) {
  if (argc != 6) {
    fprintf(stderr, "verify FILE BUNDLE TRUSTED_ROOT IDENTITY ISSUER\n");
    return OCISHIP_USAGE;
  }
  int code = OCISHIP_BAD_INPUT;
  const struct text file = read_file(argv[1]);
  const struct text bundle = read_file(argv[2]);
  const struct text root = read_file(argv[3]);
  if (file.data != NULL && bundle.data != NULL && root.data != NULL) {
    code = verify((const char* const*)argv, &file, &bundle, &root);
  }
  free(file.data);
  free(bundle.data);
  free(root.data);
  return code;
}
