// Time to paint the timeline of a run with a million spans at 1920×1080, and to take live events in. Run by
// hand: QT_QPA_PLATFORM=offscreen build/tests/bench_timeline
#include <QApplication>
#include <QElapsedTimer>
#include <QImage>
#include <QKeyEvent>
#include <QPainter>
#include <QWheelEvent>
#include <algorithm>
#include <cstdio>
#include <ctime>
#include <vector>

#include "tests/support/ring_run.h"
#include "ui/widgets/timeline_view.h"
#include "ui/widgets/topology_view.h"

using namespace rondo;
using namespace rondo::ui;
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
    std::printf("%-46s median %7.2f ms   p95 %7.2f ms   most %7.2f ms\n", what, at(0.5), at(0.95),
                milliseconds.back());
}

/// Applies `move` and paints, over and over.
template <class Move>
void measure(const char* what, QWidget& view, int frames, Move move) {
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

}  // namespace

int main(int argc, char** argv) {
    QApplication app(argc, argv);
    const RingRun run{.workers = 8, .steps = 20'000, .evaluateEvery = 0};
    RunStore store;
    Focus focus;
    store.apply(run.start());
    QElapsedTimer timer;
    timer.start();
    qint64 taking = 0;
    std::size_t events = 0;
    for (int i = 0; i < run.steps; ++i) {
        auto step = run.step(i);
        events += step.size();
        timer.restart();
        store.apply(step);
        taking += timer.nsecsElapsed();
    }
    std::size_t spans = 0;
    for (const SpanLane& lane : store.lanes()) spans += lane.spans().size();
    std::printf("%zu events taken in at %.2f million a second; %zu spans\n", events,
                static_cast<double>(events) * 1e3 / static_cast<double>(taking), spans);

    TimelineView view(store, focus);
    view.resize(1920, 1080);
    view.zoomToAll();
    const QPoint middle(960, 500);
    const auto wheel = [&](int turn) {
        QWheelEvent event(middle, middle, {}, {0, turn}, Qt::NoButton, Qt::NoModifier, Qt::NoScrollPhase,
                          false);
        QApplication::sendEvent(&view, &event);
    };
    const auto key = [&](Qt::Key code) {
        QKeyEvent event(QEvent::KeyPress, code, Qt::NoModifier);
        QApplication::sendEvent(&view, &event);
    };
    measure("the whole run, cursor moving", view, 200, [&](int i) { focus.setCursor(i * 0.1); });
    measure("the whole run, drawn anew", view, 200, [&](int i) { wheel(i % 2 ? 10 : -10); });
    measure("zooming in from all to one step", view, 200, [&](int) { wheel(40); });
    view.zoomToAll();
    for (int i = 0; i < 24; ++i) wheel(120);
    measure("panning over about a hundred steps", view, 200,
            [&](int i) { key(i / 40 % 2 ? Qt::Key_A : Qt::Key_D); });
    view.follow();
    int next = run.steps;
    measure("following: a step more and a frame", view, 200, [&](int) { store.apply(run.step(next++)); });

    TopologyView topology(store, focus);
    topology.resize(960, 700);
    measure("topology of eight, live", topology, 200, [&](int) { store.apply(run.step(next++)); });
    return 0;
}
