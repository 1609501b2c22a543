// The connections of all streams, on one thread, over libcurl's multi interface.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "engine/feed/http.h"
#include "engine/feed/stream_machine.h"

namespace recant::feed {

/// Told of what happens to the connection in a slot, within poll().
class StreamHandler {
 public:
  StreamHandler() = default;
  StreamHandler(const StreamHandler&) = delete;
  StreamHandler& operator=(const StreamHandler&) = delete;
  virtual ~StreamHandler() = default;

  /// Once a connection: a 200 as soon as its headers are there, anything else with its body's
  /// first 4 KiB, after which that connection is gone.
  virtual void on_response(std::size_t slot, int status, const Headers& headers,
                           std::string_view body) = 0;
  /// Bytes of a 200. False: not taken; they come again after resume().
  [[nodiscard]] virtual bool on_bytes(std::size_t slot, std::string_view bytes) = 0;
  /// A connection that was not refused by its status is over.
  virtual void on_closed(std::size_t slot, Close close, const std::string& why) = 0;
};

/// One thread at a time; wake() from any.
class StreamSockets {
 public:
  /// Null without memory.
  [[nodiscard]] static std::unique_ptr<StreamSockets> make();
  StreamSockets() = default;
  StreamSockets(const StreamSockets&) = delete;
  StreamSockets& operator=(const StreamSockets&) = delete;
  virtual ~StreamSockets() = default;

  /// Begins a connection in a slot that has none. `settings` outlives it.
  [[nodiscard]] virtual Result<void> open(std::size_t slot, const HttpSettings& settings,
                                          const HttpRequest& request) = 0;
  /// Ends the slot's connection, if it has one; nothing is told of it. Not within poll().
  virtual void close(std::size_t slot) = 0;
  virtual void resume(std::size_t slot) = 0;
  /// Waits for something to happen, and tells `handler`.
  virtual void poll(std::int64_t timeout_ms, StreamHandler& handler) = 0;
  virtual void wake() = 0;
};

}  // namespace recant::feed
