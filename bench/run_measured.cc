// recant_run_measured FILE COMMAND ARG...: runs the command and writes what it took to FILE, as one
// JSON object; /usr/bin/time is not everywhere. Exits as the command did.
#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>

namespace {

double seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    fmt::print(stderr, "usage: recant_run_measured FILE COMMAND ARG...\n");
    return 2;
  }
  const auto begin = std::chrono::steady_clock::now();
  const pid_t child = fork();
  if (child == 0) {
    execvp(argv[2], argv + 2);
    fmt::print(stderr, "recant_run_measured: {}: {}\n", argv[2], std::strerror(errno));
    _exit(127);
  }
  int status = 0;
  rusage usage{};
  if (child < 0 || wait4(child, &status, 0, &usage) < 0) {
    fmt::print(stderr, "recant_run_measured: {}\n", std::strerror(errno));
    return 3;
  }
  const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - begin;
  const int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  std::FILE* file = std::fopen(argv[1], "w");
  if (file == nullptr) {
    fmt::print(stderr, "recant_run_measured: {}: {}\n", argv[1], std::strerror(errno));
    return 3;
  }
  // Linux counts ru_maxrss in KiB.
  fmt::print(file,
             R"({{"wall_seconds":{:.3f},"user_seconds":{:.3f},"peak_bytes":{},"exit":{}}})"
             "\n",
             wall.count(), seconds(usage.ru_utime), usage.ru_maxrss * 1024, code);
  std::fclose(file);
  return code;
}
