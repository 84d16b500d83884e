#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "engine/core/result.h"

namespace rondo::net {

// Who knows the join code proves it without saying it, both ways (PROTOCOL.md, "Joining"). Pure but for the
// random numbers.

using Secret32 = std::array<unsigned char, 32>;

/// Of the system's generator.
Secret32 randomSecret();

/// PBKDF2-HMAC-SHA256 of the six characters of the code. 20,000 rounds take about 10 ms.
Secret32 keyOfCode(std::string_view secret, std::span<const unsigned char> salt, int iterations);

/// All that a proof is about. `fingerprint`: of the certificate each side sees (32 bytes), empty without one:
/// who sits between with a certificate of their own can't pass proofs on.
struct Handshake {
    Secret32 hostNonce{}, clientNonce{};
    std::string_view role;
    std::span<const unsigned char> fingerprint;
};

Secret32 proofOfClient(const Secret32& key, const Handshake& handshake);
Secret32 proofOfHost(const Secret32& key, const Handshake& handshake);

/// In a time that doesn't tell where they differ.
bool same(std::span<const unsigned char> a, std::span<const unsigned char> b);

/// One challenge of a host: a nonce that has never been used, and is good for one answer, right or wrong.
class OpenChallenge {
  public:
    OpenChallenge() : nonce_(randomSecret()) {}
    const Secret32& nonce() const { return nonce_; }
    bool answered() const { return used_; }
    /// The second time it is false whatever the proof. `handshake.hostNonce` is the challenge's own, not what
    /// somebody says it is.
    bool answeredBy(std::span<const unsigned char> proof, const Secret32& key, Handshake handshake);

  private:
    Secret32 nonce_;
    bool used_ = false;
};

}  // namespace rondo::net
