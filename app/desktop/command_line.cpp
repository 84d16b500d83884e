#include "app/desktop/command_line.h"

#include <CLI/CLI.hpp>
#include <QFileInfo>
#include <QRegularExpression>
#include <iostream>

#include "engine/config/run_spec_json.h"
#include "ui/bridge/recordings.h"
#include "ui/setup/presets.h"

namespace rondo::desktop {

namespace {

constexpr int kBadInput = 2;

std::string problemOf(const QString& file) {
    const QFileInfo info(file);
    if (!info.exists()) return file.toStdString() + ": no such file";
    if (!info.isReadable()) return file.toStdString() + ": can't be read";
    if (info.isDir()) return file.toStdString() + ": is a folder, expected settings or a recording";
    if (ui::looksLikeRecording(file)) return {};
    if (file.endsWith(QStringLiteral(".rondo"))) return file.toStdString() + ": not a recording";
    const auto spec = loadRunSpec(file.toStdString());
    return spec ? std::string() : spec.error();
}

std::string noLessons(const std::string& name, const QString& resources) {
    std::string words =
        "--lesson " + name + ": lessons are not part of this version. Presets that can be opened instead:";
    for (const ui::Preset& preset : ui::findPresets(resources + QStringLiteral("/runs")))
        words += "\n  rondo " + preset.file.toStdString() + "    " + preset.title.toStdString();
    return words;
}

}  // namespace

Parsed parseCommandLine(int argc, char** argv, const QString& resources) {
    CLI::App app{"Rondo, a desktop lab for distributed machine learning"};
    app.set_version_flag("--version", std::string("Rondo ") + RONDO_VERSION);
    std::string file, lesson, screenshots, theme, size;
    Wish wish;
    app.add_option("file", file, "Settings (.json) or a recording (.rondo) to open");
    app.add_option("--lesson", lesson, "Open a lesson");
    app.add_flag("--start", wish.start, "Run at once");
    auto* shots = app.add_option(
        "--screenshot", screenshots,
        "Write start.png and after-<seconds>s.png into this folder, then leave; implies --start");
    app.add_option("--after", wish.after, "Seconds until the second picture")
        ->needs(shots)
        ->check(CLI::Range(0.0, 86400.0));
    app.add_option("--theme", theme, "Colours of this session")
        ->check(CLI::IsMember({"light", "dark", "projector"}));
    app.add_option("--size", size, "Size of the window, such as 1366x768");
    app.add_flag("--startup-time", wish.startupTime,
                 "Tell how long it took to the first painted frame, on stderr");
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return {{}, app.exit(error) == 0 ? 0 : kBadInput};
    }
    if (!lesson.empty()) {
        std::cerr << noLessons(lesson, resources) << '\n';
        return {{}, kBadInput};
    }
    if (!size.empty()) {
        static const QRegularExpression pattern(QStringLiteral("^(\\d{3,5})x(\\d{3,5})$"));
        const auto match = pattern.match(QString::fromStdString(size));
        if (!match.hasMatch()) {
            std::cerr << "--size: " << size << ", expected width x height in pixels such as 1366x768\n";
            return {{}, kBadInput};
        }
        wish.size = {match.captured(1).toInt(), match.captured(2).toInt()};
    }
    wish.file = QString::fromStdString(file);
    if (!file.empty()) {
        if (const std::string problem = problemOf(wish.file); !problem.empty()) {
            std::cerr << problem << '\n';
            return {{}, kBadInput};
        }
    }
    wish.screenshots = QString::fromStdString(screenshots);
    wish.theme = QString::fromStdString(theme);
    wish.start = wish.start || !screenshots.empty();
    return {wish, 0};
}

}  // namespace rondo::desktop
