#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "engine/core/result.h"
#include "net/ws/connection.h"
#include "net/ws/io_thread.h"
#include "net/ws/quiet_log.h"

namespace rondo::net {

struct ListenOptions {
    std::string address;                 ///< of an interface; empty: all of them
    std::uint16_t port = 0;              ///< 0: any free one
    const Identity* identity = nullptr;  ///< encrypted with this; must outlive the listener
    /// From being accepted to `trusted`, whatever it does meanwhile.
    std::chrono::steady_clock::duration handshake = std::chrono::seconds(5);
    std::size_t mostUntrusted = 256;  ///< connections at a time; one more, and the oldest goes
};

/// Accepts connections and bounds what strangers cost: each has little memory (Connection::Limits) and little
/// time, and there are only so many. Lives on the io thread.
class Listener {
  public:
    using Accept = std::function<void(std::shared_ptr<Connection>)>;

    Listener(IoThread& io, QuietLog& log);
    ~Listener();  ///< closes

    /// `accept` gets every connection before its handshakes, to set its handlers. The real port, or why not.
    Result<std::uint16_t> open(const ListenOptions& options, Accept accept);
    void close();

    /// Takes a connection off the list of strangers, and its deadline away.
    void trust(const std::shared_ptr<Connection>& connection);

    std::size_t untrusted() const;      ///< now
    std::size_t mostUntrusted() const;  ///< since the start
    std::uint64_t accepted() const;     ///< since the start

  private:
    struct Inside;
    std::shared_ptr<Inside> inside_;
};

}  // namespace rondo::net
