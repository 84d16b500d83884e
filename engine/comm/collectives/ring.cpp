#include "engine/comm/collectives/collectives.h"
#include "engine/comm/collectives/float_view.h"

namespace rondo {

namespace {

/// One turn of the ring: chunk `out` goes to the right while chunk `in` comes from the left, by `exchange`.
template <class Exchange>
void turn(Communicator& comm, Values values, int out, int in, const CollectiveTraits& traits,
          Exchange&& exchange) {
    const int n = comm.worldSize(), r = comm.rank().value;
    exchange(Rank{(r + 1) % n}, parcelFrom(chunksOf(values, n, out), traits, out), Rank{(r + n - 1) % n},
             chunksOf(values, n, in));
}

int modulo(int a, int n) {
    return ((a % n) + n) % n;
}

}  // namespace

void ringReduceScatter(Communicator& comm, Values values, CollectiveTraits traits) {
    const int n = comm.worldSize(), r = comm.rank().value;
    for (int step = 0; step < n - 1; ++step)
        turn(comm, values, modulo(r - step, n), modulo(r - step - 1, n), traits,
             [&](Rank right, const Parcel& parcel, Rank left, Values in) {
                 sendReceiveInPieces(comm, right, parcel, left, traits.tag,
                                     [&](const Piece& piece) { addPiece(in, piece); });
             });
}

void ringAllGather(Communicator& comm, Values values, CollectiveTraits traits) {
    const int n = comm.worldSize(), r = comm.rank().value;
    for (int step = 0; step < n - 1; ++step)
        turn(comm, values, modulo(r + 1 - step, n), modulo(r - step, n), traits,
             [&](Rank right, const Parcel& parcel, Rank left, Values in) {
                 sendReceiveInPlace(comm, right, parcel, left, traits.tag,
                                    std::as_writable_bytes(in.floats()));
             });
}

void ringAllReduce(Communicator& comm, Values values, CollectiveTraits traits) {
    ringReduceScatter(comm, values, traits);
    ringAllGather(comm, values, traits);
}

}  // namespace rondo
