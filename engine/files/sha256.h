// SHA-256 of bytes as they pass, by OpenSSL. [FIPS 180-4]
#pragma once

#include <openssl/evp.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace recant::files {

class Sha256 {
 public:
  Sha256();
  void add(std::string_view bytes);
  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }  ///< added so far
  /// 64 lower-case hex digits of what was added. Nothing may be added afterwards.
  [[nodiscard]] std::string finish();

 private:
  struct Free {
    void operator()(EVP_MD_CTX* context) const noexcept { EVP_MD_CTX_free(context); }
  };
  std::unique_ptr<EVP_MD_CTX, Free> context_;
  std::uint64_t bytes_ = 0;
};

}  // namespace recant::files
