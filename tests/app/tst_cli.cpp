// The command line as its users call it: exit codes, messages, files.
#include <signal.h>

#include <QtTest>
#include <set>
#include <tuple>

namespace {

struct Outcome {
    int code = -1;
    QString out, err;
    QJsonObject json() const { return QJsonDocument::fromJson(out.toUtf8()).object(); }
};

const QString kCli = RONDO_BINARIES "/rondo-cli";
const QString kRuns = RONDO_ROOT "/resources/runs/";

Outcome call(const QStringList& arguments) {
    QProcess process;
    process.start(kCli, arguments);
    Outcome outcome;
    if (!process.waitForFinished(120'000)) return outcome;
    outcome.code = process.exitStatus() == QProcess::NormalExit ? process.exitCode() : -process.exitCode();
    outcome.out = QString::fromUtf8(process.readAllStandardOutput());
    outcome.err = QString::fromUtf8(process.readAllStandardError());
    return outcome;
}

QStringList quick(const QStringList& more = {}) {
    return QStringList{"run",   kRuns + "welcome.json", "--set", "data.train=400",   "--set", "data.test=100",
                       "--set", "stop.steps=20",        "--set", "evaluate_every=10"} +
           more;
}

}  // namespace

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

    void sweep_runsAGridAndWritesOneTable() {
        const Outcome outcome = call(quick({"--sweep", "workers=1..2", "--sweep", "seed=1,2", "--json",
                                            "--csv", at("table.csv"), "--report", at("sweep.json")}));
        QVERIFY2(outcome.code == 0, qPrintable(outcome.err));
        QVERIFY2(outcome.err.contains("4/4  workers=2 seed=2  finished, accuracy "), qPrintable(outcome.err));
        const QJsonObject sweep = outcome.json();
        const QJsonArray runs = sweep["runs"].toArray(), table = sweep["table"].toArray(),
                         groups = sweep["groups"].toArray();
        QCOMPARE(runs.size(), 4);
        QCOMPARE(table.size(), 4);
        QCOMPARE(groups.size(), 2);
        for (int run = 0; run < 4; ++run) {
            const QJsonObject spec = runs[run]["spec"].toObject(), row = table[run].toObject();
            QCOMPARE(spec["workers"].toInt(), run / 2 + 1);
            QCOMPARE(spec["seed"].toInt(), run % 2 + 1);
            for (const char* key : {"workers", "seed"}) QCOMPARE(row[key], spec[key]);
            for (const char* key : {"steps", "seconds", "test_accuracy", "train_loss", "status"})
                QCOMPARE(row[key], runs[run][key]);
            QCOMPARE(row["payload_bytes"], runs[run]["traffic"]["payload_bytes"]);
        }
        const double a = table[2]["test_accuracy"].toDouble(), b = table[3]["test_accuracy"].toDouble();
        const QJsonObject accuracy = groups[1]["test_accuracy"].toObject();
        QCOMPARE(groups[1]["workers"].toInt(), 2);
        QCOMPARE(accuracy["mean"].toDouble(), (a + b) / 2);
        QCOMPARE(accuracy["min"].toDouble(), std::min(a, b));
        QCOMPARE(accuracy["max"].toDouble(), std::max(a, b));

        QFile csv(at("table.csv")), report(at("sweep.json"));
        QVERIFY(csv.open(QIODevice::ReadOnly) && report.open(QIODevice::ReadOnly));
        const QList<QByteArray> lines = csv.readAll().split('\n');
        QCOMPARE(lines.size(), 6);
        QCOMPARE(lines[0], QByteArray("workers,seed,steps,seconds,payload_bytes,test_accuracy,train_loss,"
                                      "status,error\r"));
        QVERIFY(lines[4].startsWith("2,2,20,") && lines[4].endsWith(",finished,\r") && lines[5].isEmpty());
        QCOMPARE(QString::fromUtf8(report.readAll()), outcome.out);
    }

    void sweepOfEqualRuns_isThatRun() {
        const auto one = call(quick({"--quiet", "--json", "--set", "seed=7"})).json();
        const auto sweep = call(quick({"--quiet", "--json", "--sweep", "seed=7"})).json();
        QVERIFY(!one["weights_sha256"].toString().isEmpty());
        QCOMPARE(sweep["runs"][0]["weights_sha256"], one["weights_sha256"]);
    }

    void badSweep_runsNothing_data() {
        QTest::addColumn<QStringList>("arguments");
        QTest::addColumn<QString>("message");
        QTest::newRow("last value") << QStringList{"--sweep", "batch=8,16,-3"}
                                    << "--sweep batch=-3: batch: -3, expected 1 to";
        QTest::newRow("unknown key") << QStringList{"--sweep", "btach=8"} << "btach: unknown setting";
        QTest::newRow("too many") << QStringList{"--sweep", "seed=1..1000000000"} << "more than 10000 runs";
        QTest::newRow("weights") << QStringList{"--sweep", "seed=1,2", "--weights", "w.safetensors"}
                                 << "--weights: given, expected none with --sweep";
        QTest::newRow("csv nowhere") << QStringList{"--sweep", "seed=1,2", "--csv", "/no/such/table.csv"}
                                     << "--csv: no such folder";
        QTest::newRow("csv of one run") << QStringList{"--csv", "table.csv"} << "only with --sweep";
    }
    void badSweep_runsNothing() {
        QFETCH(QStringList, arguments);
        QFETCH(QString, message);
        const Outcome outcome = call(quick(arguments));
        QCOMPARE(outcome.code, 2);
        QVERIFY2(outcome.err.contains(message), qPrintable(outcome.err));
        QVERIFY2(!outcome.err.contains("finished") && outcome.out.isEmpty(), qPrintable(outcome.err));
    }

    void failedRunOfASweep_isARowAndTheNextRunsGoOn() {
        const Outcome outcome =
            call(quick({"--json", "--set", "run_on=virtual", "--sweep", "cluster.times.message_ms=1e8,1"}));
        QCOMPARE(outcome.code, 1);
        const QJsonArray table = outcome.json()["table"].toArray();
        QCOMPARE(table[0]["status"].toString(), "failed");
        QVERIFY(table[0]["error"].toString().contains("50 days"));
        QCOMPARE(table[1]["status"].toString(), "finished");

        const Outcome noData = call(quick({"--sweep",
                                           "data={\"kind\":\"idx\",\"path\":\"/no\"},"
                                           "{\"kind\":\"digits\",\"train\":400,\"test\":100}"}));
        QCOMPARE(noData.code, 1);
        QVERIFY2(noData.out.contains("failed: data.path: /no: this folder doesn't exist"),
                 qPrintable(noData.out));
        QVERIFY2(noData.err.contains("2/2") && noData.out.contains("finished"), qPrintable(noData.out));
    }

    void ctrlCInASweep_endsItAndPrintsWhatWasDone() {
        QProcess process;
        process.start(kCli, quick({"--sweep", "seed=1..9999", "--csv", at("ended.csv")}));
        QVERIFY(process.waitForStarted());
        QByteArray heard;
        QTRY_VERIFY_WITH_TIMEOUT((heard += process.readAllStandardError()).contains("2/9999"), 60'000);
        ::kill(static_cast<pid_t>(process.processId()), SIGINT);
        QVERIFY(process.waitForFinished(60'000));
        QCOMPARE(process.exitCode(), 0);
        const QStringList lines = QString::fromUtf8(process.readAllStandardOutput()).split('\n');
        QVERIFY(lines[1].startsWith("1 ") && lines[1].endsWith("finished"));
        QFile csv(at("ended.csv"));
        QVERIFY(csv.open(QIODevice::ReadOnly));
        const auto rows = csv.readAll().count('\n') - 1;
        QVERIFY(rows >= 2 && rows < 9999);
        QVERIFY(lines.size() > rows);
    }

    void allReduceBench_measuresEachCollectiveBesideACopy() {
        const Outcome outcome = call({"bench", "allreduce", "--json"});
        QVERIFY2(outcome.code == 0, qPrintable(outcome.err));
        std::set<std::tuple<int, qint64, QString>> measured;
        for (const QJsonValue& entry : outcome.json()["results"].toArray()) {
            const int ranks = entry["ranks"].toInt();
            const double bytes = entry["bytes"].toDouble(), bus = entry["bus_gb_per_s"].toDouble(),
                         copy = entry["memcpy_gb_per_s"].toDouble(), latency = entry["latency_us"].toDouble();
            QVERIFY(latency > 0 && copy > 0 && entry["least_latency_us"].toDouble() <= latency);
            QVERIFY(qAbs(bus / (2.0 * (ranks - 1) / ranks * bytes / 1e3 / latency) - 1) < 1e-9);
            QVERIFY(qAbs(entry["ratio_to_memcpy"].toDouble() / (bus / copy) - 1) < 1e-9);
            measured.emplace(ranks, entry["bytes"].toInteger(), entry["collective"].toString());
        }
        std::set<std::tuple<int, qint64, QString>> expected;
        for (const qint64 bytes : {1'000, 16'000, 256'000, 4'000'000, 32'000'000, 100'000'000}) {
            for (const int ranks : {2, 4})
                for (const char* way : {"ring", "naive", "tree", "halving_doubling"})
                    expected.emplace(ranks, bytes, way);
            expected.emplace(4, bytes, "hierarchical");
        }
        QVERIFY(measured == expected);
    }

    void blasBench_findsTheFastOne() {
        const auto result = call({"bench", "blas", "--json"});
        QCOMPARE(result.code, 0);
        QVERIFY2(result.json()["openblas"].toBool(), qPrintable(result.out));
        QCOMPARE(result.json()["threads"].toInt(), 1);
    }
};

QTEST_GUILESS_MAIN(TestCli)
#include "tst_cli.moc"
