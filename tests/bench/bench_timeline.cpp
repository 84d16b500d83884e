// Time to paint the timeline at 1920×1080 with one and ten million spans while zooming and panning, and to
// take live events in. Run by hand, alone on the machine: QT_QPA_PLATFORM=offscreen
// build/tests/bench_timeline
#include <QApplication>
#include <QElapsedTimer>
#include <QImage>
#include <QKeyEvent>
#include <QPainter>
#include <QWheelEvent>
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <functional>
#include <vector>

#include "tests/support/pipeline_run.h"
#include "tests/support/ring_run.h"
#include "ui/widgets/timeline_view.h"
#include "ui/widgets/topology_view.h"

using namespace rondo;
using namespace rondo::ui;
using rondo::test::PipelineRun;
using rondo::test::RingRun;

namespace {

/// Of this thread alone: what a frame costs, whatever else the machine does meanwhile.
double cpuMilliseconds() {
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_nsec) / 1e6;
}

void report(const char* what, std::vector<double> milliseconds) {
    std::sort(milliseconds.begin(), milliseconds.end());
    const auto at = [&](double share) {
        return milliseconds[static_cast<std::size_t>(share * static_cast<double>(milliseconds.size() - 1))];
    };
    std::printf("  %-44s p50 %7.2f ms   p95 %7.2f ms   max %7.2f ms\n", what, at(0.5), at(0.95),
                milliseconds.back());
}

/// Applies `move` and paints, over and over.
void measure(const char* what, QWidget& view, int frames, const std::function<void(int)>& move) {
    QImage screen(view.size(), QImage::Format_RGB32);
    std::vector<double> times, cpu;
    QElapsedTimer timer;
    for (int i = 0; i < frames; ++i) {
        timer.start();
        const double before = cpuMilliseconds();
        move(i);
        view.render(&screen);
        times.push_back(static_cast<double>(timer.nsecsElapsed()) / 1e6);
        cpu.push_back(cpuMilliseconds() - before);
    }
    report(what, times);
    report("  of that on the processor", cpu);
}

template <class Step>
void fill(RunStore& store, int steps, const Step& stepOf) {
    qint64 taking = 0;
    std::size_t events = 0;
    QElapsedTimer timer;
    for (int i = 0; i < steps; ++i) {
        const auto step = stepOf(i);
        events += step.size();
        timer.restart();
        store.apply(step);
        taking += timer.nsecsElapsed();
    }
    std::size_t spans = 0;
    for (const SpanLane& lane : store.lanes()) spans += lane.spans().size();
    std::printf("  %zu spans in %zu lanes; events taken in at %.2f million a second\n", spans,
                store.lanes().size(), static_cast<double>(events) * 1e3 / static_cast<double>(taking));
}

/// The ways a person moves through a run.
void measureMoves(TimelineView& view, Focus& focus) {
    const auto wheel = [&](int turn, int x = 960) {
        const QPoint at(x, 500);
        QWheelEvent event(at, at, {}, {0, turn}, Qt::NoButton, Qt::NoModifier, Qt::NoScrollPhase, false);
        QApplication::sendEvent(&view, &event);
    };
    const auto key = [&](Qt::Key code) {
        QKeyEvent event(QEvent::KeyPress, code, Qt::NoModifier);
        QApplication::sendEvent(&view, &event);
    };
    view.zoomToAll();
    measure("the whole run, cursor moving", view, 100, [&](int i) { focus.setCursor(i * 0.1); });
    measure("zooming in, from all to a few spans", view, 400, [&](int) { wheel(40); });
    measure("zooming out again", view, 400, [&](int) { wheel(-40); });
    measure("zooming in at the side", view, 400, [&](int) { wheel(40, 300); });
    for (const int depth : {8, 24, 40}) {
        view.zoomToAll();
        for (int i = 0; i < depth; ++i) wheel(120);
        char what[64];
        std::snprintf(what, sizeof what, "panning, %.3g s in sight", view.window().length());
        measure(what, view, 200, [&](int i) { key(i / 50 % 2 ? Qt::Key_A : Qt::Key_D); });
    }
}

void measureRing(double millions) {
    const RingRun run{.workers = 8, .evaluateEvery = 0};
    const int steps = static_cast<int>(millions * 1e6 / (8 * 7));
    std::printf("ring of eight, %.0f million spans\n", millions);
    RunStore store(nullptr, Remembered{.spans = 16'000'000});
    Focus focus;
    TimelineView view(store, focus);
    view.resize(1920, 1080);
    store.apply(run.start());
    fill(store, steps, [&](int i) { return run.step(i); });
    measureMoves(view, focus);
    view.follow();
    int next = steps;
    measure("following: a step more and a frame", view, 200, [&](int) { store.apply(run.step(next++)); });
}

void measurePipeline(double millions, ScheduleChoice schedule, const char* name) {
    std::printf("pipeline of eight stages, %s, 16 micro-batches, %.0f million spans\n", name, millions);
    PipelineRun run(schedule, 8, 16);
    RunStore store(nullptr, Remembered{.spans = 16'000'000});
    Focus focus;
    TimelineView view(store, focus);
    view.resize(1920, 1080);
    store.apply(run.start());
    std::size_t perStep = 0;
    for (const Event& event : run.step(0)) perStep += std::holds_alternative<Span>(event);
    const int steps = static_cast<int>(millions * 1e6 / static_cast<double>(perStep)) + 1;
    fill(store, steps, [&](int i) { return run.step(i); });
    measureMoves(view, focus);
    view.selectArea(TimeWindow{store.duration() * 0.2, store.duration() * 0.7});
    view.zoomToAll();
    measure("an area selected over half the run", view, 100, [&](int i) {
        view.selectArea(TimeWindow{store.duration() * 0.2, store.duration() * (0.6 + i * 0.001)});
    });
    view.follow();
    int next = steps;
    measure("following: a step more and a frame", view, 200, [&](int) { store.apply(run.step(next++)); });
}

}  // namespace

int main(int argc, char** argv) {
    QApplication app(argc, argv);
    std::vector<double> sizes{1, 10};
    if (argc > 1) sizes = {std::atof(argv[1])};
    for (const double millions : sizes) {
        measureRing(millions);
        measurePipeline(millions, ScheduleChoice::OneFOneB, "1F1B");
        measurePipeline(millions, ScheduleChoice::ZbH1, "ZB-H1");
    }

    std::printf("topology\n");
    const RingRun run{.workers = 8, .evaluateEvery = 0};
    RunStore store;
    Focus focus;
    store.apply(run.start());
    TopologyView topology(store, focus);
    topology.resize(960, 700);
    int next = 0;
    measure("topology of eight, live", topology, 200, [&](int) { store.apply(run.step(next++)); });
    return 0;
}
