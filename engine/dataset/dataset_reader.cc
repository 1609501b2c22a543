#include "engine/dataset/dataset_reader.h"

#include <utility>

#include "engine/dataset/record_parser.h"

namespace recant::dataset {

class DatasetReader::Impl {
 public:
  Impl(files::Input input, const ReaderOptions& options)
      : lines(std::move(input), options.line_bytes_max), parser_(options) {}

  Result<bool> next(Record& out) {
    for (;;) {
      auto more = lines.next(line_);
      if (!more) {
        if (more.error().code != ErrorCode::kCorruption) {
          return std::unexpected(std::move(more).error());
        }
        parser_.damage(line_.number + 1, std::move(more).error().what, out);
        return true;
      }
      if (!*more) return parser_.end(out);
      if (parser_.take(line_, out)) return true;
    }
  }

  files::LineReader lines;

 private:
  RecordParser parser_;
  files::Line line_;
};

DatasetReader::DatasetReader(files::Input input, ReaderOptions options)
    : impl_(std::make_unique<Impl>(std::move(input), options)) {}
DatasetReader::DatasetReader(DatasetReader&&) noexcept = default;
DatasetReader& DatasetReader::operator=(DatasetReader&&) noexcept = default;
DatasetReader::~DatasetReader() = default;

Result<bool> DatasetReader::next(Record& out) { return impl_->next(out); }
const files::Input& DatasetReader::input() const { return impl_->lines.input(); }

}  // namespace recant::dataset
