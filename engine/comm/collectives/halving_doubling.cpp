#include <bit>

#include "engine/comm/collectives/collectives.h"
#include "engine/comm/collectives/float_view.h"

namespace rondo {

namespace {

/// One rank's view of the p ranks, p a power of two, that halve and double.
class Halving {
  public:
    Halving(Communicator& comm, Values values, const CollectiveTraits& traits)
        : comm_(comm),
          values_(values),
          traits_(traits),
          power_(static_cast<int>(std::bit_floor(static_cast<unsigned>(comm.worldSize())))),
          folded_(comm.worldSize() - power_) {}

    void allReduce() {
        const int rank = comm_.rank().value;
        const Rank neighbour{rank ^ 1};
        // Where N is no power of two, the first 2(N − p) ranks fold in pairs: the even one lends its values
        // to the odd one and waits for the result.
        if (rank < 2 * folded_) {
            if (rank % 2 == 0) {
                send(comm_, neighbour, parcelOf(0, power_));
                receive(neighbour, 0, power_, copyFloats);
                return;
            }
            receive(neighbour, 0, power_, addFloats);
        }
        const int me = rank < 2 * folded_ ? rank / 2 : rank - folded_;
        // Reduce-scatter: the half that isn't mine goes to a partner half as far away each time …
        int first = 0, count = power_;
        for (int distance = power_ / 2; distance >= 1; distance /= 2) {
            count /= 2;
            const int kept = me & distance ? first + count : first;
            const int given = me & distance ? first : first + count;
            exchange(me ^ distance, given, kept, count, addFloats);
            first = kept;
        }
        // … and all-gather, the same way back.
        for (int distance = 1; distance < power_; distance *= 2) {
            const int others = me & distance ? first - count : first + count;
            exchange(me ^ distance, first, others, count, copyFloats);
            first = std::min(first, others);
            count *= 2;
        }
        if (rank < 2 * folded_) send(comm_, neighbour, parcelOf(0, power_));
    }

  private:
    using Merge = void (*)(Values, ReceivedBytes);

    Rank rankOf(int position) const {
        return Rank{position < folded_ ? 2 * position + 1 : position + folded_};
    }
    Values chunks(int first, int count) const {
        const auto elements = static_cast<std::int64_t>(values_.size());
        const std::int64_t begin = chunkOf(elements, power_, first).first;
        const std::int64_t end = chunkOf(elements, power_, first + count - 1).second;
        return values_.sub(static_cast<std::size_t>(begin), static_cast<std::size_t>(end - begin));
    }
    Parcel parcelOf(int first, int count) const {
        Parcel parcel = rondo::parcelFrom(chunks(first, count), traits_.tag);
        parcel.bucket = traits_.bucket;
        parcel.chunk = first;
        return parcel;
    }
    void receive(Rank from, int first, int count, Merge merge) {
        comm_.receive(from, traits_.tag, [&](ReceivedBytes bytes) { merge(chunks(first, count), bytes); });
    }
    void exchange(int partner, int out, int in, int count, Merge merge) {
        const Rank peer = rankOf(partner);
        sendReceive(comm_, peer, parcelOf(out, count), peer, traits_.tag,
                    [&](ReceivedBytes bytes) { merge(chunks(in, count), bytes); });
    }

    Communicator& comm_;
    Values values_;
    const CollectiveTraits& traits_;
    const int power_, folded_;
};

}  // namespace

void halvingDoublingAllReduce(Communicator& comm, Values values, CollectiveTraits traits) {
    Halving(comm, values, traits).allReduce();
}

}  // namespace rondo
