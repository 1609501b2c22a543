// Id lists, CSV and TSV, the telling of formats, and damaged or oversized input.
#include <zstd.h>

#include "tests/dataset_support.h"

namespace recant {
namespace {

using dataset::Format;
using test::read_text;
using test::Told;
using Records = std::vector<std::string>;

TEST_CASE("an id list may have a header, quotes, CRLF and blank lines", "[dataset]") {
  REQUIRE(read_text("\xEF\xBB\xBFtweet_id\r\n1\r\n\r\n\"2\"\n  \n18446744073709551615").records ==
          Records{"1: -", "2: 1", "3: -", "4: 2", "5: -", "6: 18446744073709551615"});
  REQUIRE(read_text("\"id\"\n007\n").records == Records{"1: -", "2: 7"});
  REQUIRE(read_text("\n\nid\n7\n").records == Records{"1: -", "2: -", "3: -", "4: 7"});
  REQUIRE(read_text("").records.empty());
}

TEST_CASE("an id list rejects what is no id, a second header among it", "[dataset]") {
  for (const std::string_view line : {"0", "-1", "1 2", " 1", "1,2", "18446744073709551616", "id",
                                      "123456789012345678901", "\"\"", "\"1", "+1", "1;"}) {
    INFO(line);
    REQUIRE(read_text("1\n" + std::string(line)).why.starts_with("not an id "));
  }
  for (const std::string_view line : {"1.23E+18", "1e3", "1.0", "\"1.23E+18\""}) {
    INFO(line);
    REQUIRE(read_text("1\n" + std::string(line)).why.find("spreadsheet") != std::string::npos);
  }
}

TEST_CASE("an id list is of users where users are read, and of no likes", "[dataset]") {
  REQUIRE(read_text("id\n5\n", {.type = ItemType::kUser}).records == Records{"1: -", "2: 5"});
  const Told likes = read_text("5\n6\n", {.type = ItemType::kLike});
  REQUIRE(likes.records.size() == 2);
  REQUIRE(likes.items.empty());
}

TEST_CASE("CSV columns are found by name in any case and order", "[dataset]") {
  REQUIRE(read_text("text, Author_ID ,TWEET_ID,id,quoted_author_id,quoted_id,retweeted_id,"
                    "retweeted_author_id\r\n"
                    "\"a, b\",2,\" 1 \",99,4,3,,8\r\n"
                    "x,,5\n")
              .records == Records{"1: -", "2: 1 author=2 q=3 q_author=4", "3: 5"});
}

TEST_CASE("TSV is told by its header", "[dataset]") {
  REQUIRE(read_text("id\ttext, and more\tauthor_id\n1\t\"a\tb\"\t2\n3\t\t\n").records ==
          Records{"1: -", "2: 1 author=2", "3: 3"});
}

TEST_CASE("a data frame's unnamed first column makes CSV too", "[dataset]") {
  REQUIRE(read_text(",id,text\n0,11,x\n1,12,y\n").records == Records{"1: -", "2: 11", "3: 12"});
}

TEST_CASE("fields may hold newlines, a record is at its first line", "[dataset]") {
  REQUIRE(read_text("id,text,author_id\n1,\"a\n\n\"\"b\"\"\",2\n\n \n3,c,4\n").records ==
          Records{"1: -", "2: 1 author=2", "5: -", "6: -", "7: 3 author=4"});
}

TEST_CASE("CSV rows without a good id are rejected by column name", "[dataset]") {
  REQUIRE(
      read_text("a,id\nx\n,\nx,1e3\nx,y\n").records ==
      Records{"1: -", "2: ! no id", "3: ! no id",
              "4: ! id is not an id but a rounded number (a spreadsheet destroyed it: go back to "
              "the original file)",
              "5: ! id is not an id (1 to 20 digits, no spaces, not 0)"});
  REQUIRE(read_text("id,author_id\n1,x\n").why.starts_with("author_id is not an id"));
  REQUIRE(read_text("id,retweeted_author_id\n1,x\n").records == Records{"1: -", "2: 1"});
  REQUIRE(
      read_text("id,quoted_id,quoted_author_id\n1,2,x\n").why.starts_with("quoted_author_id is"));
  REQUIRE(read_text("id,a\n" + std::string(100, '1') + ",\n").why.starts_with("id is not an id"));
}

TEST_CASE("a header without the column, or with two of them, rejects every row", "[dataset]") {
  const Told none = read_text("a,b\n1,2\n3,4\n");
  REQUIRE(none.records == Records{"1: -", "2: ! the header has no column id or tweet_id",
                                  "3: ! the header has no column id or tweet_id"});
  REQUIRE(read_text("id,ID\n1,2\n").why == "the header has two columns id");
  REQUIRE(read_text("user_id,user_id,id\n1,2,3\n").why.empty());
}

TEST_CASE("CSV of users and likes", "[dataset]") {
  REQUIRE(read_text("id,user_id\n1,2\n", {.type = ItemType::kUser}).records ==
          Records{"1: -", "2: 2"});
  REQUIRE(read_text("id,name\n1,2\n", {.type = ItemType::kUser}).records ==
          Records{"1: -", "2: 1"});
  REQUIRE(read_text("user_id,tweet_id\n1,2\n3,\n,4\n", {.type = ItemType::kLike}).records ==
          Records{"1: -", "2: 2 user=1", "3: ! no tweet_id", "4: ! no user_id"});
  REQUIRE(read_text("id,user_id\n1,2\n", {.type = ItemType::kLike}).why ==
          "the header has no column tweet_id");
}

TEST_CASE("a quote that is never closed is one rejection", "[dataset]") {
  const Told told = read_text("id,text\n1,a\n2,\"b\n3,c\n4,d\n");
  REQUIRE(told.records.size() == 3);
  REQUIRE(told.records.back() ==
          "3: ! the quote opened in this row is not closed in the 3 lines to the end");
}

TEST_CASE("rows and lines over the cap are rejected, the next one is read", "[dataset]") {
  const dataset::ReaderOptions small{.line_bytes_max = 100};
  const std::string big(101, 'x');
  REQUIRE(read_text("id,text\n1," + big + "\n2,a\n", small).records ==
          Records{"1: -", "2: ! a line of 103 bytes, over the cap of 100 (--max-line)", "3: 2"});
  const std::string half(60, 'x');
  const Told rows = read_text("id,text\n1,\"" + half + "\n" + half + "\n2,a\"\n3,a\n4,b\n", small);
  REQUIRE(rows.records == Records{"1: -",
                                  "2: ! a row of 129 bytes, over the cap of 100 (--max-line)",
                                  "5: 3", "6: 4"});
  REQUIRE(
      read_text("{\"id\":\"1\"}\n{\"id\":\"2\",\"text\":\"" + big + "\"}\n{\"id\":\"3\"}", small)
          .items.size() == 2);
  REQUIRE(
      read_text("{\"id\":\"1\",\"text\":\"" + big + "\"}\n{\"id\":\"3\"}", small).items.size() ==
      1);
  REQUIRE(read_text("1\n" + big + "\n2\n", small).items.size() == 2);
}

TEST_CASE("what is inside the quotes of a row over the cap is no row", "[dataset]") {
  const dataset::ReaderOptions small{.line_bytes_max = 50};
  const std::string big(60, 'a');
  // In one line of the row, in its first, in its last, and in two.
  for (const std::string& row :
       {"5,\"" + big + "\n6,zz\n\"", "5,\"\n6,zz\n" + big + "\"", "5,\"a\"\"b\n" + big + "\n6,zz\"",
        "5,\"" + big + "\n6,\"\"zz\"\"\n" + big + "\""}) {
    CAPTURE(row);
    const Told told = read_text("id,x\n4,a\n" + row + "\n7,\"b\"\n8,c\n", small);
    REQUIRE(told.records.size() == 5);
    REQUIRE(told.records[1] == "2: 4");
    REQUIRE(told.records[2].starts_with("3: ! a row of "));
    REQUIRE(told.records[3].ends_with(": 7"));
    REQUIRE(told.records[4].ends_with(": 8"));
  }
  // Inside a line its quotes are counted wherever the reader's blocks end.
  const std::string huge(700'000, '"');
  REQUIRE(read_text("id,x\n5,\"" + huge + "\"\n7,b\n", small).records.back() == "3: 7");
  REQUIRE(read_text("id,x\n5,\"" + huge + "\n6,b\"\n7,b\n", small).records.back() == "4: 7");
  REQUIRE(read_text("id,x\n5,\"" + big + "\n6,b\n", small).records.back() ==
          "2: ! the quote opened in this row is not closed in the 2 lines to the end");
}

TEST_CASE("no quote swallows other rows in silence", "[dataset]") {
  // As most readers have it: behind a quoted cell's text nothing is quoted any more.
  REQUIRE(read_text("id,x\n5,\"a\" b\n7,\"c\"\n8,d\n").records ==
          Records{"1: -", "2: 5", "3: 7", "4: 8"});
  REQUIRE(
      read_text("id\ttext\n5\t\"Hi\" she said\n7\tI said \"no\"\n8\t5\" tall\n9\td\n").records ==
      Records{"1: -", "2: 5", "3: 7", "4: 8", "5: 9"});
  REQUIRE(read_text("id,x,author_id\n5,\"a\"b\"c\"d,2\n7,e,3\n").records ==
          Records{"1: -", "2: 5 author=2", "3: 7 author=3"});
  REQUIRE(read_text("text,id\n\"a\" b,5\n\"5\",\"7\"x\n").records ==
          Records{"1: -", "2: 5", "3: ! id is not an id (1 to 20 digits, no spaces, not 0)"});
  // Nobody knows how many rows these are.
  const Told open = read_text("id\ttext\n5\t\"hello\n7\tsay \"x\"\n8\td\n");
  REQUIRE(open.records.size() == 3);
  REQUIRE(open.records[1].starts_with("2: ! text behind a closing quote in line 3"));
  REQUIRE(open.records[2] == "4: 8");
  REQUIRE(read_text("id,x\n5,\"a\" \"b\"\n8,d\n").records[1].starts_with("2: ! text behind"));
  REQUIRE(read_text("id,x\n5,\"a\" \"\"\n7,\"\n8,d\n").records.back() ==
          "3: ! the quote opened in this row is not closed in the 2 lines to the end");
}

TEST_CASE("a row with bytes that are no text is rejected", "[dataset]") {
  using namespace std::string_literals;
  for (const char delimiter : {',', '\t'}) {
    const std::string d(1, delimiter);
    const auto read = [&](const std::string& cell) {
      return read_text("id" + d + "x\n5" + d + cell + "\n6" + d + "\xc3\xa9\n").records;
    };
    REQUIRE(read("\0"s) == Records{"1: -", "2: ! a NUL byte", "3: 6"});
    REQUIRE(read("\xff") == Records{"1: -", "2: ! invalid UTF-8", "3: 6"});
    REQUIRE(read("\"a\n\xe2\x82\"") == Records{"1: -", "2: ! invalid UTF-8", "4: 6"});
  }
}

TEST_CASE("a header that names ids of another kind is no header of ours", "[dataset]") {
  for (const char* header : {"user_id", "Author_ID", "\"user_id\""}) {
    CAPTURE(header);
    REQUIRE(read_text(std::string(header) + "\n12\n13\n").records ==
            Records{"1: -", "2: ! the header has no column id or tweet_id",
                    "3: ! the header has no column id or tweet_id"});
    REQUIRE(read_text(std::string(header) + "\n12\n", {.type = ItemType::kUser}).records ==
            Records{"1: -", "2: 12"});
  }
  REQUIRE(read_text("tweet_id\n12\n", {.type = ItemType::kUser}).why ==
          "the header has no column id or user_id");
  REQUIRE(read_text("tweet_id\n12\n").records == Records{"1: -", "2: 12"});
}

TEST_CASE("a named format is not told by content", "[dataset]") {
  REQUIRE(read_text("id\n1\n", {.format = Format::kCsv}).records == Records{"1: -", "2: 1"});
  REQUIRE(
      read_text("1,2\n", {.format = Format::kIds}).records.front().starts_with("1: ! not an id"));
  REQUIRE(read_text("12\n", {.format = Format::kJson}).records == Records{"1: 12"});
  REQUIRE(read_text("x\tid\n1\t2\n", {.format = Format::kTsv}).records == Records{"1: -", "2: 2"});
}

TEST_CASE("damaged compressed input is a rejection that names the offset, then the end",
          "[dataset]") {
  const test::TempDirectory directory;
  const std::string text = "1\n2\n3";
  std::string bytes(ZSTD_compressBound(text.size()), '\0');
  bytes.resize(ZSTD_compress(bytes.data(), bytes.size(), text.data(), text.size(), 1));
  const Told told = test::read_dataset(directory.file("x.zst", bytes + "garbage"));
  REQUIRE(told.records.size() == 3);
  REQUIRE(told.records[2].starts_with("3: ! "));
  REQUIRE(told.why.find("byte " + std::to_string(bytes.size())) != std::string::npos);
}

}  // namespace
}  // namespace recant
