// Follows what becomes due for the tweets that are tracked: applies a page of changes, then stores
// the cursor in a file, so that a run that dies in between does the page again.
//   follow_changes STORE CURSOR_FILE
#include <recant/recant.h>

#include <cstdio>
#include <fstream>
#include <string>

namespace {

constexpr std::uint64_t kPage = 1000;

std::string read_cursor(const std::string& path) {
  std::string cursor;
  std::ifstream(path) >> cursor;
  return cursor;
}

bool write_cursor(const std::string& path, const std::string& cursor) {
  std::ofstream(path + ".new") << cursor << '\n';
  return std::rename((path + ".new").c_str(), path.c_str()) == 0;
}

recant::Result<void> run(const std::string& directory, const std::string& path) {
  RECANT_ASSIGN(auto store, recant::Store::open({.directory = directory, .read_only = true}));
  for (std::uint64_t told = kPage; told == kPage;) {
    RECANT_ASSIGN(const auto snapshot, store.snapshot());
    RECANT_ASSIGN(const recant::Time as_of, snapshot.default_as_of(recant::now()));
    told = 0;
    RECANT_ASSIGN(const std::string cursor,
                  snapshot.changes({.since = read_cursor(path), .limit = kPage, .as_of = as_of},
                                   [&](const recant::Item& item, const recant::Verdict& verdict) {
                                     ++told;
                                     std::printf("%llu %s\n",
                                                 static_cast<unsigned long long>(item.id),
                                                 recant::action_name(verdict.action).data());
                                     return true;
                                   }));
    if (!write_cursor(path, cursor)) {
      return recant::fail(recant::ErrorCode::kIo, "cannot write " + path);
    }
  }
  return {};
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  const auto done = run(argv[1], argv[2]);
  if (!done) std::fprintf(stderr, "%s\n", done.error().what.c_str());
  return done ? 0 : 1;
}
