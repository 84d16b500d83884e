#include <QtTest>
#include <array>
#include <numeric>
#include <set>

#include "net/membership/authentication.h"
#include "net/membership/join_code.h"
#include "net/membership/wrong_tries.h"

using namespace rondo;
using namespace rondo::net;
using namespace std::chrono_literals;

namespace {

/// 20 21 22 …
Secret32 counting(unsigned char first) {
    Secret32 bytes{};
    std::iota(bytes.begin(), bytes.end(), first);
    return bytes;
}

QString hex(const Secret32& bytes) {
    return QByteArray(reinterpret_cast<const char*>(bytes.data()), static_cast<qsizetype>(bytes.size()))
        .toHex();
}

Handshake vectorOf(std::span<const unsigned char> fingerprint) {
    return {counting(0x20), counting(0x40), "viewer", fingerprint};
}

}  // namespace

class TestAuthentication : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void vectorsOfTheProtocol_comeOut() {
        std::array<unsigned char, 16> salt{};
        std::iota(salt.begin(), salt.end(), static_cast<unsigned char>(0));
        const Secret32 key = keyOfCode("K7MQ2X", salt, 20000);
        QCOMPARE(hex(key), "4cb2a646ea19fa31be9228d8f4b8235855a0844d23236895944a8a686a37eb0f");
        const Secret32 fingerprint = counting(0x60);
        QCOMPARE(hex(proofOfClient(key, vectorOf({}))),
                 "50d42e63b098f3fd5e88bcd0c854c4a56dde7409dc7784c65592afd207804880");
        QCOMPARE(hex(proofOfHost(key, vectorOf({}))),
                 "f7a5dd274cf32e376f619249708648e5ca3088d2c9ff793932b2a1c7abec451c");
        QCOMPARE(hex(proofOfClient(key, vectorOf(fingerprint))),
                 "5ee67aac4f537e77eeb36cdbbc156df914a61ca9a55b17bdaf8612876dcad123");
        QCOMPARE(hex(proofOfHost(key, vectorOf(fingerprint))),
                 "f6c38bb1ff5a64095edfddbe39d1393d7664fc4a6f3426eae9b2405a36398df1");
    }

    void challenge_takesOneAnswerOnly() {
        const Secret32 key = counting(1);
        OpenChallenge open;
        Handshake handshake = vectorOf({});
        handshake.hostNonce = open.nonce();
        const Secret32 right = proofOfClient(key, handshake);
        QVERIFY(open.answeredBy(right, key, handshake));
        QVERIFY(!open.answeredBy(right, key, handshake));
    }

    void challengeAnsweredWrongly_isUsedUp() {
        const Secret32 key = counting(1);
        OpenChallenge open;
        Handshake handshake = vectorOf({});
        handshake.hostNonce = open.nonce();
        QVERIFY(!open.answeredBy(counting(9), key, handshake));
        QVERIFY(!open.answeredBy(proofOfClient(key, handshake), key, handshake));
    }

    void proof_isOfThisChallengeRoleAndCertificate() {
        const Secret32 key = counting(1), other = counting(2), certificate = counting(3);
        OpenChallenge first;
        Handshake handshake = vectorOf({});
        handshake.hostNonce = first.nonce();
        const Secret32 right = proofOfClient(key, handshake);

        const auto accepts = [&](const Secret32& proof, const Secret32& with, Handshake about) {
            // A challenge with the same nonce each time: its copy hasn't been used.
            OpenChallenge again = first;
            return again.answeredBy(proof, with, about);
        };
        QVERIFY(accepts(right, key, handshake));
        QVERIFY(!accepts(right, other, handshake));
        Handshake as = handshake;
        as.role = "worker";
        QVERIFY(!accepts(right, key, as));
        Handshake through = handshake;
        through.fingerprint = certificate;  // somebody between with a certificate of their own
        QVERIFY(!accepts(right, key, through));
        QVERIFY(!OpenChallenge().answeredBy(right, key, handshake));  // replayed on another connection
        QVERIFY(!accepts(proofOfHost(key, handshake), key, handshake));
    }

    void nonces_differ() {
        std::set<Secret32> seen;
        for (int i = 0; i < 1000; ++i) QVERIFY(seen.insert(OpenChallenge().nonce()).second);
    }

    // Codes.

    void codes_useEachCharacterEquallyOften() {
        std::map<char, int> counts;
        constexpr int kCodes = 20000;
        for (int i = 0; i < kCodes; ++i) {
            const std::string code = makeJoinCode().secret;
            QCOMPARE(code.size(), std::size_t{6});
            for (const char c : code) ++counts[c];
        }
        QCOMPARE(counts.size(), std::size_t{32});
        const double mean = kCodes * 6 / 32.0;  // 3750 ± 60 (one standard deviation)
        for (const auto& [character, count] : counts) {
            QVERIFY(std::string("0O1I").find(character) == std::string::npos);
            QVERIFY2(std::abs(count - mean) < 6 * 61,
                     qPrintable(QString("%1: %2").arg(character).arg(count)));
        }
    }

    void codesArePrinted_asTheyAreRead() {
        QCOMPARE(shown({"K7MQ2X", ""}), std::string("K7M-Q2X"));
        QCOMPARE(shown({"K7MQ2X", "ABCDEFGHJK"}), std::string("K7M-Q2X-ABCDE-FGHJK"));
        for (int i = 0; i < 100; ++i) {
            const JoinCode code = makeJoinCode();
            QCOMPARE(*readJoinCode(shown(code)), code);
        }
        QCOMPARE(joinLine("ws://10.0.0.7:7077", {"K7MQ2X", ""}),
                 std::string("rondo-cli worker --join ws://10.0.0.7:7077 --code K7M-Q2X"));
    }

    void whatPeopleType_isRead_data() {
        QTest::addColumn<QString>("typed");
        QTest::addColumn<QString>("secret");
        QTest::addColumn<QString>("fingerprint");
        QTest::newRow("as shown") << "K7M-Q2X"
                                  << "K7MQ2X"
                                  << "";
        QTest::newRow("small, without a dash") << "k7mq2x"
                                               << "K7MQ2X"
                                               << "";
        QTest::newRow("blanks") << "  k7m q2x\n"
                                << "K7MQ2X"
                                << "";
        QTest::newRow("a word processor's dash") << QString::fromUtf8("K7M–Q2X") << "K7MQ2X"
                                                 << "";
        QTest::newRow("long") << "k7m-q2x-abcde-fghjk"
                              << "K7MQ2X"
                              << "ABCDEFGHJK";
    }
    void whatPeopleType_isRead() {
        QFETCH(QString, typed);
        QFETCH(QString, secret);
        QFETCH(QString, fingerprint);
        const auto code = readJoinCode(typed.toStdString());
        QVERIFY2(code.ok(), code ? "" : code.error().c_str());
        QCOMPARE(QString::fromStdString(code->secret), secret);
        QCOMPARE(QString::fromStdString(code->fingerprint), fingerprint);
    }

    void whatIsNoCode_isRefusedInWords_data() {
        QTest::addColumn<QString>("typed");
        QTest::addColumn<QString>("says");
        QTest::newRow("nothing") << " - "
                                 << "no code given";
        QTest::newRow("short") << "K7M-Q2"
                               << "too short";
        QTest::newRow("between") << "K7M-Q2X-ABC"
                                 << "neither six nor sixteen";
        QTest::newRow("long") << "K7M-Q2X-ABCDE-FGHJKL"
                              << "too long";
        QTest::newRow("letter O") << "K7M-O2X"
                                  << "no code has a O";
        QTest::newRow("one") << "K7M-12X"
                             << "no code has a 1";
        QTest::newRow("sign") << "K7M-Q2!"
                              << "letters and digits only";
        QTest::newRow("endless") << QString(100000, 'A') << "too long";
    }
    void whatIsNoCode_isRefusedInWords() {
        QFETCH(QString, typed);
        QFETCH(QString, says);
        const auto code = readJoinCode(typed.toStdString());
        QVERIFY(!code.ok());
        QVERIFY2(QString::fromStdString(code.error()).contains(says), code.error().c_str());
        QVERIFY(code.error().size() < 300);
    }

    void fingerprintInACode_isItsFirst50Bits() {
        Secret32 bytes{};
        bytes[0] = 0b00000'000;
        bytes[1] = 0b01'00010'0;  // 0, 1, 2, then what is left
        const std::string code = codeOfFingerprint(bytes);
        QCOMPARE(code.size(), std::size_t{10});
        QCOMPARE(code.substr(0, 3), std::string("234"));
        bytes[6] ^= 0b0100'0000;  // bit 49
        QVERIFY(codeOfFingerprint(bytes) != code);
        bytes[6] ^= 0b0110'0000;  // bit 50 is beyond
        QCOMPARE(codeOfFingerprint(bytes), code);
    }

    // Wrong tries.

    void wrongTries_waitLongerEachTime() {
        WrongTries tries(1s, 8s);
        WrongTries::Clock::time_point now{};
        for (const auto expected : {1s, 2s, 4s, 8s, 8s}) {
            QCOMPARE(tries.delay("10.0.0.7", now).count(), WrongTries::Clock::duration(expected).count());
            now += 5s;
        }
        QVERIFY(tries.delay("10.0.0.8", now) == 1s);  // another machine isn't punished
        now += 61s;
        QVERIFY(tries.delay("10.0.0.7", now) == 1s);
    }

    void networkOfVersion6_countsAsOneAddress() {
        WrongTries tries(1s, 8s);
        const WrongTries::Clock::time_point now{};
        QVERIFY(tries.delay("2001:db8:1:2:a::1", now) == 1s);
        QVERIFY(tries.delay("2001:db8:1:2:b:c:d:e", now) == 2s);
        QVERIFY(tries.delay("2001:db8:1:3:a::1", now) == 1s);
    }

    void manyAddresses_costBoundedMemory() {
        WrongTries tries(1s, 8s);
        WrongTries::Clock::time_point now{};
        for (int i = 0; i < 10000; ++i) tries.delay("host" + std::to_string(i), now += 1ms);
        QCOMPARE(tries.addresses(), WrongTries::kMostAddresses);
        QVERIFY(tries.delay("host9999", now) == 2s);  // the latest are remembered
    }
};

QTEST_GUILESS_MAIN(TestAuthentication)
#include "tst_authentication.moc"
