#include "engine/comm/collectives/star.h"

#include <algorithm>
#include <vector>

#include "engine/comm/collectives/float_view.h"

namespace rondo {

void starBroadcast(Communicator& comm, Rank root, Values values, CollectiveTraits traits) {
    if (comm.rank() != root) {
        comm.receive(root, traits.tag, [&](ReceivedBytes bytes) { copyFloats(values, bytes); });
        return;
    }
    std::vector<SendTicket> sends;
    for (int rank = 0; rank < comm.worldSize(); ++rank)
        if (Rank{rank} != root) sends.push_back(comm.beginSend(Rank{rank}, parcelFrom(values, traits)));
    for (const SendTicket& ticket : sends) comm.finishSend(ticket);
}

void starReduce(Communicator& comm, Rank root, Values values, CollectiveTraits traits) {
    if (comm.rank() != root) return send(comm, root, parcelFrom(values, traits));
    // In rank order, whoever came first: what the root has itself has its place among them.
    const std::vector<float> own(values.floats().begin(), values.floats().end());
    std::fill(values.floats().begin(), values.floats().end(), 0.0f);
    for (int rank = 0; rank < comm.worldSize(); ++rank) {
        if (Rank{rank} == root)
            addFloats(values, std::as_bytes(std::span(own)));
        else
            comm.receive(Rank{rank}, traits.tag, [&](ReceivedBytes bytes) { addFloats(values, bytes); });
    }
}

}  // namespace rondo
