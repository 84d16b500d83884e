#pragma once

#include <functional>

namespace rondo::cli {

/// While it lives, Ctrl-C (and SIGTERM) calls `onFirst` once, on a thread of its own; a second one ends the
/// program at once. Make it before any other thread: they inherit the blocked signals.
class Interrupt {
  public:
    explicit Interrupt(std::function<void()> onFirst);
    ~Interrupt();
    Interrupt(const Interrupt&) = delete;
    Interrupt& operator=(const Interrupt&) = delete;

  private:
    struct Impl;
    Impl* impl_;
};

}  // namespace rondo::cli
