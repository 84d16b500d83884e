#include "ui/panels/race_setup.h"

#include <QCheckBox>
#include <QComboBox>
#include <QDoubleSpinBox>
#include <QEvent>
#include <QGridLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QMenu>
#include <QPlainTextEdit>
#include <QScrollArea>
#include <QSignalBlocker>
#include <QSpinBox>
#include <QStackedWidget>
#include <QToolButton>
#include <QVBoxLayout>
#include <algorithm>

namespace rondo::ui {

namespace {

/// Without decimals that say nothing; the wheel scrolls past it unless it has the keyboard.
class Milliseconds final : public QDoubleSpinBox {
  public:
    Milliseconds() {
        setRange(0, 1e6);
        setDecimals(4);
        setFocusPolicy(Qt::StrongFocus);
        setStepType(QAbstractSpinBox::AdaptiveDecimalStepType);
    }
    QString textFromValue(double value) const override { return locale().toString(value, 'g', 10); }

  protected:
    void wheelEvent(QWheelEvent* event) override {
        hasFocus() ? QDoubleSpinBox::wheelEvent(event) : event->ignore();
    }
};

class Count final : public QSpinBox {
  public:
    explicit Count(int most) {
        setRange(1, most);
        setFocusPolicy(Qt::StrongFocus);
    }

  protected:
    void wheelEvent(QWheelEvent* event) override {
        hasFocus() ? QSpinBox::wheelEvent(event) : event->ignore();
    }
};

class Choice final : public QComboBox {
  protected:
    void wheelEvent(QWheelEvent* event) override {
        hasFocus() ? QComboBox::wheelEvent(event) : event->ignore();
    }
};

constexpr int kNobody = -1;

}  // namespace

RaceSetup::RaceSetup(QWidget* parent) : QWidget(parent), pages_(new QStackedWidget(this)) {
    setObjectName(QStringLiteral("sidePanel"));
    setAttribute(Qt::WA_StyledBackground);
    setAccessibleName(tr("What is raced"));
    pages_->addWidget(makeNumbers());
    pages_->addWidget(makeHandPage());
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->addWidget(pages_);
    setTheme(Theme::light());
    fill();
}

QWidget* RaceSetup::makeNumbers() {
    auto* inner = new QWidget;
    inner->setObjectName(QStringLiteral("sidePanel"));
    auto* grid = new QGridLayout(inner);
    grid->setContentsMargins(10, 2, 8, 2);
    grid->setHorizontalSpacing(6);
    grid->setVerticalSpacing(3);
    auto* choices = new QGridLayout;
    choices->setHorizontalSpacing(6);
    choices->setVerticalSpacing(3);
    for (std::size_t i = 0; i < RaceSettings::kMost; ++i) {
        auto* choice = new Choice;
        choice->setFocusPolicy(Qt::StrongFocus);
        choice->setMinimumContentsLength(6);
        choice->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Fixed);
        choice->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
        if (i >= RaceSettings::kLeast) choice->addItem(tr("nobody"), kNobody);
        for (int kind = 0; kind <= static_cast<int>(ScheduleChoice::Hand); ++kind)
            choice->addItem(raceName(static_cast<ScheduleChoice>(kind)), kind);
        choice->setAccessibleName(tr("Schedule %1 of the race").arg(i + 1));
        choice->setToolTip(tr("Schedule %1 of the race").arg(i + 1));
        connect(choice, &QComboBox::activated, this, &RaceSetup::choose);
        choices->addWidget(choice, static_cast<int>(i / 2), static_cast<int>(i % 2));
        racers_.push_back(choice);
    }
    grid->addLayout(choices, 0, 0, 1, 4);

    const auto field = [&](int row, int column, const QString& name, const QString& tip, auto* editor) {
        auto* label = new QLabel(name);
        label->setBuddy(editor);
        label->setToolTip(tip);
        editor->setToolTip(tip);
        editor->setAccessibleName(QString(name).remove(QLatin1Char('&')));
        editor->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Fixed);
        grid->addWidget(label, row, 2 * column);
        grid->addWidget(editor, row, 2 * column + 1);
        connect(editor, &std::remove_pointer_t<decltype(editor)>::valueChanged, this, &RaceSetup::typed);
        return editor;
    };
    stages_ = field(1, 0, tr("Stages"), tr("Workers the model is divided between"),
                    static_cast<QSpinBox*>(new Count(RaceSettings::kMostStages)));
    microBatches_ = field(1, 1, tr("Micro-batches"), tr("Parts of a batch that follow each other"),
                          static_cast<QSpinBox*>(new Count(RaceSettings::kMostMicroBatches)));
    const auto time = [] { return static_cast<QDoubleSpinBox*>(new Milliseconds); };
    forward_ =
        field(2, 0, tr("F, ms"), tr("Forward pass of a micro-batch on a stage, in milliseconds"), time());
    backwardInput_ =
        field(2, 1, tr("B, ms"), tr("Backward pass, gradient of the inputs, in milliseconds"), time());
    backwardWeight_ =
        field(3, 0, tr("W, ms"), tr("Backward pass, gradient of the weights, in milliseconds"), time());
    message_ = field(3, 1, tr("Message, ms"),
                     tr("Time of a message to the next stage; it occupies neither end"), time());
    chunks_ = field(4, 0, tr("Chunks"), tr("Parts of the model each stage holds when interleaved"),
                    static_cast<QSpinBox*>(new Count(RaceSettings::kMostChunks)));
    batches_ =
        field(4, 1, tr("Batches"),
              tr("Batches that follow each other, none waiting for the one before to be over everywhere"),
              static_cast<QSpinBox*>(new Count(RaceSettings::kMostBatches)));
    recompute_ = new QCheckBox(tr("Recompute"));
    recompute_->setToolTip(tr("Keep a stage's inputs only, and compute forward again before backward"));
    grid->addWidget(recompute_, 5, 0, 1, 2);
    follow_ = new QCheckBox(tr("As set for the run"));
    follow_->setToolTip(
        tr("Stages, micro-batches, chunks and typed-in times are those of the run's settings, as "
           "far as they are a pipeline's"));
    follow_->setChecked(true);
    grid->addWidget(follow_, 5, 2, 1, 2);
    grid->setRowStretch(6, 1);
    for (const int column : {1, 3}) grid->setColumnStretch(column, 1);
    connect(recompute_, &QCheckBox::toggled, this, &RaceSetup::typed);
    connect(follow_, &QCheckBox::toggled, this, [this](bool on) {
        if (!on) {
            settings_.run.reset();
            return Q_EMIT changed();
        }
        settings_ = settings_.with(preview_);
        fill();
        Q_EMIT changed();
    });

    auto* scroll = new QScrollArea;
    scroll->setWidget(inner);
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    scroll->setFocusPolicy(Qt::NoFocus);
    return scroll;
}

QWidget* RaceSetup::makeHandPage() {
    auto* page = new QWidget;
    page->setObjectName(QStringLiteral("sidePanel"));
    order_ = new QPlainTextEdit;
    order_->setAccessibleName(tr("Schedule written by hand"));
    order_->setPlaceholderText(tr("F0 F1 BW0 BW1\nF0 B0 W0 F1 B1 W1"));
    order_->setTabChangesFocus(true);
    order_->setLineWrapMode(QPlainTextEdit::NoWrap);
    auto* help = new QLabel(tr("A line a stage"));
    help->setProperty("muted", true);
    help->setToolTip(
        tr("Operations in order, with the number of the micro-batch: F forward, B gradient of the "
           "inputs, W gradient of the weights, BW both in one; F0.1 is chunk 1. What follows # is "
           "left out."));
    take_ = new QToolButton;
    take_->setText(tr("Take over"));
    take_->setToolTip(tr("Begin with the order of a known schedule"));
    take_->setPopupMode(QToolButton::InstantPopup);
    takeMenu_ = new QMenu(take_);
    take_->setMenu(takeMenu_);
    problem_ = new QLabel;
    problem_->setProperty("problem", true);
    problem_->setWordWrap(true);
    problem_->hide();
    auto* head = new QHBoxLayout;
    head->addWidget(help, 1);
    head->addWidget(take_);
    auto* column = new QVBoxLayout(page);
    column->setContentsMargins(10, 0, 8, 2);
    column->setSpacing(3);
    column->addLayout(head);
    column->addWidget(order_, 1);
    column->addWidget(problem_);
    connect(takeMenu_, &QMenu::aboutToShow, this, &RaceSetup::fillTakeMenu);
    connect(order_, &QPlainTextEdit::textChanged, this, [this] {
        if (showing_) return;
        settings_.order = order_->toPlainText().toStdString();
        Q_EMIT changed();
    });
    return page;
}

void RaceSetup::setTheme(const Theme& theme) {
    setFixedWidth(205 + theme.fontPixels * 11);
    QFont font = bodyFont(theme);
    font.setFamily(QStringLiteral("monospace"));
    font.setStyleHint(QFont::Monospace);
    order_->setFont(font);
    // The window's style takes the frame of whatever scrolls.
    order_->setStyleSheet(
        QStringLiteral("QPlainTextEdit { border: 1px solid %1; border-radius: 5px; padding: 1px; }"
                       "QPlainTextEdit:focus { border: 2px solid %2; padding: 0; }")
            .arg(theme.border.name(), theme.accent.name()));
}

void RaceSetup::fillTakeMenu() {
    takeMenu_->clear();
    for (int kind = 0; kind < static_cast<int>(ScheduleChoice::Hand); ++kind) {
        const auto choice = static_cast<ScheduleChoice>(kind);
        const Racer racer = Racer::of(choice, settings_);
        QAction* entry = takeMenu_->addAction(raceName(choice));
        entry->setEnabled(racer.ok() && settings_.microBatches <= 256);
        connect(entry, &QAction::triggered, this, [this, schedule = racer.schedule] {
            order_->setPlainText(QString::fromStdString(toText(schedule)));
        });
    }
}

void RaceSetup::setSettings(const RaceSettings& settings) {
    settings_ = settings;
    fill();
    Q_EMIT changed();
}

void RaceSetup::setPreview(const RunSpec& spec) {
    preview_ = spec;
    RaceSettings next = follows() ? settings_.with(spec) : settings_;
    const StagesSpec* stages = stagesOf(spec);
    if (stages && named_ != stages->schedule &&
        std::find(next.racers.begin(), next.racers.end(), stages->schedule) == next.racers.end()) {
        if (next.racers.size() < RaceSettings::kMost)
            next.racers.push_back(stages->schedule);
        else
            next.racers.back() = stages->schedule;
    }
    named_ = stages ? std::optional(stages->schedule) : std::nullopt;
    if (next == settings_) return;
    settings_ = next;
    fill();
    Q_EMIT changed();
}

bool RaceSetup::follows() const {
    return follow_->isChecked();
}

RaceSetup::Page RaceSetup::page() const {
    return static_cast<Page>(pages_->currentIndex());
}

void RaceSetup::setPage(Page page) {
    if (page == this->page()) return;
    pages_->setCurrentIndex(static_cast<int>(page));
    Q_EMIT pageChanged();
}

void RaceSetup::setProblem(const QString& problem) {
    problem_->setText(problem);
    problem_->setVisible(!problem.isEmpty());
}

void RaceSetup::fill() {
    showing_ = true;
    for (std::size_t i = 0; i < racers_.size(); ++i)
        racers_[i]->setCurrentIndex(racers_[i]->findData(
            i < settings_.racers.size() ? static_cast<int>(settings_.racers[i]) : kNobody));
    stages_->setValue(settings_.stages);
    microBatches_->setValue(settings_.microBatches);
    chunks_->setValue(settings_.chunks);
    batches_->setValue(settings_.batches);
    forward_->setValue(settings_.forwardMs);
    backwardInput_->setValue(settings_.backwardInputMs);
    backwardWeight_->setValue(settings_.backwardWeightMs);
    message_->setValue(settings_.messageMs);
    recompute_->setChecked(settings_.recompute);
    chunks_->setEnabled(std::find(settings_.racers.begin(), settings_.racers.end(),
                                  ScheduleChoice::Interleaved) != settings_.racers.end());
    const QString order = QString::fromStdString(settings_.order);
    if (order_->toPlainText() != order) order_->setPlainText(order);
    showing_ = false;
}

void RaceSetup::choose() {
    std::vector<ScheduleChoice> chosen;
    for (const QComboBox* choice : racers_)
        if (choice->currentData().toInt() != kNobody)
            chosen.push_back(static_cast<ScheduleChoice>(choice->currentData().toInt()));
    const auto byHand = [](const std::vector<ScheduleChoice>& all) {
        return std::find(all.begin(), all.end(), ScheduleChoice::Hand) != all.end();
    };
    const bool begins = byHand(chosen) && !byHand(settings_.racers);
    settings_.racers = std::move(chosen);
    if (begins && settings_.order.empty()) {
        // Something that goes, to change.
        const Racer first = Racer::of(ScheduleChoice::OneFOneB, settings_);
        if (first.ok() && settings_.microBatches <= 256) settings_.order = toText(first.schedule);
    }
    fill();
    Q_EMIT changed();
    if (begins) {
        setPage(Page::ByHand);
        order_->setFocus();
    }
}

void RaceSetup::typed() {
    if (showing_) return;
    settings_.run.reset();
    settings_.stages = stages_->value();
    settings_.microBatches = microBatches_->value();
    settings_.chunks = chunks_->value();
    settings_.batches = batches_->value();
    settings_.forwardMs = forward_->value();
    settings_.backwardInputMs = backwardInput_->value();
    settings_.backwardWeightMs = backwardWeight_->value();
    settings_.messageMs = message_->value();
    settings_.recompute = recompute_->isChecked();
    {
        const QSignalBlocker quiet(follow_);
        follow_->setChecked(false);
    }
    Q_EMIT changed();
}

}  // namespace rondo::ui
