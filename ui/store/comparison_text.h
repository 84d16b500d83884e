#pragma once

#include <QString>

#include "ui/store/kept_runs.h"

namespace rondo::ui {

/// The kept runs as a table for other programs: a row a run, a header first, bytes and seconds as plain
/// numbers with a full stop whatever this computer's language, nothing where there is no figure. `target`:
/// the accuracy (0–1) whose seconds, steps and bytes are told.

/// Comma-separated as RFC 4180 has it.
QString csvOf(const KeptRuns& kept, double target);
/// Separated by tabs: what a spreadsheet takes from the clipboard.
QString tabbedOf(const KeptRuns& kept, double target);

}  // namespace rondo::ui
