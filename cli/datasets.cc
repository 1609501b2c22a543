#include "cli/datasets.h"

#include <map>

#include "cli/options.h"
#include "recant/time.h"

namespace recant::cli {

void add_dataset_arguments(CLI::App* command, DatasetArguments& arguments) {
  command
      ->add_option("DATASET", arguments.files,
                   "ids, CSV, TSV, or JSON lines of tweets; - is stdin; gzip, zstd or bzip2 too")
      ->required()
      ->option_text("...");
  const std::map<std::string, dataset::Format> formats = {{"auto", dataset::Format::kAuto},
                                                          {"ids", dataset::Format::kIds},
                                                          {"csv", dataset::Format::kCsv},
                                                          {"tsv", dataset::Format::kTsv},
                                                          {"json", dataset::Format::kJson}};
  command
      ->add_option("--format", arguments.reader.format,
                   "ids, csv, tsv or json, where the content does not tell (auto)")
      ->transform(one_of(formats))
      ->option_text("FORMAT");
  add_max_line(command, arguments.reader.line_bytes_max);
}

void add_shard(CLI::App* command, CLI::Option* as_of, DatasetArguments& arguments) {
  command
      ->add_option(
          "--shard",
          [&arguments](const CLI::results_t& words) {
            const std::string& word = words.back();
            const std::size_t slash = word.find('/');
            const auto index = parse_id(word.substr(0, slash));
            const auto count = parse_id(slash == std::string::npos ? "" : word.substr(slash + 1));
            if (!index || !count || *index > *count) {
              throw CLI::ValidationError("--shard", word + " is not like 1/8, of 1/8 to 8/8");
            }
            arguments.shard = {.index = *index, .count = *count};
            arguments.sharded = true;
            return true;
          },
          "do one of N equal shares, by the bytes of the inputs; the outputs of 1/N to N/N, put "
          "together, are the output of one run. Compressed files, and JSON arrays, are not cut")
      ->type_name("I/N")
      ->needs(as_of);
}

void add_type(CLI::App* command, DatasetArguments& arguments) {
  const std::map<std::string, ItemType> types = {
      {"tweets", ItemType::kTweet}, {"users", ItemType::kUser}, {"likes", ItemType::kLike}};
  command->add_option("--type", arguments.reader.type, "tweets (default), users or likes")
      ->transform(one_of(types))
      ->option_text("TYPE");
}

}  // namespace recant::cli
