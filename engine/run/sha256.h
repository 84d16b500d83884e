#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>

namespace rondo {

/// 64 lower-case hexadecimal digits.
std::string sha256(std::span<const std::byte> bytes);

/// The same of bytes that come piece by piece.
class Sha256 {
  public:
    Sha256();
    ~Sha256();
    void add(std::span<const std::byte> bytes);
    /// Of all that was added; nothing can be added after.
    std::string end();

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace rondo
