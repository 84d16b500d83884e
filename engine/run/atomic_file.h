#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "engine/core/result.h"

namespace rondo {

/// A file that is written whole or not at all: beside its name first, then to the disk, then in place of what
/// was there. A crash, a full disk or a pulled plug leaves the old one as it was. One that isn't finished is
/// taken away.
class AtomicFile {
  public:
    explicit AtomicFile(std::string file);
    ~AtomicFile();
    AtomicFile(const AtomicFile&) = delete;
    AtomicFile& operator=(const AtomicFile&) = delete;

    /// After something has gone wrong, does nothing; `finish` tells.
    void write(std::span<const std::byte> bytes);
    /// Puts it in its place; empty when it worked.
    Problems finish();

  private:
    void fail();
    void close();

    const std::string file_, temporary_;
    int descriptor_ = -1;
    std::string wrong_;
};

}  // namespace rondo
