// What a test has to know of the sanitizer that it was built with, if any.
#pragma once

namespace recant::test {

/// Address space and descriptors are the sanitizer's, too: limits on them say nothing about recant.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool kSanitized = true;
#else
inline constexpr bool kSanitized = false;
#endif

/// Before main() the runtime makes a file of its own.
#ifdef __SANITIZE_THREAD__
inline constexpr bool kThreadSanitized = true;
#else
inline constexpr bool kThreadSanitized = false;
#endif

/// For strace: leaks cannot be looked for in a program that is traced; it would end with an error.
inline constexpr const char* kNoLeakCheck = "ASAN_OPTIONS=detect_leaks=0";

}  // namespace recant::test
