#include "net/ws/own_addresses.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>

#include <algorithm>
#include <string_view>

namespace rondo::net {
namespace {

/// Networks of this machine's own virtual machines and containers: nobody in the room is there.
bool virtualInterface(std::string_view name) {
    for (const std::string_view start :
         {"docker", "br-", "virbr", "veth", "vmnet", "vboxnet", "podman", "cni"})
        if (name.substr(0, start.size()) == start) return true;
    return false;
}

}  // namespace

std::vector<std::string> ownAddresses() {
    struct Found {
        int order;
        std::string address;
    };
    std::vector<Found> found;
    ifaddrs* all = nullptr;
    if (getifaddrs(&all) != 0) return {};
    for (const ifaddrs* one = all; one; one = one->ifa_next) {
        if (!one->ifa_addr || !(one->ifa_flags & IFF_UP) || (one->ifa_flags & IFF_LOOPBACK)) continue;
        char text[INET6_ADDRSTRLEN] = {};
        const int behind = virtualInterface(one->ifa_name) ? 2 : 0;
        if (one->ifa_addr->sa_family == AF_INET) {
            const auto* v4 = reinterpret_cast<const sockaddr_in*>(one->ifa_addr);
            if (inet_ntop(AF_INET, &v4->sin_addr, text, sizeof text)) found.push_back({behind, text});
        } else if (one->ifa_addr->sa_family == AF_INET6) {
            const auto* v6 = reinterpret_cast<const sockaddr_in6*>(one->ifa_addr);
            if (!IN6_IS_ADDR_LINKLOCAL(&v6->sin6_addr) &&
                inet_ntop(AF_INET6, &v6->sin6_addr, text, sizeof text))
                found.push_back({behind + 1, text});
        }
    }
    freeifaddrs(all);
    std::stable_sort(found.begin(), found.end(),
                     [](const Found& a, const Found& b) { return a.order < b.order; });
    std::vector<std::string> addresses;
    for (Found& one : found) addresses.push_back(std::move(one.address));
    return addresses;
}

}  // namespace rondo::net
