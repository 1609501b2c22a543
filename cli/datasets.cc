#include "cli/datasets.h"

#include <map>

#include "cli/options.h"

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

void add_type(CLI::App* command, DatasetArguments& arguments) {
  const std::map<std::string, ItemType> types = {
      {"tweets", ItemType::kTweet}, {"users", ItemType::kUser}, {"likes", ItemType::kLike}};
  command->add_option("--type", arguments.reader.type, "tweets (default), users or likes")
      ->transform(one_of(types))
      ->option_text("TYPE");
}

}  // namespace recant::cli
