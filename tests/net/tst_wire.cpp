#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>
#include <algorithm>
#include <limits>
#include <set>

#include "net/wire/control_message.h"
#include "net/wire/frame.h"
#include "net/wire/plain_words.h"
#include "tests/support/sample_control_messages.h"

using namespace rondo;
using namespace rondo::net;

namespace {

using Header = std::array<std::byte, FrameHeader::kBytes>;

FrameHeader fullHeader() {
    return {.kind = FrameHeader::Kind::Data,
            .communicationLane = true,
            .control = true,
            .carries = 3,
            .generation = 0x01020304,
            .from = 5,
            .to = kNone,
            .tag = 0xfffffffe,
            .bucket = 0x11223344,
            .chunk = kNone,
            .microBatch = 7,
            .payloadBytes = 0x0102030405060708,
            .begin = -2};
}
Header with(std::size_t offset, int value) {
    Header bytes = encode(FrameHeader{});
    bytes[offset] = static_cast<std::byte>(value);
    return bytes;
}
std::string problemOf(const std::string& text, std::size_t most = kMostTextBytesAfter) {
    const auto message = readControlMessage(text, most);
    return message.ok() ? "" : message.error();
}
// A raw string that ends behind a quotation mark is too much for moc.
std::string oneField(const std::string& type, const std::string& key, const std::string& value) {
    return "{\"type\":\"" + type + "\",\"" + key + "\":\"" + value + "\"}";
}
std::string text(const char* bytes) {
    return bytes;
}

}  // namespace

class TestWire : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    // Headers of binary messages.

    void bytesOfAHeader_areThoseOfTheProtocol() {
        const int expected[48] = {1,    3,    3,    0,    4,    3,    2,    1,    5,    0,    0,    0,
                                  0xff, 0xff, 0xff, 0xff, 0xfe, 0xff, 0xff, 0xff, 0x44, 0x33, 0x22, 0x11,
                                  0xff, 0xff, 0xff, 0xff, 7,    0,    0,    0,    8,    7,    6,    5,
                                  4,    3,    2,    1,    0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
        const Header bytes = encode(fullHeader());
        for (std::size_t i = 0; i < bytes.size(); ++i)
            QVERIFY2(std::to_integer<int>(bytes[i]) == expected[i], qPrintable(QString("offset %1").arg(i)));
    }
    void header_comesBackEqual() {
        FrameHeader counted{.kind = FrameHeader::Kind::Blob,
                            .counted = true,
                            .carries = 255,
                            .generation = std::numeric_limits<std::uint32_t>::max(),
                            .from = std::numeric_limits<std::int32_t>::max(),
                            .payloadBytes = std::numeric_limits<std::int64_t>::max(),
                            .begin = std::numeric_limits<std::int64_t>::min()};
        for (const FrameHeader& header : {FrameHeader{}, fullHeader(), counted}) {
            const auto back = decodeFrameHeader(encode(header));
            QVERIFY2(back.ok(), back.ok() ? "" : back.error().c_str());
            QVERIFY(*back == header);
        }
    }
    void cutHeader_isRefused() {
        const Header bytes = encode(fullHeader());
        for (std::size_t n = 0; n < bytes.size(); ++n)
            QVERIFY(!decodeFrameHeader(std::span(bytes).first(n)).ok());
    }
    void badHeader_isRefused_data() {
        QTest::addColumn<int>("offset");
        QTest::addColumn<int>("value");
        QTest::addColumn<QString>("says");
        QTest::newRow("kind=0") << 0 << 0 << "frame.kind: 0, expected 1 to 4";
        QTest::newRow("kind=5") << 0 << 5 << "frame.kind: 5";
        QTest::newRow("flags=8") << 1 << 8 << "frame.flags: 8";
        QTest::newRow("carries=4") << 2 << 4 << "frame.carries: 4";
        QTest::newRow("carries=254") << 2 << 254 << "frame.carries: 254";
        QTest::newRow("reserved=1") << 3 << 1 << "frame.reserved: 1";
        QTest::newRow("from=-2^31") << 11 << 0x80 << "rank -2147483648";
        QTest::newRow("to=-2^31") << 15 << 0x80 << "rank -2147483648";
        QTest::newRow("payload=2^63") << 39 << 0x80 << "9223372036854775808 payload bytes";
    }
    void badHeader_isRefused() {
        QFETCH(int, offset);
        QFETCH(int, value);
        QFETCH(QString, says);
        const auto header = decodeFrameHeader(with(static_cast<std::size_t>(offset), value));
        QVERIFY(!header.ok());
        QVERIFY2(header.error().find(says.toStdString()) != std::string::npos, header.error().c_str());
    }
    void message_isAsLongAsItsHeaderSays() {
        FrameHeader header{.payloadBytes = 3};
        const Header head = encode(header);
        std::vector<std::byte> bytes(head.begin(), head.end());
        bytes.resize(head.size() + 3, std::byte{9});
        const auto frame = readFrame(bytes);
        QVERIFY(frame.ok());
        QVERIFY(frame->header == header);
        QCOMPARE(frame->body.size(), std::size_t{3});
        QVERIFY(frame->body.data() == bytes.data() + FrameHeader::kBytes);  // not copied
        QVERIFY(!readFrame(std::span(bytes).first(bytes.size() - 1)).ok());
        bytes.push_back({});
        QVERIFY(!readFrame(bytes).ok());

        header.counted = true;
        const Header counted = encode(header);
        QVERIFY(readFrame(counted).ok());
        std::copy(counted.begin(), counted.end(), bytes.begin());
        QVERIFY(!readFrame(bytes).ok());
    }

    // Text messages.

    void everyMessage_comesBackEqual() {
        std::set<std::size_t> types;
        for (const ControlMessage& message : test::controlMessages()) {
            types.insert(message.index());
            const std::string line = toText(message);
            QVERIFY2(line.find('\n') == std::string::npos, line.c_str());
            const auto back = readControlMessage(line);
            QVERIFY2(back.ok(), back.ok() ? "" : (line + "\n" + back.error()).c_str());
            QVERIFY2(*back == message, line.c_str());
        }
        QCOMPARE(types.size(), std::variant_size_v<ControlMessage>);
    }
    void texts_areThoseOfTheProtocol() {
        QVERIFY(toText(Credit{1 << 20}) == R"({"type":"credit","bytes":1048576})");
        QVERIFY(toText(Refused{CloseCode::WrongProof, "no"}) ==
                R"({"type":"refused","code":4001,"why":"no"})");
        QVERIFY(toText(ClockAsked{3, -4, ClockTold{-5, 6}}) ==
                R"({"type":"clock","id":3,"t0":-4,"offset":-5,"uncertainty":6})");
        QVERIFY(*readControlMessage(R"( {"t2":4, "t1":3, "t0":2, "id":1, "type":"clock_answer"} )") ==
                ControlMessage(ClockAnswered{1, 2, 3, 4}));
        const Hello relay{
            .role = Role::Relay, .token = Bytes16{}, .relay = RelayPart{2, Rank{5}, Lane::Compute}};
        const std::string zeros(64, '0');
        std::string expected = "{'type':'hello','version':1,'role':'relay','name':'','nonce':'" + zeros +
                               "','proof':'" + zeros + "','token':'" + zeros.substr(32) +
                               "','generation':2,'peer':5,'lane':'compute'}";
        std::ranges::replace(expected, '\'', '"');
        QCOMPARE(toText(relay), expected);
    }
    void whatIsNoMessage_isRefusedInWords_data() {
        QTest::addColumn<QByteArray>("line");
        QTest::addColumn<QString>("says");
        const auto row = [](const char* name, const std::string& line, const char* says) {
            QTest::newRow(name) << QByteArray(line.data(), static_cast<int>(line.size())) << says;
        };
        row("empty", "", "not JSON");
        row("words", "let me in", "not JSON");
        row("not UTF-8", "{\"type\":\"\xff\xfe\"}", "not JSON");
        row("two values", R"({"type":"leave","why":""}{})", "not JSON");
        row("list", "[]", "expected a JSON object");
        row("number", "1", "expected a JSON object");
        row("9 deep", R"({"type":[[[[[[[[1]]]]]]]]})", "not JSON");
        row("a million deep", "{\"type\":" + std::string(1'000'000, '['), "not JSON");
        row("no type", R"({"why":""})", "message.type: is missing");
        row("type=1", R"({"type":1})", "message.type: 1 is unknown");
        row("type=fly", R"({"type":"fly"})", "message.type: \"fly\" is unknown");
        row("type twice", R"({"type":"leave","why":"","type":"credit"})", "has \"type\" twice");
        row("field twice", R"({"type":"credit","bytes":1,"bytes":2})", "has \"bytes\" twice");
        row("field missing", R"({"type":"leave"})", "leave.why: is missing");
        row("field unknown", R"({"type":"leave","why":"","when":1})", "leave: unknown field \"when\"");
        row("why=1", R"({"type":"leave","why":1})", "leave.why: 1, expected at most 1000 bytes of text");
        row("why=two lines", R"({"type":"leave","why":"a\nb"})", "in one line");
        row("why=1001 bytes", oneField("leave", "why", std::string(1001, 'x')), "at most 1000");
        row("name empty", R"({"type":"rename","name":""})", "rename.name: \"\", expected a name");
        row("name=65 bytes", oneField("rename", "name", std::string(65, 'x')), "at most 64");
        row("name turns round", R"({"type":"rename","name":"a\u202eb"})", "rename.name");
        row("bytes=0", R"({"type":"credit","bytes":0})", "credit.bytes: 0, expected an integer from 1");
        row("bytes=1.5", R"({"type":"credit","bytes":1.5})", "credit.bytes: 1.5");
        row("bytes=2^63", R"({"type":"credit","bytes":9223372036854775808})",
            "credit.bytes: 9223372036854775808");
        row("bytes=true", R"({"type":"credit","bytes":true})", "credit.bytes: true");
        row("id=-1", R"({"type":"clock","id":-1,"t0":0})", "clock.id: -1, expected an integer from 0");
        row("offset alone", R"({"type":"clock","id":1,"t0":0,"offset":1})", "clock.uncertainty: is missing");
        row("uncertainty alone", R"({"type":"clock","id":1,"t0":0,"uncertainty":1})", "unknown field");
        row("cores=0", R"({"type":"ready","cores":0,"gflops":1,"peer_port":0,"software":""})",
            "ready.cores: 0");
        row("port=65536", R"({"type":"ready","cores":1,"gflops":1,"peer_port":65536,"software":""})",
            "ready.peer_port: 65536");
        row("gflops=-1", R"({"type":"ready","cores":1,"gflops":-1,"peer_port":0,"software":""})",
            "ready.gflops: -1");
        row("gflops=1e999", R"({"type":"ready","cores":1,"gflops":1e999,"peer_port":0,"software":""})",
            "ready.gflops");
        row("hash in capitals", oneField("want", "sha256", std::string(64, 'A')), "want.sha256");
        row("hash short", R"({"type":"want","sha256":"aa"})", "want.sha256");
        row("code=1005", R"({"type":"refused","code":1005,"why":""})", "refused.code: 1005");
        row("member=0", R"({"type":"roster","members":[{"member":0}]})", "roster.members[0].member: 0");
        row("member unknown field",
            R"({"type":"roster","members":[{"member":1,"name":"a","state":"lost","rank":-1,"cores":1,"gflops":0,"x":0}]})",
            "roster.members[0]: unknown field \"x\"");
        row("state=gone", R"({"type":"roster","members":[{"member":1,"name":"a","state":"gone"}]})",
            "state: \"gone\", expected joining, ready, training, lost, left or removed");
        row("members=words", R"({"type":"roster","members":["a"]})",
            "roster.members[0]: \"a\", expected an object");
    }
    void whatIsNoMessage_isRefusedInWords() {
        QFETCH(QByteArray, line);
        QFETCH(QString, says);
        const std::string problem =
            problemOf(std::string(line.constData(), static_cast<std::size_t>(line.size())));
        QVERIFY2(problem.find(says.toStdString()) != std::string::npos, problem.c_str());
        QVERIFY2(problem.size() < 300, problem.c_str());  // it is for a line of a log, whatever was sent
    }
    void hello_ofARelay_needsWhatOthersMustNotHave() {
        Hello hello{
            .role = Role::Relay, .token = Bytes16{}, .relay = RelayPart{1, Rank{2}, Lane::Communication}};
        QVERIFY(readControlMessage(toText(hello)).ok());
        hello.token.reset();
        QVERIFY(problemOf(toText(hello)) == "hello.token: is missing");
        hello = {.role = Role::Relay, .token = Bytes16{}};
        QVERIFY(problemOf(toText(hello)) == "hello.generation: is missing");
        hello = {.role = Role::Worker, .name = "a", .relay = RelayPart{}};
        QVERIFY(problemOf(toText(hello)).find("unknown field \"generation\"") != std::string::npos);
        hello = {.role = Role::Worker};
        QVERIFY(problemOf(toText(hello)) == "hello.name: \"\", expected a name");
    }
    void everyFieldOfEveryMessage_isNeededAndMeant() {
        // Without one of them, or with a value that none takes, a message is refused: but for the two that
        // may be left out.
        for (const ControlMessage& message : test::controlMessages()) {
            const std::string line = toText(message);
            const QByteArray name(nameOf(message).data(), static_cast<int>(nameOf(message).size()));
            QJsonObject object = QJsonDocument::fromJson(QByteArray::fromStdString(line)).object();
            for (const QString& key : object.keys()) {
                QJsonObject changed = object;
                changed[key] = QJsonObject{{"no", "field"}};
                const auto other = QJsonDocument(changed).toJson(QJsonDocument::Compact).toStdString();
                QVERIFY2(!readControlMessage(other).ok(), (name + "." + key.toUtf8()).constData());
                changed.remove(key);
                const bool mayBeLeftOut =
                    key == "token" && object["role"] != "relay" && (name == "hello" || name == "welcome");
                const auto less = QJsonDocument(changed).toJson(QJsonDocument::Compact).toStdString();
                QVERIFY2(readControlMessage(less).ok() == mayBeLeftOut,
                         (name + "." + key.toUtf8()).constData());
            }
        }
    }
    void tooLong_isRefusedBeforeItIsRead() {
        const std::string line = toText(Leave{"x"});
        QVERIFY(readControlMessage(line, line.size()).ok());
        QVERIFY(problemOf(line, line.size() - 1).find("expected at most") != std::string::npos);
        QVERIFY(problemOf(std::string(kMostTextBytesAfter + 1, ' ')).find("1048577 bytes") !=
                std::string::npos);
    }
    void whyIsMadeFitToTravel() {
        const auto sent = readControlMessage(toText(Leave{"a\nb\xff" + std::string(2000, 'x')}));
        QVERIFY(sent.ok());
        const std::string why = std::get<Leave>(*sent).why;
        QVERIFY(why.starts_with("a b?x"));
        QCOMPARE(why.size(), kMostWordsBytes);
    }

    // Words.

    void words_arePlain_data() {
        QTest::addColumn<QByteArray>("typed");
        QTest::addColumn<QByteArray>("plain");
        QTest::newRow("ASCII") << QByteArray("desk 7") << QByteArray("desk 7");
        QTest::newRow("many bytes") << QByteArray("Füße 机 😀") << QByteArray("Füße 机 😀");
        QTest::newRow("controls") << QByteArray("a\tb\x1b[31m\x7f") << QByteArray("a b [31m ");
        QTest::newRow("C1") << QByteArray("a\xc2\x9b") << QByteArray("a ");
        QTest::newRow("direction") << QByteArray("a\u202eb\u2066c\u200f") << QByteArray("a b c ");
        QTest::newRow("line separator") << QByteArray("a\u2028b") << QByteArray("a b");
        QTest::newRow("Latin-1") << QByteArray("F\xfc\xdf") << QByteArray("F??");
        QTest::newRow("cut") << QByteArray("a\xe6\x9c") << QByteArray("a??");
        QTest::newRow("longer than needed") << QByteArray("\xc0\xaf\xe0\x80\xaf") << QByteArray("?????");
        QTest::newRow("half a pair") << QByteArray("\xed\xa0\x80") << QByteArray("???");
        QTest::newRow("beyond Unicode") << QByteArray("\xf4\x90\x80\x80") << QByteArray("????");
    }
    void words_arePlain() {
        QFETCH(QByteArray, typed);
        QFETCH(QByteArray, plain);
        QCOMPARE(QByteArray::fromStdString(plainWords(typed.toStdString(), 1000)), plain);
        QCOMPARE(arePlainWords(typed.toStdString()), typed == plain);
        QVERIFY(arePlainWords(plain.toStdString()));
    }
    void words_areCutBetweenCharacters() {
        QVERIFY(plainWords(text("aü"), 2) == "a");
        QVERIFY(plainWords(text("aü"), 3) == "aü");
        QVERIFY(plainWords(text("😀"), 3).empty());
    }
    void name_isTidied() {
        QVERIFY(tidyName("  desk 7\n") == "desk 7");
        QVERIFY(tidyName("") == "worker");
        QVERIFY(tidyName("\t \n") == "worker");
        QVERIFY(tidyName(std::string(63, 'x') + " y") == std::string(63, 'x'));
        std::string umlauts;
        for (int i = 0; i < 100; ++i) umlauts += "ü";
        QCOMPARE(tidyName("x" + umlauts).size(), std::size_t{63});
        QVERIFY(readControlMessage(toText(Rename{tidyName(std::string(1000, '\xff'))})).ok());
    }
};

QTEST_GUILESS_MAIN(TestWire)
#include "tst_wire.moc"
