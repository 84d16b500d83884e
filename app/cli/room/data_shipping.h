#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "engine/data/samples_codec.h"
#include "net/membership/host.h"

namespace rondo::cli {

/// Samples of this computer on their way to the members that ask for them (net/PROTOCOL.md, "Data sets").
/// They go piece by piece, each when the ones before have left for good: what is on its way to a member is a
/// few pieces, and all members share one copy.
///
/// Thread: any; pieces go out on the host's.
class DataShipping {
  public:
    /// `tell` gets a member and how far it is, in words; none any more: empty.
    DataShipping(net::Host& host, std::function<void(net::MemberId, const std::string&)> tell)
        : host_(host), tell_(std::move(tell)) {}

    /// Members may ask for these from now on, by what it returns. Reads all of them once, unless they are
    /// those of the last time.
    std::string offer(std::shared_ptr<const Dataset> data);
    /// Nobody needs them any more: who still gets them is told so.
    void withdraw();
    /// What is offered just now.
    std::shared_ptr<const Dataset> offered() const;

    // For the host's handlers; on its thread.
    void wanted(net::MemberId member, const net::Want& want);
    void drained(net::MemberId member);
    void gone(net::MemberId member);

  private:
    struct Offer {
        explicit Offer(std::shared_ptr<const Dataset> set) : data(std::move(set)), packed(data->train) {}
        std::shared_ptr<const Dataset> data;
        PackedSamples packed;
        std::string sha256;
    };
    /// On its way to one member.
    struct Shipment {
        std::shared_ptr<const Offer> offer;
        std::uint32_t id = 0;
        std::size_t sent = 0;
        int percentTold = 0;
    };
    /// False: the member is gone.
    bool sendMore(net::MemberId member, Shipment& shipment);  // mutex held

    net::Host& host_;
    const std::function<void(net::MemberId, const std::string&)> tell_;
    mutable std::mutex mutex_;
    std::shared_ptr<const Offer> offer_;
    std::map<net::MemberId, Shipment> shipments_;
    std::uint32_t ids_ = 0;  ///< given out
    /// The last that was offered, while somebody else keeps it.
    std::weak_ptr<const Dataset> last_;
    std::string lastSha256_;
};

}  // namespace rondo::cli
