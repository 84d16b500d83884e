#include "ui/panels/comparison_model.h"

#include <QRegularExpression>
#include <algorithm>
#include <cmath>

#include "ui/draw/axis.h"
#include "ui/draw/run_style.h"
#include "ui/panels/outcome.h"

namespace rondo::ui {

namespace {

const QString kNone = QStringLiteral("–");

QString wholeText(double value) {
    return countText(std::llround(value));
}

/// How figures of a column are written.
QString figureText(int column, double value) {
    switch (column) {
        case ComparisonModel::Seconds:
        case ComparisonModel::SecondsToTarget:
            return durationText(value);
        case ComparisonModel::Payload:
        case ComparisonModel::BytesToTarget:
            return bytesText(value);
        case ComparisonModel::Accuracy:
            return percentText(value);
        case ComparisonModel::Loss:
            return lossText(value);
        default:
            return wholeText(value);
    }
}

/// "92.6 (92.1–93.0) %": the unit once where all three have the same.
QString rangeText(const QString& mean, const QString& low, const QString& high) {
    if (low == high) return mean;
    const auto split = [](const QString& text) {
        const auto place = text.indexOf(QRegularExpression(QStringLiteral("[\\s\\x{a0}]")));
        return place < 0 ? std::pair(text, QString()) : std::pair(text.left(place), text.mid(place));
    };
    const auto [number, unit] = split(mean);
    const auto [from, fromUnit] = split(low);
    const auto [to, toUnit] = split(high);
    if (unit != fromUnit || unit != toUnit) return QStringLiteral("%1 (%2 – %3)").arg(mean, low, high);
    return QStringLiteral("%1 (%2–%3)%4").arg(number, from, to, unit);
}

bool isToTarget(int column) {
    return column == ComparisonModel::SecondsToTarget || column == ComparisonModel::StepsToTarget ||
           column == ComparisonModel::BytesToTarget;
}

}  // namespace

ComparisonModel::ComparisonModel(KeptRuns& kept, QObject* parent) : QAbstractTableModel(parent), kept_(kept) {
    connect(&kept_, &KeptRuns::changed, this, [this] {
        const int rows = static_cast<int>(kept_.entries().size() + kept_.groups().size());
        if (rows == rows_) {
            // A name or a tick: what is selected stays so.
            if (rows > 0) Q_EMIT dataChanged(index(0, 0), index(rows - 1, kColumns - 1));
            return;
        }
        beginResetModel();
        rows_ = rows;
        endResetModel();
    });
    rows_ = static_cast<int>(kept_.entries().size() + kept_.groups().size());
}

void ComparisonModel::setTarget(double accuracy) {
    target_ = accuracy;
    Q_EMIT headerDataChanged(Qt::Horizontal, SecondsToTarget, BytesToTarget);
    if (rows_ > 0) Q_EMIT dataChanged(index(0, SecondsToTarget), index(rows_ - 1, BytesToTarget));
}

void ComparisonModel::setTheme(const Theme& theme) {
    theme_ = theme;
    if (rows_ > 0) Q_EMIT dataChanged(index(0, Name), index(rows_ - 1, Name));
}

const KeptRuns::Entry* ComparisonModel::entryAt(int row) const {
    const auto place = static_cast<std::size_t>(row);
    return row >= 0 && place < kept_.entries().size() ? &kept_.entries()[place] : nullptr;
}

const KeptRuns::Group* ComparisonModel::groupAt(int row) const {
    const auto place = static_cast<std::size_t>(row) - kept_.entries().size();
    return row >= static_cast<int>(kept_.entries().size()) && place < kept_.groups().size()
               ? &kept_.groups()[place]
               : nullptr;
}

std::optional<int> ComparisonModel::idOf(int row) const {
    const auto* entry = entryAt(row);
    return entry ? std::optional(entry->id) : std::nullopt;
}

int ComparisonModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : rows_;
}

int ComparisonModel::columnCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : kColumns;
}

std::optional<double> ComparisonModel::figure(const KeptRun& run, int column) const {
    const auto real = [](std::optional<qint64> whole) {
        return whole ? std::optional(static_cast<double>(*whole)) : std::nullopt;
    };
    const auto reached = isToTarget(column) ? run.reached(target_) : std::nullopt;
    switch (column) {
        case Workers:
            return static_cast<double>(run.spec.workers);
        case Steps:
            return real(run.steps);
        case Seconds:
            return run.seconds;
        case Payload:
            return real(run.payloadBytes);
        case Accuracy:
            return run.testAccuracy;
        case Loss:
            return run.finalLoss;
        case SecondsToTarget:
            return reached ? std::optional(reached->seconds) : std::nullopt;
        case StepsToTarget:
            return reached ? std::optional<double>(reached->step) : std::nullopt;
        case BytesToTarget:
            return reached ? std::optional(reached->bytes) : std::nullopt;
        default:
            return {};
    }
}

QString ComparisonModel::textOf(const KeptRun& run, int column) const {
    if (column == Status) return run.status;
    if (column == Algorithm) return run.algorithm;
    const auto value = figure(run, column);
    if (!value) return isToTarget(column) && !run.accuracy.empty() ? tr("never") : kNone;
    return figureText(column, *value);
}

QString ComparisonModel::textOf(const KeptRuns::Group& group, int column) const {
    const KeptRun& first = *kept_.entries()[group.members.front()].run;
    if (column == Status) return {};
    if (column == Workers || column == Algorithm) return textOf(first, column);
    double sum = 0, least = 0, most = 0;
    std::size_t known = 0;
    for (const std::size_t member : group.members) {
        const auto value = figure(*kept_.entries()[member].run, column);
        if (!value || !std::isfinite(*value)) continue;
        least = known == 0 ? *value : std::min(least, *value);
        most = known == 0 ? *value : std::max(most, *value);
        sum += *value;
        ++known;
    }
    // A mean of those that got there would flatter the others.
    if (known < group.members.size())
        return known == 0 ? kNone : tr("%1 of %2").arg(known).arg(group.members.size());
    return rangeText(figureText(column, sum / static_cast<double>(known)), figureText(column, least),
                     figureText(column, most));
}

QVariant ComparisonModel::data(const QModelIndex& index, int role) const {
    const auto* entry = entryAt(index.row());
    const auto* group = groupAt(index.row());
    if (!entry && !group) return {};
    const int column = index.column();
    if (role == Qt::TextAlignmentRole) {
        const bool figures = column >= Workers && column < Status;
        return QVariant(Qt::AlignVCenter | (figures ? Qt::AlignRight : Qt::AlignLeft));
    }
    if (role == Qt::FontRole && group) {
        QFont font = bodyFont(theme_);
        font.setItalic(true);
        return font;
    }
    if (column != Name) {
        if (role != Qt::DisplayRole && role != Qt::ToolTipRole) return {};
        return entry ? textOf(*entry->run, column) : textOf(*group, column);
    }
    const KeptRuns::Entry& shown = entry ? *entry : kept_.entries()[group->members.front()];
    switch (role) {
        case Qt::DisplayRole:
        case Qt::EditRole:
            return entry ? entry->name : group->name;
        case Qt::ToolTipRole:
            return entry ? tr("%1\nTicked: drawn. Double-click or F2: another name.").arg(entry->name)
                         : tr("%1\nTicked: drawn as mean and range, as far as all of them go; else a curve "
                              "each.")
                               .arg(group->name);
        case Qt::CheckStateRole:
            return (entry ? entry->shown : group->asOne) ? Qt::Checked : Qt::Unchecked;
        case Qt::DecorationRole:
            return RunStyle::of(shown.slot, theme_).swatch(theme_, 2, group != nullptr);
        default:
            return {};
    }
}

bool ComparisonModel::setData(const QModelIndex& index, const QVariant& value, int role) {
    if (index.column() != Name) return false;
    const auto* entry = entryAt(index.row());
    const auto* group = groupAt(index.row());
    if (role == Qt::CheckStateRole) {
        const bool on = value.toInt() == Qt::Checked;
        if (entry) kept_.setShown(entry->id, on);
        if (group) kept_.setAsOne(std::string(group->key), on);
        return entry || group;
    }
    if (role != Qt::EditRole || !entry) return false;
    kept_.rename(entry->id, value.toString());
    return true;
}

QVariant ComparisonModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal) return {};
    if (role == Qt::TextAlignmentRole)
        return QVariant(Qt::AlignVCenter |
                        (section >= Workers && section < Status ? Qt::AlignRight : Qt::AlignLeft));
    if (role != Qt::DisplayRole) return {};
    const QString target = QString::number(target_ * 100, 'g', 4) + QStringLiteral(" %");
    switch (section) {
        case Name:
            return tr("Run");
        case Workers:
            return tr("Workers");
        case Steps:
            return tr("Steps");
        case Seconds:
            return tr("Time");
        case Payload:
            return tr("Payload");
        case Accuracy:
            return tr("Test accuracy");
        case Loss:
            return tr("Final loss");
        case SecondsToTarget:
            return tr("Time to %1").arg(target);
        case StepsToTarget:
            return tr("Steps to %1").arg(target);
        case BytesToTarget:
            return tr("Bytes to %1").arg(target);
        case Status:
            return tr("Status");
        case Algorithm:
            return tr("Algorithm");
        default:
            return {};
    }
}

Qt::ItemFlags ComparisonModel::flags(const QModelIndex& index) const {
    Qt::ItemFlags flags = Qt::ItemIsEnabled | Qt::ItemIsSelectable | Qt::ItemNeverHasChildren;
    if (index.column() != Name) return flags;
    flags |= Qt::ItemIsUserCheckable;
    return entryAt(index.row()) ? flags | Qt::ItemIsEditable : flags;
}

}  // namespace rondo::ui
