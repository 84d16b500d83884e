#include "engine/comm/collectives/collectives.h"
#include "engine/comm/collectives/float_view.h"

namespace rondo {

namespace {

/// One turn of the ring: pass chunk `out` to the right while chunk `in` comes from the left.
void turn(Communicator& comm, Values values, int out, int in, const CollectiveTraits& traits,
          void (*merge)(Values, ReceivedBytes)) {
    const int n = comm.worldSize(), r = comm.rank().value;
    sendReceive(comm, Rank{(r + 1) % n}, parcelFrom(chunksOf(values, n, out), traits, out),
                Rank{(r + n - 1) % n}, traits.tag,
                [&](ReceivedBytes bytes) { merge(chunksOf(values, n, in), bytes); });
}

int modulo(int a, int n) {
    return ((a % n) + n) % n;
}

}  // namespace

void ringReduceScatter(Communicator& comm, Values values, CollectiveTraits traits) {
    const int n = comm.worldSize(), r = comm.rank().value;
    for (int step = 0; step < n - 1; ++step)
        turn(comm, values, modulo(r - step, n), modulo(r - step - 1, n), traits, addFloats);
}

void ringAllGather(Communicator& comm, Values values, CollectiveTraits traits) {
    const int n = comm.worldSize(), r = comm.rank().value;
    for (int step = 0; step < n - 1; ++step)
        turn(comm, values, modulo(r + 1 - step, n), modulo(r - step, n), traits, copyFloats);
}

void ringAllReduce(Communicator& comm, Values values, CollectiveTraits traits) {
    ringReduceScatter(comm, values, traits);
    ringAllGather(comm, values, traits);
}

}  // namespace rondo
