#include "ui/room/join_dialog.h"

#include <QDialogButtonBox>
#include <QFontDatabase>
#include <QFormLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QStyle>
#include <QSysInfo>
#include <QVBoxLayout>
#include <algorithm>

#include "ui/room/join_words.h"

namespace rondo::ui {

namespace {

void mark(QWidget* widget, const char* property, bool on) {
    if (widget->property(property).toBool() == on) return;
    widget->setProperty(property, on);
    widget->style()->unpolish(widget);
    widget->style()->polish(widget);
}

}  // namespace

JoinDialog::JoinDialog(JoinProcess::Role role, const JoinPlace& known, const QString& trouble,
                       const Theme& theme, QWidget* parent)
    : QDialog(parent), role_(role) {
    const bool worker = role_ == JoinProcess::Role::Worker;
    setObjectName(QStringLiteral("joinDialog"));
    setWindowTitle(worker ? tr("Join a class") : tr("Watch a class"));
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(18, 16, 18, 14);
    column->setSpacing(12);
    auto* what =
        new QLabel(worker ? tr("This computer will train for the class of another one. Whoever hosts "
                               "it shows the address and the code.")
                          : tr("This window will show the runs of another computer's class, without a "
                               "hand in them. Whoever hosts it shows the address and the code."));
    what->setWordWrap(true);
    what->setProperty("muted", true);
    column->addWidget(what);
    auto* wrong = new QLabel(trouble);
    wrong->setObjectName(QStringLiteral("joinTrouble"));
    wrong->setTextFormat(Qt::PlainText);
    wrong->setWordWrap(true);
    wrong->setProperty("problem", true);
    wrong->setHidden(trouble.isEmpty());
    column->addWidget(wrong);

    form_ = new QFormLayout;
    form_->setFieldGrowthPolicy(QFormLayout::ExpandingFieldsGrow);
    form_->setHorizontalSpacing(12);
    form_->setVerticalSpacing(10);
    column->addLayout(form_);
    address_ = addField(*form_, tr("&Address"), known.address, "joinAddress");
    address_.edit->setPlaceholderText(QStringLiteral("ws://192.168.1.20:7077"));
    code_ = addField(*form_, tr("&Code"), known.code, "joinCode");
    code_.edit->setPlaceholderText(QStringLiteral("K7M-Q2X"));
    QFont large = QFontDatabase::systemFont(QFontDatabase::FixedFont);
    large.setPixelSize(theme.fontPixels * 8 / 5);
    code_.edit->setFont(large);
    // The sheet of the window gives every text one size.
    code_.edit->setStyleSheet(
        QStringLiteral("font-family: monospace; font-size: %1px;").arg(large.pixelSize()));
    fingerprint_ = addField(*form_, tr("&Fingerprint"), known.fingerprint, "joinFingerprint");
    fingerprint_.edit->setPlaceholderText(tr("64 hexadecimal digits, or a file that holds them"));
    name_ = addField(*form_, tr("&Name"), known.name, "joinName");
    name_.edit->setPlaceholderText(QSysInfo::machineHostName());
    if (!worker) form_->setRowVisible(3, false);

    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Cancel);
    accept_ = buttons->addButton(worker ? tr("Join") : tr("Watch"), QDialogButtonBox::AcceptRole);
    accept_->setObjectName(QStringLiteral("joinAccept"));
    accept_->setProperty("accent", "true");
    accept_->setDefault(true);
    QPushButton* cancel = buttons->button(QDialogButtonBox::Cancel);
    cancel->setIcon({});
    cancel->setAutoDefault(false);  // Return in a field is never for it, also while the other one is grey
    connect(buttons, &QDialogButtonBox::accepted, this, &QDialog::accept);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    column->addStretch(1);
    column->addWidget(buttons);
    // The dialog grows with what it asks, so the width is its words'.
    what->setMinimumWidth(theme.fontPixels * 34);
    column->setSizeConstraint(QLayout::SetMinimumSize);
    for (const Field& field : {address_, code_, fingerprint_, name_}) {
        field.edit->ensurePolished();
        field.edit->setMinimumHeight(field.edit->sizeHint().height());
    }

    for (const Field& field : {address_, code_, fingerprint_, name_})
        connect(field.edit, &QLineEdit::textChanged, this, &JoinDialog::judge);
    connect(address_.edit, &QLineEdit::textChanged, this, &JoinDialog::takeApart);
    judge();
    QLineEdit* first = judgeAddress(known.address).entry == Entry::Right ? code_.edit : address_.edit;
    first->setFocus();
    first->selectAll();
}

JoinDialog::Field JoinDialog::addField(QFormLayout& form, const QString& label, const QString& text,
                                       const char* name) {
    Field field{new QLineEdit(text), new QLabel};
    field.edit->setObjectName(QLatin1String(name));
    field.edit->setMaxLength(512);
    field.words->setTextFormat(Qt::PlainText);
    field.words->setProperty("muted", true);
    auto* both = new QWidget;
    auto* column = new QVBoxLayout(both);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(2);
    column->addWidget(field.edit);
    column->addWidget(field.words);
    auto* title = new QLabel(label);
    title->setBuddy(field.edit);
    form.addRow(title, both);
    return field;
}

void JoinDialog::takeApart(const QString& typed) {
    const JoinLine line = readJoinLine(typed);
    if (line.empty()) return;
    address_.edit->setText(line.address);
    if (!line.code.isEmpty()) code_.edit->setText(line.code);
}

void JoinDialog::judge() {
    const bool secure = isSecure(address_.edit->text());
    if (form_->isRowVisible(2) != secure) {
        form_->setRowVisible(2, secure);
        // A minimum alone doesn't count the second line of what stands above.
        layout()->activate();
        resize(width(), std::max(height(), layout()->totalHeightForWidth(width())));
    }
    const bool hasFingerprint = secure && !fingerprint_.edit->text().trimmed().isEmpty();
    const std::pair<const Field&, Judged> all[] = {
        {address_, judgeAddress(address_.edit->text())},
        {code_, judgeCode(code_.edit->text(), secure, hasFingerprint)},
        {fingerprint_, secure ? judgeFingerprint(fingerprint_.edit->text()) : Judged{Entry::Right, {}}},
        {name_, judgeName(name_.edit->text())},
    };
    bool right = true;
    for (const auto& [field, judged] : all) {
        const bool wrong = judged.entry == Entry::Wrong;
        right = right && judged.entry == Entry::Right;
        // Colour is not the only sign.
        field.words->setText(wrong ? QStringLiteral("✗ ") + judged.words
                             : judged.entry == Entry::Right && field.edit == code_.edit
                                 ? QStringLiteral("✓ ") + judged.words
                                 : judged.words);
        field.edit->setAccessibleDescription(judged.words);
        mark(field.words, "problem", wrong);
        mark(field.words, "muted", !wrong);
        mark(field.edit, "fault", wrong);
    }
    accept_->setEnabled(right);
}

bool JoinDialog::complete() const {
    return accept_->isEnabled();
}

JoinPlace JoinDialog::place() const {
    JoinPlace place;
    place.address = address_.edit->text().trimmed();
    place.code = code_.edit->text().trimmed();
    if (isSecure(place.address)) place.fingerprint = fingerprint_.edit->text().trimmed();
    place.name = name_.edit->text().trimmed();
    if (place.name.isEmpty() && role_ == JoinProcess::Role::Worker) place.name = QSysInfo::machineHostName();
    return place;
}

}  // namespace rondo::ui
