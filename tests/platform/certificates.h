// Certificates made when they are needed: for 127.0.0.1 and localhost, or wrong in one way.
#pragma once

#include <string>

namespace recant::platform {

enum class CertificateKind { kGood, kExpired, kWrongHost };

struct CertificateFiles {
  std::string certificate;  ///< PEM; signed by itself, so it is also the file to trust
  std::string key;          ///< PEM
};

/// Writes a certificate and its key into `directory`. Aborts where OpenSSL fails.
CertificateFiles make_certificate(const std::string& directory, CertificateKind kind);

}  // namespace recant::platform
