#include "ui/room/class_panel.h"

#include <QCheckBox>
#include <QClipboard>
#include <QFormLayout>
#include <QGuiApplication>
#include <QHeaderView>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QMessageBox>
#include <QPushButton>
#include <QScreen>
#include <QStackedWidget>
#include <QTableView>
#include <QToolButton>
#include <QVBoxLayout>
#include <algorithm>

#include "ui/room/class_board.h"
#include "ui/room/class_code.h"
#include "ui/room/qr_code.h"
#include "ui/room/room_words.h"

namespace rondo::ui {

namespace {

QLabel* words(const QString& text, const char* look = nullptr) {
    auto* made = new QLabel(text);
    made->setWordWrap(true);
    if (look) made->setProperty(look, true);
    return made;
}

}  // namespace

ClassPanel::ClassPanel(RoomKeeper& keeper, QWidget* parent)
    : QWidget(parent), keeper_(keeper), model_(new ClassModel(keeper, this)), pages_(new QStackedWidget) {
    setObjectName(QStringLiteral("sidePanel"));
    setAttribute(Qt::WA_StyledBackground);
    setAccessibleName(tr("Class"));
    pages_->addWidget(makeClosedPage());
    pages_->addWidget(makeOpenPage());
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->addWidget(pages_);
    connect(&keeper_.store(), &RoomStore::roomChanged, this, &ClassPanel::refresh);
    connect(&keeper_.store(), &RoomStore::changed, this, &ClassPanel::refreshCounts);
    refresh();
    refreshCounts();
}

ClassPanel::~ClassPanel() = default;

QToolButton* ClassPanel::button(const QString& text, const QString& tip) {
    auto* made = new QToolButton(this);
    made->setText(text);
    made->setToolTip(tip);
    made->setFocusPolicy(Qt::StrongFocus);
    return made;
}

QWidget* ClassPanel::makeClosedPage() {
    listen_ = new QLineEdit(QStringLiteral(":7077"));
    listen_->setObjectName(QStringLiteral("listenAt"));
    listen_->setMaximumWidth(240);
    listen_->setToolTip(
        tr("PORT or :PORT on all addresses of this computer, or ADDRESS:PORT; port 0 takes any "
           "that is free"));
    listen_->setAccessibleName(tr("Port, or address and port, to listen at"));
    secure_ = new QCheckBox(tr("&Encrypted"));
    secure_->setObjectName(QStringLiteral("encrypted"));
    secure_->setToolTip(
        tr("wss with a certificate of its own. The code gets ten characters longer: they tell the "
           "machines that it is this computer they talk to"));
    host_ = new QPushButton(tr("&Host"));
    host_->setObjectName(QStringLiteral("hostButton"));
    host_->setProperty("accent", "true");
    host_->setMinimumWidth(104);
    host_->setToolTip(tr("Opens the room: machines can join, none has to"));
    problem_ = words({}, "problem");
    problem_->setObjectName(QStringLiteral("hostProblem"));

    auto* listenName = new QLabel(tr("&Listen at"));
    listenName->setBuddy(listen_);
    auto* row = new QHBoxLayout;
    row->setSpacing(10);
    row->addWidget(host_);
    row->addSpacing(8);
    row->addWidget(listenName);
    row->addWidget(listen_);
    row->addWidget(secure_);
    row->addStretch(1);
    auto* page = new QWidget;
    auto* column = new QVBoxLayout(page);
    column->setContentsMargins(16, 12, 16, 12);
    column->setSpacing(8);
    column->addWidget(words(tr("Train together with the machines of the room"), "heading"));
    column->addWidget(words(
        tr("Host shows a code and a line. Each machine that types the line joins, and stands here with its "
           "state, speed and clock. Then choose run on: lab in the settings, and Run: the machines train, "
           "this computer coordinates. Whoever has the code may also watch."),
        "muted"));
    column->addLayout(row);
    column->addWidget(problem_);
    column->addStretch(1);
    connect(host_, &QPushButton::clicked, this, &ClassPanel::host);
    connect(listen_, &QLineEdit::returnPressed, this, &ClassPanel::host);
    return page;
}

QWidget* ClassPanel::makeOpenPage() {
    qr_ = new QrPicture;
    code_ = new ClassCode;
    code_->setObjectName(QStringLiteral("joinCode"));
    address_ = words({});
    address_->setObjectName(QStringLiteral("joinAddress"));
    address_->setTextInteractionFlags(Qt::TextSelectableByMouse);
    line_ = new QLineEdit;
    line_->setObjectName(QStringLiteral("joinLine"));
    line_->setReadOnly(true);
    line_->setAccessibleName(tr("The line by which a machine joins"));
    copy_ = button(tr("Copy"), tr("The line to the clipboard"));
    copy_->setObjectName(QStringLiteral("copyLine"));
    board_ =
        button(tr("Show to the class"), tr("Code, address and QR code over the whole screen (Esc closes)"));
    board_->setObjectName(QStringLiteral("showToClass"));
    close_ = button(tr("Close the room"), tr("All machines leave; a run over them ends first"));
    close_->setObjectName(QStringLiteral("closeRoom"));

    auto* text = new QVBoxLayout;
    text->setSpacing(4);
    text->addWidget(code_, 1);
    text->addWidget(address_);
    auto* top = new QHBoxLayout;
    top->setSpacing(10);
    top->addWidget(qr_);
    top->addLayout(text, 1);
    auto* lineRow = new QHBoxLayout;
    lineRow->setSpacing(4);
    lineRow->addWidget(line_, 1);
    lineRow->addWidget(copy_);
    auto* buttons = new QHBoxLayout;
    buttons->setSpacing(4);
    buttons->addWidget(board_);
    buttons->addWidget(close_);
    buttons->addStretch(1);
    card_ = new QWidget;
    auto* cardColumn = new QVBoxLayout(card_);
    cardColumn->setContentsMargins(10, 6, 6, 6);
    cardColumn->setSpacing(4);
    cardColumn->addLayout(top, 1);
    cardColumn->addLayout(lineRow);
    cardColumn->addLayout(buttons);

    count_ = words({}, "heading");
    count_->setObjectName(QStringLiteral("rosterCount"));
    rename_ = button(tr("Rename"), tr("Give the machine another name (F2, or double click)"));
    remove_ = button(tr("Remove…"), tr("Send the selected machines away (Delete)"));
    auto* bar = new QHBoxLayout;
    bar->setContentsMargins(6, 4, 8, 2);
    bar->setSpacing(4);
    bar->addWidget(count_, 1);
    bar->addWidget(rename_);
    bar->addWidget(remove_);

    table_ = new QTableView;
    table_->setModel(model_);
    table_->setAccessibleName(tr("Machines of the room"));
    table_->setAccessibleDescription(tr("F2 renames a machine, Delete sends the selected ones away."));
    table_->setSelectionBehavior(QAbstractItemView::SelectRows);
    table_->setSelectionMode(QAbstractItemView::ExtendedSelection);
    table_->setEditTriggers(QAbstractItemView::DoubleClicked | QAbstractItemView::EditKeyPressed);
    table_->setTabKeyNavigation(false);  // Tab leaves it, as it leaves everything else
    table_->setContextMenuPolicy(Qt::CustomContextMenu);
    table_->setShowGrid(false);
    table_->setWordWrap(false);
    table_->setFrameShape(QFrame::NoFrame);
    table_->verticalHeader()->hide();
    table_->horizontalHeader()->setHighlightSections(false);
    table_->horizontalHeader()->setStretchLastSection(true);
    table_->setHorizontalScrollMode(QAbstractItemView::ScrollPerPixel);
    table_->installEventFilter(this);
    empty_ = words(
        tr("Nobody has joined yet. On each machine, type the line in a terminal, or choose Class → Join a "
           "class in its Rondo and give the address and the code. This computer may join, too."),
        "muted");
    empty_->setAlignment(Qt::AlignCenter);
    empty_->setMargin(12);
    roster_ = new QStackedWidget;
    roster_->addWidget(empty_);
    roster_->addWidget(table_);
    notice_ = words({}, "problem");
    notice_->setObjectName(QStringLiteral("roomNotice"));
    notice_->setContentsMargins(6, 0, 8, 2);
    auto* right = new QVBoxLayout;
    right->setContentsMargins(0, 0, 0, 0);
    right->setSpacing(0);
    right->addLayout(bar);
    right->addWidget(notice_);
    right->addWidget(roster_, 1);

    auto* page = new QWidget;
    auto* line = new QHBoxLayout(page);
    line->setContentsMargins(0, 0, 0, 0);
    line->setSpacing(6);
    line->addWidget(card_);
    line->addLayout(right, 1);

    connect(copy_, &QToolButton::clicked, this, &ClassPanel::copyLine);
    connect(board_, &QToolButton::clicked, this, &ClassPanel::showToClass);
    connect(close_, &QToolButton::clicked, this, &ClassPanel::closeRoom);
    connect(rename_, &QToolButton::clicked, this, &ClassPanel::renameCurrent);
    connect(remove_, &QToolButton::clicked, this, &ClassPanel::removeSelected);
    connect(table_, &QTableView::customContextMenuRequested, this, &ClassPanel::showMenu);
    connect(table_->selectionModel(), &QItemSelectionModel::selectionChanged, this,
            &ClassPanel::refreshCounts);
    return page;
}

void ClassPanel::setTheme(const Theme& theme) {
    theme_ = theme;
    model_->setTheme(theme);
    code_->setTheme(theme);
    QPalette palette = paletteOf(theme);
    palette.setColor(QPalette::Base, theme.panel);
    table_->setPalette(palette);
    table_->verticalHeader()->setDefaultSectionSize(theme.fontPixels * 7 / 4);
    table_->verticalHeader()->setMinimumSectionSize(theme.fontPixels * 7 / 4);
    if (shown_) shown_->setTheme(theme);
    widths_.fill(0);
    fitColumns();
    fitCard();
    updateGeometry();
}

void ClassPanel::setListen(const QString& listen, bool secure) {
    if (!listen.isEmpty()) listen_->setText(listen);
    secure_->setChecked(secure);
}

QString ClassPanel::listen() const {
    return listen_->text().trimmed();
}

bool ClassPanel::secure() const {
    return secure_->isChecked();
}

void ClassPanel::host() {
    if (!host_->isEnabled()) return;
    Q_EMIT hosted(listen(), secure());
    keeper_.open(listen(), secure());
}

void ClassPanel::closeRoom() {
    const int present = keeper_.store().present();
    if (present > 0) {
        const auto answer = QMessageBox::question(
            this, tr("Close the room"),
            present == 1 ? tr("A machine is in the room. Close it, and send it home?")
                         : tr("%1 machines are in the room. Close it, and send them home?").arg(present),
            QMessageBox::Close | QMessageBox::Cancel, QMessageBox::Cancel);
        if (answer != QMessageBox::Close) return;
    }
    keeper_.close();
}

void ClassPanel::showToClass() {
    if (keeper_.store().state() == RoomStore::State::Closed) return;
    if (!shown_) {
        shown_ = new ClassBoard(keeper_.store(), theme_, window());
        shown_->setAttribute(Qt::WA_DeleteOnClose);
        connect(shown_, &QObject::destroyed, this, [this] { shown_ = nullptr; });
    }
    // Where no window manager does it, too.
    shown_->setGeometry(screen()->geometry());
    shown_->showFullScreen();
    shown_->raise();
    shown_->activateWindow();
}

void ClassPanel::copyLine() const {
    QGuiApplication::clipboard()->setText(line_->text());
    line_->selectAll();
}

QSize ClassPanel::minimumSizeHint() const {
    // A table scrolls, and the QR code can go; the line and its buttons can't.
    return {54 * theme_.fontPixels, 9 * theme_.fontPixels};
}

void ClassPanel::refresh() {
    const RoomStore& room = keeper_.store();
    using State = RoomStore::State;
    const bool shown =
        room.state() == State::Open || (room.state() == State::Lost && !room.place().url.empty());
    pages_->setCurrentIndex(shown ? 1 : 0);
    const bool opening = room.state() == State::Opening;
    host_->setEnabled(!opening);
    host_->setText(opening ? tr("Opening …") : tr("&Host"));
    for (QWidget* one : {static_cast<QWidget*>(listen_), static_cast<QWidget*>(secure_)})
        one->setEnabled(!opening);
    problem_->setText(!shown && !room.problem().isEmpty() ? tr("The room isn't open: %1").arg(room.problem())
                                                          : QString());
    problem_->setVisible(!problem_->text().isEmpty());

    const RoomChanged& place = room.place();
    code_->setCode(QString::fromStdString(place.code));
    qr_->setText(QString::fromStdString(place.joinLine));
    line_->setText(QString::fromStdString(place.joinLine));
    line_->setCursorPosition(0);
    QString address = QString::fromStdString(place.url);
    const QString others = QString::fromStdString(place.others);
    if (!others.isEmpty()) address += tr("  (or another)");
    address_->setText(address);
    address_->setToolTip(others.isEmpty() ? QString() : tr("Also at\n%1").arg(others));
    QString notice;
    if (room.state() == State::Lost)
        notice = tr("%1 The room is opened again with the same code; its machines dial by themselves.")
                     .arg(room.problem());
    else if (room.codeIsNew())
        notice =
            tr("The room was opened again under a new certificate: machines have to join by the new line.");
    else if (room.open() && onlyHere(place))
        notice = tr("Only this computer can reach this address.");
    notice_->setText(notice);
    notice_->setVisible(!notice.isEmpty());
    fitCard();
}

void ClassPanel::refreshCounts() {
    const RoomStore& room = keeper_.store();
    count_->setText(rosterWords(room));
    const bool any = !room.members().empty();
    if (roster_->currentIndex() != (any ? 1 : 0)) {
        roster_->setCurrentIndex(any ? 1 : 0);
    }
    const auto rows = table_->selectionModel()->selectedRows();
    rename_->setEnabled(rows.size() == 1 &&
                        rows.first().siblingAtColumn(ClassModel::Name).flags() & Qt::ItemIsEditable);
    remove_->setEnabled(!rows.isEmpty());
    fitColumns();
}

void ClassPanel::fitColumns() {
    // Only ever wider: figures that come and go would make the columns dance, and what the person has made
    // narrower stays so.
    const QFontMetrics metrics(bodyFont(theme_));
    if (model_->rowCount() == 0) widths_.fill(0);
    for (int column = 0; column + 1 < ClassModel::kColumns; ++column) {
        int wide =
            metrics.horizontalAdvance(model_->headerData(column, Qt::Horizontal, Qt::DisplayRole).toString());
        for (int row = 0; row < model_->rowCount(); ++row)
            wide = std::max(wide, metrics.horizontalAdvance(model_->index(row, column).data().toString()));
        wide = std::min(wide + theme_.fontPixels * 3 / 2 + 2, 18 * theme_.fontPixels);
        int& width = widths_[static_cast<std::size_t>(column)];
        if (wide <= width) continue;
        width = wide;
        table_->setColumnWidth(column, wide);
    }
}

void ClassPanel::fitCard() {
    // The QR code is square and takes what height is left; where that is too little, the board has it.
    const int left = height() - line_->sizeHint().height() - close_->sizeHint().height() - 20;
    const int side = std::clamp(left, 0, 240);
    const int least = qrCode(line_->text()).width() * 2;
    qr_->setVisible(side >= least);
    qr_->setFixedSize(side, side);
    card_->setFixedWidth(std::clamp(width() * 2 / 5, 26 * theme_.fontPixels, 46 * theme_.fontPixels));
}

void ClassPanel::resizeEvent(QResizeEvent*) {
    fitCard();
}

void ClassPanel::renameCurrent() {
    const QModelIndex name = table_->currentIndex().siblingAtColumn(ClassModel::Name);
    if (!(name.flags() & Qt::ItemIsEditable)) return;
    table_->setFocus();
    table_->edit(name);
}

void ClassPanel::removeSelected() {
    auto rows = table_->selectionModel()->selectedRows();
    if (rows.isEmpty()) return;
    const auto nameOf = [](const QModelIndex& row) {
        return row.siblingAtColumn(ClassModel::Name).data().toString();
    };
    const auto& members = keeper_.store().members();
    const auto present = std::count_if(rows.begin(), rows.end(), [&](const QModelIndex& row) {
        return members[static_cast<std::size_t>(row.row())].present();
    });
    // Rows may go while the question is asked.
    QList<QPersistentModelIndex> kept(rows.begin(), rows.end());
    if (present > 0) {
        const QString question =
            rows.size() == 1 ? tr("Send %1 away? It leaves the room, and its run goes on without it.")
                                   .arg(nameOf(rows.first()))
                             : tr("Send %1 machines away? They leave the room, and their run goes on without "
                                  "them.")
                                   .arg(rows.size());
        QMessageBox box(QMessageBox::Question, tr("Remove"), question, QMessageBox::NoButton, this);
        auto* yes = box.addButton(tr("Remove"), QMessageBox::AcceptRole);
        box.setDefaultButton(box.addButton(QMessageBox::Cancel));
        box.exec();
        if (box.clickedButton() != yes) return;
    }
    const int row = table_->currentIndex().row();
    for (const QPersistentModelIndex& one : kept)
        if (one.isValid()) keeper_.remove(one.row(), tr("sent away by the host"));
    // The keyboard goes on where it was.
    if (model_->rowCount() > 0)
        table_->setCurrentIndex(model_->index(std::clamp(row, 0, model_->rowCount() - 1), 0));
}

void ClassPanel::showMenu(const QPoint& place) {
    if (table_->selectionModel()->selectedRows().isEmpty()) return;
    QMenu menu(this);
    QAction* rename = menu.addAction(tr("Rename"), this, &ClassPanel::renameCurrent);
    rename->setEnabled(rename_->isEnabled());
    menu.addAction(tr("Remove…"), this, &ClassPanel::removeSelected);
    menu.exec(table_->viewport()->mapToGlobal(place));
}

bool ClassPanel::eventFilter(QObject* watched, QEvent* event) {
    if (watched != table_ || event->type() != QEvent::KeyPress) return QWidget::eventFilter(watched, event);
    switch (static_cast<QKeyEvent*>(event)->key()) {
        case Qt::Key_Delete:
        case Qt::Key_Backspace:
            removeSelected();
            return true;
        case Qt::Key_F2:
            renameCurrent();
            return true;
        default:
            return false;
    }
}

}  // namespace rondo::ui
