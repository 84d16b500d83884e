#include "engine/training/gloo/gloo_peers.h"

#include <gloo/common/error.h>

#include <algorithm>

#include "engine/training/gloo/gloo_slots.h"

namespace rondo {

GlooPeers::GlooPeers(const std::shared_ptr<gloo::Context>& context)
    : peers_(static_cast<std::size_t>(context->size)) {
    for (int peer = 0; peer < context->size; ++peer) {
        if (peer == context->rank) continue;
        Peer& entry = peers_[static_cast<std::size_t>(peer)];
        try {
            entry.buffer = context->createUnboundBuffer(&nothing_, sizeof nothing_);
            entry.buffer->recv(peer, slotOf(GlooSlot::Never, 0));
        } catch (const gloo::Exception&) {
            entry.gone = true;
        }
    }
}

bool GlooPeers::gone(int peer) {
    Peer& entry = peers_[static_cast<std::size_t>(peer)];
    if (!entry.buffer || entry.gone) return entry.gone;
    try {
        // A wait that was aborted beforehand only says whether it failed.
        entry.buffer->abortWaitRecv();
        entry.buffer->waitRecv();
    } catch (const gloo::Exception&) {
        entry.gone = true;
    }
    return entry.gone;
}

bool GlooPeers::anyGone() {
    bool any = false;
    for (int peer = 0; peer < static_cast<int>(peers_.size()); ++peer) any = gone(peer) || any;
    return any;
}

std::vector<int> GlooPeers::present() {
    std::vector<int> present;
    for (int peer = 0; peer < static_cast<int>(peers_.size()); ++peer)
        if (peers_[static_cast<std::size_t>(peer)].buffer && !gone(peer)) present.push_back(peer);
    return present;
}

}  // namespace rondo
