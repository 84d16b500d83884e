#pragma once

#include <functional>
#include <memory>
#include <string>

namespace rondo::cli {

/// What was given with --code, or for "-" the first line of standard input: whoever uses the computer can
/// read the arguments of its programs. BadInput when there is none, or one longer than any code.
std::string codeGiven(const std::string& option);

/// While it lives, the end of standard input calls `onEnd` once, on a thread of its own: whoever has started
/// this program and goes, in whatever way, lets go of the other end. What comes on it is not looked at.
class InputEnd {
  public:
    explicit InputEnd(std::function<void()> onEnd);
    ~InputEnd();
    InputEnd(const InputEnd&) = delete;
    InputEnd& operator=(const InputEnd&) = delete;

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace rondo::cli
