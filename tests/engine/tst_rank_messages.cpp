#include <QTest>
#include <bit>
#include <cmath>
#include <set>

#include "engine/run/rank_messages_codec.h"
#include "tests/support/sample_rank_messages.h"

using namespace rondo;

namespace {

std::vector<std::byte> bytesOf(const auto& message) {
    std::vector<std::byte> bytes;
    encode(message, bytes);
    return bytes;
}
std::vector<std::byte> raw(std::initializer_list<int> values) {
    std::vector<std::byte> bytes;
    for (const int v : values) bytes.push_back(static_cast<std::byte>(v));
    return bytes;
}
/// The same for both directions: `decoded` reads what `encode` wrote.
template <class Message>
Result<Message> decoded(std::span<const std::byte> bytes) {
    if constexpr (std::same_as<Message, RankTold>) {
        return decodeRankTold(bytes);
    } else {
        return decodeRankOrder(bytes);
    }
}

template <class Message>
void checkAll(const std::vector<Message>& messages) {
    std::set<std::size_t> types;
    for (const Message& message : messages) {
        types.insert(message.index());
        const auto bytes = bytesOf(message);
        const auto back = decoded<Message>(bytes);
        QVERIFY2(back.ok(), back.ok() ? "" : back.error().c_str());
        QVERIFY2(*back == message, qPrintable(QString("type %1").arg(message.index())));
        for (std::size_t n = 0; n < bytes.size(); ++n)
            QVERIFY2(!decoded<Message>(std::span(bytes).first(n)).ok(),
                     qPrintable(QString("type %1 cut to %2").arg(message.index()).arg(n)));
        auto longer = bytes;
        longer.push_back({});
        QVERIFY(!decoded<Message>(longer).ok());
    }
    QCOMPARE(types.size(), std::variant_size_v<Message>);
}

}  // namespace

class TestRankMessages : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void everythingTold_comesBackEqual_andNeverCutOrLonger() { checkAll(test::ranksTold()); }
    void everyOrder_comesBackEqual_andNeverCutOrLonger() { checkAll(test::rankOrders()); }
    void bytes_areThoseOfTheProtocol() {
        QVERIFY(bytesOf(RankTold(StepsSkipped{Step{3}, Step{-1}})) == raw({1, 6, 1}));
        QVERIFY(bytesOf(RankTold(AtMeeting{64, {1.0f}})) == raw({4, 0x80, 1, 1, 0, 0, 0x80, 0x3f}));
        QVERIFY(bytesOf(RankOrder(GoOn{Step{2}, true, Nanoseconds{-3}})) == raw({1, 4, 1, 5}));
        QVERIFY(bytesOf(RankOrder(EndWorld{300, false, "by"})) == raw({4, 0xac, 2, 0, 2, 'b', 'y'}));
    }
    void nan_keepsItsBits() {
        const float quiet = std::bit_cast<float>(0x7fc12345u);
        const auto back = decodeRankTold(bytesOf(RankTold(AtMeeting{1, {quiet, -quiet}})));
        QVERIFY(back.ok());
        const auto& weights = std::get<AtMeeting>(*back).weights;
        QCOMPARE(std::bit_cast<std::uint32_t>(weights.at(0)), 0x7fc12345u);
        QCOMPARE(std::bit_cast<std::uint32_t>(weights.at(1)), 0xffc12345u);
        const auto step = decodeRankTold(bytesOf(RankTold(StepTold{.lossSum = std::nan("")})));
        QVERIFY(std::isnan(std::get<StepTold>(*step).lossSum));
    }
    void manyWeights_travelInOneCopy() {
        AtMeeting meeting{300, std::vector<float>(1'663'370)};
        for (std::size_t i = 0; i < meeting.weights.size(); ++i)
            meeting.weights[i] = static_cast<float>(i) * 0.25f - 1000;
        std::vector<std::byte> bytes(48);  // the header of a frame stays in front of it
        encode(RankTold(meeting), bytes);
        QVERIFY(bytes.capacity() < 48 + meeting.weights.size() * sizeof(float) + 10'000);  // never grown
        const auto back = decodeRankTold(std::span(bytes).subspan(48));
        QVERIFY(back.ok());
        QVERIFY(std::get<AtMeeting>(*back) == meeting);
    }
    void badBytes_areRefused_data() {
        QTest::addColumn<bool>("told");
        QTest::addColumn<QList<int>>("values");
        QTest::addColumn<QString>("says");
        QTest::newRow("told, empty") << true << QList<int>{} << "rank message: is empty";
        QTest::newRow("order, empty") << false << QList<int>{} << "order to a rank: is empty";
        QTest::newRow("told, type=8") << true << QList<int>{8, 0} << "type 8 is unknown, expected 0 to 7";
        QTest::newRow("order, type=5") << false << QList<int>{5, 0} << "type 5 is unknown, expected 0 to 4";
        QTest::newRow("order, type=255") << false << QList<int>{255} << "type 255 is unknown";
        QTest::newRow("weights=4 GB of 4 bytes")
            << true << QList<int>{4, 0, 255, 255, 255, 255, 15, 0, 0, 0, 0} << "longer than what follows";
        QTest::newRow("weights=2 of 7 bytes")
            << true << QList<int>{4, 0, 2, 1, 2, 3, 4, 5, 6, 7} << "longer than";
        QTest::newRow("step=2^31") << true << QList<int>{2, 128, 128, 128, 128, 16} << "outside of its field";
        QTest::newRow("end=2") << false << QList<int>{1, 0, 2, 0} << "outside of its field";
        QTest::newRow("lost=7") << true << QList<int>{6, 1, 7, 0} << "outside of its field";
        QTest::newRow("lost, neither there nor not")
            << true << QList<int>{6, 2, 0, 0} << "outside of its field";
        QTest::newRow("floats=a thousand in 3 bytes")
            << true << QList<int>{7, 0, 0, 0xe8, 7, 0, 0, 0} << "longer than what follows";
    }
    void badBytes_areRefused() {
        QFETCH(bool, told);
        QFETCH(QList<int>, values);
        QFETCH(QString, says);
        std::vector<std::byte> bytes;
        for (const int v : values) bytes.push_back(static_cast<std::byte>(v));
        std::string problem;
        if (told) {
            const auto message = decodeRankTold(bytes);
            if (!message) problem = message.error();
        } else {
            const auto message = decodeRankOrder(bytes);
            if (!message) problem = message.error();
        }
        QVERIFY2(problem.find(says.toStdString()) != std::string::npos, problem.c_str());
    }
    void linksOutOfOrder_areRefused() {
        RankEnded ended;
        ended.figures.sentTo = {{Rank{1}, {}}, {Rank{2}, {}}};
        auto bytes = bytesOf(RankTold(ended));
        // Type, two times, the phases, the number of links, rank 1 as zigzag.
        constexpr std::size_t kFirst = 1 + 2 + 8 * kPhases + 1;
        QCOMPARE(std::to_integer<int>(bytes[kFirst]), 2);
        for (const int same : {4, 6}) {
            bytes[kFirst] = static_cast<std::byte>(same);
            const auto message = decodeRankTold(bytes);
            QVERIFY(!message.ok());
            QVERIFY2(message.error().find("not in order") != std::string::npos, message.error().c_str());
        }
    }
    void whatIsNoFault_isRefused() {
        RankEnded ended;
        ended.figures.faults = {FaultHappened{}};
        auto bytes = bytesOf(RankTold(ended));
        constexpr std::size_t kEvent = 1 + 2 + 8 * kPhases + 1 + 1 + 1;
        QCOMPARE(bytes[kEvent], static_cast<std::byte>(Event(FaultHappened{}).index()));
        for (const int type : {10, 200}) {  // of another event, of none
            bytes[kEvent] = static_cast<std::byte>(type);
            const auto message = decodeRankTold(bytes);
            QVERIFY(!message.ok());
            QVERIFY2(message.error().find("a fault that is none") != std::string::npos,
                     message.error().c_str());
        }
    }
    void keyOfAnotherLength_isRefused() {
        for (const std::size_t length : {0u, 31u, 33u}) {
            BeginWorld world;
            world.peers = {{Rank{1}, std::string(40, 'h'), 7000, std::string(length, 'k'), true}};
            const auto message = decodeRankOrder(bytesOf(RankOrder(world)));
            QVERIFY(!message.ok());
            QVERIFY2(message.error().find("32 bytes") != std::string::npos, message.error().c_str());
        }
    }
};

QTEST_GUILESS_MAIN(TestRankMessages)
#include "tst_rank_messages.moc"
