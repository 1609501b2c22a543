#include <CLI/CLI.hpp>

int main(int argc, char** argv) {
  CLI::App app{"recant keeps stored posts in compliance", "recant"};
  app.set_version_flag("--version", std::string("recant ") + RECANT_VERSION);
  CLI11_PARSE(app, argc, argv);
  return 0;
}
