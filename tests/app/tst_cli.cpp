// The command line as its users call it: exit codes, messages, files.
#include <signal.h>

#include <QtTest>

#include "tests/support/cli.h"

using namespace rondo::test;

class TestCli : public QObject {
    Q_OBJECT
    QTemporaryDir folder_;
    QString at(const char* name) const { return folder_.filePath(name); }

    void write(const QString& file, const QByteArray& bytes) {
        QFile out(file);
        QVERIFY(out.open(QIODevice::WriteOnly));
        out.write(bytes);
    }

  private Q_SLOTS:
    void welcome_reachesNinetyPercent() {
        const Outcome outcome = call({"run", kRuns + "welcome.json", "--json", "--quiet"});
        QVERIFY2(outcome.code == 0, qPrintable(outcome.err));
        const QJsonObject report = outcome.json();
        QCOMPARE(report["status"].toString(), "finished");
        QVERIFY2(report["test_accuracy"].toDouble() >= 0.90, qPrintable(outcome.out.left(2000)));
    }

    void mnistFolder_reachesNinetyTwoPercent() {
        const QString mnist = RONDO_ROOT "/../shared/data/mnist-10k";
        if (!QFileInfo::exists(mnist)) QSKIP("no ../shared/data/mnist-10k here");
        const Outcome outcome =
            call({"run", kRuns + "mnist-folder.json", "--json", "--quiet", "--set", "data.path=" + mnist});
        QVERIFY2(outcome.code == 0, qPrintable(outcome.err));
        QVERIFY(outcome.json()["test_accuracy"].toDouble() >= 0.92);
    }

    void report_hasEveryNameOfTheContract() {
        const Outcome outcome = call(quick({"--json"}));
        QVERIFY2(outcome.code == 0, qPrintable(outcome.err));
        const QJsonObject report = outcome.json();
        for (const char* name :
             {"status", "spec", "steps", "rounds", "test_accuracy", "test_loss", "train_loss", "seconds",
              "wall_seconds", "samples_per_second", "parameters", "weights_sha256", "weights_l2", "update_l2",
              "history", "traffic", "phases", "predicted", "events_dropped"})
            QVERIFY2(report.contains(name), name);
        QCOMPARE(report["history"].toArray().size(), 2);
        for (const char* name : {"step", "round", "seconds", "payload_bytes", "train_loss", "test_accuracy"})
            QVERIFY2(report["history"][0].toObject().contains(name), name);
        for (const char* name : {"payload_bytes", "wire_bytes", "messages", "per_rank", "links"})
            QVERIFY2(report["traffic"].toObject().contains(name), name);
        for (const char* phase :
             {"preprocess", "partition", "load", "forward", "backward_input", "synchronise", "update"})
            QVERIFY2(report["phases"]["0"].toObject().contains(phase), phase);
        QVERIFY2(!outcome.err.contains("\033"), "no terminal, no escape codes");
    }

    void textReport_tellsOfCompressionStalenessAndFaults() {
        const QStringList base{"run", kRuns + "server-async.json", "--quiet", "--set", "stop.steps=20"};
        const Outcome outcome =
            call(base + QStringList{"--set", "compression.kind=half", "--set",
                                    R"(faults=[{"kind":"pause","worker":2,"at_step":5,"for_seconds":0.1}])"});
        QVERIFY2(outcome.code == 0, qPrintable(outcome.err));
        for (const char* words : {"2 times fewer bytes (theory says 2)", "updates on average, at most",
                                  "pause: worker 2 at ", "step 5, for 0.1 s", "(theory without faults says "})
            QVERIFY2(outcome.out.contains(words), qPrintable(words + QString(" in ") + outcome.out));
    }

    void deadlock_isToldWholeAndIsAFailedRun() {
        const Outcome outcome = call({"run", kRuns + "break-send-first.json", "--quiet"});
        QCOMPARE(outcome.code, 1);
        QVERIFY2(outcome.out.contains("rank 3 waits for a message from rank 0\n"), qPrintable(outcome.out));
    }

    void schedule_saysWhatIsPublished_andNamesWhatIsImpossible() {
        const QStringList published{"schedule", "--stages",
                                    "8",        "--micro-batches",
                                    "24",       "--forward",
                                    "29.718",   "--backward-input",
                                    "29.444",   "--backward-weight",
                                    "19.927",   "--message",
                                    "0.527",    "--json"};
        const Outcome zb = call(published + QStringList{"--kind", "zb_h1", "--svg", at("zb.svg")});
        QVERIFY2(zb.code == 0, qPrintable(zb.err));
        QCOMPARE(qRound(zb.json()["bubble_rate"].toDouble() * 1e4), 1323);
        QCOMPARE(zb.json()["stages"].toArray().size(), 8);
        QCOMPARE(zb.json()["peak_activations"].toArray().size(), 8);
        QFile picture(at("zb.svg"));
        QVERIFY(picture.open(QIODevice::ReadOnly) && picture.readAll().startsWith("<svg "));

        QCOMPARE(call({"schedule", "--kind", "zb_h3"}).code, 2);
        QVERIFY(call({"schedule", "--kind", "zb_h3"}).err.contains("--kind: zb_h3, expected vanilla, gpipe"));
        QCOMPARE(call({"schedule", "--kind", "gpipe", "--stages", "0"}).code, 2);
        QCOMPARE(call({"schedule", "--kind", "gpipe", "--forward", "-1"}).code, 2);
        write(at("hand.txt"), "F0 BW0\nF0 W0 B0\n");
        const Outcome hand = call({"schedule", "--file", at("hand.txt")});
        QCOMPARE(hand.code, 2);
        QVERIFY2(hand.err.contains("stage 1: W0 can never begin: it waits for B0 of stage 1"),
                 qPrintable(hand.err));
    }

    void schedule_repeatsFreezesAndTakesTimesOfEachStage() {
        const auto told = [&](const QStringList& more) {
            const Outcome outcome = call(QStringList{"schedule", "--json"} + more);
            return outcome.code == 0 ? outcome.json() : QJsonObject{{"error", outcome.err}};
        };
        const QJsonObject steps = told({"--kind", "zb_h2", "--steps", "3"});
        QCOMPARE(steps["bubble_fractions"].toArray(), (QJsonArray{0, 0, 0}));
        QCOMPARE(steps["cost"].toDouble(), 3 * 24.0);
        const QJsonObject again = told({"--kind", "gpipe", "--recompute"});
        QCOMPARE(again["cost"].toDouble(), (8 + 3) * 4.0);
        QCOMPARE(again["peak_activations"].toArray(), (QJsonArray{1, 1, 1, 1}));
        QCOMPARE(again["peak_inputs"].toArray(), (QJsonArray{8, 8, 8, 8}));
        const QJsonObject frozen = told({"--kind", "gpipe", "--frozen", "3"});
        QCOMPARE(frozen["peak_activations"].toArray(), (QJsonArray{0, 0, 0, 8}));
        QVERIFY(!frozen.contains("theory"));
        // Every closed form beside what was played.
        const QJsonObject plain = told({"--kind", "1f1b"});
        const QJsonObject first = plain["theory"].toArray().first().toObject();
        QCOMPARE(first["name"].toString(), "bubble of total time");
        QVERIFY(qAbs(first["value"].toDouble() - plain["bubble_rate"].toDouble()) < 1e-12);

        write(at("times.txt"), "# forward B W message\n1 1 1 0.5\n1 1 1\n98 98 98\n");
        const QJsonObject uneven =
            told({"--kind", "gpipe", "--stages", "3", "--micro-batches", "4", "--times", at("times.txt")});
        QCOMPARE(uneven["cost"].toDouble(), 2.5 + 4 * 294 + 4.5);
        write(at("order.txt"), "F0 F1 BW0 BW1 / F0 BW0 F1 BW1\n");
        QCOMPARE(told({"--file", at("order.txt")})["stages"].toArray().size(), 2);
    }

    void badInput_isExitCodeTwoWithItsOwnMessage_data() {
        QTest::addColumn<QStringList>("arguments");
        QTest::addColumn<QString>("message");
        const auto row = [](const char* name, const QStringList& arguments, const char* message) {
            QTest::newRow(name) << arguments << QString(message);
        };
        row("unknown key", quick({"--set", "btach=3"}), "btach: unknown setting");
        row("negative batch", quick({"--set", "batch=-3"}), "batch: -3, expected 1 to");
        row("no workers", quick({"--set", "workers=0"}), "workers: 0, expected 1 to");
        row("missing folder", quick({"--set", "data={\"kind\":\"idx\",\"path\":\"/no/such\"}"}), "/no/such");
        row("missing file", {"run", "/no/such.json"}, "/no/such.json: no such file");
        row("endless file", {"run", "/dev/zero"}, "larger than 16 MB");
        row("kind of another model", quick({"--set", "model.hidden=[3]"}), "model.hidden: unknown setting");
        row("thousands of threads", quick({"--set", "workers=4000"}), "workers: 4000, expected at most 256");
        row("device slower than any", quick({"--set", "cluster.device_gflops=1e-12"}),
            "cluster.device_gflops: 1E-12, expected 0.001 to");
        row("folder as settings", {"run", "/tmp"}, "/tmp: is a folder");
        row("bad assignment", quick({"--set", "workers"}), "expected path=value");
        row("report nowhere", quick({"--report", "/no/such/report.json"}), "--report: no such folder");
        row("interleaved, not whole groups",
            {"schedule", "--kind", "interleaved", "--micro-batches", "6", "--chunks", "2"},
            "micro_batches: 6, expected a multiple of the 4 stages with interleaved, such as 4");
        row("all frozen", {"schedule", "--kind", "gpipe", "--frozen", "4"}, "frozen: 4, expected 0 to 3");
        row("no schedule", {"schedule"}, "--kind: not given, expected vanilla, gpipe");
        row("a schedule too large",
            {"schedule", "--kind", "1f1b", "--stages", "1024", "--micro-batches", "65536"},
            "expected at most 5000000");
        row("unknown command", {"dance"}, "");
        row("no command", {}, "");
        row("unknown bench", {"bench", "nothing"}, "");
        row("missing recording", {"replay", "/no/such.rondo"}, "/no/such.rondo");
    }
    void badInput_isExitCodeTwoWithItsOwnMessage() {
        QFETCH(QStringList, arguments);
        QFETCH(QString, message);
        const Outcome outcome = call(arguments);
        QCOMPARE(outcome.code, 2);
        QVERIFY2(outcome.err.contains(message), qPrintable(outcome.err));
    }

    void textThatIsNotJson_isToldWithItsPlace() {
        write(at("bad.json"), "{\n  \"workers\": 4,\n  oops\n}");
        const Outcome outcome = call({"run", at("bad.json")});
        QCOMPARE(outcome.code, 2);
        QVERIFY2(outcome.err.contains("bad.json: not JSON") && outcome.err.contains("line 3"),
                 qPrintable(outcome.err));
    }

    void keyGivenTwice_isRefused() {
        write(at("twice.json"), R"({"batch": 32, "stop": {"steps": 3}, "batch": 64})");
        const Outcome outcome = call({"run", at("twice.json")});
        QCOMPARE(outcome.code, 2);
        QVERIFY2(outcome.err.contains("twice.json: batch: is given twice"), qPrintable(outcome.err));
    }

    void failedRun_reportsWhatItHadAndSparesTheWeightsFile() {
        write(at("precious.safetensors"), "weights of an earlier run");
        // A message of 28 hours: virtual time ends after some steps.
        const Outcome outcome =
            call(quick({"--json", "--set", "run_on=virtual", "--set", "cluster.times.message_ms=1e8",
                        "--weights", at("precious.safetensors")}));
        QCOMPARE(outcome.code, 1);
        const QJsonObject report = outcome.json();
        QCOMPARE(report["status"].toString(), "failed");
        QVERIFY2(report["error"].toString().contains("50 days"), qPrintable(outcome.out));
        QVERIFY2(report["steps"].toInt() > 0, qPrintable(outcome.out));
        QVERIFY(report["traffic"]["payload_bytes"].toInteger() > 0);
        QFile weights(at("precious.safetensors"));
        QVERIFY(weights.open(QIODevice::ReadOnly));
        QCOMPARE(weights.readAll(), QByteArray("weights of an earlier run"));
    }

    void reportFile_isWrittenAlsoWhenNobodyReadsTheOutput() {
        const QString command =
            "'" + kCli + "' '" + quick({"--quiet", "--json", "--report"}).join("' '") + "' '";
        QCOMPARE(QProcess::execute("sh", {"-c", command + at("piped.json") + "' | true"}), 0);
        QTRY_VERIFY_WITH_TIMEOUT(QFileInfo(at("piped.json")).size() > 1000, 60'000);
        QCOMPARE(QProcess::execute("sh", {"-c", command + at("full.json") + "' >/dev/full 2>/dev/null"}), 1);
        QVERIFY(QFileInfo(at("full.json")).size() > 1000);
    }

    void brokenIdxFiles_areToldOneByOne_data() {
        QTest::addColumn<QByteArray>("images");
        QTest::addColumn<QByteArray>("labels");
        QTest::addColumn<QString>("file");
        const auto header = [](std::initializer_list<quint32> words) {
            QByteArray bytes;
            for (const quint32 word : words)
                for (const int shift : {24, 16, 8, 0}) bytes += static_cast<char>(word >> shift);
            return bytes;
        };
        const QByteArray images = header({0x803, 2, 28, 28}) + QByteArray(2 * 784, 1),
                         labels = header({0x801, 2}) + QByteArray(2, 1);
        QTest::newRow("truncated") << images.chopped(5) << labels << "train-images-idx3-ubyte";
        QTest::newRow("more labels than images")
            << images << header({0x801, 3}) + QByteArray(3, 1) << "train-labels-idx1-ubyte";
        QTest::newRow("4 GB in the header") << header({0x803, 0xffffffffu, 28, 28}) + QByteArray(784, 1)
                                            << labels << "train-images-idx3-ubyte";
        QTest::newRow("wrong magic") << header({0x805, 2, 28, 28}) + QByteArray(2 * 784, 1) << labels
                                     << "train-images-idx3-ubyte";
        QTest::newRow("empty") << QByteArray() << labels << "train-images-idx3-ubyte";
    }
    void brokenIdxFiles_areToldOneByOne() {
        QFETCH(QByteArray, images);
        QFETCH(QByteArray, labels);
        QFETCH(QString, file);
        const QString data = at("idx");
        QDir().mkpath(data);
        for (const char* set : {"train", "t10k"}) {
            write(data + "/" + set + "-images-idx3-ubyte", images);
            write(data + "/" + set + "-labels-idx1-ubyte", labels);
        }
        const Outcome outcome = call(quick({"--set", "data={\"kind\":\"idx\",\"path\":\"" + data + "\"}"}));
        QCOMPARE(outcome.code, 2);
        QVERIFY2(outcome.err.contains(file), qPrintable(outcome.err));
    }

    void recording_replaysToTheSameReport_andACutOneOpensUpToTheCut() {
        const Outcome run = call(quick({"--json", "--record", at("run.rondo")}));
        QVERIFY2(run.code == 0, qPrintable(run.err));
        const Outcome replay = call({"replay", at("run.rondo"), "--json"});
        QVERIFY2(replay.code == 0, qPrintable(replay.err));
        QCOMPARE(replay.json()["weights_sha256"], run.json()["weights_sha256"]);

        QFile file(at("run.rondo"));
        QVERIFY(file.open(QIODevice::ReadOnly));
        const QByteArray bytes = file.readAll();
        write(at("cut.rondo"), bytes.first(bytes.size() - 7));
        const Outcome cut = call({"replay", at("cut.rondo")});
        QCOMPARE(cut.code, 2);
        QVERIFY2(cut.err.contains("cut.rondo"), qPrintable(cut.err));
        QVERIFY2(cut.out.contains("events"), qPrintable(cut.out));

        write(at("not.rondo"), "this is no recording at all");
        QCOMPARE(call({"replay", at("not.rondo")}).code, 2);
    }

    void ctrlC_stopsCleanlyAndStillReports() {
        QProcess process;
        process.start(kCli, {"run", kRuns + "welcome.json", "--set", "stop.steps=1000000", "--report",
                             at("stopped.json"), "--json"});
        QVERIFY(process.waitForStarted());
        QByteArray heard;
        QTRY_VERIFY_WITH_TIMEOUT((heard += process.readAllStandardError()).contains("step     50"), 60'000);
        ::kill(static_cast<pid_t>(process.processId()), SIGINT);
        QVERIFY(process.waitForFinished(60'000));
        QCOMPARE(process.exitCode(), 0);
        QFile report(at("stopped.json"));
        QVERIFY(report.open(QIODevice::ReadOnly));
        const auto json = QJsonDocument::fromJson(report.readAll()).object();
        QCOMPARE(json["status"].toString(), "stopped");
        QVERIFY(json["steps"].toInt() >= 50);
        QVERIFY(json["test_accuracy"].isDouble());
    }

    void recordingOfAKilledRun_losesSecondsAtMost() {
        QProcess process;
        process.start(kCli, {"run", kRuns + "welcome.json", "--set", "stop.steps=1000000", "--record",
                             at("killed.rondo")});
        QVERIFY(process.waitForStarted());
        QByteArray heard;
        QTRY_VERIFY_WITH_TIMEOUT((heard += process.readAllStandardError()).contains("step    150"), 60'000);
        QTRY_VERIFY_WITH_TIMEOUT(QFileInfo(at("killed.rondo")).size() > 10'000, 10'000);
        process.kill();
        QVERIFY(process.waitForFinished());
        const Outcome replay = call({"replay", at("killed.rondo"), "--json"});
        QVERIFY2(replay.json()["steps"].toInt() > 10, qPrintable(replay.out + replay.err));
    }

    void weights_areASafetensorsFileOfAllParameters() {
        const Outcome run = call(quick({"--json", "--weights", at("weights.safetensors")}));
        QVERIFY2(run.code == 0, qPrintable(run.err));
        QFile file(at("weights.safetensors"));
        QVERIFY(file.open(QIODevice::ReadOnly));
        const QByteArray bytes = file.readAll();
        const auto headerSize = qFromLittleEndian<quint64>(bytes.constData());
        QVERIFY(headerSize < 10'000);
        const auto header =
            QJsonDocument::fromJson(bytes.mid(8, static_cast<qsizetype>(headerSize))).object();
        QVERIFY(header.contains("fc1.weight"));
        const QByteArray data = bytes.mid(8 + static_cast<qsizetype>(headerSize));
        QCOMPARE(data.size(), run.json()["parameters"].toInteger() * 4);
        QCOMPARE(QString::fromLatin1(QCryptographicHash::hash(data, QCryptographicHash::Sha256).toHex()),
                 run.json()["weights_sha256"].toString());
    }

    void predict_isWhatARunMeasures() {
        const QStringList settings{
            kRuns + "virtual-ring-8.json", "--set", "stop.steps=10", "--set", "data.train=1000", "--json"};
        const auto predicted = call(QStringList{"predict"} + settings).json();
        const auto report = call(QStringList{"run", "--quiet"} + settings).json();
        QVERIFY(predicted["seconds"].toDouble() > 0);
        QVERIFY(qAbs(report["seconds"].toDouble() / predicted["seconds"].toDouble() - 1) < 1e-3);
        QCOMPARE(report["traffic"]["payload_bytes"].toInteger(),
                 predicted["traffic"]["payload_bytes"].toInteger());
    }
};

QTEST_GUILESS_MAIN(TestCli)
#include "tst_cli.moc"
