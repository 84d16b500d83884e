#include "ui/panels/guess_panel.h"

#include <QDoubleSpinBox>
#include <QGridLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QPushButton>
#include <QSignalBlocker>
#include <QSlider>
#include <QStackedWidget>
#include <QVBoxLayout>
#include <cmath>

#include "ui/draw/axis.h"
#include "ui/window/icons.h"

namespace rondo::ui {

namespace {

constexpr int kTimeSteps = 100;
constexpr double kShortest = 0.1, kLongest = 1000;  ///< seconds the time slider spans; the field takes more

int sliderOf(double seconds) {
    if (seconds <= 0) return 0;
    const double part = std::log(seconds / kShortest) / std::log(kLongest / kShortest);
    return std::clamp(1 + static_cast<int>(std::lround(part * (kTimeSteps - 1))), 1, kTimeSteps);
}
double secondsAt(int slider) {
    if (slider == 0) return 0;
    const double exact = kShortest * std::pow(kLongest / kShortest, double(slider - 1) / (kTimeSteps - 1));
    const double unit = std::pow(10, std::floor(std::log10(exact)) - 1);
    return std::round(exact / unit) * unit;
}

/// A stack as tall as the page in front, not as the tallest.
class PageStack final : public QStackedWidget {
  public:
    using QStackedWidget::QStackedWidget;
    QSize sizeHint() const override { return currentWidget() ? currentWidget()->sizeHint() : QSize(); }
    QSize minimumSizeHint() const override {
        return currentWidget() ? currentWidget()->minimumSizeHint() : QSize();
    }
    bool hasHeightForWidth() const override {
        return currentWidget() && currentWidget()->hasHeightForWidth();
    }
    int heightForWidth(int width) const override {
        return currentWidget() ? currentWidget()->heightForWidth(width) : -1;
    }
};

QLabel* mutedLabel(const QString& text) {
    auto* label = new QLabel(text);
    label->setProperty("muted", true);
    return label;
}

}  // namespace

GuessPanel::GuessPanel(QWidget* parent) : QFrame(parent) {
    setObjectName(QStringLiteral("guessPanel"));
    setAttribute(Qt::WA_StyledBackground);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(10, 7, 10, 8);
    column->setSpacing(4);
    auto* title = new QLabel(tr("Guess first"));
    title->setProperty("title", true);
    title->setToolTip(
        tr("Mark what you expect before you press Run; it is drawn into the charts beside what happens"));
    column->addWidget(title);
    pages_ = new PageStack;
    pages_->addWidget(makeGuessPage());
    pages_->addWidget(makeOutcomePage());
    pages_->setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Preferred);
    column->addWidget(pages_);
}

QWidget* GuessPanel::makeGuessPage() {
    inputs_ = new QWidget;
    auto* grid = new QGridLayout(inputs_);
    grid->setContentsMargins(0, 0, 0, 0);
    grid->setVerticalSpacing(4);
    const auto spin = [](const QString& name, double high, const QString& suffix) {
        auto* box = new QDoubleSpinBox;
        box->setRange(0, high);
        box->setDecimals(1);
        box->setSuffix(suffix);
        box->setSpecialValueText(tr("no guess"));
        box->setAccessibleName(name);
        box->setFocusPolicy(Qt::StrongFocus);
        box->installEventFilter(new WheelGuard(box));
        return box;
    };
    const auto slider = [](const QString& name, int high) {
        auto* s = new QSlider(Qt::Horizontal);
        s->setRange(0, high);
        s->setPageStep(5);
        s->setAccessibleName(name);
        s->setMinimumSize(50, 22);
        s->installEventFilter(new WheelGuard(s));
        return s;
    };
    accuracy_ = spin(tr("Test accuracy you expect at the end"), 100, QStringLiteral(" %"));
    accuracySlider_ = slider(tr("Test accuracy you expect at the end"), 100);
    seconds_ = spin(tr("Time you expect the run to take"), 99'999, QStringLiteral(" s"));
    for (QDoubleSpinBox* box : {accuracy_, seconds_}) box->installEventFilter(this);
    seconds_->setStepType(QAbstractSpinBox::AdaptiveDecimalStepType);
    secondsSlider_ = slider(tr("Time you expect the run to take"), kTimeSteps);
    auto* accuracyLabel = new QLabel(tr("Acc&uracy"));
    accuracyLabel->setBuddy(accuracy_);
    auto* timeLabel = new QLabel(tr("&Time"));
    timeLabel->setBuddy(seconds_);
    grid->addWidget(accuracyLabel, 0, 0);
    grid->addWidget(accuracySlider_, 0, 1);
    grid->addWidget(accuracy_, 0, 2);
    grid->addWidget(timeLabel, 1, 0);
    grid->addWidget(secondsSlider_, 1, 1);
    grid->addWidget(seconds_, 1, 2);

    const auto tell = [this] { Q_EMIT guessChanged(accuracy(), seconds()); };
    connect(accuracySlider_, &QSlider::valueChanged, accuracy_,
            [this](int value) { accuracy_->setValue(value); });
    connect(secondsSlider_, &QSlider::valueChanged, seconds_,
            [this](int value) { seconds_->setValue(secondsAt(value)); });
    connect(accuracy_, &QDoubleSpinBox::valueChanged, this, [this, tell](double value) {
        const QSignalBlocker quiet(accuracySlider_);
        accuracySlider_->setValue(static_cast<int>(std::lround(value)));
        tell();
    });
    connect(seconds_, &QDoubleSpinBox::valueChanged, this, [this, tell](double value) {
        const QSignalBlocker quiet(secondsSlider_);
        secondsSlider_->setValue(sliderOf(value));
        tell();
    });
    return inputs_;
}

QWidget* GuessPanel::makeOutcomePage() {
    auto* page = new QWidget;
    auto* grid = new QGridLayout(page);
    grid->setContentsMargins(0, 0, 0, 0);
    grid->setHorizontalSpacing(8);
    grid->setVerticalSpacing(2);
    const QString heads[] = {tr("Theory"), tr("Guess"), tr("Outcome")};
    const QString rows[] = {tr("Accuracy"), tr("Time")};
    for (int column = 0; column < 3; ++column) {
        auto* head = mutedLabel(heads[column]);
        if (column == 0) theory_ = head;
        grid->addWidget(head, 0, column + 1, Qt::AlignRight);
    }
    for (int row = 0; row < 2; ++row) {
        grid->addWidget(new QLabel(rows[row]), row + 1, 0);
        for (int column = 0; column < 3; ++column) {
            cells_[row][column] = new QLabel;
            if (column == 2) cells_[row][column]->setProperty("title", true);
            grid->addWidget(cells_[row][column], row + 1, column + 1, Qt::AlignRight);
        }
    }
    words_ = new QLabel;
    words_->setWordWrap(true);
    grid->addWidget(words_, 3, 0, 1, 4);
    auto* again = new QPushButton(tr("&Guess again"));
    connect(again, &QPushButton::clicked, this, [this] {
        showGuessing();
        accuracy_->setFocus(Qt::OtherFocusReason);
    });
    grid->addWidget(again, 4, 0, 1, 4, Qt::AlignLeft);
    grid->setColumnStretch(0, 1);
    return page;
}

void GuessPanel::setFormula(const QString& words) {
    theory_->setToolTip(words);
}

std::optional<double> GuessPanel::accuracy() const {
    return accuracy_->value() > 0 ? std::optional(accuracy_->value() / 100) : std::nullopt;
}

std::optional<double> GuessPanel::seconds() const {
    return seconds_->value() > 0 ? std::optional(seconds_->value()) : std::nullopt;
}

void GuessPanel::setGuess(std::optional<double> accuracy, std::optional<double> seconds) {
    accuracy_->setValue(accuracy.value_or(0) * 100);
    seconds_->setValue(seconds.value_or(0));
}

void GuessPanel::setLocked(bool locked) {
    inputs_->setEnabled(!locked);
    if (locked) showGuessing();
}

void GuessPanel::showOutcome(const Outcome& outcome, const Prediction& prediction) {
    const QString none = QStringLiteral("–");
    const auto accuracyText = [&](std::optional<double> value) { return value ? percentText(*value) : none; };
    const auto timeText = [&](std::optional<double> value) { return value ? durationText(*value) : none; };
    cells_[0][0]->setText(none);
    cells_[0][0]->setToolTip(tr("No formula tells the accuracy a network will reach"));
    cells_[0][1]->setText(accuracyText(accuracy()));
    cells_[0][2]->setText(accuracyText(outcome.accuracy));
    const auto expected = predictedSeconds(prediction, outcome);
    cells_[1][0]->setText(timeText(expected));
    cells_[1][0]->setToolTip(
        expected ? QString()
                 : tr("How fast this computer is, no formula knows: time is predicted for modelled clusters\n"
                      "(run on: virtual)"));
    cells_[1][1]->setText(timeText(seconds()));
    cells_[1][2]->setText(timeText(outcome.seconds));
    QStringList sentences;
    // A guess is about the whole run, theory about every step of it.
    const bool cut = outcome.status == QStringLiteral("stopped");
    const qint64 steps = outcome.steps.value_or(0);
    if (cut)
        sentences << (prediction.steps ? tr("Stopped after %1 of %2 steps.")
                                             .arg(countText(steps), countText(*prediction.steps))
                                       : tr("Stopped after %1 steps.").arg(countText(steps)));
    if (!cut && outcome.accuracy && accuracy())
        sentences << accuracyDifference(*outcome.accuracy, *accuracy(), tr("you guessed"));
    if (!cut && outcome.seconds && seconds())
        sentences << timeDifference(*outcome.seconds, *seconds(), tr("you guessed"));
    if (outcome.seconds && expected)
        sentences << timeDifference(*outcome.seconds, *expected,
                                    cut ? tr("theory says for so many") : tr("theory says"));
    sentences.removeAll(QString());
    words_->setText(sentences.join('\n'));
    words_->setVisible(!sentences.isEmpty());
    pages_->setCurrentIndex(1);
    pages_->updateGeometry();
}

bool GuessPanel::eventFilter(QObject* watched, QEvent* event) {
    if (event->type() != QEvent::KeyPress) return QFrame::eventFilter(watched, event);
    const int key = static_cast<QKeyEvent*>(event)->key();
    if (key != Qt::Key_Return && key != Qt::Key_Enter) return QFrame::eventFilter(watched, event);
    static_cast<QDoubleSpinBox*>(watched)->interpretText();
    Q_EMIT entered();
    return true;
}

void GuessPanel::showGuessing() {
    pages_->setCurrentIndex(0);
    pages_->updateGeometry();
}

bool GuessPanel::showsOutcome() const {
    return pages_->currentIndex() == 1;
}

QString GuessPanel::words() const {
    return words_->text();
}

}  // namespace rondo::ui
