#include "tests/cli_background.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

Running::Running(const CliRunner& recant, const std::vector<std::string>& words) {
  std::vector<std::string> all = {RECANT_BINARY, "--store", recant.store()};
  all.insert(all.end(), words.begin(), words.end());
  std::vector<char*> arguments;
  for (std::string& word : all) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  const int out =
      open(recant.path("background").c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  child_ = fork();
  if (child_ != 0) {
    close(out);
    return;
  }
  // Until it is the program, Catch's handlers would answer for it.
  for (const int each : {SIGTERM, SIGINT, SIGHUP}) signal(each, SIG_DFL);
  dup2(out, STDERR_FILENO);
  dup2(out, STDOUT_FILENO);
  rlimit cores{};
  getrlimit(RLIMIT_CORE, &cores);
  cores.rlim_cur = cores.rlim_max;
  setrlimit(RLIMIT_CORE, &cores);
  execv(arguments[0], arguments.data());
  _exit(127);
}

Running::~Running() {
  if (child_ > 0) kill(child_, SIGKILL), waitpid(child_, nullptr, 0);
}

int Running::end(int signal) {
  kill(child_, signal);
  int status = 0;
  waitpid(child_, &status, 0);
  child_ = 0;
  dumped_core_ = WIFSIGNALED(status) && WCOREDUMP(status);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
