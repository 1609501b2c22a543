// No exception crosses the public interface: every call of it that can fail runs inside guarded().
#pragma once

#include <exception>
#include <new>
#include <string>
#include <system_error>

#include "recant/error.h"

namespace recant::replay {

/// `call()`, a Result; what it throws becomes its error.
template <class Call>
auto guarded(Call call) -> decltype(call()) {
  try {
    return call();
  } catch (const std::bad_alloc&) {
    return fail(ErrorCode::kNoMemory, "out of memory");  // short: it must need none itself
  } catch (const std::system_error& error) {             // a thread, for one
    return fail(ErrorCode::kIo, std::string("the machine refused: ") + error.what() +
                                    " (free some memory, or allow more processes)");
  } catch (const std::exception& error) {
    return fail(ErrorCode::kIo,
                std::string("a callback threw, or this is a bug of recant: ") + error.what());
  }
}

}  // namespace recant::replay
