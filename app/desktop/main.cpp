#include <time.h>
#include <unistd.h>

#include <QApplication>
#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QStandardPaths>
#include <QTimer>
#include <cstdio>
#include <iostream>

#include "app/desktop/command_line.h"
#include "ui/setup/presets.h"
#include "ui/window/main_window.h"

namespace {

/// Seconds since the kernel made this process, to its resolution of 10 ms.
double secondsSinceExec() {
    QFile stat(QStringLiteral("/proc/self/stat"));
    if (!stat.open(QIODevice::ReadOnly)) return 0;
    const QByteArray text = stat.readAll();
    const QList<QByteArray> fields = text.mid(text.lastIndexOf(')') + 2).split(' ');
    if (fields.size() < 20) return 0;
    timespec now{};
    clock_gettime(CLOCK_BOOTTIME, &now);
    const double started = fields[19].toDouble() / static_cast<double>(sysconf(_SC_CLK_TCK));
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9 - started;
}

QString folderOf(const char* program) {
    const QFileInfo self(QStringLiteral("/proc/self/exe"));
    return self.exists() ? QFileInfo(self.canonicalFilePath()).absolutePath()
                         : QFileInfo(QString::fromLocal8Bit(program)).absolutePath();
}

bool takePicture(rondo::ui::MainWindow& window, const QString& folder, const QString& name) {
    const QString file = QDir(folder).filePath(name);
    if (window.grab().save(file)) return true;
    std::cerr << file.toStdString() << ": can't be written\n";
    return false;
}

void takePictures(rondo::ui::MainWindow& window, const rondo::desktop::Wish& wish) {
    if (!takePicture(window, wish.screenshots, QStringLiteral("start.png"))) return QApplication::exit(1);
    const int milliseconds = static_cast<int>(wish.after * 1000);
    QTimer::singleShot(milliseconds, Qt::PreciseTimer, &window, [&window, wish] {
        const bool taken =
            takePicture(window, wish.screenshots, QStringLiteral("after-%1s.png").arg(wish.after));
        window.close();
        QApplication::exit(taken ? 0 : 1);
    });
}

}  // namespace

int main(int argc, char** argv) {
    const QString resources =
        rondo::ui::findResources(folderOf(argv[0]), QStringLiteral(RONDO_SOURCE_RESOURCES));
    // Before Qt looks for a screen: what can't be used is told without one.
    const auto [wish, exitCode] = rondo::desktop::parseCommandLine(argc, argv, resources);
    if (!wish) return exitCode;
    if (!wish->screenshots.isEmpty() && !QDir().mkpath(wish->screenshots)) {
        std::cerr << wish->screenshots.toStdString() << ": can't be made\n";
        return 2;
    }

    QApplication application(argc, argv);
    QApplication::setOrganizationName(QStringLiteral("Rondo"));
    QApplication::setApplicationName(QStringLiteral("Rondo"));
    QApplication::setApplicationVersion(QStringLiteral(RONDO_VERSION));
    QApplication::setDesktopFileName(QStringLiteral("rondo"));
    QApplication::setStyle(
        QStringLiteral("Fusion"));  // our themes draw over it; it is the same on every desktop

    const QString data = QStandardPaths::writableLocation(QStandardPaths::GenericDataLocation);
    rondo::ui::MainWindow window({.engine = rondo::ui::EngineProcess::besideThisProgram(),
                                  .resources = resources,
                                  .recordings = data + QStringLiteral("/Rondo/recordings"),
                                  .sessionFile = {}});
    window.resize(1366, 768);
    window.restoreSession(wish->file.isEmpty() && !wish->start && !wish->watch);
    if (!wish->theme.isEmpty()) window.setTheme(rondo::ui::Theme::byName(wish->theme));
    if (wish->size.isValid()) window.resize(wish->size);
    const bool recording = !wish->file.isEmpty() && rondo::ui::looksLikeRecording(wish->file);
    if (!wish->file.isEmpty()) window.openFile(wish->file, wish->start);

    QObject::connect(&window, &rondo::ui::MainWindow::firstFramePainted, &window, [&] {
        if (wish->startupTime) std::cerr << "first frame after " << secondsSinceExec() << " s\n";
        if (wish->start && !recording) window.startRun();
        if (wish->join) window.join(*wish->join);
        if (wish->watch) window.watch(*wish->watch);
        if (!wish->screenshots.isEmpty()) takePictures(window, *wish);
    });
    window.show();
    return QApplication::exec();
}
