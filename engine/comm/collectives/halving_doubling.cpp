#include "engine/comm/collectives/collectives.h"
#include "engine/comm/collectives/float_view.h"
#include "engine/comm/collectives/fold.h"

namespace rondo {

namespace {

/// One rank's view of the p ranks, p a power of two, that halve and double.
class Halving {
  public:
    Halving(Communicator& comm, Values values, const CollectiveTraits& traits)
        : comm_(comm), values_(values), traits_(traits), fold_(comm.worldSize()) {}

    void allReduce() {
        const int rank = comm_.rank().value;
        const Rank neighbour{rank ^ 1};
        if (fold_.lends(rank)) {
            send(comm_, neighbour, parcelOf(0, fold_.power));
            receive(neighbour, 0, fold_.power, copyFloats);
            return;
        }
        if (fold_.paired(rank)) receive(neighbour, 0, fold_.power, addFloats);
        const int me = fold_.positionOf(rank);
        // Reduce-scatter: the half that isn't mine goes to a partner half as far away each time …
        int first = 0, count = fold_.power;
        for (int distance = fold_.power / 2; distance >= 1; distance /= 2) {
            count /= 2;
            const int kept = me & distance ? first + count : first;
            const int given = me & distance ? first : first + count;
            const Rank partner{fold_.rankAt(me ^ distance)};
            const Values sum = chunks(kept, count);
            sendReceiveInPieces(comm_, partner, parcelOf(given, count), partner, traits_.tag,
                                [&](const Piece& piece) { addPiece(sum, piece); });
            first = kept;
        }
        // … and all-gather, the same way back.
        for (int distance = 1; distance < fold_.power; distance *= 2) {
            const int others = me & distance ? first - count : first + count;
            const Rank partner{fold_.rankAt(me ^ distance)};
            sendReceiveInPlace(comm_, partner, parcelOf(first, count), partner, traits_.tag,
                               std::as_writable_bytes(chunks(others, count).floats()));
            first = std::min(first, others);
            count *= 2;
        }
        if (fold_.paired(rank)) send(comm_, neighbour, parcelOf(0, fold_.power));
    }

  private:
    using Merge = void (*)(Values, ReceivedBytes);

    Values chunks(int first, int count) const { return chunksOf(values_, fold_.power, first, count); }
    Parcel parcelOf(int first, int count) const { return parcelFrom(chunks(first, count), traits_, first); }
    void receive(Rank from, int first, int count, Merge merge) {
        comm_.receive(from, traits_.tag, [&](ReceivedBytes bytes) { merge(chunks(first, count), bytes); });
    }

    Communicator& comm_;
    Values values_;
    const CollectiveTraits& traits_;
    const Fold fold_;
};

}  // namespace

void halvingDoublingAllReduce(Communicator& comm, Values values, CollectiveTraits traits) {
    Halving(comm, values, traits).allReduce();
}

}  // namespace rondo
