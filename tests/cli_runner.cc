#include "tests/cli_runner.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

namespace {

void redirect(const std::string& path, int flags, int descriptor) {
  const int opened = open(path.c_str(), flags, 0600);
  if (opened < 0 || dup2(opened, descriptor) < 0) _exit(126);
  close(opened);
}

}  // namespace

std::string content_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream content;
  content << file.rdbuf();
  return content.str();
}

std::string CliRunner::file(const std::string& name, std::string_view content) const {
  std::ofstream(path(name), std::ios::binary) << content;
  return path(name);
}

Outcome CliRunner::operator()(const std::vector<std::string>& words, std::string_view input,
                              const std::string& stdout_path) const {
  std::vector<std::string> all = {"--store", store()};
  all.insert(all.end(), words.begin(), words.end());
  return plain(all, "", input, stdout_path);
}

Outcome CliRunner::plain(const std::vector<std::string>& words, const std::string& store_variable,
                         std::string_view input, const std::string& stdout_path) const {
  const std::string in = file("stdin", input);
  const std::string out = stdout_path.empty() ? path("stdout") : stdout_path;
  const std::string err = path("stderr");
  std::vector<char*> arguments;
  std::string program = RECANT_BINARY;
  std::vector<std::string> copies = words;
  arguments.push_back(program.data());
  for (std::string& word : copies) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  const pid_t child = fork();
  if (child == 0) {
    redirect(in, O_RDONLY, STDIN_FILENO);
    redirect(out, O_WRONLY | O_CREAT | O_TRUNC, STDOUT_FILENO);
    redirect(err, O_WRONLY | O_CREAT | O_TRUNC, STDERR_FILENO);
    unsetenv("RECANT_STORE");
    if (!store_variable.empty()) setenv("RECANT_STORE", store_variable.c_str(), 1);
    execv(arguments[0], arguments.data());
    _exit(127);
  }
  int status = 0;
  if (child < 0 || waitpid(child, &status, 0) < 0) std::abort();
  const int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return {code, stdout_path.empty() ? content_of(out) : std::string(), content_of(err)};
}
