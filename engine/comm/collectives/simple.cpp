#include "engine/comm/collectives/collectives.h"
#include "engine/comm/collectives/float_view.h"

namespace rondo {

namespace {
constexpr Tag kBarrierTag = 0xBA44'1E40;
constexpr Tag kReceipts = 0x8000'0000;
}  // namespace

void naiveAllReduce(Communicator& comm, Values values, CollectiveTraits traits) {
    const int n = comm.worldSize(), r = comm.rank().value;
    if (n == 1) return;
    const Rank left{(r + n - 1) % n}, right{(r + 1) % n};
    // The sum travels 0 → N−1 …
    if (r > 0) comm.receive(left, traits.tag, [&](ReceivedBytes bytes) { addFloats(values, bytes); });
    if (r < n - 1) send(comm, right, parcelFrom(values, traits));
    // … and from there, as the result, to 0 → N−2.
    if (r < n - 1) comm.receive(left, traits.tag, [&](ReceivedBytes bytes) { copyFloats(values, bytes); });
    if (r != n - 2) send(comm, right, parcelFrom(values, traits));
}

void sendFirstAllReduce(Communicator& comm, Values values, CollectiveTraits traits) {
    const int n = comm.worldSize(), r = comm.rank().value;
    const Rank left{(r + n - 1) % n}, right{(r + 1) % n};
    const Tag receipt = traits.tag + kReceipts;
    for (int turn = 0; turn < n - 1; ++turn) {
        send(comm, right, parcelFrom(values, traits));
        // Networks may buffer what is sent; only the receiver's word says that it came.
        comm.receive(right, receipt, [](ReceivedBytes) {});
        comm.receive(left, traits.tag, [&](ReceivedBytes bytes) { addFloats(values, bytes); });
        send(comm, left, {.tag = receipt, .traffic = Traffic::Control});
    }
}

void barrier(Communicator& comm) {
    const int n = comm.worldSize(), r = comm.rank().value;
    for (int reach = 1; reach < n; reach *= 2)
        sendReceive(comm, Rank{(r + reach) % n}, {.tag = kBarrierTag, .traffic = Traffic::Control},
                    Rank{(r + n - reach) % n}, kBarrierTag, [](ReceivedBytes) {});
}

}  // namespace rondo
