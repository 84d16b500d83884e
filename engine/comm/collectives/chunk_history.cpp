#include "engine/comm/collectives/chunk_history.h"

#include <algorithm>
#include <deque>
#include <map>
#include <stdexcept>
#include <string>
#include <tuple>

#include "engine/comm/collectives/all_reduce_by.h"
#include "engine/comm/collectives/float_view.h"
#include "engine/comm/collectives/fold.h"
#include "engine/comm/virtual_time/virtual_runtime.h"
#include "engine/control/run_control.h"

namespace rondo {

namespace {

/// What a collective cuts the vector in.
struct Cut {
    int groups;  ///< parts first,
    int each;    ///< and parts each of those is cut in then
};

Cut cutOf(Collective collective, int ranks, int groupSize) {
    switch (collective) {
        case Collective::Ring:
            return {ranks, 1};
        case Collective::Naive:
        case Collective::Tree:
            return {1, 1};
        case Collective::HalvingDoubling:
            return {Fold(ranks).power, 1};
        case Collective::Hierarchical:
            if (groupSize < 1 || ranks % groupSize != 0) break;
            return {groupSize, ranks / groupSize};
        case Collective::SendFirst:
        case Collective::Auto:
            break;
    }
    throw std::invalid_argument("no chunks to show for such a collective over " + std::to_string(ranks) +
                                " ranks");
}

std::vector<std::int64_t> bytesOfChunks(const Cut& cut, std::int64_t elements) {
    std::vector<std::int64_t> bytes;
    for (int group = 0; group < cut.groups; ++group) {
        const auto [begin, end] = chunkOf(elements, cut.groups, group);
        for (int part = 0; part < cut.each; ++part) {
            const auto [first, last] = chunkOf(end - begin, cut.each, part);
            bytes.push_back((last - first) * static_cast<std::int64_t>(sizeof(float)));
        }
    }
    return bytes;
}

std::vector<Contributions> contributionsIn(std::span<const float> values) {
    std::vector<Contributions> sets;
    for (const float value : values) sets.push_back(static_cast<Contributions>(value));
    return sets;
}

/// What all ranks' communicators note. In virtual time they take turns on one thread.
struct Book {
    struct Sent {
        int first, count;
        std::int64_t bytes;
        int round;  ///< the first in which it can be received
    };
    struct Receipt {
        ChunkMessage message;
        std::vector<Contributions> row;  ///< the receiver's, after it
    };
    std::vector<std::int64_t> chunkBytes;
    std::map<std::tuple<Rank, Rank, Tag>, std::deque<Sent>> underWay;
    std::map<int, std::vector<Receipt>> rounds;  ///< from 1
    std::map<int, Picoseconds> ends;
};

/// One rank's end of the network: what is sent weighs as much as the chunks it stands for, and what is
/// received is noted. Rounds are counted by who needs whose message, not by the clock: a rank's next receive
/// is a round later than its last and than all that the sender had to wait for.
class NotingCommunicator final : public Communicator {
  public:
    NotingCommunicator(Communicator& comm, Runtime& runtime, std::span<const float> row, Book& book)
        : comm_(comm), runtime_(runtime), row_(row), book_(book) {}

    Rank rank() const override { return comm_.rank(); }
    int worldSize() const override { return comm_.worldSize(); }
    void setDeadline(std::optional<std::chrono::nanoseconds> deadline) override {
        comm_.setDeadline(deadline);
    }

    SendTicket beginSend(Rank to, const Parcel& parcel) override {
        const auto* begin = reinterpret_cast<const float*>(parcel.bytes.data());
        const auto first = static_cast<int>(begin - row_.data());
        const auto count = static_cast<int>(parcel.bytes.size() / sizeof(float));
        Parcel real = parcel;
        real.payloadBytes = 0;
        for (int i = first; i < first + count; ++i)
            real.payloadBytes += book_.chunkBytes[static_cast<std::size_t>(i)];
        book_.underWay[{rank(), to, parcel.tag}].push_back({first, count, real.payloadBytes, round_ + 1});
        const SendTicket ticket = comm_.beginSend(to, real);
        begun_[ticket.id] = round_ + 1;
        return ticket;
    }
    void finishSend(SendTicket ticket) override {
        comm_.finishSend(ticket);
        round_ = std::max(round_, begun_[ticket.id]);
    }
    std::int64_t receive(Rank from, Tag tag, FunctionRef<void(ReceivedBytes)> consume) override {
        return comm_.receive(from, tag, [&](ReceivedBytes bytes) {
            consume(bytes);
            note(from, tag, bytes);
        });
    }
    Rank receiveAny(Tag tag, FunctionRef<void(Rank, ReceivedBytes)> consume) override {
        return comm_.receiveAny(tag, [&](Rank from, ReceivedBytes bytes) {
            consume(from, bytes);
            note(from, tag, bytes);
        });
    }

  private:
    void note(Rank from, Tag tag, ReceivedBytes bytes) {
        auto& queue = book_.underWay[{from, rank(), tag}];
        const Book::Sent sent = queue.front();
        queue.pop_front();
        round_ = std::max(round_ + 1, sent.round);
        const auto has =
            row_.subspan(static_cast<std::size_t>(sent.first), static_cast<std::size_t>(sent.count));
        const auto came = floatsOf(bytes, has.size());
        const bool added = !std::equal(has.begin(), has.end(), came.begin());
        book_.rounds[round_].push_back(
            {{from, rank(), sent.first, sent.count, sent.bytes, added}, contributionsIn(row_)});
        book_.ends[round_] = std::max(book_.ends[round_], runtime_.now());
    }

    Communicator& comm_;
    Runtime& runtime_;
    const std::span<const float> row_;
    Book& book_;
    int round_ = 0;  ///< the latest this rank has had a part in
    std::map<std::uint64_t, int> begun_;
};

}  // namespace

ChunkHistory chunkHistory(Collective collective, std::int64_t elements, int ranks,
                          const ClusterSpec& cluster) {
    if (ranks < 1 || ranks > kMostChunkRanks)
        throw std::invalid_argument("chunks are shown for up to " + std::to_string(kMostChunkRanks) +
                                    " ranks");
    const int groupSize = static_cast<int>(cluster.groups.size);
    const Cut cut = cutOf(collective, ranks, groupSize);
    Book book;
    book.chunkBytes = bytesOfChunks(cut, elements);
    std::vector<std::vector<float>> rows;
    for (int rank = 0; rank < ranks; ++rank)
        rows.emplace_back(book.chunkBytes.size(), static_cast<float>(1u << rank));

    ChunkHistory history{.ranks = ranks, .chunkBytes = book.chunkBytes};
    for (const auto& row : rows) history.begin.push_back(contributionsIn(row));

    ClusterSpec steady = cluster;
    steady.link.jitterUs = 0;
    RunControl control(ranks, true);
    const auto runtime = makeVirtualRuntime(ranks, steady, 1, control);
    runtime->run([&](Rank rank) {
        auto& row = rows[rank.index()];
        NotingCommunicator comm(runtime->communicator(rank, Lane::Compute), *runtime, row, book);
        allReduceBy(collective, comm, row, groupSize);
    });

    auto state = history.begin;
    for (auto& [number, receipts] : book.rounds) {
        std::sort(receipts.begin(), receipts.end(),
                  [](const auto& a, const auto& b) { return a.message.to < b.message.to; });
        ChunkRound round;
        for (auto& receipt : receipts) {
            round.messages.push_back(receipt.message);
            state[receipt.message.to.index()] = std::move(receipt.row);
        }
        round.seconds = std::max(history.seconds(), secondsOf(book.ends[number]));
        round.rows = state;
        history.rounds.push_back(std::move(round));
    }
    return history;
}

}  // namespace rondo
