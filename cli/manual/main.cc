// Writes the manual pages and the completions of the program into a directory.
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "cli/manual/pages.h"
#include "cli/program.h"

namespace fs = std::filesystem;

namespace {

bool write(const fs::path& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary);
  file << text;
  file.close();
  if (file) return true;
  std::fprintf(stderr, "recant_manual: cannot write %s\n", path.c_str());
  return false;
}

}  // namespace

int main(int argc, char** argv) {
  using namespace recant::cli;
  if (argc != 2) return 2;
  const fs::path directory = argv[1];
  std::error_code ignored;
  fs::create_directories(directory / "man1", ignored);
  Context context;
  const auto program = make_program(context);
  const CommandWords root = words_of(*program);
  bool good = write(directory / "recant.bash", bash_completion(root)) &&
              write(directory / "_recant", zsh_completion(root)) &&
              write(directory / "recant.fish", fish_completion(root));
  for (const CommandWords* command : all_commands(root)) {
    const std::string page = manual_page(root, *command);
    good = good && write(directory / "man1" / (command->name('-') + ".1"), page);
  }
  return good ? 0 : 1;
}
