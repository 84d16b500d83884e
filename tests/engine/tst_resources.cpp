// What is shipped beside the program is what it says.
#include <QtTest>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

#include "engine/config/run_spec_json.h"
#include "engine/config/validate.h"
#include "engine/events/recording.h"

using namespace rondo;

namespace {
const QString kResources = QStringLiteral(RONDO_ROOT "/resources/");
std::string path(const QString& name) {
    return (kResources + name).toStdString();
}
}  // namespace

class TestResources : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void presets_canRun_data() {
        QTest::addColumn<QString>("file");
        for (const QString& name : QDir(kResources + "runs").entryList({"*.json"}))
            if (name != "presets.json") QTest::addRow("%s", qPrintable(name)) << name;
    }
    void presets_canRun() {
        QFETCH(QString, file);
        const auto spec = loadRunSpec(path("runs/" + file));
        // A folder is the one thing a preset can't know.
        const QString problem = spec ? QString() : QString::fromStdString(spec.error());
        QVERIFY2(spec.ok() || problem.startsWith("data.path"), qPrintable(problem));
    }

    void presetsList_namesFilesThatAreThere() {
        QFile list(kResources + "runs/presets.json");
        QVERIFY(list.open(QIODevice::ReadOnly));
        const auto json = boost::json::parse(list.readAll().toStdString());
        QVERIFY(json.as_array().size() >= 4);
        for (const auto& preset : json.as_array())
            QVERIFY(QFile::exists(kResources + "runs/" +
                                  QString::fromUtf8(preset.at("file").as_string().c_str())));
    }

    void welcomeRecording_isARunOfTheWelcomePreset() {
        const auto recording = readRecording(path("recordings/welcome.rondo"));
        QVERIFY(recording.ok() && !recording->cut);
        const auto preset = loadRunSpec(path("runs/welcome.json"));
        const RunStarted* started = nullptr;
        for (const Event& event : recording->events)
            if (!started) started = std::get_if<RunStarted>(&event);
        QVERIFY(started);
        QVERIFY(*parseRunSpec(started->spec) == *preset);
        const auto* ended = std::get_if<RunEnded>(&recording->events.back());
        QVERIFY(ended);
        const auto report = boost::json::parse(ended->report).as_object();
        QCOMPARE(ended->state, RunState::Finished);
        QVERIFY(report.at("test_accuracy").to_number<double>() >= 0.9);
        QCOMPARE(report.at("events_dropped").to_number<int>(), 0);
    }
};

QTEST_GUILESS_MAIN(TestResources)
#include "tst_resources.moc"
