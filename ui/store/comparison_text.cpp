#include "ui/store/comparison_text.h"

#include <QLocale>
#include <QStringList>
#include <cmath>

namespace rondo::ui {

namespace {

QString number(std::optional<double> value) {
    if (!value) return {};
    if (std::isnan(*value)) return QStringLiteral("nan");
    if (std::isinf(*value)) return *value > 0 ? QStringLiteral("inf") : QStringLiteral("-inf");
    return QString::number(*value, 'g', QLocale::FloatingPointShortest);
}
QString whole(std::optional<qint64> value) {
    return value ? QString::number(*value) : QString();
}

const QStringList kHeader{QStringLiteral("name"),
                          QStringLiteral("algorithm"),
                          QStringLiteral("workers"),
                          QStringLiteral("seed"),
                          QStringLiteral("status"),
                          QStringLiteral("steps"),
                          QStringLiteral("seconds"),
                          QStringLiteral("payload_bytes"),
                          QStringLiteral("test_accuracy"),
                          QStringLiteral("final_loss"),
                          QStringLiteral("target_accuracy"),
                          QStringLiteral("seconds_to_target"),
                          QStringLiteral("steps_to_target"),
                          QStringLiteral("payload_bytes_to_target")};

QStringList cellsOf(const KeptRuns::Entry& entry, double target) {
    const KeptRun& run = *entry.run;
    const auto reached = run.reached(target);
    const auto bytes = reached ? std::optional(std::llround(reached->bytes)) : std::nullopt;
    return {entry.name,
            run.algorithm,
            QString::number(run.spec.workers),
            QString::number(run.spec.seed),
            run.status,
            whole(run.steps),
            number(run.seconds),
            whole(run.payloadBytes),
            number(run.testAccuracy),
            number(run.finalLoss),
            number(target),
            number(reached ? std::optional(reached->seconds) : std::nullopt),
            whole(reached ? std::optional<qint64>(reached->step) : std::nullopt),
            whole(bytes)};
}

QString quoted(QString cell) {
    const bool plain = !cell.contains(QLatin1Char(',')) && !cell.contains(QLatin1Char('"')) &&
                       !cell.contains(QLatin1Char('\n')) && !cell.contains(QLatin1Char('\r'));
    return plain
               ? cell
               : QLatin1Char('"') + cell.replace(QLatin1Char('"'), QStringLiteral("\"\"")) + QLatin1Char('"');
}
/// Nothing quotes a tab for all who paste.
QString untabbed(QString cell) {
    return cell.simplified();
}

QString tableOf(const KeptRuns& kept, double target, QLatin1Char between, const QString& end,
                QString (*write)(QString)) {
    QString text;
    const auto line = [&](const QStringList& cells) {
        QStringList written;
        for (const QString& cell : cells) written << write(cell);
        text += written.join(between) + end;
    };
    line(kHeader);
    for (const KeptRuns::Entry& entry : kept.entries()) line(cellsOf(entry, target));
    return text;
}

}  // namespace

QString csvOf(const KeptRuns& kept, double target) {
    return tableOf(kept, target, QLatin1Char(','), QStringLiteral("\r\n"), quoted);
}

QString tabbedOf(const KeptRuns& kept, double target) {
    return tableOf(kept, target, QLatin1Char('\t'), QStringLiteral("\n"), untabbed);
}

}  // namespace rondo::ui
