#include <QTemporaryDir>
#include <QTest>
#include <algorithm>

#include "engine/data/dataset.h"

using namespace rondo;

namespace {

/// The symbols before the mark, and the labels behind it.
struct Task {
    std::vector<std::uint8_t> asked, answered;
};

/// Takes a sample apart, and looks whether its form is right.
Task taskOf(const Samples& samples, std::int64_t sample, const SequencesData& spec) {
    const std::int64_t length = spec.length, positions = 2 * length;
    const auto in = samples.pixels.begin() + sample * positions;
    const auto label = samples.labels.begin() + sample * positions;
    const Task task{{in, in + length}, {label + length, label + positions}};
    for (const auto symbol : task.asked)
        if (symbol >= spec.symbols) qFatal("a symbol that isn't one");
    if (in[length] != spec.symbols) qFatal("no mark");
    if (!std::all_of(label, label + length, [](std::uint8_t l) { return l == kNotCounted; }))
        qFatal("asked before the mark");
    // What is fed behind the mark is what was to be answered before.
    if (!std::equal(in + length + 1, in + positions, task.answered.begin())) qFatal("fed something else");
    return task;
}

}  // namespace

class TestSequences : public QObject {
    Q_OBJECT
    QTemporaryDir folder_;

    std::string file(const QByteArray& text) {
        const QString name = folder_.filePath("text");
        QFile out(name);
        if (!out.open(QIODevice::WriteOnly) || out.write(text) != text.size()) qFatal("no file");
        return name.toStdString();
    }
    static QByteArray alphabet(int repeats) {
        QByteArray text;
        for (int i = 0; i < repeats; ++i) text += "the quick brown fox jumps over the lazy dog\n";
        return text;
    }

  private Q_SLOTS:
    void tasks_areWhatTheyAreCalled_data() {
        QTest::addColumn<bool>("sort");
        QTest::addColumn<int>("length");
        for (const bool sort : {false, true})
            for (const int length : {1, 2, 9})
                QTest::addRow("%s length=%d", sort ? "sort" : "copy", length) << sort << length;
    }
    void tasks_areWhatTheyAreCalled() {
        QFETCH(bool, sort);
        QFETCH(int, length);
        const SequencesData spec{sort ? SequenceTask::Sort : SequenceTask::Copy, length, 7, 200, 50};
        const Dataset data = makeSequences(spec, 3);
        QCOMPARE(data.train.size(), 200);
        QCOMPARE(data.test.size(), 50);
        QCOMPARE(data.train.shape, expectedShape(spec));
        QCOMPARE(data.train.shape.classes, 8);
        std::vector<int> seen(7);
        for (std::int64_t i = 0; i < 200; ++i) {
            Task task = taskOf(data.train, i, spec);
            for (const auto symbol : task.asked) ++seen[symbol];
            if (sort) std::sort(task.asked.begin(), task.asked.end());
            QCOMPARE(task.answered, task.asked);
        }
        for (const int times : seen) QVERIFY(times > 200 * length / 7 / 2);
    }

    void sequences_areOfTheirSeed_andTheirOwn() {
        const SequencesData spec{SequenceTask::Copy, 6, 10, 100, 100};
        const Dataset a = makeSequences(spec, 3), b = makeSequences(spec, 3), c = makeSequences(spec, 4);
        QCOMPARE(a.train.fingerprint(), b.train.fingerprint());
        QVERIFY(a.train.fingerprint() != c.train.fingerprint());
        QVERIFY(a.train.fingerprint() != a.test.fingerprint());
    }

    void symbols_areGatheredAsTheyAre() {
        const SequencesData spec{SequenceTask::Sort, 3, 5, 4, 1};
        const Samples samples = makeSequences(spec, 1).train;
        std::vector<float> in(12);
        std::vector<std::int64_t> labels(12);
        const std::vector<std::int64_t> chosen{2, 0};
        samples.gather(chosen, in);
        samples.gatherLabels(chosen, labels);
        for (std::size_t i = 0; i < 6; ++i) {
            QCOMPARE(in[i], static_cast<float>(samples.pixels[12 + i]));
            QCOMPARE(in[6 + i], static_cast<float>(samples.pixels[i]));
            QCOMPARE(labels[i], samples.labels[12 + i]);
            QCOMPARE(labels[6 + i], samples.labels[i]);
        }
    }

    void text_isCutIntoPieces_eachByteFollowedByTheNext() {
        const QByteArray text = alphabet(40);
        const TextData spec{file(text), 16, 300, 60};
        const Dataset data = readText(spec, 5);
        QCOMPARE(data.train.size(), 300);
        QCOMPARE(data.test.size(), 60);
        QCOMPARE(data.train.shape, (SampleShape{{16}, 28, 16}));  // 26 letters, space, line end
        QByteArray sorted = text;
        std::sort(sorted.begin(), sorted.end());
        sorted.resize(std::unique(sorted.begin(), sorted.end()) - sorted.begin());
        const qsizetype forTraining = text.size() - text.size() / 10;
        for (const auto& [samples, part] : {std::pair(&data.train, text.first(forTraining)),
                                            std::pair(&data.test, text.sliced(forTraining))})
            for (std::int64_t i = 0; i < samples->size(); ++i) {
                QByteArray piece;
                for (int t = 0; t < 16; ++t) {
                    piece += sorted[samples->pixels[static_cast<std::size_t>(16 * i + t)]];
                    if (t > 0)
                        QCOMPARE(samples->labels[static_cast<std::size_t>(16 * i + t - 1)],
                                 samples->pixels[static_cast<std::size_t>(16 * i + t)]);
                }
                piece += sorted[samples->labels[static_cast<std::size_t>(16 * i + 15)]];
                QVERIFY(part.contains(piece));
            }
        QCOMPARE(readText(spec, 5).train.fingerprint(), data.train.fingerprint());
        QVERIFY(readText(spec, 6).train.fingerprint() != data.train.fingerprint());
    }

    void theShortestText_isTaken_andOneShorterIsNot() {
        const QByteArray text = QByteArray("ab").repeated(1000);
        const TextData spec{file(text.first(80)), 7, 5, 5};  // a tenth holds a piece of 7 and the next
        QCOMPARE(readText(spec, 1).test.size(), 5);
        file(text.first(79));
        QVERIFY_EXCEPTION_THROWN(readText(spec, 1), BadInput);
    }

    void badFiles_areNamed_data() {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QString>("what");
        QByteArray allBytes;
        for (int i = 0; i < 25600; ++i) allBytes += static_cast<char>(i);
        QTest::newRow("empty") << QByteArray() << "is empty, expected a text file";
        QTest::newRow("short") << QByteArray("abc") << "has 3 characters, expected more than 320";
        QTest::newRow("one character") << QByteArray(1000, 'x') << "has one character only";
        QTest::newRow("no text") << allBytes << "has 256 different bytes, expected at most 255";
    }
    void badFiles_areNamed() {
        QFETCH(QByteArray, text);
        QFETCH(QString, what);
        const std::string name = file(text);
        try {
            loadDataset(TextData{name}, 1);
            QFAIL("taken");
        } catch (const BadInput& problem) {
            QCOMPARE(problem.problems()[0].where, std::string("data.path"));
            QVERIFY2(QString(problem.what()).contains(what), problem.what());
            QVERIFY(QString(problem.what()).contains(QString::fromStdString(name)));
        }
    }
    void whatIsNoFile_isNamed_data() {
        QTest::addColumn<QString>("path");
        QTest::newRow("missing") << "/no/such/file";
        QTest::newRow("folder") << "/tmp";
    }
    void whatIsNoFile_isNamed() {
        QFETCH(QString, path);
        try {
            loadDataset(TextData{path.toStdString()}, 1);
            QFAIL("taken");
        } catch (const BadInput& problem) {
            QVERIFY2(QString(problem.what()).contains(path), problem.what());
        }
    }
    void anEndlessFile_isRefused_beforeItFillsTheMemory() {
        try {
            loadDataset(TextData{"/dev/zero"}, 1);
            QFAIL("taken");
        } catch (const BadInput& problem) {
            QVERIFY2(QString(problem.what()).contains("is longer than 64 MB"), problem.what());
        }
    }
};

QTEST_GUILESS_MAIN(TestSequences)
#include "tst_sequences.moc"
