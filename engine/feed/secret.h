// Credentials: where they come from, and how they stay out of everything that is written.
// Contract: reliability.md, A12. They never come from the command line's words.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "recant/error.h"

namespace recant::feed {

/// Text that is wiped from memory when it goes.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string text) : text_(std::move(text)) {}
  Secret(Secret&& other) noexcept;
  Secret& operator=(Secret&& other) noexcept;
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  ~Secret() { wipe(); }

  [[nodiscard]] bool empty() const { return text_.empty(); }
  [[nodiscard]] Secret copy() const { return Secret(text_); }
  /// Valid as long as this Secret is.
  [[nodiscard]] const std::string& reveal() const { return text_; }

 private:
  void wipe() noexcept;
  std::string text_;
};

/// Where a secret may be, in the order in which it is looked for.
struct SecretPlaces {
  std::string name{};               ///< what it is, for errors: "token"
  std::string file{};               ///< mode 0600 or tighter, or it is refused; a FIFO is read too
  std::optional<int> descriptor{};  ///< read to its end
  std::string variable{};           ///< of the environment; blanked there once it was read
};

/// The secret without white space around it; nothing where no place has one.
/// Errors: kRefused (the file may be read by others, is empty, too long or holds control bytes),
/// kIo (it cannot be read).
[[nodiscard]] Result<std::optional<Secret>> load_secret(const SecretPlaces& places);

/// From now on this process leaves no core file, which would hold the secrets that it has read.
void forbid_core_files();

/// Takes secrets out of text that a server or a library wrote.
class Redactor {
 public:
  /// Also in the form in which a request's headers carry it (base64, for basic credentials).
  void add(const Secret& secret);
  /// `text` with "[redacted]" for each secret.
  [[nodiscard]] std::string operator()(std::string_view text) const;

 private:
  std::vector<Secret> secrets_;
};

}  // namespace recant::feed
