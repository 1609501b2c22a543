#include "engine/feed/secret.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "engine/files/raw_file.h"

namespace recant::feed {
namespace {

constexpr std::size_t kSecretBytesMax = 16 * 1024;
// Shorter ones would redact ordinary words, and protect nothing.
constexpr std::size_t kRedactedBytesMin = 4;

Result<std::string> read_all(int descriptor, const std::string& name) {
  std::string text;
  std::array<char, 4096> buffer{};
  Result<std::string> result;
  for (;;) {
    const ssize_t got = ::read(descriptor, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) {
      result = std::unexpected(
          files::errno_error("cannot read " + name, errno, "name another with --token-file"));
      break;
    }
    if (got > 0) text.append(buffer.data(), static_cast<std::size_t>(got));
    if (got > 0 && text.size() <= kSecretBytesMax) continue;
    result = std::move(text);
    break;
  }
  OPENSSL_cleanse(buffer.data(), buffer.size());
  return result;
}

Result<std::string> read_file(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) {
    return std::unexpected(
        files::errno_error("cannot open " + path, errno, "name a file that holds the secret"));
  }
  struct stat status{};
  Result<std::string> text;
  if (::fstat(descriptor, &status) == 0 && (status.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    text = fail(ErrorCode::kRefused,
                fmt::format("{}: others may read this secret: its mode is {:04o} (run `chmod 600` "
                            "on it)",
                            path, status.st_mode & 07777));
  } else {
    text = read_all(descriptor, path);
  }
  ::close(descriptor);
  return text;
}

Result<Secret> checked(Secret raw, const std::string& name, const std::string& place) {
  constexpr std::string_view kWhite = " \t\r\n";
  const std::string& text = raw.reveal();
  const std::size_t first = text.find_first_not_of(kWhite);
  if (first == std::string::npos) {
    return fail(ErrorCode::kRefused,
                fmt::format("{}: there is no {} in it (put one there)", place, name));
  }
  if (text.size() > kSecretBytesMax) {
    return fail(ErrorCode::kRefused,
                fmt::format("{}: too long for a {} (is it the right file?)", place, name));
  }
  Secret secret(text.substr(first, text.find_last_not_of(kWhite) - first + 1));
  const bool control = std::ranges::any_of(
      secret.reveal(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
  if (control) {
    return fail(ErrorCode::kRefused,
                fmt::format("{}: no {}: it holds control bytes or several lines (put the {} alone "
                            "there)",
                            place, name, name));
  }
  return secret;
}

// The environment of a process can be read in /proc: the value is blanked where it stands.
std::string take_variable(char* value) {
  std::string text = value;
  OPENSSL_cleanse(value, text.size());
  return text;
}

void replace_all(std::string& text, std::string_view what) {
  constexpr std::string_view kInstead = "[redacted]";
  for (std::size_t at = text.find(what); at != std::string::npos;
       at = text.find(what, at + kInstead.size())) {
    text.replace(at, what.size(), kInstead);
  }
}

}  // namespace

Secret::Secret(Secret&& other) noexcept : text_(other.text_) { other.wipe(); }

Secret& Secret::operator=(Secret&& other) noexcept {
  if (this != &other) {
    wipe();
    text_ = other.text_;
    other.wipe();
  }
  return *this;
}

void Secret::wipe() noexcept {
  if (!text_.empty()) OPENSSL_cleanse(text_.data(), text_.size());
  text_.clear();
}

Result<std::optional<Secret>> load_secret(const SecretPlaces& places) {
  std::string place = places.file;
  Secret raw;
  if (!places.file.empty()) {
    RECANT_ASSIGN(auto text, read_file(places.file));
    raw = Secret(std::move(text));
  } else if (places.descriptor) {
    place = fmt::format("descriptor {}", *places.descriptor);
    RECANT_ASSIGN(auto text, read_all(*places.descriptor, place));
    raw = Secret(std::move(text));
  } else if (char* value = std::getenv(places.variable.c_str());
             value != nullptr && *value != '\0') {
    place = "$" + places.variable;
    raw = Secret(take_variable(value));
    ::unsetenv(places.variable.c_str());
  } else {
    return std::optional<Secret>();
  }
  RECANT_ASSIGN(auto secret, checked(std::move(raw), places.name, place));
  return std::optional<Secret>(std::move(secret));
}

void forbid_core_files() {
  const rlimit none{.rlim_cur = 0, .rlim_max = 0};
  (void)::setrlimit(RLIMIT_CORE, &none);
  // The limit does not hold where cores go to a pipe.
  (void)::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

void Redactor::add(const Secret& secret) {
  const std::string& text = secret.reveal();
  if (text.size() < kRedactedBytesMin) return;
  std::string coded(4 * ((text.size() + 2) / 3) + 1, '\0');
  coded.resize(static_cast<std::size_t>(EVP_EncodeBlock(
      reinterpret_cast<unsigned char*>(coded.data()),
      reinterpret_cast<const unsigned char*>(text.data()), static_cast<int>(text.size()))));
  secrets_.push_back(secret.copy());
  secrets_.emplace_back(std::move(coded));
  // A basic credential's password is a secret of its own.
  if (const std::size_t colon = text.find(':'); colon != std::string::npos) {
    if (text.size() - colon - 1 >= kRedactedBytesMin) secrets_.emplace_back(text.substr(colon + 1));
  }
}

std::string Redactor::operator()(std::string_view text) const {
  std::string clean(text);
  for (const Secret& secret : secrets_) replace_all(clean, secret.reveal());
  return clean;
}

}  // namespace recant::feed
