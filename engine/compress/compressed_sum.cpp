#include "engine/compress/compressed_sum.h"

#include <algorithm>

namespace rondo {

namespace {

using Encoded = std::vector<std::byte>;

Parcel labelled(Parcel parcel, const CollectiveTraits& traits, int chunk) {
    parcel.bucket = traits.bucket;
    parcel.chunk = chunk;
    return parcel;
}

void keep(Encoded& into, ReceivedBytes bytes) {
    into.assign(bytes.begin(), bytes.end());
}

/// Passes what each rank has, pieces[rank], around the ring until all have all. `valuesOf` says what a piece
/// stands for.
void gather(Communicator& comm, const GradientCodec& codec, std::vector<Encoded>& pieces,
            FunctionRef<Values(int)> valuesOf, const CollectiveTraits& traits) {
    const int n = comm.worldSize(), r = comm.rank().value;
    for (int step = 0; step < n - 1; ++step) {
        const int out = (r - step + n) % n, in = (r - step - 1 + n) % n;
        const auto& piece = pieces[static_cast<std::size_t>(out)];
        sendReceive(comm, Rank{(r + 1) % n},
                    labelled(parcelOfEncoded(codec, valuesOf(out), piece, traits.tag), traits, out),
                    Rank{(r + n - 1) % n}, traits.tag,
                    [&](ReceivedBytes bytes) { keep(pieces[static_cast<std::size_t>(in)], bytes); });
    }
}

void replace(const GradientCodec& codec, std::span<const std::byte> bytes, Values values) {
    if (values.onlyCounted()) return;
    std::fill(values.floats().begin(), values.floats().end(), 0.0f);
    codec.add(bytes, values.floats());
}

}  // namespace

Parcel parcelOfEncoded(const GradientCodec& codec, Values values, std::span<const std::byte> bytes, Tag tag) {
    const std::int64_t size = values.onlyCounted() ? codec.bytesFor(static_cast<std::int64_t>(values.size()))
                                                   : static_cast<std::int64_t>(bytes.size());
    return {.tag = tag, .bytes = bytes, .payloadBytes = size};
}

void sumByGathering(Communicator& comm, const GradientCodec& codec, EncodeValues encode, Values values,
                    CollectiveTraits traits) {
    std::vector<Encoded> pieces(static_cast<std::size_t>(comm.worldSize()));
    encode(values, pieces[comm.rank().index()]);
    gather(
        comm, codec, pieces, [&](int) { return values; }, traits);
    if (values.onlyCounted()) return;
    std::fill(values.floats().begin(), values.floats().end(), 0.0f);
    for (const Encoded& piece : pieces) codec.add(piece, values.floats());
}

void sumByChunks(Communicator& comm, const GradientCodec& codec, EncodeValues encode, Values values,
                 CollectiveTraits traits) {
    const int n = comm.worldSize(), r = comm.rank().value;
    const auto chunk = [&](int index) { return chunksOf(values, n, index); };
    std::vector<Encoded> pieces(static_cast<std::size_t>(n)), parts(values.onlyCounted() ? 0 : pieces.size());
    std::vector<SendTicket> sends;
    int begun = 0;
    // To the right neighbour first: so nobody is sent to by two at once.
    const auto sendUpTo = [&](int away) {
        while (begun < std::min(away, n - 1)) {
            const int to = (r + ++begun) % n;
            Encoded& piece = pieces[static_cast<std::size_t>(to)];
            encode(chunk(to), piece);
            sends.push_back(comm.beginSend(
                Rank{to}, labelled(parcelOfEncoded(codec, chunk(to), piece, traits.tag), traits, to)));
        }
    };
    for (int away = 1; away < n; ++away) {
        sendUpTo(away - 1 + kMostChunksAhead);
        const int from = (r + n - away) % n;
        comm.receive(Rank{from}, traits.tag, [&](ReceivedBytes bytes) {
            if (!parts.empty()) keep(parts[static_cast<std::size_t>(from)], bytes);
        });
    }
    for (const SendTicket& ticket : sends) comm.finishSend(ticket);
    const Values own = chunk(r);
    std::vector<float> sum(own.floats().size());
    for (int from = 0; from < n && !own.onlyCounted(); ++from) {
        if (from == r)
            for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += own.floats()[i];
        else
            codec.add(parts[static_cast<std::size_t>(from)], sum);
    }
    encode(own.onlyCounted() ? own : Values(sum), pieces[static_cast<std::size_t>(r)]);
    gather(comm, codec, pieces, chunk, traits);
    for (int index = 0; index < n; ++index)
        replace(codec, pieces[static_cast<std::size_t>(index)], chunk(index));
}

}  // namespace rondo
