#include "net/ws/quiet_log.h"

#include <algorithm>

namespace rondo::net {

void QuietLog::say(std::string_view name, const std::string& line, Time now) {
    auto found = kinds_.find(name);
    if (found == kinds_.end()) found = kinds_.emplace(std::string(name), Kind{kAtOnce, now, 0}).first;
    Kind& kind = found->second;
    const auto more = (now - kind.refilled) / kApart;
    if (more > 0) {
        kind.left = static_cast<int>(std::min<std::int64_t>(kAtOnce, kind.left + more));
        kind.refilled += more * kApart;
    }
    if (kind.left == 0) {
        ++kind.leftOut;
        ++leftOut_;
        return;
    }
    --kind.left;
    if (kind.leftOut == 0) {
        write_(line);
    } else {
        write_(line + " (and " + std::to_string(kind.leftOut) + " more of this kind)");
        kind.leftOut = 0;
    }
}

}  // namespace rondo::net
