#include "net/membership/authentication.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <stdexcept>
#include <vector>

namespace rondo::net {
namespace {

Secret32 proof(std::string_view label, const Secret32& key, const Handshake& h) {
    std::vector<unsigned char> said;
    const auto add = [&](const auto& bytes) { said.insert(said.end(), bytes.begin(), bytes.end()); };
    add(label);
    add(h.hostNonce);
    add(h.clientNonce);
    add(h.role);
    add(h.fingerprint);
    Secret32 result{};
    unsigned length = 0;
    if (!HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), said.data(), said.size(), result.data(),
              &length) ||
        length != result.size())
        throw std::runtime_error("no HMAC-SHA256 here");
    return result;
}

}  // namespace

Secret32 randomSecret() {
    Secret32 bytes{};
    if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1)
        throw std::runtime_error("the system gives no random numbers");
    return bytes;
}

Secret32 keyOfCode(std::string_view secret, std::span<const unsigned char> salt, int iterations) {
    Secret32 key{};
    if (PKCS5_PBKDF2_HMAC(secret.data(), static_cast<int>(secret.size()), salt.data(),
                          static_cast<int>(salt.size()), iterations, EVP_sha256(),
                          static_cast<int>(key.size()), key.data()) != 1)
        throw std::runtime_error("no PBKDF2-HMAC-SHA256 here");
    return key;
}

Secret32 proofOfClient(const Secret32& key, const Handshake& handshake) {
    return proof("rondo client", key, handshake);
}

Secret32 proofOfHost(const Secret32& key, const Handshake& handshake) {
    return proof("rondo host", key, handshake);
}

bool same(std::span<const unsigned char> a, std::span<const unsigned char> b) {
    return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

bool OpenChallenge::answeredBy(std::span<const unsigned char> proof, const Secret32& key,
                               Handshake handshake) {
    if (used_) return false;
    used_ = true;
    handshake.hostNonce = nonce_;
    return same(proof, proofOfClient(key, handshake));
}

}  // namespace rondo::net
