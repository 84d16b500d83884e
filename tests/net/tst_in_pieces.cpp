// How a data connection frames what it sends, and messages that are used while they come.
#include <QtTest>
#include <numeric>

#include "engine/comm/in_pieces.h"
#include "net/data/masking.h"
#include "tests/support/ws_world.h"

using namespace rondo;
using namespace rondo::test;

namespace {

std::vector<float> numbered(std::size_t count) {
    std::vector<float> values(count);
    std::iota(values.begin(), values.end(), 1.0f);
    return values;
}

Communicator& laneOf(RankNetworkWorld& world, int rank) {
    return world.network(rank).communicator(Lane::Compute);
}

CommError::Kind kindOf(const std::function<void()>& action) {
    try {
        action();
    } catch (const CommError& error) {
        return error.kind();
    }
    throw std::runtime_error("nothing was thrown");
}

}  // namespace

class TestInPieces : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void masking_isThatOfTheRfc() {
        const auto bytes = [](const char* text) { return std::as_bytes(std::span(text, std::strlen(text))); };
        const net::MaskKey key{std::byte{0x37}, std::byte{0xfa}, std::byte{0x21}, std::byte{0x3d}};
        std::array<std::byte, 5> masked{};
        net::copyMasked(masked, bytes("Hello"), key, 0);
        const std::array<std::byte, 5> expected{std::byte{0x7f}, std::byte{0x9f}, std::byte{0x4d},
                                                std::byte{0x51}, std::byte{0x58}};
        QVERIFY(masked == expected);
    }

    void masking_isTheSameInPartsOfAnySize() {
        const net::MaskKey key{std::byte{1}, std::byte{2}, std::byte{3}, std::byte{4}};
        std::vector<std::byte> plain(100), whole(100), parts(100);
        for (std::size_t i = 0; i < plain.size(); ++i) plain[i] = static_cast<std::byte>(i);
        net::copyMasked(whole, plain, key, 0);
        for (std::size_t size = 1; size < 40; ++size) {
            for (std::size_t at = 0; at < plain.size(); at += size) {
                const std::size_t count = std::min(size, plain.size() - at);
                net::copyMasked(std::span(parts).subspan(at, count), std::span(plain).subspan(at, count), key,
                                at);
            }
            QVERIFY(parts == whole);
        }
    }

    void maskKeys_areNotTheSameTwice() {
        net::MaskKeys keys;
        std::set<net::MaskKey> seen;
        for (int i = 0; i < 1000; ++i) seen.insert(keys.next());
        QVERIFY(seen.size() > 990);
    }

    /// Lengths where the frame header grows, masked from rank 1 and not from rank 0.
    void messagesAtTheLimitsOfFrameHeaders_arriveAsTheyWere() {
        const auto world = makeWsWorld(2);
        onEveryRank(2, [&](int rank) {
            Communicator& comm = laneOf(*world, rank);
            for (const std::size_t size : {0, 1, 77, 78, 79, 65487, 65488, 65489, 300'001}) {
                std::vector<std::byte> said(size), heard(size);
                for (std::size_t i = 0; i < size; ++i) said[i] = static_cast<std::byte>(i * 7 + size);
                sendReceive(comm, Rank{1 - rank},
                            {.tag = 1, .bytes = said, .payloadBytes = static_cast<std::int64_t>(size)},
                            Rank{1 - rank}, 1, [&](ReceivedBytes bytes) {
                                std::copy(bytes.begin(), bytes.end(), heard.begin());
                            });
                if (heard != said) throw std::logic_error("another message of " + std::to_string(size));
            }
        });
    }

    void pieces_areTheMessageInOrder_data() {
        QTest::addColumn<int>("floats");
        for (const int floats : {0, 1, 100, 20'000, 65'536, 131'072, 131'073, 300'001, 5'000'001})
            QTest::addRow("%d floats", floats) << floats;
    }
    void pieces_areTheMessageInOrder() {
        QFETCH(int, floats);
        const auto world = makeWsWorld(2);
        const auto values = numbered(static_cast<std::size_t>(floats));
        std::atomic<int> largest = 0;
        onEveryRank(2, [&](int rank) {
            Communicator& comm = laneOf(*world, rank);
            // Often: it depends on chance how much is here before anybody asks for it.
            for (int again = 0; again < 8; ++again) {
                std::vector<float> got;
                int pieces = 0;
                sendReceiveInPieces(
                    comm, Rank{1 - rank}, parcelOf(values, 1), Rank{1 - rank}, 1, [&](const Piece& piece) {
                        if (piece.whole != values.size() * sizeof(float) ||
                            piece.at != got.size() * sizeof(float) || piece.bytes.size() % sizeof(float) != 0)
                            throw std::logic_error("not the next piece");
                        const auto* first = reinterpret_cast<const float*>(piece.bytes.data());
                        got.insert(got.end(), first, first + piece.bytes.size() / sizeof(float));
                        ++pieces;
                    });
                if (got != values) throw std::logic_error("another message");
                largest = std::max(largest.load(), pieces);
            }
        });
        QVERIFY(largest >= 1);
        if (floats > 5'000'000) QVERIFY2(largest > 1, "20 MB came in one piece");
    }

    void inPlace_liesWhereItBelongs_data() { pieces_areTheMessageInOrder_data(); }
    void inPlace_liesWhereItBelongs() {
        QFETCH(int, floats);
        const auto world = makeWsWorld(2);
        const auto values = numbered(static_cast<std::size_t>(floats));
        onEveryRank(2, [&](int rank) {
            Communicator& comm = laneOf(*world, rank);
            for (int again = 0; again < 8; ++again) {
                std::vector<float> got(values.size());
                sendReceiveInPlace(comm, Rank{1 - rank}, parcelOf(values, 1), Rank{1 - rank}, 1,
                                   std::as_writable_bytes(std::span(got)));
                if (got != values) throw std::logic_error("another message");
            }
        });
    }

    void otherMessages_waitMeanwhile() {
        const auto world = makeWsWorld(2);
        const auto large = numbered(1'000'000), small = numbered(10);
        onEveryRank(2, [&](int rank) {
            Communicator& comm = laneOf(*world, rank);
            if (rank == 0) {
                send(comm, Rank{1}, parcelOf(small, 7));
                send(comm, Rank{1}, parcelOf(large, 1));
                send(comm, Rank{1}, parcelOf(small, 1));
                return;
            }
            std::vector<float> got(large.size()), second(small.size()), early(small.size());
            receiveInPlace(comm, Rank{0}, 1, std::as_writable_bytes(std::span(got)));
            receiveInPlace(comm, Rank{0}, 1, std::as_writable_bytes(std::span(second)));
            receiveInPlace(comm, Rank{0}, 7, std::as_writable_bytes(std::span(early)));
            if (got != large || second != small || early != small) throw std::logic_error("mixed up");
        });
    }

    void anotherSizeThanItsPlace_isRefused() {
        const auto world = makeWsWorld(2);
        std::thread sender([&] {
            Communicator& comm = laneOf(*world, 0);
            const auto values = numbered(1'000'000);
            send(comm, Rank{1}, parcelOf(values, 1));
            send(comm, Rank{1}, parcelOf(values, 1));
        });
        Communicator& comm = laneOf(*world, 1);
        std::vector<float> less(500'000), all(1'000'000);
        QCOMPARE(kindOf([&] { receiveInPlace(comm, Rank{0}, 1, std::as_writable_bytes(std::span(less))); }),
                 CommError::Kind::WrongSize);
        receiveInPlace(comm, Rank{0}, 1, std::as_writable_bytes(std::span(all)));  // the next is whole
        QVERIFY(all == numbered(all.size()));
        sender.join();
    }

    void takerThatThrows_seesNoFurtherPieceAndTheNextMessageWhole() {
        const auto world = makeWsWorld(2);
        std::thread sender([&] {
            Communicator& comm = laneOf(*world, 0);
            const auto values = numbered(3'000'000);
            send(comm, Rank{1}, parcelOf(values, 1));
            send(comm, Rank{1}, parcelOf(values, 1));
        });
        Communicator& comm = laneOf(*world, 1);
        int shown = 0;
        QVERIFY_THROWS_EXCEPTION(std::domain_error, receiveInPieces(comm, Rank{0}, 1, [&](const Piece&) {
                                     ++shown;
                                     throw std::domain_error("enough");
                                 }));
        QCOMPARE(shown, 1);
        std::size_t bytes = 0;
        receiveInPieces(comm, Rank{0}, 1, [&](const Piece& piece) { bytes += piece.bytes.size(); });
        QCOMPARE(bytes, std::size_t{12'000'000});
        sender.join();
    }

    void messageGivenUpHalfWay_endsItsConnection() {
        const auto world = makeWsWorld(2);
        CommError::Kind seen = CommError::Kind::Deadline;
        std::thread sender([&] {
            // More than the kernel takes.
            const std::vector<float> values(50'000'000);
            seen = kindOf([&] { send(laneOf(*world, 0), Rank{1}, parcelOf(values, 1)); });
        });
        int shown = 0;
        QCOMPARE(kindOf([&] {
                     receiveInPieces(laneOf(*world, 1), Rank{0}, 1, [&](const Piece&) {
                         ++shown;
                         world->network(1).cancel("enough");
                     });
                 }),
                 CommError::Kind::Cancelled);
        sender.join();
        QVERIFY(shown > 0);
        QCOMPARE(seen, CommError::Kind::PeerGone);
    }
};

QTEST_GUILESS_MAIN(TestInPieces)
#include "tst_in_pieces.moc"
