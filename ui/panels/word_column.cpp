#include "ui/panels/word_column.h"

#include <QLabel>
#include <QStringList>
#include <QVBoxLayout>

namespace rondo::ui {

WordColumn::WordColumn(QWidget* parent) : QWidget(parent), column_(new QVBoxLayout(this)) {
    column_->setContentsMargins(10, 6, 8, 2);
    column_->setSpacing(4);
    column_->addStretch(1);
}

QLabel* WordColumn::addLine(const char* property) {
    auto* line = new QLabel(this);
    if (property) line->setProperty(property, true);
    line->setWordWrap(true);
    line->setAlignment(Qt::AlignLeft | Qt::AlignTop);
    line->hide();
    column_->insertWidget(column_->count() - 1, line);
    lines_ << line;
    return line;
}

void WordColumn::say(QLabel* line, const QString& words) {
    if (line->text() != words) line->setText(words);
    line->setVisible(!words.isEmpty());
}

QString WordColumn::words() const {
    QStringList said;
    for (const QLabel* line : lines_)
        if (!line->text().isEmpty()) said << line->text();
    return said.join(QLatin1Char('\n'));
}

}  // namespace rondo::ui
