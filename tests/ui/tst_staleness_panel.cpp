#include <QtTest>

#include "engine/config/run_spec_json.h"
#include "ui/panels/staleness_panel.h"
#include "ui/store/staleness.h"
#include "ui/widgets/staleness_bars.h"

using namespace rondo;
using namespace rondo::ui;

namespace {

RunSpec serverSpec(ParameterServerAlgorithm server, std::int64_t workers = 4) {
    RunSpec spec;
    spec.workers = workers;
    spec.algorithm = server;
    spec.stop.steps = 100;
    return spec;
}

std::vector<Event> startOf(const RunSpec& spec) {
    RunStarted started;
    started.spec = toText(spec);
    started.workers = static_cast<int>(spec.workers);
    return {started, RunStateChanged{{}, RunState::Running, ""}};
}

/// As many gradients of each age as `counts` says.
std::vector<Event> gradients(const std::vector<int>& counts) {
    std::vector<Event> events;
    for (std::size_t age = 0; age < counts.size(); ++age)
        for (int i = 0; i < counts[age]; ++i) {
            GradientApplied applied;
            applied.staleness = static_cast<std::int64_t>(age);
            events.push_back(applied);
        }
    return events;
}

}  // namespace

class tst_staleness_panel : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void init() {
        store_ = std::make_unique<RunStore>();
        panel_ = std::make_unique<StalenessPanel>(*store_);
        panel_->resize(1366, 225);
        panel_->show();
        QVERIFY(QTest::qWaitForWindowExposed(panel_.get()));
    }
    void cleanup() { panel_.reset(); }

    void withoutServers_itIsSaidWhatWouldAge() {
        QVERIFY(says("With parameter servers"));
        store_->apply(startOf(RunSpec{}));
        QVERIFY(says("no parameter server"));
        QVERIFY(!panel_->findChild<StalenessBars*>()->isVisible());
    }

    void asyncMean_standsBesideTheTheory() {
        store_->apply(startOf(serverSpec({.mode = ServerMode::Async})));
        QVERIFY(says("appears here"));
        store_->apply(gradients({1, 1, 1, 97}));
        QVERIFY(says("2.94 updates old on average, 3 at most"));
        QVERIFY(says("N−1 = 3 with equal workers (measured −2.0 %)"));
        QVERIFY(panel_->findChild<StalenessBars*>()->isVisible());
        QVERIFY(!says("ahead of the slowest"));
    }

    void figures_growLive() {
        store_->apply(startOf(serverSpec({.mode = ServerMode::Async})));
        store_->apply(gradients({0, 10}));
        QVERIFY(says("10 gradients"));
        store_->apply(gradients({0, 0, 0, 10}));
        QVERIFY(says("20 gradients"));
        QVERIFY(says("2.00 updates old on average, 3 at most"));
    }

    void boundedModes_tellTheirBound() {
        store_->apply(startOf(serverSpec({.mode = ServerMode::Stale, .staleness = 5})));
        store_->apply(gradients({10, 10}));
        QVERIFY(says("Theory: at most s = 5."));
        store_->apply(startOf(serverSpec({.mode = ServerMode::Sync})));
        store_->apply(gradients({10}));
        QVERIFY(says("0.00 updates old on average, 0 at most"));
        QVERIFY(says("an update waits for its gradients"));
    }

    void report_countsMoreThanEventsThatMayHaveBeenDropped() {
        store_->apply(startOf(serverSpec({.mode = ServerMode::Stale, .staleness = 3})));
        store_->apply(gradients({0, 5}));
        RunEnded end;
        end.state = RunState::Finished;
        end.report =
            R"({"status": "finished", "staleness": {"mean": 1.5, "max": 2, "histogram": [0, 500, 500]},
                "clock_spread_max": 3})";
        store_->apply(std::vector<Event>{end});
        const Staleness staleness = Staleness::of(*store_);
        QCOMPARE(staleness.gradients(), quint64{1000});
        QCOMPARE(*staleness.mean, 1.5);
        QCOMPARE(staleness.most(), 2);
        QVERIFY(says("1,000 gradients"));
        QVERIFY(says("at most 3 steps ahead of the slowest"));
    }

    void theory_dependsOnTheMode() {
        QVERIFY(!stalenessTheory(RunSpec{}));
        QCOMPARE(stalenessTheory(serverSpec({.mode = ServerMode::Async}, 8))->updates, 7);
        QVERIFY(!stalenessTheory(serverSpec({.mode = ServerMode::Async}, 8))->bound);
        QCOMPARE(stalenessTheory(serverSpec({.mode = ServerMode::Stale, .staleness = 4}))->updates, 4);
        QVERIFY(stalenessTheory(serverSpec({.mode = ServerMode::Stale, .staleness = 4}))->bound);
        QCOMPARE(stalenessTheory(serverSpec({.mode = ServerMode::Sync}))->updates, 0);
    }

    void bars_standWhereTheirAgeIs() {
        StalenessBars bars;
        bars.resize(700, 190);
        Staleness staleness;
        staleness.counts = {10, 0, 0, 30};
        staleness.mean = 2.25;
        bars.set(staleness, StalenessTheory{3, false, {}});
        const QImage picture = bars.grab().toImage();
        const QColor blue = Theme::light().forward;
        // Runs of the bars' colour along a line just above the axis, from the left.
        std::vector<int> starts;
        int row = picture.height() - 1;
        const auto inRow = [&](int y) {
            int count = 0;
            for (int x = 0; x < picture.width(); ++x) count += picture.pixelColor(x, y) == blue;
            return count;
        };
        while (row > 0 && inRow(row) == 0) --row;
        for (int x = 1; x < picture.width(); ++x)
            if (picture.pixelColor(x, row) == blue && picture.pixelColor(x - 1, row) != blue)
                starts.push_back(x);
        QVERIFY(starts.size() >= 2);
        int low = 0, high = 0;
        for (int y = 0; y < picture.height(); ++y) {
            low += picture.pixelColor(starts.front() + 5, y) == blue;
            high += picture.pixelColor(starts.back() + 5, y) == blue;
        }
        QVERIFY2(std::abs(high - 3 * low) <= 4, qPrintable(QStringLiteral("%1 %2").arg(low).arg(high)));
    }

    void hiddenPanel_isRightOnceItIsSeen() {
        panel_->hide();
        store_->apply(startOf(serverSpec({.mode = ServerMode::Async})));
        store_->apply(gradients({0, 10}));
        panel_->show();
        QVERIFY(says("1.00 updates old on average"));
    }

  private:
    bool says(const QString& what) { return panel_->words().replace(QChar(0xa0), ' ').contains(what); }

    std::unique_ptr<RunStore> store_;
    std::unique_ptr<StalenessPanel> panel_;
};

QTEST_MAIN(tst_staleness_panel)
#include "tst_staleness_panel.moc"
