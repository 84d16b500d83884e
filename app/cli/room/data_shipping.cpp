#include "app/cli/room/data_shipping.h"

#include <algorithm>

namespace rondo::cli {

namespace {

constexpr std::size_t kPiece = std::size_t{1} << 20;  ///< as the protocol has it
/// What a connection gets at a time: enough that it never stands idle, little enough that orders and
/// questions for the clock behind it don't wait for long.
constexpr std::size_t kAtATime = 4 * kPiece;

}  // namespace

std::string DataShipping::offer(std::shared_ptr<const Dataset> data) {
    auto offer = std::make_shared<Offer>(std::move(data));
    {
        const std::lock_guard lock(mutex_);
        if (last_.lock() == offer->data) offer->sha256 = lastSha256_;
    }
    // Takes a second a gigabyte, while the host goes on.
    if (offer->sha256.empty()) offer->sha256 = offer->packed.sha256();
    const std::lock_guard lock(mutex_);
    last_ = offer->data;
    lastSha256_ = offer->sha256;
    offer_ = offer;
    return offer->sha256;
}

void DataShipping::withdraw() {
    const std::lock_guard lock(mutex_);
    for (const auto& [member, shipment] : shipments_)
        host_.send(member, net::NoBlob{shipment.offer->sha256, "the run is over"});
    shipments_.clear();
    offer_.reset();
}

std::shared_ptr<const Dataset> DataShipping::offered() const {
    const std::lock_guard lock(mutex_);
    return offer_ ? offer_->data : nullptr;
}

void DataShipping::wanted(net::MemberId member, const net::Want& want) {
    const std::lock_guard lock(mutex_);
    if (!offer_ || offer_->sha256 != want.sha256) {
        host_.send(member, net::NoBlob{want.sha256, "no run here has these samples"});
        return;
    }
    const auto [found, isNew] = shipments_.try_emplace(member, Shipment{offer_, ids_ + 1});
    if (!isNew) return;  // who asks twice gets them once
    ++ids_;
    Shipment& shipment = found->second;
    host_.send(member, net::BlobComes{want.sha256, shipment.id,
                                      static_cast<std::int64_t>(shipment.offer->packed.size())});
    if (!sendMore(member, shipment)) shipments_.erase(found);
}

void DataShipping::drained(net::MemberId member) {
    const std::lock_guard lock(mutex_);
    const auto found = shipments_.find(member);
    if (found == shipments_.end()) return;
    Shipment& shipment = found->second;
    const std::size_t size = shipment.offer->packed.size();
    const bool whole = shipment.sent == size;
    const int percent =
        static_cast<int>(100.0 * static_cast<double>(shipment.sent) / static_cast<double>(size));
    if (whole ? shipment.percentTold > 0 : percent > shipment.percentTold) {
        shipment.percentTold = percent;
        tell_(member, whole ? std::string() : "getting the data: " + std::to_string(percent) + " %");
    }
    if (whole || !sendMore(member, shipment)) shipments_.erase(found);
}

void DataShipping::gone(net::MemberId member) {
    const std::lock_guard lock(mutex_);
    shipments_.erase(member);
}

bool DataShipping::sendMore(net::MemberId member, Shipment& shipment) {
    const PackedSamples& packed = shipment.offer->packed;
    net::FrameHeader header;
    header.kind = net::FrameHeader::Kind::Blob;
    header.tag = shipment.id;
    for (std::size_t left = std::min(kAtATime, packed.size() - shipment.sent); left > 0;) {
        const std::size_t size = std::min(left, kPiece);
        header.payloadBytes = size;
        std::vector<std::byte> bytes(net::FrameHeader::kBytes + size);
        std::ranges::copy(encode(header), bytes.begin());
        packed.read(shipment.sent, std::span(bytes).subspan(net::FrameHeader::kBytes));
        if (host_.send(member, net::Outgoing(std::move(bytes))) != net::Connection::Sent::Yes) return false;
        shipment.sent += size;
        left -= size;
    }
    return true;
}

}  // namespace rondo::cli
