#include "ui/room/class_board.h"

#include <QFontDatabase>
#include <QGridLayout>
#include <QLabel>
#include <QShortcut>
#include <QVBoxLayout>
#include <algorithm>

#include "ui/room/class_code.h"
#include "ui/room/qr_code.h"
#include "ui/room/room_words.h"

namespace rondo::ui {

namespace {

QLabel* line(const char* name) {
    auto* made = new QLabel;
    made->setObjectName(QLatin1String(name));
    made->setTextFormat(Qt::PlainText);
    made->setTextInteractionFlags(Qt::TextSelectableByMouse);
    made->setMinimumWidth(1);  // its letters follow the window, not the other way round
    return made;
}

/// The largest letters at which it fits.
void fitText(QLabel& label, QFont font, int room, int most) {
    font.setPixelSize(100);
    const int wide = std::max(1, QFontMetrics(font).horizontalAdvance(label.text()));
    font.setPixelSize(std::clamp(room * 100 / wide, 10, most));
    // The window's sheet sets a size of letters for everything.
    label.setStyleSheet(QStringLiteral("font-size: %1px;").arg(font.pixelSize()));
    label.setFont(font);
}

}  // namespace

ClassBoard::ClassBoard(const RoomStore& room, const Theme& theme, QWidget* parent)
    : QDialog(parent),
      room_(room),
      qr_(new QrPicture),
      code_(new ClassCode),
      title_(line("boardTitle")),
      address_(line("boardAddress")),
      line_(line("boardLine")),
      count_(line("boardCount")) {
    setObjectName(QStringLiteral("classBoard"));
    setWindowTitle(tr("Join the class"));
    setModal(false);
    qr_->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding);
    auto* words = new QVBoxLayout;
    words->setSpacing(10);
    words->addStretch(1);
    words->addWidget(title_);
    words->addWidget(code_, 4);
    words->addWidget(address_);
    words->addStretch(1);
    auto* top = new QHBoxLayout;
    top->setSpacing(40);
    top->addWidget(qr_, 2);
    top->addLayout(words, 3);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(40, 30, 40, 30);
    column->setSpacing(20);
    column->addLayout(top, 1);
    column->addWidget(line_);
    column->addWidget(count_);
    connect(&room_, &RoomStore::changed, this, &ClassBoard::refresh);
    setTheme(theme);
    refresh();
}

void ClassBoard::setTheme(const Theme& theme) {
    code_->setTheme(theme);
    QPalette palette = paletteOf(theme);
    setPalette(palette);
    count_->setProperty("muted", true);
    fit();
}

void ClassBoard::refresh() {
    if (room_.state() == RoomStore::State::Closed) return close(), void();
    const RoomChanged& place = room_.place();
    title_->setText(tr("Join the class with this code"));
    code_->setCode(QString::fromStdString(place.code));
    address_->setText(tr("at %1").arg(QString::fromStdString(place.url)));
    line_->setText(QString::fromStdString(place.joinLine));
    qr_->setText(QString::fromStdString(place.joinLine));
    count_->setText(room_.open() ? rosterWords(room_) : tr("The room is being opened again …"));
    fit();
}

void ClassBoard::fit() {
    const QFont plain = font();
    const int body = std::max(16, height() / 24), right = width() * 3 / 5 - 100;
    fitText(*title_, plain, right, body);
    fitText(*address_, plain, right, body * 3 / 2);
    QFont fixed = QFontDatabase::systemFont(QFontDatabase::FixedFont);
    fitText(*line_, fixed, width() - 90, body);
    fitText(*count_, plain, width() - 90, body);
}

void ClassBoard::resizeEvent(QResizeEvent*) {
    fit();
}

}  // namespace rondo::ui
