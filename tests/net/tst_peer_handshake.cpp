#include <QtTest>
#include <numeric>

#include "net/data/peer_handshake.h"

using namespace rondo;
using namespace rondo::net;

namespace {

/// 20 21 22 …
Secret32 counting(unsigned char first) {
    Secret32 bytes{};
    std::iota(bytes.begin(), bytes.end(), first);
    return bytes;
}

/// What the listener has heard in the protocol's test vector.
Heard vectorOfTheProtocol() {
    const QByteArray proof =
        QByteArray::fromHex("ab239673e21cffdf6258b930266d02c89967c9d15d7d6670e799de7ca3bf2928");
    Heard heard{{3, Rank{2}, Rank{0}, Lane::Communication}, counting(0x20), counting(0x40), {}, {}};
    std::copy(proof.begin(), proof.end(), heard.proof.begin());
    return heard;
}

}  // namespace

class TestPeerHandshake : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void vectorOfTheProtocol_provesTheKey() { QVERIFY(provesKey(vectorOfTheProtocol(), counting(0x80))); }
    void vectorOfTheProtocol_withACertificate() {
        Heard heard = vectorOfTheProtocol();
        const Secret32 fingerprint = counting(0x60);
        heard.fingerprint.assign(fingerprint.begin(), fingerprint.end());
        QVERIFY(!provesKey(heard, counting(0x80)));
        const QByteArray proof =
            QByteArray::fromHex("be2b85939fad52c043544acb7dfad1675801e871f81f538c0e94348739ee5300");
        std::copy(proof.begin(), proof.end(), heard.proof.begin());
        QVERIFY(provesKey(heard, counting(0x80)));
        heard.fingerprint[3] ^= 1;
        QVERIFY(!provesKey(heard, counting(0x80)));
    }
    void everythingInItCounts() {
        const Secret32 key = counting(0x80);
        using Change = void (*)(Heard&);
        for (const Change change : std::initializer_list<Change>{
                 [](Heard& h) { h.hello.generation = 4; }, [](Heard& h) { h.hello.from = Rank{1}; },
                 [](Heard& h) { h.hello.to = Rank{1}; }, [](Heard& h) { h.hello.lane = Lane::Compute; },
                 [](Heard& h) { h.ownNonce[31] ^= 1; }, [](Heard& h) { h.theirNonce[0] ^= 1; },
                 [](Heard& h) { h.proof[7] ^= 1; }, [](Heard& h) { std::swap(h.ownNonce, h.theirNonce); }}) {
            Heard heard = vectorOfTheProtocol();
            change(heard);
            QVERIFY(!provesKey(heard, key));
        }
        QVERIFY(!provesKey(vectorOfTheProtocol(), counting(0x81)));
    }
    void hello_isSixteenBytes() {
        const PeerHello hello{0x01020304, Rank{5}, Rank{0x0a0b}, Lane::Communication};
        const std::array<unsigned char, 16> expected{4, 3, 2, 1, 5, 0, 0, 0, 0x0b, 0x0a, 0, 0, 1, 0, 0, 0};
        QVERIFY(encode(hello) == expected);
        const auto back = decodePeerHello(expected);
        QVERIFY(back.ok());
        QVERIFY(*back == hello);
        QVERIFY(!decodePeerHello(std::span(expected).first(15)).ok());
        auto lane = expected;
        lane[12] = 2;
        QVERIFY(!decodePeerHello(lane).ok());
        auto from = expected;
        from[7] = 0x80;
        QVERIFY(!decodePeerHello(from).ok());
    }
};

QTEST_GUILESS_MAIN(TestPeerHandshake)
#include "tst_peer_handshake.moc"
