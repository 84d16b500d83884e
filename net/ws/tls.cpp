#include "net/ws/tls.h"

#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/x509.h>

#include <algorithm>
#include <stdexcept>

#include "net/membership/authentication.h"
#include "net/membership/join_code.h"
#include "net/ws/tls_context.h"

namespace rondo::net {
namespace {

template <auto release>
struct Release {
    template <class T>
    void operator()(T* thing) const {
        release(thing);
    }
};

void require(bool done, const char* what) {
    if (!done) throw std::runtime_error(std::string("OpenSSL can't ") + what);
}

Fingerprint fingerprintOf(const X509* certificate) {
    Fingerprint fingerprint{};
    unsigned size = 0;
    require(
        X509_digest(certificate, EVP_sha256(), fingerprint.data(), &size) == 1 && size == fingerprint.size(),
        "take a certificate's fingerprint");
    return fingerprint;
}

}  // namespace

struct Identity::Parts {
    std::unique_ptr<EVP_PKEY, Release<EVP_PKEY_free>> key;
    std::unique_ptr<X509, Release<X509_free>> certificate;
};

Identity::Identity() : parts_(std::make_unique<Parts>()) {
    parts_->key.reset(EVP_EC_gen("P-256"));
    require(parts_->key != nullptr, "make a key");
    parts_->certificate.reset(X509_new());
    X509* certificate = parts_->certificate.get();
    require(certificate != nullptr, "make a certificate");
    std::uint64_t serial = 0;
    require(RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof serial) == 1,
            "draw a serial number");
    constexpr long kHour = 3600, kYear = 365 * 24 * kHour;
    X509_NAME* name = X509_get_subject_name(certificate);
    // A clock of the room may be a day behind: nobody looks at the dates, but a certificate has them.
    const bool made =
        X509_set_version(certificate, 2) == 1 &&
        ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), serial >> 1) == 1 &&
        X509_gmtime_adj(X509_getm_notBefore(certificate), -24 * kHour) != nullptr &&
        X509_gmtime_adj(X509_getm_notAfter(certificate), kYear) != nullptr &&
        X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("rondo"),
                                   -1, -1, 0) == 1 &&
        X509_set_issuer_name(certificate, name) == 1 &&
        X509_set_pubkey(certificate, parts_->key.get()) == 1 &&
        X509_sign(certificate, parts_->key.get(), EVP_sha256()) > 0;
    require(made, "sign a certificate");
    fingerprint_ = fingerprintOf(certificate);
}

Identity::~Identity() = default;
Identity::Identity(Identity&&) noexcept = default;
Identity& Identity::operator=(Identity&&) noexcept = default;

std::string hexOf(const Fingerprint& fingerprint) {
    constexpr std::string_view kDigits = "0123456789ABCDEF";
    std::string text;
    for (const std::uint8_t byte : fingerprint) {
        if (!text.empty()) text += ':';
        text += kDigits[byte >> 4];
        text += kDigits[byte & 15];
    }
    return text;
}

Result<Fingerprint> readFingerprint(std::string_view hex) {
    Fingerprint fingerprint{};
    std::size_t digits = 0;
    for (const char c : hex) {
        if (c == ':' || c == ' ' || c == '\n' || c == '\r' || c == '\t') continue;
        const int value = c >= '0' && c <= '9'   ? c - '0'
                          : c >= 'a' && c <= 'f' ? c - 'a' + 10
                          : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                                 : -1;
        if (value < 0 || digits >= 2 * fingerprint.size()) {
            digits = 0;
            break;
        }
        fingerprint[digits / 2] = static_cast<std::uint8_t>(fingerprint[digits / 2] << 4 | value);
        ++digits;
    }
    if (digits != 2 * fingerprint.size())
        return Problem{"fingerprint", "expected 64 hexadecimal digits, as the host shows them"};
    return fingerprint;
}

bool ExpectedCertificate::fits(const Fingerprint& fingerprint) const {
    if (empty()) return false;
    if (whole && !same(*whole, fingerprint)) return false;
    return beginning.empty() || beginning == codeOfFingerprint(fingerprint);
}

boost::asio::ssl::context serverContext(const Identity& identity) {
    boost::asio::ssl::context context(boost::asio::ssl::context::tls_server);
    SSL_CTX* native = context.native_handle();
    require(SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION) == 1 &&
                SSL_CTX_use_certificate(native, identity.parts().certificate.get()) == 1 &&
                SSL_CTX_use_PrivateKey(native, identity.parts().key.get()) == 1,
            "use a certificate");
    return context;
}

boost::asio::ssl::context clientContext() {
    boost::asio::ssl::context context(boost::asio::ssl::context::tls_client);
    require(SSL_CTX_set_min_proto_version(context.native_handle(), TLS1_2_VERSION) == 1, "set a TLS version");
    context.set_verify_mode(boost::asio::ssl::verify_none);
    return context;
}

std::optional<Fingerprint> peerFingerprint(SSL* ssl) {
    const std::unique_ptr<X509, Release<X509_free>> certificate(SSL_get1_peer_certificate(ssl));
    if (!certificate) return std::nullopt;
    return fingerprintOf(certificate.get());
}

std::optional<Fingerprint> ownFingerprint(SSL* ssl) {
    const X509* certificate = SSL_get_certificate(ssl);
    if (!certificate) return std::nullopt;
    return fingerprintOf(certificate);
}

}  // namespace rondo::net
