#include "app/cli/room/received_samples.h"

#include <algorithm>
#include <utility>

#include "engine/comm/communicator.h"
#include "engine/data/samples_codec.h"
#include "engine/run/sha256.h"

namespace rondo::cli {

bool ReceivedSamples::expect(const std::string& sha256) {
    const std::lock_guard lock(mutex_);
    refused_.reset();
    if (asked_ && sha256_ == sha256) return false;
    sha256_ = sha256;
    forget();
    return asked_ = true;
}

Samples ReceivedSamples::await(const std::stop_token& stop) {
    std::vector<std::byte> bytes;
    std::string wanted;
    {
        std::unique_lock lock(mutex_);
        const bool came = changed_.wait(lock, stop, [&] {
            return refused_ || (coming_ && static_cast<std::int64_t>(bytes_.size()) == coming_->bytes);
        });
        if (!came)
            throw CommError(CommError::Kind::Cancelled, "the host has ended this before the data came");
        if (refused_) throw BadInput(Problem{"data", *refused_});
        bytes = std::exchange(bytes_, {});
        wanted = sha256_;
        forget();
    }
    // Takes a second a gigabyte, while the connection goes on.
    if (sha256(bytes) != wanted)
        throw BadInput(Problem{"data", "the host's samples aren't those it named: their SHA-256 is another"});
    auto samples = unpackSamples(bytes);
    if (!samples) throw BadInput(samples.problems());
    return *std::move(samples);
}

void ReceivedSamples::refuse(const std::string& why) {
    refused_ = why;
    forget();
    changed_.notify_all();
}

void ReceivedSamples::forget() {
    asked_ = false;
    coming_.reset();
    bytes_ = {};
}

void ReceivedSamples::heard(const net::ControlMessage& message) {
    const std::lock_guard lock(mutex_);
    if (!asked_) return;
    if (const auto* none = std::get_if<net::NoBlob>(&message); none && none->sha256 == sha256_)
        return refuse("the host has no samples for this machine: " + none->why);
    const auto* comes = std::get_if<net::BlobComes>(&message);
    if (!comes || comes->sha256 != sha256_) return;
    if (comes->bytes > kMost)
        return refuse("the host's samples are " + std::to_string(comes->bytes) + " bytes, expected at most " +
                      std::to_string(kMost));
    coming_ = *comes;
    bytes_.clear();
    changed_.notify_all();
}

void ReceivedSamples::heard(const net::FrameHeader& header, std::span<const std::byte> piece) {
    const std::lock_guard lock(mutex_);
    if (!coming_ || header.tag != coming_->id) return;
    const auto whole = static_cast<std::size_t>(coming_->bytes);
    const std::size_t size = bytes_.size() + piece.size();
    if (size > whole) return refuse("the host sends more samples than it announced");
    // Memory grows with what has really come, and never beyond what was announced.
    if (size > bytes_.capacity()) bytes_.reserve(std::min(whole, std::max(size, 2 * bytes_.capacity())));
    bytes_.insert(bytes_.end(), piece.begin(), piece.end());
    if (size == whole) changed_.notify_all();
}

}  // namespace rondo::cli
