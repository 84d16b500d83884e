#pragma once

#include <cstdint>
#include <span>
#include <utility>

#include "engine/comm/communicator.h"

namespace rondo {

// Collectives: every rank of the world calls the same one with the same sizes. N = world size, S = bytes of
// `values`. α = latency, β = bandwidth. Costs after Thakur, Rabenseifner, Gropp 2005 and Patarasuk, Yuan
// 2009. Sums are taken in an order that depends on N and size only, so every rank ends with the same bits.

/// What sets one collective apart from others under way, and the bucket it shows as.
struct CollectiveTraits {
    Tag tag = 0;
    std::int32_t bucket = kNone;
    std::int32_t microBatch = kNone;
    Carries carries = Carries::Exchange;
};

/// [begin, end) of chunk i when `count` elements are cut in `parts`; sizes differ by at most one element.
std::pair<std::int64_t, std::int64_t> chunkOf(std::int64_t count, int parts, int i);
/// Of values cut in `parts`: chunk `first`, or `count` of them from there on.
Values chunksOf(const Values& values, int parts, int first, int count = 1);

/// What a collective sends: `values` under its tag, shown as its bucket and, where it is one, that chunk.
Parcel parcelFrom(const Values& values, const CollectiveTraits& traits, std::int32_t chunk = kNone);

/// Sum over all ranks, at all ranks. Reduce-scatter, then all-gather around the ring: 2(N−1) steps, each rank
/// sends 2(N−1)/N·S bytes, time 2(N−1)(α + S/(Nβ)).
void ringAllReduce(Communicator& comm, Values values, CollectiveTraits traits = {});

/// After it, rank r holds the sum of chunk (r+1) mod N; the rest of `values` is in between. N−1 steps,
/// (N−1)/N·S sent.
void ringReduceScatter(Communicator& comm, Values values, CollectiveTraits traits = {});
/// Spreads what ringReduceScatter left. N−1 steps, (N−1)/N·S sent.
void ringAllGather(Communicator& comm, Values values, CollectiveTraits traits = {});

/// The same sum by passing the whole vector from rank to rank, 0 → N−1, and the result on from there:
/// 2(N−1)·S bytes and 2(N−1)(α + S/β) on the critical path. What the ring's chunks improve on.
void naiveAllReduce(Communicator& comm, Values values, CollectiveTraits traits = {});

/// A mistake to look at: a ring in which everyone sends, and waits until it was received, before it receives
/// itself. With more than one rank all wait for ever. A network that can prove it says who for whom.
void sendFirstAllReduce(Communicator& comm, Values values, CollectiveTraits traits = {});

/// The same sum up a binomial tree to rank 0 and back down: 2⌈log₂N⌉(α + S/β), 2(N−1) messages of S. Beats
/// the ring while latency is what counts, loses to it above a size that grows with αβ.
void treeAllReduce(Communicator& comm, Values values, CollectiveTraits traits = {});

/// The same sum by recursive halving (reduce-scatter) and doubling (all-gather), with partners N/2, N/4 … 1
/// away: 2·log₂N steps, 2(N−1)/N·S a rank, 2·log₂N·α + 2(N−1)/N·S/β (Rabenseifner 2004). Where N is no power
/// of two, p is the power below it and the first 2(N−p) ranks work in pairs, the even one of which only lends
/// its values and waits: at most 2(α + S/β) more.
void halvingDoublingAllReduce(Communicator& comm, Values values, CollectiveTraits traits = {});

/// The same sum for groups of `groupSize` neighbouring ranks, with slower links between groups:
/// reduce-scatter inside each group of g, a ring over the N/g ranks that hold the same chunk, all-gather
/// inside. Only S/g of each rank's bytes cross between groups: 2(g−1)(α + S/(gβ)) + 2(N/g−1)(α' + S/(Nβ')),
/// α' and β' those between groups. std::invalid_argument when g doesn't divide N.
void hierarchicalAllReduce(Communicator& comm, Values values, int groupSize, CollectiveTraits traits = {});

/// Root's `values` become the sum over all ranks, along a binomial tree: ⌈log₂N⌉(α + S/β), N−1 messages.
/// Those of the other ranks are in between afterwards.
void reduce(Communicator& comm, Rank root, Values values, CollectiveTraits traits = {});

/// Root's values at all ranks, along a binomial tree: ⌈log₂N⌉(α + S/β), N−1 messages in all.
void broadcast(Communicator& comm, Rank root, Values values, CollectiveTraits traits = {});

/// Nobody leaves before everybody came (dissemination: ⌈log₂N⌉ empty messages a rank). Control traffic: not
/// counted.
void barrier(Communicator& comm);

}  // namespace rondo
