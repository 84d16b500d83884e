#include "app/cli/room/received_samples.h"

#include "engine/comm/communicator.h"
#include "engine/data/samples_codec.h"
#include "engine/run/sha256.h"

namespace rondo::cli {

void ReceivedSamples::expect(const std::string& sha256) {
    const std::lock_guard lock(mutex_);
    sha256_ = sha256;
    coming_.reset();
    bytes_.clear();
    refused_.reset();
}

Samples ReceivedSamples::await(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    const bool came = changed_.wait(lock, stop, [&] {
        return refused_ || (coming_ && static_cast<std::int64_t>(bytes_.size()) == coming_->bytes);
    });
    if (!came) throw CommError(CommError::Kind::Cancelled, "the connection to the host is over");
    if (refused_) throw BadInput(Problem{"data", *refused_});
    const std::vector<std::byte> bytes = std::exchange(bytes_, {});
    if (sha256(bytes) != sha256_)
        throw BadInput(Problem{"data", "the host's samples aren't those it named: their SHA-256 is another"});
    auto samples = unpackSamples(bytes);
    if (!samples) throw BadInput(samples.problems());
    return *std::move(samples);
}

void ReceivedSamples::refuse(const std::string& why) {
    refused_ = why;
    changed_.notify_all();
}

void ReceivedSamples::heard(const net::ControlMessage& message) {
    const std::lock_guard lock(mutex_);
    if (const auto* none = std::get_if<net::NoBlob>(&message); none && none->sha256 == sha256_)
        refuse("the host has no samples for this machine: " + none->why);
    if (const auto* comes = std::get_if<net::BlobComes>(&message); comes && comes->sha256 == sha256_) {
        if (comes->bytes > kMost)
            return refuse("the host's samples are " + std::to_string(comes->bytes) +
                          " bytes, expected at most " + std::to_string(kMost));
        coming_ = *comes;
        bytes_.clear();
        changed_.notify_all();
    }
}

void ReceivedSamples::heard(const net::FrameHeader& header, std::span<const std::byte> piece) {
    const std::lock_guard lock(mutex_);
    if (!coming_ || header.tag != coming_->id) return;
    if (static_cast<std::int64_t>(bytes_.size() + piece.size()) > coming_->bytes)
        return refuse("the host sends more samples than it announced");
    bytes_.insert(bytes_.end(), piece.begin(), piece.end());
    changed_.notify_all();
}

}  // namespace rondo::cli
