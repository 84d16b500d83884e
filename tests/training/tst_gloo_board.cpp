// What processes that nobody has introduced leave for one another at a Gloo store.
#include <QtTest>
#include <thread>

#include "engine/comm/communicator.h"
#include "engine/training/gloo/gloo_board.h"
#include "engine/training/gloo/gloo_network.h"
#include "engine/training/gloo/own_address.h"

using namespace rondo;
using namespace std::chrono_literals;

namespace {

const std::string kHere = "127.0.0.1";

GlooBoard::Patience patience(std::chrono::milliseconds most = 60s, std::stop_token stop = {}) {
    return {std::chrono::steady_clock::now() + most, std::move(stop)};
}

/// The error that ends it, or none.
std::optional<CommError> errorOf(const std::function<void()>& action) {
    try {
        action();
    } catch (const CommError& error) {
        return error;
    }
    return std::nullopt;
}

}  // namespace

class TestGlooBoard : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void whatOneWrites_anotherReads() {
        const GlooStore store;
        GlooBoard one(kHere, store.port(), patience()), other(kHere, store.port(), patience());
        QVERIFY(!other.read("room"));
        const std::string text("7077 K7M-Q2X\0\n", 14);
        one.write("room", text);
        QVERIFY(other.read("room") == text);
        one.write("room", "");
        QVERIFY(other.read("room") == "");
    }

    void whatIsWrittenLater_isAwaited() {
        const GlooStore store;
        GlooBoard one(kHere, store.port(), patience());
        std::thread later([&] { GlooBoard(kHere, store.port(), patience()).write("turn", "join"); });
        QCOMPARE(one.await("turn", patience(), "the turn"), std::string("join"));
        later.join();
    }

    void whatNeverComes_isNamedAtTheDeadline() {
        const GlooStore store;
        GlooBoard board(kHere, store.port(), patience());
        const auto error = errorOf([&] { board.await("turn", patience(1ms), "rank 0"); });
        QVERIFY(error && error->kind() == CommError::Kind::Deadline);
        QCOMPARE(std::string(error->what()), std::string("rank 0 did not come in time"));
    }

    void everyWait_canBeCalledOff() {
        std::stop_source stop;
        stop.request_stop();
        const GlooStore store;
        GlooBoard board(kHere, store.port(), patience());
        const auto await = errorOf([&] { board.await("turn", patience(60s, stop.get_token()), "the turn"); });
        QVERIFY(await && await->kind() == CommError::Kind::Cancelled);
        std::uint16_t nobodys = 0;
        {
            const GlooStore gone;
            nobodys = gone.port();
        }
        const auto connect = errorOf([&] { GlooBoard(kHere, nobodys, patience(60s, stop.get_token())); });
        QVERIFY(connect && connect->kind() == CommError::Kind::Cancelled);
    }

    void nobodyThere_isToldWithTheReason() {
        std::uint16_t nobodys = 0;
        {
            const GlooStore gone;
            nobodys = gone.port();
        }
        std::string said;
        const auto error = errorOf([&] {
            GlooBoard(kHere, nobodys, patience(200ms), [&](const std::string& news) { said += news; });
        });
        QVERIFY(error && error->kind() == CommError::Kind::Deadline);
        QVERIFY2(QString(error->what()).contains("nobody listens at 127.0.0.1:"), error->what());
        QVERIFY2(QString::fromStdString(said).count("waiting for") == 1, said.c_str());  // once
    }

    void storeThatHasEnded_isAPeerGone() {
        std::optional<GlooStore> store(std::in_place);
        GlooBoard board(kHere, store->port(), patience());
        // The store takes connections in turn: once it has answered a later one it has taken all of ours. One
        // that it never took would be reset, at which a thread of LibTorch's store ends the process.
        GlooBoard(kHere, store->port(), patience()).count("taken");
        store.reset();
        const auto error = errorOf([&] {
            board.write("room", "1");
            board.read("room");
        });
        QVERIFY(error && error->kind() == CommError::Kind::PeerGone);
    }

    void calls_areCountedTogether() {
        const GlooStore store;
        GlooBoard one(kHere, store.port(), patience()), other(kHere, store.port(), patience());
        QCOMPARE(one.count("taken/1"), std::int64_t{1});
        QCOMPARE(other.count("taken/1"), std::int64_t{2});
        QCOMPARE(other.count("taken/2"), std::int64_t{1});
        // Counted is written, for who asks whether it is there.
        QVERIFY(one.read("taken/2").has_value());
    }

    void addressesOfThisComputer_areKnown() {
        for (const char* own : {"127.0.0.1", "localhost", "127.0.1.1"}) QVERIFY2(isOwnAddress(own), own);
        for (const char* foreign : {"192.0.2.1", "nobody.invalid"}) QVERIFY2(!isOwnAddress(foreign), foreign);
        for (const char* loopback : {"127.0.0.1", "127.0.1.1", "::1"})
            QVERIFY2(isLoopback(loopback), loopback);
        for (const char* reached : {"10.77.0.1", "fe80::1", "192.0.2.127"})
            QVERIFY2(!isLoopback(reached), reached);
    }
};

QTEST_GUILESS_MAIN(TestGlooBoard)
#include "tst_gloo_board.moc"
