#pragma once

#include <gloo/context.h>
#include <gloo/transport/context.h>

#include <functional>
#include <memory>

#include "engine/training/gloo/watched_wait.h"

namespace rondo {

/// A Gloo context over the connections of another, whose waits go through `wait`: so a collective of Gloo's
/// can be cancelled, and notices a lost peer. `wait` returns when the operation is complete, or throws.
class WatchedContext final : public gloo::Context {
  public:
    using Wait = std::function<void(GlooBuffer& buffer, WatchedWait::Direction direction, int* peer)>;
    WatchedContext(std::shared_ptr<gloo::Context> inner, Wait wait);
};

}  // namespace rondo
