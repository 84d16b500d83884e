#pragma once

#include "engine/run/rank_messages_codec.h"
#include "net/wire/frame.h"
#include "net/ws/outbox.h"

namespace rondo::cli {

/// A rank message as it travels: header and body in one piece of memory, made once.
template <class Message>
net::Outgoing rankFrame(const Message& message, std::uint32_t generation) {
    net::FrameHeader header;
    header.kind = net::FrameHeader::Kind::RankMessage;
    header.generation = generation;
    std::vector<std::byte> bytes(net::FrameHeader::kBytes);
    encode(message, bytes);
    header.payloadBytes = bytes.size() - net::FrameHeader::kBytes;
    const auto head = encode(header);
    std::copy(head.begin(), head.end(), bytes.begin());
    return net::Outgoing(std::move(bytes));
}

}  // namespace rondo::cli
