#pragma once

#include <gloo/context.h>

#include <memory>
#include <vector>

#include "engine/training/gloo/watched_wait.h"

namespace rondo {

/// Whether the connections of one group still stand. Each has a receive that nobody ever answers: Gloo fails
/// it when the connection closes, which is all it tells of that. In Gloo's count. Thread: the lane's.
class GlooPeers {
  public:
    explicit GlooPeers(const std::shared_ptr<gloo::Context>& context);
    bool gone(int peer);
    bool anyGone();
    /// Those that are there.
    std::vector<int> present();

  private:
    struct Peer {
        std::unique_ptr<GlooBuffer> buffer;  ///< none for the own rank
        bool gone = false;
    };
    char nothing_ = 0;
    std::vector<Peer> peers_;
};

}  // namespace rondo
