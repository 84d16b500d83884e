#include "engine/comm/collectives/collectives.h"
#include "engine/comm/collectives/float_view.h"

namespace rondo {

std::pair<std::int64_t, std::int64_t> chunkOf(std::int64_t count, int parts, int i) {
    const std::int64_t each = count / parts, extra = count % parts;
    const std::int64_t begin = i * each + std::min<std::int64_t>(i, extra);
    return {begin, begin + each + (i < extra ? 1 : 0)};
}

namespace {

/// One turn of the ring: pass chunk `out` to the right while chunk `in` comes from the left.
void turn(Communicator& comm, Values values, int out, int in, const CollectiveTraits& traits,
          void (*merge)(Values, ReceivedBytes)) {
    const int n = comm.worldSize(), r = comm.rank().value;
    const auto chunk = [&](int index) {
        const auto [begin, end] = chunkOf(static_cast<std::int64_t>(values.size()), n, index);
        return values.sub(static_cast<std::size_t>(begin), static_cast<std::size_t>(end - begin));
    };
    Parcel parcel = parcelFrom(chunk(out), traits.tag);
    parcel.bucket = traits.bucket;
    parcel.chunk = out;
    sendReceive(comm, Rank{(r + 1) % n}, parcel, Rank{(r + n - 1) % n}, traits.tag,
                [&](ReceivedBytes bytes) { merge(chunk(in), bytes); });
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
