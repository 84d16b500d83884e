#include "app/desktop/command_line.h"

#include <CLI/CLI.hpp>
#include <QFileInfo>
#include <QRegularExpression>
#include <cstring>
#include <iostream>
#include <string_view>

#include "engine/config/run_spec_json.h"
#include "engine/core/join_code.h"
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

struct ClassWish {
    std::string join, watch, code, name, fingerprint;
};

/// What doesn't make sense, or nothing.
std::string problemOf(const ClassWish& wish, const std::string& file, bool start, bool secure) {
    const bool any = !wish.join.empty() || !wish.watch.empty();
    const std::string option = wish.watch.empty() ? "--join" : "--watch";
    if (!any) {
        for (const auto& [name, given] :
             {std::pair{"--code", &wish.code}, {"--name", &wish.name}, {"--fingerprint", &wish.fingerprint}})
            if (!given->empty())
                return std::string(name) + ": of which class? Say --join or --watch ws://HOST:PORT too";
        return {};
    }
    if (!wish.join.empty() && !wish.watch.empty() && wish.join != wish.watch)
        return "--join and --watch: a code is of one class only; both must name the same address";
    if (!wish.watch.empty() && !file.empty()) return "--watch: the window shows either a class or " + file;
    if (!wish.watch.empty() && start)
        return "--watch and --start: who watches a class starts no run; its host does";
    if (wish.code.empty()) return option + " needs --code, as the host shows it, such as K7M-Q2X";
    if (!wish.name.empty() && wish.join.empty())
        return "--name: what the host calls a computer that joins; expected with --join";
    if (!wish.fingerprint.empty() && !secure)
        return "--fingerprint: only an encrypted host has one, whose address begins with wss://";
    const auto code = readJoinCode(wish.code);
    return code ? std::string() : "--code: " + code.error();
}

ui::JoinPlace placeOf(const ClassWish& wish, const std::string& address) {
    return {QString::fromStdString(address), QString::fromStdString(wish.code),
            QString::fromStdString(wish.fingerprint), QString::fromStdString(wish.name)};
}

/// `ps` shows what the arguments hold now.
void blotOut(int argc, char** argv, const std::string& code) {
    if (code.empty()) return;
    for (int i = 1; i < argc; ++i)
        if (char* at = std::strstr(argv[i], code.c_str())) std::memset(at, '*', code.size());
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
        "Write start.png and after-<seconds>s.png into this folder, then leave; implies --start "
        "(but with --watch)");
    app.add_option("--after", wish.after, "Seconds until the second picture")
        ->needs(shots)
        ->check(CLI::Range(0.0, 86400.0));
    app.add_option("--theme", theme, "Colours of this session")
        ->check(CLI::IsMember({"light", "dark", "projector"}));
    app.add_option("--size", size, "Size of the window, such as 1366x768");
    app.add_flag("--startup-time", wish.startupTime,
                 "Tell how long it took to the first painted frame, on stderr");
    ClassWish wished;
    app.add_option("--join", wished.join,
                   "Train for another computer's class: its address, ws://HOST:PORT or wss://HOST:PORT");
    app.add_option("--watch", wished.watch, "Show the runs of another computer's class: its address");
    app.add_option("--code", wished.code, "The code that its host shows, such as K7M-Q2X");
    app.add_option("--name", wished.name,
                   "What the host calls this computer when it joins; its own name unless given");
    app.add_option("--fingerprint", wished.fingerprint,
                   "Of a wss host's certificate: 64 hexadecimal digits, or a file that holds them");
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return {{}, app.exit(error) == 0 ? 0 : kBadInput};
    }
    blotOut(argc, argv, wished.code);
    const bool secure = wished.join.starts_with("wss://") || wished.watch.starts_with("wss://");
    if (const std::string problem = problemOf(wished, file, wish.start, secure); !problem.empty()) {
        std::cerr << problem << '\n';
        return {{}, kBadInput};
    }
    if (!wished.join.empty()) wish.join = placeOf(wished, wished.join);
    if (!wished.watch.empty()) wish.watch = placeOf(wished, wished.watch);
    if (wish.watch) wish.watch->name.clear();
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
    wish.start = wish.start || (!screenshots.empty() && !wish.watch);
    return {wish, 0};
}

}  // namespace rondo::desktop
