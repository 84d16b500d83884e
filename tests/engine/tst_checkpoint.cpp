// A run written down and read again: all of it, whole or not at all, and never anything that is damaged.
#include <QtTest>
#include <boost/json/parse.hpp>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "tests/support/checkpoint_parts.h"

using namespace rondo;
using namespace rondo::test;
namespace json = boost::json;

namespace {

std::string errorOf(const Bytes& bytes) {
    const auto read = decodeCheckpoint(bytes);
    return read ? "" : read.error();
}

void contains(const std::string& text, const std::string& part) {
    QVERIFY2(text.find(part) != std::string::npos, qPrintable(QString::fromStdString(text)));
}

class Folder {
  public:
    std::string file(const char* name) const { return folder_.filePath(name).toStdString(); }
    std::vector<std::string> names() const {
        std::vector<std::string> names;
        for (const auto& entry : std::filesystem::directory_iterator(folder_.path().toStdString()))
            names.push_back(entry.path().filename().string());
        return names;
    }

  private:
    QTemporaryDir folder_;
};

void writeFile(const std::string& file, const std::string& text) {
    std::ofstream(file, std::ios::binary) << text;
}

}  // namespace

class TestCheckpoint : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void checkpoint_comesBackAsItWas() {
        const Checkpoint made = madeCheckpoint();
        const Bytes bytes = encodeCheckpoint(made);
        const auto read = decodeCheckpoint(bytes);
        QVERIFY2(read.ok(), qPrintable(QString::fromStdString(read ? "" : read.error())));
        QCOMPARE(encodeCheckpoint(*read), bytes);
        QCOMPARE(read->spec, made.spec);
        QCOMPARE(read->stepsDone, made.stepsDone);
        QCOMPARE(read->place, made.place);
        QCOMPARE(read->states.own, made.states.own);  // no NaN there
        QCOMPARE(read->states.common.counts, made.states.common.counts);
        QCOMPARE(read->states.common.floats.size(), made.states.common.floats.size());
        for (std::size_t i = 0; i < made.states.common.floats.size(); ++i) {
            const auto& [name, a] = read->states.common.floats[i];
            const auto& [wanted, b] = made.states.common.floats[i];
            QCOMPARE(name, wanted);
            QVERIFY(a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * 4) == 0);
        }
        QVERIFY(read->books.worlds.at(0).ranks == made.books.worlds[0].ranks);
        QCOMPARE(read->books.worlds[0].workers, 2);
        QCOMPARE(read->books.worlds[1].ranks.size(), 1u);
        const auto& history = read->books.history;
        QCOMPARE(history.size(), 3u);
        QCOMPARE(history[0].seconds, 0.1 + 0.2);  // to the last bit
        QVERIFY(std::memcmp(&history[2].seconds, &made.books.history[2].seconds, sizeof(double)) == 0);
        QVERIFY(history[1].trainLoss && std::isnan(*history[1].trainLoss) && !history[1].testAccuracy);
        QCOMPARE(*history[2].trainLoss, std::numeric_limits<double>::infinity());
        QCOMPARE(*history[1].consensusDistance, 1e-300);
        QCOMPARE(read->books.seconds, made.books.seconds);
        QCOMPARE(read->books.bubbleSum, made.books.bubbleSum);
        QCOMPARE(read->books.bubbleSteps, std::int64_t{4});
        QCOMPARE(read->books.samples, made.books.samples);
    }

    void everyKindOfRun_comesBack() {
        Checkpoint made = madeCheckpoint();
        for (const AlgorithmSpec& algorithm :
             {AlgorithmSpec(GossipAlgorithm{}), AlgorithmSpec(ParameterServerAlgorithm{}),
              AlgorithmSpec(PipelineAlgorithm{}), AlgorithmSpec(SingleAlgorithm{})}) {
            made.spec = {};
            made.spec.algorithm = algorithm;
            made.spec.stop.steps = 10;
            made.spec.workers = std::holds_alternative<SingleAlgorithm>(algorithm) ? 1 : 3;
            const auto read = decodeCheckpoint(encodeCheckpoint(made));
            QVERIFY2(read.ok(), qPrintable(QString::fromStdString(read ? "" : read.error())));
            QCOMPARE(read->spec, made.spec);
        }
    }

    void emptyStates_comeBack() {
        Checkpoint made;
        made.spec.stop.steps = 1;
        made.states = together({RankState{}, RankState{3, {{"weights", {}}}, {}}}, 2);
        const auto read = decodeCheckpoint(encodeCheckpoint(made));
        QVERIFY2(read.ok(), qPrintable(QString::fromStdString(read ? "" : read.error())));
        QCOMPARE(read->states, made.states);
    }

    void whatIsTheSameAtAllWorkers_isKeptOnce() {
        const auto few = encodeCheckpoint(madeCheckpoint(3)), many = encodeCheckpoint(madeCheckpoint(100));
        Checkpoint big = madeCheckpoint(3);
        big.states.common.floats[0].second.resize(1'000'000);
        QVERIFY(encodeCheckpoint(big).size() < 4'100'000);
        QVERIFY(many.size() - few.size() < 97 * 400);  // what is each one's own: 20 floats and their names
        // Servers have others, and don't take part in it.
        std::vector<RankState> states(3, RankState{5, {{"weights", {1, 2}}}, {}});
        states.push_back({5, {{"weights", {2}}}, {{"optimizer.updates", 9}}});
        const auto kept = states;
        const StatesOfRanks all = together(std::move(states), 3);
        QCOMPARE(all.common.floats.size(), 1u);
        for (int rank = 0; rank < 4; ++rank)
            QCOMPARE(all.of(Rank{rank}), kept[static_cast<std::size_t>(rank)]);
        QCOMPARE(all.ofNewcomer(), kept[0]);
    }

    void whatDiffersByOneBit_isKeptApart() {
        std::vector<RankState> states(2, RankState{5, {{"weights", {1, 0.0f}}}, {{"updates", 1}}});
        states[1].floats[0].second[1] = -0.0f;
        states[1].counts[0].second = 2;
        const StatesOfRanks all = together(states, 2);
        QVERIFY(all.common.floats.empty() && all.common.counts.empty());
        QVERIFY(std::signbit(all.of(Rank{1}).floats[0].second[1]));
        QVERIFY(!std::signbit(all.of(Rank{0}).floats[0].second[1]));
    }

    void whatIsOwn_isNobodyElses_thoughAllAreEqual() {
        const RankState state{1, {{"own.compression.error.0", {1}}}, {{"own.compression.random", 3}}};
        const StatesOfRanks all = together({state, state}, 2);
        QCOMPARE(all.of(Rank{1}), state);
        QCOMPARE(all.ofNewcomer(), (RankState{1, {}, {}}));
    }

    void anyReaderOfTheFormat_findsTheTensors() {
        // By the rules of safetensors: lengths and offsets in the header, no gaps, no overlap.
        CheckpointParts parts;
        std::map<std::size_t, std::size_t> ranges;
        for (const auto& [name, tensor] : parts.header) {
            if (name == "__metadata__") {
                for (const auto& [key, value] : tensor.as_object()) QVERIFY(value.is_string());
                continue;
            }
            const auto& offsets = tensor.at("data_offsets").as_array();
            ranges[offsets[0].to_number<std::size_t>()] = offsets[1].to_number<std::size_t>();
        }
        std::size_t end = 0;
        for (const auto& [from, to] : ranges) {
            QCOMPARE(from, end);
            end = to;
        }
        QCOMPARE(end, parts.data.size() + 32);
        const auto& velocity = parts.header.at("all/optimizer.velocity");
        QCOMPARE(velocity.at("dtype").as_string(), "F32");
        const auto at = velocity.at("data_offsets").as_array()[0].to_number<std::size_t>();
        std::vector<float> values(33);
        std::memcpy(values.data(), parts.data.data() + at, 33 * 4);
        QCOMPARE(values, gaussian(33, 2));
        QVERIFY(parts.header.contains("2/own.compression.error.0"));
        QCOMPARE(errorOf(parts.together()), "");  // as the tests below put it together
    }

    void fileIsReplaced_wholeAndWithNothingLeftBeside() {
        const Folder folder;
        const std::string file = folder.file("run.safetensors");
        writeFile(file, std::string(100'000, 'x'));
        QCOMPARE(writeCheckpoint(file, madeCheckpoint()), Problems{});
        QCOMPARE(folder.names(), std::vector<std::string>{"run.safetensors"});
        const auto read = readCheckpoint(file);
        QVERIFY(read.ok());
        QCOMPARE(encodeCheckpoint(*read), encodeCheckpoint(madeCheckpoint()));
    }

    void fileThatCannotBeWritten_leavesTheOldOne() {
        const Folder folder;
        const std::string file = folder.file("run.safetensors");
        std::filesystem::create_directory(file);  // can't be replaced by a file
        writeFile(file + "/inside", "x");
        const Problems problems = writeCheckpoint(file, madeCheckpoint());
        QCOMPARE(problems.size(), 1u);
        QCOMPARE(problems[0].where, file);
        contains(problems[0].what, "can't be written");
        QCOMPARE(folder.names(), std::vector<std::string>{"run.safetensors"});
        QVERIFY(std::filesystem::exists(file + "/inside"));
        QCOMPARE(writeCheckpoint(folder.file("no/such/folder"), madeCheckpoint()).size(), 1u);
        // A full disk, found on the way.
        QCOMPARE(writeCheckpoint("/dev/full/x", madeCheckpoint()).size(), 1u);
    }

    void problem_namesTheFile() {
        const Folder folder;
        const std::string none = folder.file("none");
        QCOMPARE(readCheckpoint(none).problems(), (Problems{{none, "no such file"}}));
        QCOMPARE(readCheckpoint(folder.file("")).problems().size(), 1u);
        const std::string file = folder.file("cut");
        const std::string whole = plainText(encodeCheckpoint(madeCheckpoint()));
        writeFile(file, whole.substr(0, whole.size() - 5));
        const std::string error = readCheckpoint(file).error();
        contains(error, file + ": byte ");
        contains(error, "the header speaks of");
        writeFile(file, "");
        contains(readCheckpoint(file).error(), file + ": 0 bytes, too short for a checkpoint");
    }

    void everyChangedBit_isNoticed() {
        const Bytes whole = encodeCheckpoint(madeCheckpoint());
        for (std::size_t at = 0; at < whole.size(); ++at) {
            Bytes bytes = whole;
            bytes[at] ^= static_cast<std::byte>(1 << (at % 8));
            QVERIFY2(!errorOf(bytes).empty(), qPrintable(QString::number(at)));
        }
    }

    void everyMissingEnd_isNoticed() {
        const Bytes whole = encodeCheckpoint(madeCheckpoint());
        for (std::size_t size = 0; size < whole.size(); ++size)
            QVERIFY(
                !errorOf(Bytes(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size))).empty());
        Bytes longer = whole;
        longer.push_back(std::byte{0});
        contains(errorOf(longer), "bytes of data, the header speaks of");
    }

    void changedWeight_isSaidToBeOne() {
        Bytes bytes = encodeCheckpoint(madeCheckpoint());
        bytes[bytes.size() - 40] ^= std::byte{1};
        contains(errorOf(bytes), "byte " + std::to_string(bytes.size() - 32) + ": the SHA-256");
    }

    void hugeLengths_takeNoMemory() {
        // Of the header, then of a tensor: refused before anything of that size is made.
        Bytes bytes = encodeCheckpoint(madeCheckpoint());
        for (std::size_t i = 0; i < 8; ++i) bytes[i] = std::byte{0xff};
        contains(errorOf(bytes), "byte 0: a header of 18446744073709551615 bytes");
        CheckpointParts parts;
        parts.header["all/weights"] = {{"dtype", "F32"},
                                       {"shape", {std::int64_t{1} << 60}},
                                       {"data_offsets", {0, std::int64_t{1} << 62}}};
        contains(errorOf(parts.together()), "belong to no tensor, or to two");
    }

    void wrongTensors_areRefused_data() {
        QTest::addColumn<QString>("tensor");
        QTest::addColumn<QString>("reason");
        const auto row = [](const char* name, const char* tensor, const char* reason) {
            QTest::addRow("%s", name) << tensor << reason;
        };
        row("no object", "7", "is not an object");
        row("no shape", R"({"dtype":"F32","data_offsets":[0,132]})", "no shape of one dimension");
        row("matrix", R"({"dtype":"F32","shape":[3,11],"data_offsets":[0,132]})",
            "no shape of one dimension");
        row("half", R"({"dtype":"F16","shape":[66],"data_offsets":[0,132]})", "of another dtype");
        row("short", R"({"dtype":"F32","shape":[32],"data_offsets":[0,132]})", "don't fit its shape");
        row("odd", R"({"dtype":"F32","shape":[33],"data_offsets":[0,133]})", "don't fit its shape");
        row("backwards", R"({"dtype":"F32","shape":[33],"data_offsets":[132,0]})", "can't be");
        row("negative", R"({"dtype":"F32","shape":[-33],"data_offsets":[0,132]})", "can't be");
        row("fraction", R"({"dtype":"F32","shape":[33.5],"data_offsets":[0,132]})", "can't be");
        row("overlap", R"({"dtype":"F32","shape":[34],"data_offsets":[0,136]})", "or to two");
        row("gap", R"({"dtype":"F32","shape":[32],"data_offsets":[4,132]})", "belong to no tensor");
    }
    void wrongTensors_areRefused() {
        QFETCH(QString, tensor);
        QFETCH(QString, reason);
        CheckpointParts parts;
        parts.header["all/weights"] = json::parse(tensor.toStdString());
        contains(errorOf(parts.together()), reason.toStdString());
    }

    void tensorsOfNoRank_areRefused() {
        for (const char* name : {"3/weights", "weights", "-1/weights", "1weights", "/weights", "",
                                 "99999999999999999999/weights", "1"}) {
            CheckpointParts parts;
            parts.header[name] = {{"dtype", "F32"}, {"shape", {0}}, {"data_offsets", {0, 0}}};
            contains(errorOf(parts.together()), "of no rank");
        }
    }

    void otherFiles_areSaidToBeOther() {
        CheckpointParts parts;
        parts.header["__metadata__"].as_object()["version"] = "2";
        contains(errorOf(parts.together()), "a checkpoint of version 2, this Rondo reads version 1");
        parts.header["__metadata__"].as_object()["format"] = "pt";
        contains(errorOf(parts.together()), "not a checkpoint of Rondo");
        parts.header.erase("__metadata__");
        parts.header["__metadata__"] = json::object();
        contains(errorOf(parts.together()), "not a checkpoint");
        contains(errorOf(bytesOf(std::string(1000, '{'))), "a header of");
        std::string text(100, ' ');
        const std::uint64_t length = 10;
        std::memcpy(text.data(), &length, 8);
        text.replace(8, 3, "[1,");
        contains(errorOf(bytesOf(text)), "the header is not JSON");
    }

    void wrongPlainValues_areRefusedByName_data() {
        QTest::addColumn<QString>("path");
        QTest::addColumn<QString>("value");
        QTest::addColumn<QString>("problem");
        const auto row = [](const char* path, const char* value, const char* problem) {
            QTest::addRow("%s=%s", path, value) << path << value << problem;
        };
        row("steps_done", "-1", "steps_done: -1, expected 0 to");
        row("steps_done", "3000000000", "steps_done: more than any run has");
        row("steps_done", "1.5", "steps_done: 1.5, expected");
        row("place.epoch", "\"1\"", "place.epoch:");
        row("place.used", "-1", "place.used:");
        row("spec.workers", "0", "spec.workers: 0, expected");
        row("spec.model.kind", "\"giant\"", "spec.model.kind:");
        row("spec", "7", "spec: 7, expected an object");
        row("workers", "4", "workers: 4");
        row("ranks.1.counts.x", "true", "ranks.1.counts.x: true, expected a whole number");
        row("ranks.0", "null", "ranks.0: null, expected an object");
        row("common.steps_done", "\"\"", "common.steps_done:");
        row("books.seconds", "12.5", "books.seconds: 12.5, expected a number as a text");
        row("books.seconds", "\"12.5x\"", "books.seconds:");
        row("books.seconds", "\"\"", "books.seconds:");
        row("books.samples", "-4", "books.samples:");
        row("books.worlds.0.workers", "4", "books.worlds.0.workers: 4, expected at most 3");
        row("books.worlds.0.ranks.0.sent_to", "[[3,1,1,1]]", "books.worlds.0: a message to rank 3 of 3");
        row("books.worlds.0.ranks.0.sent_to", "[[1,1,1,1],[1,1,1,1]]", "links in order of rank");
        row("books.worlds.0.ranks.0.sent_to", "[[1,1,1]]", "books.worlds.0.ranks.0.sent_to.0:");
        row("books.worlds.0.ranks.0.sent_to", "[[1,4611686018427387904,1,1]]", "books: counts that no run");
        row("books.worlds.0.ranks.0.staleness", "[4611686018427387904]", "books: counts that no run");
        row("books.worlds.0.ranks.0.phase_seconds", "[]", "expected a list of 11");
        row("books.worlds.0.ranks.0.faults.0.kind", "\"flood\"", "expected a kind of fault");
        row("books.worlds.0.ranks.0.last_step_ended_ps", "9000000000000000000", "last_step_ended_ps:");
        row("books.history.0", "[]", "books.history.0: [], expected an object");
    }
    void wrongPlainValues_areRefusedByName() {
        QFETCH(QString, path);
        QFETCH(QString, value);
        QFETCH(QString, problem);
        CheckpointParts parts;
        json::value plain = parts.plain;
        json::value* place = &plain;
        for (const QString& key : path.split('.'))
            place = place->is_array() ? &place->as_array().at(key.toUInt())
                                      : &place->as_object()[key.toStdString()];
        *place = json::parse(value.toStdString());
        parts.plain = plain.as_object();
        contains(errorOf(parts.together()), problem.toStdString());
    }

    void missingValues_areRefusedByName() {
        for (const char* key : {"spec", "steps_done", "place", "workers", "common", "ranks", "books"}) {
            CheckpointParts parts;
            parts.plain.erase(key);
            contains(errorOf(parts.together()), std::string(key) + ": missing");
        }
    }
};

QTEST_GUILESS_MAIN(TestCheckpoint)
#include "tst_checkpoint.moc"
