// Pictures of every view for a person to look at, in <build>/screenshots; the test itself checks that
// something is on them: more than one colour, and nothing but the ground in the margins where texts would be
// cut.
#include <QAction>
#include <QApplication>
#include <QComboBox>
#include <QDir>
#include <QHBoxLayout>
#include <QLineEdit>
#include <QPushButton>
#include <QSlider>
#include <QSpinBox>
#include <QTabBar>
#include <QToolButton>
#include <QtTest>

#include "tests/support/compared_run.h"
#include "tests/support/made_room.h"
#include "tests/support/ring_run.h"
#include "ui/panels/comparison_panel.h"
#include "ui/panels/compression_panel.h"
#include "ui/panels/staleness_panel.h"
#include "ui/room/class_board.h"
#include "ui/room/class_panel.h"
#include "ui/widgets/bandwidth_view.h"
#include "ui/widgets/boundary_view.h"
#include "ui/widgets/chunk_view.h"
#include "ui/widgets/curve_plot.h"
#include "ui/widgets/step_time_view.h"
#include "ui/widgets/timeline_view.h"
#include "ui/widgets/topology_view.h"
#include "ui/window/window_sheet.h"

using namespace rondo;
using namespace rondo::ui;
using rondo::test::ComparedRun;
using rondo::test::RingRun;

namespace {

/// Digits stand-in: a few strokes that differ by label.
DataPreview imagesPreview() {
    DataPreview preview;
    preview.width = preview.height = 28;
    for (int i = 0; i < 48; ++i) {
        preview.labels.push_back(static_cast<std::uint8_t>(i % 10));
        for (int y = 0; y < 28; ++y) {
            for (int x = 0; x < 28; ++x) {
                const double r = std::hypot(x - 14, y - 14) - 4 - i % 10 * 0.6;
                preview.pixels.push_back(static_cast<std::uint8_t>(std::max(0.0, 255 - r * r * 60)));
            }
        }
    }
    return preview;
}

std::vector<Event> planeEvents() {
    DataPreview preview;
    for (int i = 0; i < 400; ++i) {
        const double turn = i / 400.0 * 6, r = i / 400.0;
        const int label = i % 2;
        preview.points.push_back(static_cast<float>(r * std::cos(turn + label * 3.14159)));
        preview.points.push_back(static_cast<float>(r * std::sin(turn + label * 3.14159)));
        preview.labels.push_back(static_cast<std::uint8_t>(label));
    }
    DecisionBoundary boundary;
    boundary.side = 64;
    boundary.extent = 1.2f;
    boundary.step = 59;
    for (int y = 0; y < 64; ++y) {
        for (int x = 0; x < 64; ++x) {
            const double px = (x / 63.0 * 2 - 1) * 1.2, py = (1 - y / 63.0 * 2) * 1.2;
            const double wave = std::sin(std::atan2(py, px) - std::hypot(px, py) * 6 + 1.5);
            boundary.cells.push_back(
                static_cast<std::uint8_t>((wave > 0 ? 0 : 16) + static_cast<int>(std::abs(wave) * 15)));
        }
    }
    return {preview, boundary};
}

}  // namespace

class tst_screenshots : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void views_data();
    void views();
    void lowerPanels_data();
    void lowerPanels();
    void rooms_data();
    void rooms();
    void controls_data();
    void controls();

  private:
    void save(QWidget& widget, const QString& name, QSize size);
    QString theme_;
};

void tst_screenshots::save(QWidget& widget, const QString& name, QSize size) {
    widget.resize(size);
    widget.show();
    QVERIFY(QTest::qWaitForWindowExposed(&widget));
    QCoreApplication::processEvents();
    const QImage image = widget.grab().toImage();
    QDir().mkpath(QStringLiteral("screenshots"));
    QVERIFY(image.save(QStringLiteral("screenshots/%1_%2.png").arg(name, theme_)));
    QSet<QRgb> colours;
    for (int y = 0; y < image.height(); y += 3) {
        for (int x = 0; x < image.width(); x += 3) colours.insert(image.pixel(x, y));
    }
    QVERIFY2(colours.size() > 3, qPrintable(name));
}

void tst_screenshots::views_data() {
    QTest::addColumn<QString>("theme");
    for (const char* name : {"light", "dark", "projector"}) QTest::newRow(name) << QString::fromLatin1(name);
}

void tst_screenshots::views() {
    QFETCH(QString, theme);
    theme_ = theme;
    const Theme& colours = Theme::byName(theme);
    qApp->setStyle(QStringLiteral("Fusion"));
    qApp->setPalette(paletteOf(colours));
    qApp->setStyleSheet(styleSheetOf(colours));

    RunStore none, store, live, eight, single, many, sick;
    Focus focus;
    RingRun ring;
    store.apply(ring.all());
    RingRun running{.steps = 60, .ended = false};
    live.apply(running.start());
    for (int i = 0; i < 41; ++i) live.apply(running.step(i));
    eight.apply(RingRun{.workers = 8, .steps = 400, .virtualTime = false}.all());
    single.apply(RingRun{.workers = 1}.all());
    many.apply(RingRun{.workers = 64, .steps = 20}.all());
    sick.apply(RingRun{.nanAtStep = 41}.all());
    const std::vector<Event> pictures{imagesPreview()};
    store.apply(pictures);
    eight.apply(planeEvents());

    const auto shoot = [&]<class View>(std::type_identity<View>, RunStore& data, const QString& name,
                                       QSize size, auto prepare) {
        View view(data, focus);
        view.setTheme(colours);
        view.resize(size);
        prepare(view);
        save(view, name, size);
    };
    const auto nothing = [](auto&) {};
    const std::type_identity<TimelineView> timeline;
    const std::type_identity<TopologyView> topology;
    const std::type_identity<CurvePlot> curve;
    const std::type_identity<BandwidthView> bandwidth;
    const std::type_identity<StepTimeView> stepTime;
    const std::type_identity<BoundaryView> boundary;
    shoot(timeline, store, "timeline", {1366, 230}, nothing);
    shoot(timeline, none, "timeline_empty", {1366, 230}, nothing);
    shoot(timeline, eight, "timeline_all8", {1920, 300}, [](TimelineView& view) { view.zoomToAll(); });
    shoot(timeline, many, "timeline_many", {1366, 230}, nothing);
    shoot(topology, store, "topology", {560, 430}, nothing);
    shoot(topology, live, "topology_live", {560, 430}, nothing);
    shoot(topology, eight, "topology_eight", {560, 430}, nothing);
    shoot(topology, many, "topology_many", {560, 430}, nothing);
    shoot(topology, single, "topology_single", {560, 430}, nothing);
    shoot(topology, none, "topology_empty", {560, 430}, [](TopologyView& view) {
        RunSpec spec;
        spec.workers = 5;
        spec.algorithm = AllReduceAlgorithm{.collective = Collective::Naive};
        view.setPreview(spec);
    });
    shoot(curve, store, "curve", {380, 190}, [](CurvePlot& plot) { plot.setGuess(0.9, 0.5); });
    shoot(curve, live, "curve_live", {700, 300}, [](CurvePlot& plot) {
        plot.setAlong(CurvePlot::Along::Seconds);
        plot.setGuess(0.9, 0.5);
    });
    shoot(curve, sick, "curve_nan", {480, 240}, nothing);
    shoot(curve, store, "curve_log", {480, 240}, [](CurvePlot& plot) { plot.setLogarithmic(true); });
    shoot(curve, none, "curve_empty", {380, 190}, nothing);
    KeptRuns kept, many30;
    for (const ComparedRun& run :
         {ComparedRun{.seed = 1}, ComparedRun{.seed = 2, .height = 2.4},
          ComparedRun{.seed = 3, .height = 1.5}, ComparedRun{.workers = 8, .height = 3},
          ComparedRun{.name = "Tree", .steps = 60, .height = 5, .lostFrom = 45}})
        run.keepIn(kept);
    for (int i = 0; i < 30; ++i)
        ComparedRun{.workers = i + 1, .height = 1 + 0.2 * i, .begun = i}.keepIn(many30);
    shoot(curve, store, "curve_kept", {480, 240}, [&](CurvePlot& plot) { plot.setKept(kept); });
    shoot(curve, none, "curve_kept_log", {700, 300}, [&](CurvePlot& plot) {
        plot.setKept(kept);
        plot.setLogarithmic(true);
        plot.setAlong(Along::Bytes);
    });
    shoot(curve, store, "curve_kept_30", {700, 300}, [&](CurvePlot& plot) { plot.setKept(many30); });
    QAction keep(QStringLiteral("Keep this run")), reference(QStringLiteral("Run the reference"));
    const auto compare = [&](KeptRuns& runs, const QString& name, QSize size) {
        ComparisonPanel panel(runs, keep, reference);
        panel.setTheme(colours);
        save(panel, name, size);
    };
    KeptRuns nobody;
    compare(nobody, "compare_empty", {1366, 220});
    compare(kept, "compare", {1366, 220});
    compare(many30, "compare_30", {1920, 260});
    shoot(bandwidth, store, "bandwidth", {380, 190}, nothing);
    shoot(bandwidth, live, "bandwidth_wide", {700, 260}, nothing);
    shoot(bandwidth, many, "bandwidth_many", {380, 190}, nothing);
    shoot(stepTime, store, "step_time", {380, 150}, nothing);
    shoot(stepTime, eight, "step_time_many", {380, 190}, nothing);
    shoot(boundary, store, "images", {380, 260}, nothing);
    shoot(boundary, eight, "plane", {300, 320}, nothing);
    focus.selectRank(2);
    focus.selectStep(58);
    focus.setCursor(0.7);
    shoot(timeline, store, "timeline_cursor", {1366, 230}, nothing);
    shoot(topology, store, "topology_cursor", {560, 430}, nothing);
    shoot(curve, store, "curve_cursor", {380, 190}, nothing);
    shoot(stepTime, store, "step_time_cursor", {380, 150}, nothing);
    shoot(bandwidth, store, "bandwidth_cursor", {380, 190}, nothing);
}

void tst_screenshots::lowerPanels_data() {
    views_data();
}

void tst_screenshots::lowerPanels() {
    QFETCH(QString, theme);
    theme_ = theme;
    const Theme& colours = Theme::byName(theme);
    qApp->setStyle(QStringLiteral("Fusion"));
    qApp->setPalette(paletteOf(colours));
    qApp->setStyleSheet(windowSheet(colours));
    const QSize size(1366, theme == QLatin1String("projector") ? 260 : 225);

    RunStore none;
    const auto chunks = [&](Collective collective, int workers, std::size_t done, const QString& name) {
        ChunkView view(none);
        view.setTheme(colours);
        RunSpec spec;
        spec.workers = workers;
        spec.algorithm = AllReduceAlgorithm{.collective = collective};
        spec.cluster.groups.size = collective == Collective::Hierarchical ? 4 : 0;
        view.setPreview(spec);
        view.resize(size);
        view.show();
        view.setDone(done);
        save(view, name, size);
    };
    chunks(Collective::Ring, 4, 2, QStringLiteral("chunks_ring"));
    chunks(Collective::Ring, 16, 20, QStringLiteral("chunks_ring_16"));
    chunks(Collective::HalvingDoubling, 6, 3, QStringLiteral("chunks_halving"));
    chunks(Collective::Tree, 8, 2, QStringLiteral("chunks_tree"));
    chunks(Collective::Hierarchical, 8, 4, QStringLiteral("chunks_groups"));

    KeptRuns kept;
    test::ComparedRun{.height = 1.5}.keepIn(kept);
    RunStore compressed;
    for (Event event : test::ComparedRun{}.events()) {
        if (std::holds_alternative<RunEnded>(event)) continue;
        if (auto* started = std::get_if<RunStarted>(&event)) {
            RunSpec spec = test::ComparedRun{}.spec();
            spec.compression = TopKCompression{};
            started->spec = toText(spec);
        }
        std::vector<Event> batch{event};
        if (const auto* step = std::get_if<StepCompleted>(&event))
            batch.push_back(CompressionMeasured{{},
                                                step->step,
                                                796'840LL * (step->step + 1),
                                                15'936LL * (step->step + 1),
                                                0.9 + 0.05 * std::sin(step->step)});
        compressed.apply(batch);
    }
    CompressionPanel compression(compressed, kept);
    compression.setTheme(colours);
    save(compression, QStringLiteral("compression"), size);

    RunStore server;
    RunStarted started;
    RunSpec spec;
    spec.algorithm = ParameterServerAlgorithm{.mode = ServerMode::Async};
    spec.stop.steps = 100;
    started.spec = toText(spec);
    started.workers = 4;
    std::vector<Event> aged{started};
    for (int i = 0; i < 400; ++i) {
        GradientApplied applied;
        applied.staleness = i < 3 ? i : i % 7 == 0 ? 5 : i % 3 == 0 ? 2 : 3;
        aged.push_back(applied);
    }
    server.apply(aged);
    StalenessPanel staleness(server);
    staleness.setTheme(colours);
    save(staleness, QStringLiteral("staleness"), size);
}

void tst_screenshots::rooms_data() {
    views_data();
}

void tst_screenshots::rooms() {
    QFETCH(QString, theme);
    theme_ = theme;
    const Theme& colours = Theme::byName(theme);
    qApp->setStyle(QStringLiteral("Fusion"));
    qApp->setPalette(paletteOf(colours));
    qApp->setStyleSheet(windowSheet(colours));
    const QSize small(1366, theme == QLatin1String("projector") ? 260 : 225), large(1920, 340);
    EngineProcess nobody({QStringLiteral("/nowhere"), {}});
    const auto shoot = [&](const std::vector<Event>& events, const char* name, QSize size,
                           bool lost = false) {
        RoomKeeper keeper(nobody);
        keeper.store().apply(events);
        if (lost) keeper.store().setLost(QStringLiteral("The training process ended (signal 9, killed)."));
        ClassPanel panel(keeper);
        panel.setTheme(colours);
        panel.resize(size);
        save(panel, QLatin1String(name), size);
        if (!keeper.store().open() || lost) return;
        ClassBoard board(keeper.store(), colours);
        save(board, QLatin1String(name) + QStringLiteral("_board"), {1366, 768});
    };
    RoomChanged refused;
    refused.detail = "port 7077 is taken by another program; choose another port, or 0 for any";
    RoomChanged secure = test::madeRoom("K7M-Q2X-ABCDE-FGHJK");
    secure.url = "wss://192.168.1.20:7077";
    secure.joinLine = "rondo-cli worker --join wss://192.168.1.20:7077 --code " + secure.code;
    shoot({}, "class_closed", small);
    shoot({refused}, "class_refused", small);
    shoot({test::madeRoom()}, "class_empty", small);
    shoot(test::madeClass(3), "class", small);
    shoot(test::madeClass(40), "class_40", large);
    shoot({secure, test::madeMember(1, "desk-1")}, "class_secure", small);
    shoot(test::madeClass(5), "class_lost", small, true);
}

void tst_screenshots::controls_data() {
    views_data();
}

void tst_screenshots::controls() {
    QFETCH(QString, theme);
    theme_ = theme;
    qApp->setStyle(QStringLiteral("Fusion"));
    qApp->setPalette(paletteOf(Theme::byName(theme)));
    qApp->setStyleSheet(styleSheetOf(Theme::byName(theme)));
    QWidget window;
    auto* row = new QHBoxLayout(&window);
    auto* run = new QPushButton(QStringLiteral("Run"));
    run->setProperty("accent", true);
    auto* off = new QPushButton(QStringLiteral("Off"));
    off->setEnabled(false);
    auto* tool = new QToolButton;
    tool->setText(QStringLiteral("Log"));
    tool->setCheckable(true);
    tool->setChecked(true);
    auto* combo = new QComboBox;
    combo->addItems({QStringLiteral("ring"), QStringLiteral("naive")});
    auto* slider = new QSlider(Qt::Horizontal);
    slider->setValue(40);
    auto* tabs = new QTabBar;
    tabs->addTab(QStringLiteral("Setup"));
    tabs->addTab(QStringLiteral("Lesson"));
    auto* wrong = new QLineEdit(QStringLiteral("-1"));
    wrong->setProperty("fault", true);
    for (QWidget* one : std::initializer_list<QWidget*>{
             run, new QPushButton(QStringLiteral("Pause")), off, tool, combo, new QSpinBox,
             new QDoubleSpinBox, new QLineEdit(QStringLiteral("Text")), wrong, slider, tabs}) {
        row->addWidget(one);
    }
    save(window, QStringLiteral("controls"), {980, 60});
}

QTEST_MAIN(tst_screenshots)
#include "tst_screenshots.moc"
