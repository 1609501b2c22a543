#include "cli/follow_options.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <set>

#include "cli/options.h"
#include "cli/text.h"
#include "engine/feed/url.h"
#include "recant/time.h"

namespace recant::cli {
namespace {

struct Source {
  const char* name;
  const char* path;  ///< null: the firehose's own URL
  unsigned partitions;
};
constexpr unsigned kPartitionsMax = 8;
constexpr Source kSources[] = {{"v2-tweets", "/2/tweets/compliance/stream", 4},
                               {"v2-users", "/2/users/compliance/stream", 4},
                               {"v2-likes", "/2/likes/compliance/stream", 1},
                               {"firehose", nullptr, kPartitionsMax}};

const Source* source_named(const std::string& name) {
  const auto* found =
      std::ranges::find_if(kSources, [&](const Source& source) { return name == source.name; });
  return found == std::end(kSources) ? nullptr : found;
}

Result<feed::StreamRules> rules_for(const FollowWords& words, bool firehose) {
  feed::StreamRules rules{.heartbeat_ms = firehose ? 35'000 : 30'000,
                          .backfill_documented = !firehose};
  if (words.backfill == "auto") return rules;
  if (words.backfill == "off") {
    rules.backfill_minutes_max = 0;
    return rules;
  }
  const std::string& text = words.backfill;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), rules.backfill_minutes_fixed);
  if (error != std::errc() || end != text.data() + text.size() ||
      rules.backfill_minutes_fixed < 1 || rules.backfill_minutes_fixed > 5) {
    return fail(
        ErrorCode::kInvalidArgument,
        fmt::format("--backfill {}: it is none that a stream takes (give auto, off, or 1 to "
                    "5 minutes)",
                    text));
  }
  return rules;
}

std::string stream_url(const FollowWords& words, const Source& source, unsigned partition) {
  std::string base = source.path == nullptr ? words.firehose_url : words.network.api_url;
  while (base.ends_with('/')) base.pop_back();
  if (source.path != nullptr) base += source.path;
  if (source.partitions == 1) return base;
  return fmt::format("{}{}partition={}", base, base.find('?') == std::string::npos ? '?' : '&',
                     partition);
}

Result<void> add_source(const FollowWords& words, const Source& source, Connections& connections,
                        std::vector<feed::FollowedStream>& streams) {
  const bool firehose = source.path == nullptr;
  RECANT_ASSIGN(const feed::StreamRules rules, rules_for(words, firehose));
  for (unsigned partition = 1; partition <= source.partitions; ++partition) {
    if (!words.partitions.empty() && std::ranges::count(words.partitions, partition) == 0) {
      continue;
    }
    streams.push_back({.name = {.source = source.name, .partition = std::to_string(partition)},
                       .url = stream_url(words, source, partition),
                       .backfill_parameter = firehose ? "backfillMinutes" : "backfill_minutes",
                       .takes_range = !firehose,
                       .settings = firehose ? &connections.firehose : &connections.v2,
                       .budget = firehose ? &connections.firehose_budget : &connections.v2_budget,
                       .rules = rules});
  }
  return {};
}

}  // namespace

Result<void> load_credential(const FollowWords& words, bool firehose, Connections& out) {
  const bool replay = !words.replay.empty();
  const std::string& base = !firehose ? words.network.api_url
                            : replay  ? words.replay_url
                                      : words.firehose_url;
  if (base.empty()) {
    return fail(
        ErrorCode::kInvalidArgument,
        "follow firehose: where is it? (give --firehose-url, or --replay-url, as the platform "
        "told you)");
  }
  RECANT_ASSIGN(const feed::Url url, feed::parse_url(base, words.network.allow_http));
  RECANT_ASSIGN(auto secret,
                feed::load_secret({.name = firehose ? "user:password" : "token",
                                   .file = firehose ? words.basic_file : words.network.token_file,
                                   .descriptor = firehose ? words.basic_descriptor
                                                          : words.network.token_descriptor,
                                   .variable = firehose ? "RECANT_BASIC" : "RECANT_TOKEN"}));
  if (!secret) {
    return fail(ErrorCode::kRefused,
                firehose ? "no user and password for the firehose (give --basic-file, or set "
                           "RECANT_BASIC)"
                         : "no token: the platform wants to know who asks (give --token-file, or "
                           "set RECANT_TOKEN)");
  }
  out.redact.add(*secret);
  feed::HttpSettings& settings = firehose ? out.firehose : out.v2;
  settings.credential.scheme =
      firehose ? feed::Credential::Scheme::kBasic : feed::Credential::Scheme::kBearer;
  settings.credential.secret = *std::move(secret);
  settings.credential.origin = url.origin;
  settings.user_agent = kUserAgent;
  settings.ca_file = words.network.ca_file;
  settings.allow_http = words.network.allow_http;
  return {};
}

Result<std::vector<feed::FollowedStream>> make_streams(const FollowWords& words,
                                                       Connections& connections) {
  std::vector<feed::FollowedStream> streams;
  bool v2 = false;
  bool firehose = false;
  for (const std::string& name : std::set(words.sources.begin(), words.sources.end())) {
    const Source& source = *source_named(name);
    RECANT_TRY(add_source(words, source, connections, streams));
    (source.path == nullptr ? firehose : v2) = true;
  }
  if (streams.empty()) {
    return fail(ErrorCode::kInvalidArgument,
                "--partition: none of the sources has such a partition (v2 streams have 1 to 4, "
                "the firehose 1 to 8)");
  }
  if (v2) RECANT_TRY(load_credential(words, false, connections));
  if (firehose) RECANT_TRY(load_credential(words, true, connections));
  return streams;
}

void add_follow_options(CLI::App* command, FollowWords& words) {
  command->add_option("SOURCE", words.sources, "v2-tweets, v2-users, v2-likes, firehose")
      ->required()
      ->check([](const std::string& name) {
        return source_named(name) != nullptr
                   ? std::string()
                   : name + " is none of v2-tweets, v2-users, v2-likes, firehose";
      })
      ->option_text("...");
  add_network(command, words.network);
  command
      ->add_option("--firehose-url", words.firehose_url,
                   "the firehose's address, without the partition")
      ->option_text("URL");
  command
      ->add_option("--basic-file", words.basic_file,
                   "a file with user:password for the firehose, mode 0600 or tighter (else "
                   "$RECANT_BASIC)")
      ->option_text("FILE");
  command->add_option("--basic-fd", words.basic_descriptor, "read user:password from descriptor N")
      ->check(refuse_negative)
      ->option_text("N");
  add_list(command, "--partition", "these partitions alone (default all)", "N,...",
           [&words](const std::string& word) {
             const auto partition = parse_id(word);
             if (!partition || *partition > kPartitionsMax) {
               throw CLI::ValidationError("--partition", word + " is none of 1 to 8");
             }
             words.partitions.push_back(static_cast<unsigned>(*partition));
           });
  command
      ->add_option("--replay", words.replay,
                   "take in once more what the firehose sent between two times of the last 5 days")
      ->option_text("FROM..TO");
  command->add_option("--replay-url", words.replay_url, "the address of the firehose's Replay")
      ->option_text("URL");
  add_seconds(command, "--duration", words.duration_ms,
              "end after so long, more than 0 (default: never)")
      ->check([](const std::string& text) {
        return std::string(parse_seconds(text) == 0 ? text + " is no time to follow for" : "");
      });
  command
      ->add_option("--backfill", words.backfill,
                   "minutes to ask for again at each connect: auto (what the gap needs), off, or "
                   "1 to 5")
      ->option_text("N");
  add_output(command, "--metrics-file", words.metrics_file,
             "keep Prometheus metrics here, replaced every 10 seconds");
  command->add_flag("--json", words.json, "print how the streams do, a JSON line a second");
}

}  // namespace recant::cli
