// What a program that has joined a host tells of itself, and the code as people type it.
#include <QTest>

#include "engine/control/join_news.h"
#include "engine/core/join_code.h"

using namespace rondo;
using Kind = JoinNews::Kind;

class TestJoinNews final : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void everyNews_comesBackAsItWas() {
        JoinNews joined{.kind = Kind::Joined, .name = "desk \"7\"\n"};
        JoinNews training{.kind = Kind::Training, .rank = 2, .workers = 4, .run = "Wärme"};
        JoinNews lost{.kind = Kind::Lost, .why = "connection broke off", .againIn = 4};
        JoinNews over{.kind = Kind::Over, .why = "sent away", .well = false, .mayRetry = true};
        for (const JoinNews& news : {JoinNews{.kind = Kind::Dialling}, joined, training,
                                     JoinNews{.kind = Kind::Waiting}, lost, over}) {
            const std::string line = toLine(news);
            QVERIFY2(line.find('\n') == std::string::npos, line.c_str());
            const auto read = parseJoinNews(line);
            QVERIFY2(read.ok(), line.c_str());
            QVERIFY2(*read == news, line.c_str());
        }
    }

    void whatIsNoNews_isRefusedWithItsReason_data() {
        QTest::addColumn<QByteArray>("line");
        QTest::addColumn<QByteArray>("reason");
        const auto row = [](const char* line, const char* reason) {
            QTest::newRow(line) << QByteArray(line) << QByteArray(reason);
        };
        row("rondo-cli: nobody listens there", "not a JSON object");
        row("[]", "not a JSON object");
        row("{}", "\"news\" must be a text that is known");
        row(R"({"news":"sings"})", "not \"sings\"");
        row(R"({"news":"waiting","rank":1})", "unknown key \"rank\"");
        row(R"({"news":"joined"})", "\"name\" must be a text");
        row(R"({"news":"training","rank":-1,"workers":2,"run":""})", "\"rank\" must be a whole number, 0 or");
        row(R"({"news":"training","rank":0,"workers":0,"run":""})", "\"workers\" must be a whole number, 1");
        row(R"({"news":"lost","why":"","again_in":1e99})", "\"again_in\" must be");
        row(R"({"news":"over","why":"","well":1,"may_retry":false})", "\"well\" must be true or false");
    }
    void whatIsNoNews_isRefusedWithItsReason() {
        QFETCH(QByteArray, line);
        QFETCH(QByteArray, reason);
        const auto read = parseJoinNews(line.toStdString());
        QVERIFY(!read.ok());
        QVERIFY2(read.error().find(reason.toStdString()) != std::string::npos, read.error().c_str());
    }

    void charactersOfACode_areCountedWhileTheyAreTyped() {
        QCOMPARE(*charactersOfCode(""), std::string());
        QCOMPARE(*charactersOfCode("k7m-"), std::string("K7M"));
        QCOMPARE(*charactersOfCode(" k 7 m \xe2\x80\x93 q2x"), std::string("K7MQ2X"));
        QVERIFY(!charactersOfCode("K0").ok());
        QVERIFY(!charactersOfCode("K7M/").ok());
        // However much is pasted, no more than one too many is kept.
        QCOMPARE(charactersOfCode(std::string(100'000, 'K'))->size(), std::size_t(17));
    }
};

QTEST_GUILESS_MAIN(TestJoinNews)
#include "tst_join_news.moc"
