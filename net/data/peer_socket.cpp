#include "net/data/peer_socket.h"

#include <unistd.h>

namespace rondo::net {

PeerSocket::~PeerSocket() {
    if (parked_ >= 0) ::close(parked_);
}

}  // namespace rondo::net
