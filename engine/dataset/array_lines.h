// A JSON array spread over lines, an object on each, from which lines are left out: what is left
// is a JSON array still.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace recant::dataset {

/// Takes the lines of a dataset in order and appends what is left of them to a text. A line of JSON
/// that belongs to no array goes through it as it is.
class ArrayLines {
 public:
  /// A line with an element in it: what stands before its value (perhaps `[`), the value, and what
  /// stands after (perhaps `,` or `]`, and the end of the line).
  void keep(std::string_view before, std::string_view value, std::string_view after,
            std::string& out);
  /// The same, where the value goes.
  void leave_out(std::string_view before, std::string_view after, std::string& out);
  /// A line without a value: blank, `[` or `]`.
  void other(std::string_view line, std::string& out);
  /// The input ended.
  void end(std::string& out);

 private:
  void flush(std::string& out);
  void close(std::string& out);

  // From the comma behind the last element that was kept. Whether it stays is known at the next.
  std::string pending_;
  bool left_out_ = false;  // an element was left out since
};

}  // namespace recant::dataset
