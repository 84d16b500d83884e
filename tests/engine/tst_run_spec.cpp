#include <QtTest>
#include <boost/json/parse.hpp>

#include "engine/config/form.h"
#include "engine/config/run_spec_json.h"

using namespace rondo;

namespace {

QString errorOf(const QByteArray& text) {
    const auto spec = parseRunSpec(std::string_view(text.constData(), static_cast<std::size_t>(text.size())));
    return spec ? QString("(none)") : QString::fromStdString(spec.error());
}

}  // namespace

class TestRunSpec : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void contractsExample_isReadWhole() {
        const auto spec = parseRunSpec(
            R"({"name": "Ring of four", "seed": 1, "run_on": "threads", "workers": 4, "batch": 32,
 "data": {"kind": "digits", "train": 8000, "test": 2000}, "split": {"kind": "iid"},
 "model": {"kind": "mlp", "hidden": [200, 200]},
 "optimizer": {"kind": "sgd", "learning_rate": 0.1, "momentum": 0.0},
 "algorithm": {"kind": "all_reduce", "collective": "ring"},
 "compression": {"kind": "none"},
 "cluster": {"device_gflops": 50, "link": {"latency_us": 50, "gbit_per_s": 1.0}, "overrides": [{"worker": 2, "speed": 0.25}]},
 "faults": [], "stop": {"steps": 300}, "evaluate_every": 50})");
        QVERIFY2(spec.ok(), spec ? "" : spec.error().c_str());
        QCOMPARE(spec->name, std::string("Ring of four"));
        QCOMPARE(spec->cluster.overrides.at(0).speed, 0.25);
        QCOMPARE(*spec->stop.steps, 300);
        QCOMPARE(spec->evaluateEvery, 50);
    }

    void problems_sayWhereWhatAndWhatIsAllowed_data() {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QString>("message");
        const auto row = [](const char* name, const char* text, const char* message) {
            QTest::newRow(name) << QByteArray(text) << QString::fromUtf8(message);
        };
        row("unknown key", R"({"stop":{"steps":1},"batchsize":3})",
            "batchsize: unknown setting, expected one of algorithm, batch,");
        row("unknown key inside", R"({"stop":{"step":1}})",
            "stop.step: unknown setting, expected one of accuracy, epochs, rounds, seconds, steps");
        row("key of another kind", R"({"stop":{"steps":1},"model":{"kind":"cnn","hidden":[3]}})",
            "model.hidden: unknown setting, expected one of kind");
        row("negative batch", R"({"stop":{"steps":1},"batch":-32})", "batch: -32, expected 1 to 1000000");
        row("no workers", R"({"stop":{"steps":1},"workers":0})", "workers: 0, expected 1 to 4096");
        row("fraction of a worker", R"({"stop":{"steps":1},"workers":1.5})",
            "workers: 1.5, expected a whole number, 1 to 4096");
        row("bucket", R"({"stop":{"steps":1},"algorithm":{"kind":"all_reduce","bucket_mb":-1}})",
            "algorithm.bucket_mb: -1, expected more than 0, at most 100000");
        row("kind", R"({"stop":{"steps":1},"algorithm":{"kind":"ring"}})",
            "algorithm.kind: \"ring\", expected one of single, all_reduce");
        row("choice", R"({"stop":{"steps":1},"run_on":"gpu"})",
            "run_on: \"gpu\", expected one of virtual, threads, processes, lab, gloo");
        row("text for a number", R"({"stop":{"steps":1},"optimizer":{"kind":"sgd","learning_rate":"fast"}})",
            "optimizer.learning_rate: \"fast\", expected more than 0");
        row("momentum 1", R"({"stop":{"steps":1},"optimizer":{"kind":"sgd","momentum":1}})",
            "optimizer.momentum: 1, expected 0 or more and less than 1");
        row("list item", R"({"stop":{"steps":1},"cluster":{"overrides":[{"worker":0,"speed":0}]}})",
            "cluster.overrides.0.speed: 0, expected 0.000001 to 1000000");
        row("worker out of range",
            R"({"stop":{"steps":1},"workers":2,"cluster":{"overrides":[{"worker":2}]}})",
            "cluster.overrides.0.worker: 2, expected 0 to 1");
        row("no stop", R"({})",
            "stop: no condition given, expected at least one of steps, epochs, rounds, accuracy, seconds");
        row("cnn on points", R"({"stop":{"steps":1},"data":{"kind":"moons"},"model":{"kind":"cnn"}})",
            "model.kind: a convolutional model needs images");
        row("full graph of thousands",
            R"({"stop":{"steps":1},"run_on":"virtual","workers":1025,"algorithm":{"kind":"gossip","graph":"full"}})",
            "workers: 1025, expected at most 1024 with algorithm.graph full");
        row("single with four", R"({"stop":{"steps":1},"algorithm":{"kind":"single"}})",
            "workers: 4, expected 1 with algorithm.kind single");
        row("fault of no time", R"({"stop":{"steps":1},"faults":[{}]})",
            "faults.0: expected either at_step or at_second");
        row("fault of two times", R"({"stop":{"steps":1},"faults":[{"at_step":1,"at_second":1}]})",
            "faults.0: expected either at_step or at_second");
        row("fault of nobody", R"({"stop":{"steps":1},"faults":[{"at_step":1,"worker":4}]})",
            "faults.0.worker: 4, expected 0 to 3");
        row("pause without end", R"({"stop":{"steps":1},"faults":[{"at_step":1,"kind":"pause"}]})",
            "faults.0.for_seconds: not given, expected with kind pause");
        row("link to itself",
            R"({"stop":{"steps":1},"run_on":"virtual","faults":[{"at_step":1,"kind":"cut_link","peer":0}]})",
            "faults.0.peer: 0, expected another rank, 0 to 3, with kind cut_link");
        row("link of threads", R"({"stop":{"steps":1},"faults":[{"at_step":1,"kind":"cut_link","peer":1}]})",
            "faults.0.kind: cut_link, expected another one unless run_on is virtual");
        row("bookkeeper killed", R"({"stop":{"steps":1},"faults":[{"at_step":1,"kind":"kill"}]})",
            "faults.0.worker: 0, expected another one with kind kill");
        row("unknown fault", R"({"stop":{"steps":1},"faults":[{"at_step":1,"kind":"flood"}]})",
            "faults.0.kind: \"flood\", expected");
        row("folder left out", R"({"stop":{"steps":1},"data":{"kind":"idx"}})",
            "data.path: empty, expected the folder");
        row("times of too few layers",
            R"({"stop":{"steps":1},"run_on":"virtual","cluster":{"times":{"layers":[{"forward_ms":1}]}}})",
            "cluster.times.layers: 1 given, expected one for each of the model's 3 layers");
        row("not JSON", "{\"stop\": {", "not JSON: ");
        row("two values", "{} {}", "not JSON: ");
        row("empty", "", "not JSON: ");
        row("a list", "[]", "expected an object with the settings of a run");
        QTest::newRow("negative staleness")
            << QByteArray(
                   R"({"algorithm": {"kind": "parameter_server", "staleness": -1}, "stop": {"steps": 1}})")
            << "algorithm.staleness: -1, expected 0 to 1000000";
        QTest::newRow("backup of all workers")
            << QByteArray(
                   R"({"workers": 2, "algorithm": {"kind": "parameter_server", "backup": 2}, "stop": {"steps": 1}})")
            << "algorithm.backup: 2, expected fewer than the 2 workers";
        QTest::newRow("groups that don't divide")
            << QByteArray(
                   R"({"workers": 6, "algorithm": {"kind": "all_reduce", "collective": "hierarchical"}, "cluster": {"groups": {"size": 4}}, "stop": {"steps": 1}})")
            << "cluster.groups.size: 4, expected a divisor of the 6 workers with algorithm.collective "
               "hierarchical";
        QTest::newRow("edge to nobody")
            << QByteArray(
                   R"({"algorithm": {"kind": "gossip", "graph": "edges", "edges": [[0, 9]]}, "stop": {"steps": 1}})")
            << "algorithm.edges.0: [0, 9], expected workers 0 to 3";
        QTest::newRow("edge of three")
            << QByteArray(
                   R"({"algorithm": {"kind": "gossip", "graph": "edges", "edges": [[0, 1, 2]]}, "stop": {"steps": 1}})")
            << "algorithm.edges.0: [0,1,2], expected a pair such as [0, 1]";
    }
    void problems_sayWhereWhatAndWhatIsAllowed() {
        QFETCH(QByteArray, text);
        QFETCH(QString, message);
        QVERIFY2(errorOf(text).contains(message), qPrintable(errorOf(text)));
    }

    void allProblems_areToldAtOnce() { QCOMPARE(errorOf(R"({"workers":0,"batch":0,"x":1})").count('\n'), 2); }

    void deepNesting_isRefusedNotFollowed() {
        QVERIFY(errorOf(QByteArray(100'000, '[')).startsWith("not JSON"));
    }

    void everySetting_survivesWritingAndReading() {
        RunSpec spec;
        spec.name = "Ünïcode \"quoted\"";
        spec.runOn = RunOn::Virtual;
        spec.data = SpiralsData{10, 20, 3, 0.125};
        spec.model = MlpModel{{5, 6, 7}};
        spec.optimizer = AdamOptimizer{0.01, 0.8, 0.9, 1e-7};
        spec.algorithm = AllReduceAlgorithm{Collective::Naive, false, 0.3};
        spec.cluster.overrides = {{.worker = 1, .speed = 0.5, .latencyUs = 3.0, .gbitPerS = {}}};
        spec.cluster.times.forwardMs = 1.5;
        spec.stop = {.steps = 3, .epochs = {}, .rounds = 7, .accuracy = 0.5, .seconds = {}};
        spec.evaluateEvery = 2;
        const auto again = parseRunSpec(toText(spec));
        QVERIFY2(again.ok(), again ? "" : again.error().c_str());
        QVERIFY(*again == spec);
    }

    void assignments_changeOnePlace() {
        auto json = boost::json::parse(R"({"stop":{"steps":1},"model":{"kind":"mlp","hidden":[3]}})");
        for (const char* assignment :
             {"data.kind=idx", "data.path=/some/where", "workers=2", "model.kind=cnn",
              "cluster.overrides.0.worker=1", "cluster.overrides.0.speed=0.5", "name=A name"}) {
            auto changed = withAssignment(json, assignment);
            QVERIFY2(changed.ok(), changed ? "" : changed.error().c_str());
            json = *changed;
        }
        const auto spec = runSpecFrom(json);
        QVERIFY2(spec.ok(), spec ? "" : spec.error().c_str());
        QCOMPARE(std::get<IdxData>(spec->data).path, std::string("/some/where"));
        QVERIFY(std::holds_alternative<CnnModel>(spec->model));  // "hidden" went with the kind it belonged to
        QCOMPARE(spec->cluster.overrides.at(0).speed, 0.5);
        QCOMPARE(spec->name, std::string("A name"));
    }

    void kindThatWasTheDefaultAnyway_costsNoSettings() {
        auto changed = withAssignment(boost::json::parse(R"({"stop":{"steps":1},"model":{"hidden":[10]}})"),
                                      "model.kind=mlp");
        const auto spec = runSpecFrom(*changed);
        QVERIFY2(spec.ok(), spec ? "" : spec.error().c_str());
        QCOMPARE(std::get<MlpModel>(spec->model).hidden, std::vector<std::int64_t>{10});
    }

    void keyGivenTwice_isRefusedAtAnyDepth() {
        QVERIFY(errorOf(R"({"stop":{"steps":1},"stop":{"steps":2}})").contains("stop: is given twice"));
        QVERIFY(errorOf(R"({"stop":{"steps":1,"st\u0065ps":2}})").contains("steps: is given twice"));
        QVERIFY(!errorOf(R"({"cluster":{"overrides":[{"worker":0},{"worker":1}]}})").contains("twice"));
    }

    void longText_isShownInWholeCharacters() {
        std::string name(55, 'x');
        name += "ä and so on, for a long while";
        const QString error = errorOf(R"({"seed":")" + QByteArray::fromStdString(name) + R"("})");
        QVERIFY2(error.contains("x..., expected"), qPrintable(error));
    }

    void badAssignments_areNamed_data() {
        QTest::addColumn<QString>("assignment");
        for (const char* bad : {"workers", "=3", "a..b=1", "cluster.overrides.5.speed=1", "workers.x=1"})
            QTest::newRow(bad) << QString(bad);
    }
    void badAssignments_areNamed() {
        QFETCH(QString, assignment);
        const auto changed = withAssignment(boost::json::parse(R"({"workers":2,"cluster":{"overrides":[]}})"),
                                            assignment.toStdString());
        QVERIFY(!changed.ok());
        QVERIFY(!changed.error().empty());
    }

    void anotherKindOfFault_keepsWhomAndWhenItStrikes() {
        const auto settings = boost::json::parse(
            R"({"workers":4,"faults":[{"kind":"slow","worker":2,"at_step":7}],"stop":{"steps":9}})");
        const auto changed = withAssignment(settings, "faults.0.kind=kill");
        QVERIFY(changed.ok());
        const auto spec = runSpecFrom(*changed);
        QVERIFY2(spec.ok(), spec ? "" : spec.error().c_str());
        QCOMPARE(spec->faults[0].kind, FaultKind::Kill);
        QCOMPARE(spec->faults[0].worker, 2);
        QCOMPARE(spec->faults[0].atStep, std::optional<std::int64_t>(7));
    }

    void whatHasNothingToDoWithTheOthers_isNoRow_unlessItIsGiven() {
        RunSpec spec;
        spec.faults.resize(2);
        spec.faults[1].peer = 1;
        const auto rows = formRows(spec);
        const auto has = [&](const char* path) {
            return std::any_of(rows.begin(), rows.end(),
                               [&](const FormRow& row) { return row.path == path; });
        };
        QVERIFY(has("faults.0") && has("faults.0.factor") && !has("faults.0.peer"));
        QVERIFY(has("faults.1.peer"));
        QCOMPARE(idlePaths(spec), std::vector<std::string>{"faults.1.peer"});
        spec.faults[1].kind = FaultKind::CutLink;
        QVERIFY(idlePaths(spec).empty());
    }

    void formRows_editTheSettingTheyName() {
        RunSpec spec;
        spec.stop.steps = 5;
        for (const FormRow& row : formRows(spec)) {
            using Editor = FormRow::Editor;
            if (row.editor == Editor::Heading || row.editor == Editor::List || row.editor == Editor::Item)
                continue;
            const auto changed = withValue(toJson(spec), row.path, row.value);
            QVERIFY2(changed.ok(), row.path.c_str());
            const auto again = runSpecFrom(*changed);
            QVERIFY2(again.ok(), (row.path + ": " + (again ? "" : again.error())).c_str());
            QVERIFY2(*again == spec, row.path.c_str());
            QVERIFY2(!row.label.empty() && !row.help.empty(), row.path.c_str());
        }
    }

    void presets_areValid() {
        const QDir folder(RONDO_ROOT "/resources/runs");
        const auto files = folder.entryList({"*.json"});
        QVERIFY(files.size() >= 4);
        for (const QString& file : files) {
            if (file == "presets.json") continue;
            const auto spec = loadRunSpec(folder.filePath(file).toStdString());
            QVERIFY2(spec.ok(), spec ? "" : spec.error().c_str());
        }
    }

    void missingFile_isNamed() {
        const auto spec = loadRunSpec("/no/such/file.json");
        QVERIFY(!spec.ok());
        QCOMPARE(spec.error(), std::string("/no/such/file.json: no such file"));
    }
};

QTEST_GUILESS_MAIN(TestRunSpec)
#include "tst_run_spec.moc"
