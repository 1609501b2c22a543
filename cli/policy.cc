#include "cli/policy.h"

#include <algorithm>
#include <array>

#include "cli/options.h"

namespace recant::cli {
namespace {

void add_country(CLI::App* command, Policy& policy) {
  command
      ->add_option(
          "--country",
          [&policy](const CLI::results_t& words) {
            const std::string& text = words.back();
            const auto letter = [](char c) { return (c & ~0x20) >= 'A' && (c & ~0x20) <= 'Z'; };
            if (text.size() != 2 || !std::ranges::all_of(text, letter)) {
              throw CLI::ValidationError("--country", text + " is not a code of two letters");
            }
            policy.country =
                country(static_cast<char>(text[0] & ~0x20), static_cast<char>(text[1] & ~0x20));
            return true;
          },
          "judge for display there: withheld there is suppressed, withheld elsewhere is kept")
      ->type_name("CC");
}

void add_delete_on(CLI::App* command, Policy& policy) {
  constexpr std::array kKinds = {EventKind::kUserSuspend, EventKind::kUserProtect,
                                 EventKind::kUserDelete, EventKind::kTweetDrop,
                                 EventKind::kTweetUnavailable};
  add_list(command, "--delete-on",
           "delete where these would suppress: user_suspend, user_protect, user_delete, "
           "tweet_drop, tweet_unavailable",
           "KIND,...", [&policy, kKinds](const std::string& word) {
             const auto kind = event_kind_from_name(word);
             if (!kind || std::ranges::find(kKinds, *kind) == kKinds.end()) {
               throw CLI::ValidationError("--delete-on",
                                          word +
                                              " is not among user_suspend, user_protect, "
                                              "user_delete, tweet_drop, tweet_unavailable");
             }
             policy.delete_on.push_back(*kind);
           });
}

}  // namespace

void add_policy(CLI::App* command, Policy& policy) {
  add_country(command, policy);
  add_delete_on(command, policy);
}

}  // namespace recant::cli
