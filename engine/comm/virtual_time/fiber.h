#pragma once

#include <boost/context/fiber.hpp>
#include <cstddef>
#include <functional>

namespace rondo {

/// One activity in virtual time: a function with a stack of its own that can stop in the middle and go on
/// later, at the cost of a few nanoseconds. Belongs to the thread that made it.
class Fiber {
  public:
    Fiber(std::function<void()> body, std::size_t stackBytes);
    Fiber(const Fiber&) = delete;
    Fiber& operator=(const Fiber&) = delete;
    /// A fiber must have returned: unwinding it needs its owner's help (Scheduler::cancel).
    ~Fiber();

    /// From outside: runs it until it stops or returns.
    void resume();
    /// From inside: back to whoever resumed it. Throws std::logic_error inside a NoSwitchSection.
    void stop();
    bool finished() const { return finished_; }

  private:
    boost::context::fiber context_;  // where to go on, while it is stopped
    boost::context::fiber resumer_;  // where to go back, while it runs
    bool finished_ = false;
    struct Sanitizer;  // what ASan and TSan need to be told about stacks; empty without them
    Sanitizer* sanitizer_;
};

/// No fiber may switch while such a section is open on this thread: LibTorch keeps thread-locals inside its
/// calls, and a gradient of one rank would go to another. Opened around every call of LibTorch that runs
/// foreign code (hooks).
class NoSwitchSection {
  public:
    NoSwitchSection();
    ~NoSwitchSection();
    NoSwitchSection(const NoSwitchSection&) = delete;
    NoSwitchSection& operator=(const NoSwitchSection&) = delete;
    static bool open();
};

}  // namespace rondo
