#include "tests/platform/certificates.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <cstdlib>
#include <memory>

namespace recant::platform {
namespace {

void must(bool ok) {
  if (!ok) std::abort();
}

void add_extension(X509* certificate, int nid, const char* value) {
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, nid, value);
  must(extension != nullptr && X509_add_ext(certificate, extension, -1) == 1);
  X509_EXTENSION_free(extension);
}

template <class Write>
void write_pem(const std::string& path, Write write) {
  std::FILE* file = std::fopen(path.c_str(), "w");
  must(file != nullptr && write(file) == 1 && std::fclose(file) == 0);
}

}  // namespace

CertificateFiles make_certificate(const std::string& directory, CertificateKind kind) {
  constexpr long kDay = 86'400;
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(EVP_EC_gen("P-256"),
                                                                &EVP_PKEY_free);
  const std::unique_ptr<X509, decltype(&X509_free)> certificate(X509_new(), &X509_free);
  X509* x509 = certificate.get();
  must(key != nullptr && x509 != nullptr && X509_set_version(x509, 2) == 1);
  ASN1_INTEGER_set(X509_get_serialNumber(x509), 1);
  const bool expired = kind == CertificateKind::kExpired;
  X509_gmtime_adj(X509_getm_notBefore(x509), -30 * kDay);
  X509_gmtime_adj(X509_getm_notAfter(x509), expired ? -kDay : 30 * kDay);
  must(X509_set_pubkey(x509, key.get()) == 1);
  X509_NAME* name = X509_get_subject_name(x509);
  must(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                                  reinterpret_cast<const unsigned char*>("fake platform"), -1, -1,
                                  0) == 1);
  must(X509_set_issuer_name(x509, name) == 1);
  add_extension(x509, NID_basic_constraints, "critical,CA:TRUE");
  add_extension(
      x509, NID_subject_alt_name,
      kind == CertificateKind::kWrongHost ? "DNS:elsewhere.example" : "DNS:localhost,IP:127.0.0.1");
  must(X509_sign(x509, key.get(), EVP_sha256()) > 0);
  CertificateFiles files{.certificate = directory + "/certificate.pem",
                         .key = directory + "/key.pem"};
  write_pem(files.certificate, [x509](std::FILE* file) { return PEM_write_X509(file, x509); });
  write_pem(files.key, [&key](std::FILE* file) {
    return PEM_write_PrivateKey(file, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  });
  return files;
}

}  // namespace recant::platform
