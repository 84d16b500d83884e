#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "engine/core/result.h"

namespace rondo::net {

using Fingerprint = std::array<std::uint8_t, 32>;  ///< SHA-256 of a certificate (DER)

/// "3F:A0:…", as browsers and openssl show it.
std::string hexOf(const Fingerprint& fingerprint);
/// 64 hexadecimal digits, with colons or without.
Result<Fingerprint> readFingerprint(std::string_view hex);

/// What a client knows of the certificate it expects: all of it (from a file), or the beginning (from a
/// code).
struct ExpectedCertificate {
    std::optional<Fingerprint> whole;
    std::string beginning;  ///< as codeOfFingerprint has it; empty: unknown
    bool empty() const { return !whole && beginning.empty(); }
    bool fits(const Fingerprint& fingerprint) const;
};

/// A key (EC P-256) and a certificate of our own making, in memory only. Nobody signs it: who joins knows its
/// fingerprint from the person at the front.
class Identity {
  public:
    Identity();  ///< a new one, good for a year; throws where OpenSSL can't
    ~Identity();
    Identity(Identity&&) noexcept;
    Identity& operator=(Identity&&) noexcept;

    const Fingerprint& fingerprint() const { return fingerprint_; }
    struct Parts;
    const Parts& parts() const { return *parts_; }

  private:
    std::unique_ptr<Parts> parts_;
    Fingerprint fingerprint_{};
};

}  // namespace rondo::net
