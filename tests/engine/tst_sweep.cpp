// The grid of a sweep, and the table and summaries it ends with.
#include <QtTest>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <cmath>
#include <limits>

#include "engine/config/run_spec_json.h"
#include "engine/run/sweep.h"
#include "engine/run/sweep_table.h"

using namespace rondo;

namespace {

using Texts = std::vector<std::string>;

Sweep sweepOf(const Texts& axes) {
    return *Sweep::parse(axes);
}

boost::json::value settings() {
    return boost::json::parse(R"({"stop": {"steps": 1}, "data": {"kind": "moons"}})");
}

SweepRow row(const Texts& values, std::optional<double> accuracy, double seconds = 1,
             RunState status = RunState::Finished) {
    return {.values = values,
            .status = status,
            .steps = 10,
            .payloadBytes = 400,
            .seconds = seconds,
            .testAccuracy = accuracy,
            .trainLoss = 0.25};
}

}  // namespace

class TestSweep : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void grid_isEveryValueWithEveryOther_theLastKeyFirst() {
        const Sweep sweep = sweepOf({"workers=2,4", "batch=8,16,32"});
        QCOMPARE(sweep.runs(), 6u);
        QCOMPARE(sweep.keys(), (Texts{"workers", "batch"}));
        Texts names;
        for (std::size_t run = 0; run < 6; ++run) names.push_back(sweep.nameOf(run));
        QCOMPARE(names, (Texts{"workers=2 batch=8", "workers=2 batch=16", "workers=2 batch=32",
                               "workers=4 batch=8", "workers=4 batch=16", "workers=4 batch=32"}));
    }

    void values_areSplitAtTheirOwnCommas_data() {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QStringList>("values");
        const auto row = [](const char* text, const QStringList& values) {
            QTest::newRow(text) << QString(text) << values;
        };
        row("a=1", {"1"});
        row("a=1..4", {"1", "2", "3", "4"});
        row("a=3..3", {"3"});
        row("a=-1..1,7", {"-1", "0", "1", "7"});
        row("a=[1,2],[3]", {"[1,2]", "[3]"});
        row("a={\"k\":[1,2]},{\"k\":\"x,y\"}", {"{\"k\":[1,2]}", "{\"k\":\"x,y\"}"});
        row("a=\"q,\\\",r\",s", {"\"q,\\\",r\"", "s"});
        row("a=0.1..0.5", {"0.1..0.5"});  // no range of whole numbers: a word, which settings refuse
        row("a=b=c,d", {"b=c", "d"});
    }
    void values_areSplitAtTheirOwnCommas() {
        QFETCH(QString, text);
        QFETCH(QStringList, values);
        const Sweep sweep = sweepOf({text.toStdString()});
        QStringList found;
        for (std::size_t run = 0; run < sweep.runs(); ++run)
            found << QString::fromStdString(sweep.valuesOf(run)[0]);
        QCOMPARE(found, values);
    }

    void whatIsNoSweep_isToldWithItsText_data() {
        QTest::addColumn<QStringList>("axes");
        QTest::addColumn<QString>("message");
        const auto row = [](const char* name, const QStringList& axes, const char* message) {
            QTest::newRow(name) << axes << QString(message);
        };
        row("no values", {"workers"}, "--sweep: workers: expected key=value,value");
        row("no key", {"=1,2"}, "--sweep: =1,2: expected key=value,value");
        row("empty", {"workers="}, "a value is empty");
        row("empty between", {"workers=1,,2"}, "--sweep: workers=1,,2: a value is empty");
        row("backwards", {"seed=5..1"}, "--sweep: seed=5..1: 5..1, expected the smaller number first");
        row("value twice", {"seed=1..3,2"}, "2 is given twice");
        row("key twice", {"seed=1", "batch=1", "seed=2"}, "--sweep: seed is given twice");
        row("long range", {"seed=1..10001"}, "--sweep: more than 10000 runs");
        row("longest range", {"seed=-9223372036854775808..9223372036854775807"},
            "--sweep: more than 10000 runs");
        row("large grid", {"seed=1..101", "batch=1..100"}, "--sweep: more than 10000 runs");
        row("ranges together", {"seed=1..6000,10001..15000"}, "--sweep: more than 10000 runs");
    }
    void whatIsNoSweep_isToldWithItsText() {
        QFETCH(QStringList, axes);
        QFETCH(QString, message);
        Texts texts;
        for (const QString& axis : axes) texts.push_back(axis.toStdString());
        const auto sweep = Sweep::parse(texts);
        QVERIFY(!sweep);
        QVERIFY2(sweep.error().find(message.toStdString()) != std::string::npos, sweep.error().c_str());
    }

    void mostRunsAllowed_areAllowed() {
        QCOMPARE(sweepOf({"seed=1..100", "batch=1..100"}).runs(), std::size_t{10'000});
    }

    void specs_areTheSettingsWithTheirValues() {
        const auto specs = sweepOf({"workers=2,3", "algorithm.collective=tree,naive"}).specsFrom(settings());
        QVERIFY2(specs.ok(), specs ? "" : specs.error().c_str());
        QCOMPARE(specs->size(), 4u);
        QCOMPARE((*specs)[2].workers, 3);
        QCOMPARE(std::get<AllReduceAlgorithm>((*specs)[3].algorithm).collective, Collective::Naive);
        QVERIFY(std::holds_alternative<MoonsData>((*specs)[3].data));
    }

    void oneBadCombination_refusesTheSweepAndNamesIt() {
        const auto one = sweepOf({"workers=2,4", "batch=8,-1"}).specsFrom(settings());
        QVERIFY(!one);
        QCOMPARE(one.error(), std::string("--sweep workers=2 batch=-1: batch: -1, expected 1 to 1000000\n"
                                          "--sweep: 2 of 4 runs can't begin, expected none"));
        QVERIFY(!sweepOf({"wrkers=2"}).specsFrom(settings()));
        QVERIFY(!sweepOf({"workers.x=2"}).specsFrom(*withAssignment(settings(), "workers=3")));
    }

    void groups_summariseRowsThatDifferInTheirSeedOnly() {
        SweepTable table({"workers", "seed"});
        table.add(row({"2", "1"}, 0.5, 3));
        table.add(row({"2", "2"}, 0.75, 1));
        table.add(row({"2", "3"}, 0.25, 2));
        table.add(row({"4", "1"}, 1.0, 5));
        table.add(row({"4", "2"}, {}, 900, RunState::Failed));
        table.add(row({"4", "3"}, 0.0, 900, RunState::Stopped));
        const auto groups = table.groups();
        QCOMPARE(groups.size(), 2u);
        QCOMPARE(groups[0].values, Texts{"2"});
        QCOMPARE(groups[0].runs, 3u);
        QCOMPARE(groups[0].testAccuracy->mean, 0.5);
        QCOMPARE(groups[0].testAccuracy->least, 0.25);
        QCOMPARE(groups[0].testAccuracy->most, 0.75);
        QCOMPARE(groups[0].seconds->mean, 2.0);
        QCOMPARE(groups[1].runs, 1u);  // the others didn't finish
        QCOMPARE(groups[1].seconds->most, 5.0);
    }

    void groups_areOfSeedsOnly_andHonestAboutWhatIsMissing() {
        SweepTable other({"workers"});
        other.add(row({"2"}, 0.5));
        QVERIFY(other.groups().empty());

        SweepTable table({"seed"});
        table.add(row({"1"}, 0.5, 1, RunState::Failed));
        QCOMPARE(table.groups()[0].runs, 0u);
        QVERIFY(!table.groups()[0].seconds);
        table.add(row({"2"}, {}));
        QVERIFY(!table.groups()[0].testAccuracy);
        QVERIFY(table.groups()[0].trainLoss);

        SweepTable diverged({"seed"});
        diverged.add(row({"1"}, 0.5));
        diverged.add(row({"2"}, std::numeric_limits<double>::quiet_NaN()));
        QVERIFY(std::isnan(diverged.groups()[0].testAccuracy->least));
        QCOMPARE(boost::json::serialize(diverged.groupsJson()[0].at("test_accuracy")),
                 std::string(R"({"mean":null,"min":null,"max":null})"));
    }

    void csv_isQuotedWhereItMustBe() {
        SweepTable table({"model", "workers"});
        QCOMPARE(table.csvHeader(),
                 std::string(
                     "model,workers,steps,seconds,payload_bytes,test_accuracy,train_loss,status,error\r\n"));
        QCOMPARE(table.csvLine(row({R"({"kind":"mlp","hidden":[1,2]})", "2"}, 0.1, 0.3)),
                 std::string(R"("{""kind"":""mlp"",""hidden"":[1,2]}",2,10,0.3,400,0.1,0.25,finished,)"
                             "\r\n"));
        SweepRow failed = row({"", "2"}, {}, 0, RunState::Failed);
        failed.error = "line\nand another";
        failed.trainLoss.reset();
        QCOMPARE(table.csvLine(failed), std::string(",2,10,0,400,,,failed,\"line\nand another\"\r\n"));
    }

    void json_hasValuesAsTheSettingsHaveThem() {
        SweepTable table({"workers", "algorithm.collective"});
        table.add(row({"2", "tree"}, 0.5));
        QCOMPARE(boost::json::serialize(table.json()),
                 std::string(R"([{"workers":2,"algorithm.collective":"tree","steps":10,"seconds":1E0,)"
                             R"("payload_bytes":400,"test_accuracy":5E-1,"train_loss":2.5E-1,)"
                             R"("status":"finished"}])"));
        QVERIFY(table.groupsJson().empty());
    }

    void text_hasOneLineARunInColumns() {
        SweepTable table({"name", "seed"});
        table.add(row({"α", "1"}, 0.5));
        SweepRow failed = row({"longer", "2"}, {}, 0, RunState::Failed);
        failed.error = "two\nlines";
        table.add(failed);
        const QStringList lines = QString::fromStdString(table.text()).split('\n');
        QCOMPARE(lines[1],
                 QString("α       1        10        1            400         0.5000      0.2500  finished"));
        QVERIFY(lines[2].endsWith("failed: two lines"));
        QCOMPARE(lines[0].indexOf("steps") + 5, lines[1].indexOf("10") + 2);
        QVERIFY(lines.filter(QRegularExpression("^longer +0 +- +- +-$")).size() == 1);
        QVERIFY(
            lines.filter(QRegularExpression("^α +1 +1 \\(1 to 1\\) +0.5000 \\(0.5000 to 0.5000\\)")).size() ==
            1);
    }
};

QTEST_GUILESS_MAIN(TestSweep)
#include "tst_sweep.moc"
