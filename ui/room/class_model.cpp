#include "ui/room/class_model.h"

#include "ui/room/room_words.h"

namespace rondo::ui {

ClassModel::ClassModel(RoomKeeper& keeper, QObject* parent) : QAbstractTableModel(parent), keeper_(keeper) {
    RoomStore& store = keeper_.store();
    rows_ = static_cast<int>(store.members().size());
    connect(&store, &RoomStore::memberAdded, this, [this](int row) {
        beginInsertRows({}, row, row);
        ++rows_;
        endInsertRows();
    });
    connect(&store, &RoomStore::memberChanged, this,
            [this](int row) { Q_EMIT dataChanged(index(row, 0), index(row, kColumns - 1)); });
    connect(&store, &RoomStore::memberRemoved, this, [this](int row) {
        beginRemoveRows({}, row, row);
        --rows_;
        endRemoveRows();
    });
    connect(&store, &RoomStore::membersReset, this, [this] {
        beginResetModel();
        rows_ = static_cast<int>(keeper_.store().members().size());
        endResetModel();
    });
}

void ClassModel::setTheme(const Theme& theme) {
    theme_ = theme;
    if (rows_ > 0) Q_EMIT dataChanged(index(0, 0), index(rows_ - 1, kColumns - 1));
}

int ClassModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : rows_;
}

int ClassModel::columnCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : kColumns;
}

QString ClassModel::textOf(const RoomStore::Member& member, int column) const {
    const MemberChanged& known = member.known;
    switch (column) {
        case Name:
            return QString::fromStdString(known.name);
        case State:
            return stateWords(member);
        case RankColumn:
            return known.rank.value >= 0 ? QString::number(known.rank.value) : QStringLiteral("–");
        case Cores:
            return known.cores > 0 ? QString::number(known.cores) : QStringLiteral("–");
        case Speed:
            return speedWords(known);
        case RoundTrip:
            return roundTripWords(known);
        case Clock:
            return clockWords(known);
        case Address:
            return QString::fromStdString(known.address);
        case Detail:
            return member.awaited ? tr("its host was lost; it dials again by itself")
                                  : QString::fromStdString(known.detail);
        default:
            return {};
    }
}

QVariant ClassModel::data(const QModelIndex& index, int role) const {
    const auto& members = keeper_.store().members();
    const auto row = static_cast<std::size_t>(index.row());
    // A signal of the store may be under way when somebody else asks.
    if (!index.isValid() || row >= members.size()) return {};
    const RoomStore::Member& member = members[row];
    switch (role) {
        case Qt::DisplayRole:
        case Qt::EditRole:
        case Qt::ToolTipRole:
            return textOf(member, index.column());
        case Qt::TextAlignmentRole:
            return QVariant(index.column() == RankColumn || index.column() == Cores ||
                                    index.column() == Speed || index.column() == RoundTrip ||
                                    index.column() == Clock
                                ? Qt::AlignRight | Qt::AlignVCenter
                                : Qt::AlignLeft | Qt::AlignVCenter);
        case Qt::ForegroundRole:
            if (member.present()) return {};
            return !member.awaited && member.known.state == MemberChanged::State::Lost &&
                           index.column() == State
                       ? theme_.fault
                       : theme_.mutedText;
        default:
            return {};
    }
}

bool ClassModel::setData(const QModelIndex& index, const QVariant& value, int role) {
    if (role != Qt::EditRole || index.column() != Name) return false;
    const QString name = value.toString().trimmed();
    if (name.isEmpty() ||
        name == textOf(keeper_.store().members().at(static_cast<std::size_t>(index.row())), Name))
        return false;
    keeper_.rename(index.row(), name);
    return true;
}

QVariant ClassModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal) return {};
    if (role == Qt::TextAlignmentRole)
        return QVariant((section >= RankColumn && section <= Clock ? Qt::AlignRight : Qt::AlignLeft) |
                        Qt::AlignVCenter);
    if (role == Qt::ToolTipRole) {
        switch (section) {
            case RankColumn:
                return tr("Which worker it is in the present run");
            case Speed:
                return tr("What one core multiplies, measured when it joined");
            case RoundTrip:
                return tr("To the machine and back, the shortest of late");
            case Clock:
                return tr(
                    "Its clock less this computer's, and how sure that is. Times of all machines are "
                    "shown on this computer's clock");
            case Address:
                return tr("As seen from this computer");
            default:
                return {};
        }
    }
    if (role != Qt::DisplayRole) return {};
    switch (section) {
        case Name:
            return tr("Name");
        case State:
            return tr("State");
        case RankColumn:
            return tr("Rank");
        case Cores:
            return tr("Cores");
        case Speed:
            return tr("Speed of a core");
        case RoundTrip:
            return tr("Round trip");
        case Clock:
            return tr("Clock");
        case Address:
            return tr("Address");
        case Detail:
            return tr("Why");
        default:
            return {};
    }
}

Qt::ItemFlags ClassModel::flags(const QModelIndex& index) const {
    const auto& members = keeper_.store().members();
    const auto row = static_cast<std::size_t>(index.row());
    const bool named =
        index.isValid() && index.column() == Name && row < members.size() && !members[row].awaited;
    return QAbstractTableModel::flags(index) | (named ? Qt::ItemIsEditable : Qt::NoItemFlags);
}

}  // namespace rondo::ui
