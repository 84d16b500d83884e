#pragma once

#include <QSize>
#include <QString>
#include <optional>
#include <string>

#include "ui/bridge/join_process.h"

namespace rondo::desktop {

/// What the command line asks for.
struct Wish {
    QString file;  ///< settings or a recording, already looked at; empty: last time's
    bool start = false;
    QString screenshots;  ///< folder; empty: none
    double after = 10;    ///< seconds
    QString theme;        ///< empty: last time's
    QSize size;           ///< invalid: last time's
    bool startupTime = false;
    std::optional<ui::JoinPlace> join, watch;  ///< the class of another computer
};

/// The wish, or the exit code to leave with: 0 after --help, 2 for what can't be used, with the reason on
/// stderr.
struct Parsed {
    std::optional<Wish> wish;
    int exitCode = 0;
};
/// `resources`: where presets are, to name them. A code among the arguments is blotted out there, since
/// whoever uses the computer can read those.
Parsed parseCommandLine(int argc, char** argv, const QString& resources);

}  // namespace rondo::desktop
