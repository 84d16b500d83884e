#include "ui/panels/race_panel.h"

#include <QComboBox>
#include <QFileDialog>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QImage>
#include <QLabel>
#include <QMenu>
#include <QPushButton>
#include <QSaveFile>
#include <QSignalBlocker>
#include <QStandardPaths>
#include <QToolButton>
#include <QVBoxLayout>
#include <algorithm>

#include "engine/algorithms/pipeline/schedule_svg.h"
#include "ui/draw/axis.h"
#include "ui/draw/schedule_words.h"
#include "ui/panels/race_setup.h"
#include "ui/widgets/schedule_view.h"

namespace rondo::ui {

namespace {

constexpr int kFrameMs = 16;
constexpr int kPictureWidth = 1400;

QToolButton* button(QWidget* parent, const QString& text, const QString& tip) {
    auto* made = new QToolButton(parent);
    made->setText(text);
    made->setToolTip(tip);
    return made;
}

}  // namespace

RacePanel::RacePanel(const QString& program, QWidget* parent)
    : QWidget(parent),
      runner_(program),
      numbers_(button(this, tr("Settings"), tr("What is raced: schedules, stages, micro-batches, times"))),
      byHand_(button(this, tr("By hand"), tr("A schedule of your own, as text"))),
      play_(new QPushButton(tr("Play"), this)),
      duration_(new QComboBox(this)),
      train_(new QPushButton(tr("Train them"), this)),
      measured_(button(this, tr("Measured"), tr("The passes of the training instead of the computed ones"))),
      save_(button(this, tr("Save…"), tr("A schedule as a picture, SVG or PNG"))),
      enlarge_(button(this, tr("Enlarge"), tr("More room for the schedules, less for what lies above"))),
      setup_(new RaceSetup(this)),
      view_(new ScheduleView(this)),
      progress_(new QLabel(this)),
      verdict_(new QLabel(this)),
      saveMenu_(new QMenu(this)) {
    setObjectName(QStringLiteral("sidePanel"));
    setAttribute(Qt::WA_StyledBackground);
    setAccessibleName(tr("Schedules of a pipeline, raced"));
    setFocusProxy(view_);
    pace_.setInterval(kFrameMs);
    pace_.setTimerType(Qt::PreciseTimer);
    for (QToolButton* one : {measured_, numbers_, byHand_, enlarge_}) one->setCheckable(true);
    play_->setToolTip(tr("Let all of them go from the clock on (Return in the picture)"));
    train_->setToolTip(
        tr("Trains a model with each schedule, in virtual time: data, model and all else as the "
           "run's settings say"));
    measured_->setEnabled(false);
    progress_->setProperty("muted", true);
    progress_->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    progress_->setContentsMargins(6, 0, 6, 0);
    verdict_->setWordWrap(true);
    verdict_->setContentsMargins(10, 1, 8, 3);
    verdict_->setToolTip(weightsReason());
    numbers_->setChecked(true);
    for (const int seconds : {5, 10, 20, 60}) duration_->addItem(tr("in %1 s").arg(seconds), seconds);
    duration_->setCurrentIndex(1);
    duration_->setAccessibleName(tr("How long the race takes to watch"));
    duration_->setToolTip(tr("How long the slowest takes to watch"));
    save_->setPopupMode(QToolButton::InstantPopup);
    save_->setMenu(saveMenu_);

    auto* bar = new QHBoxLayout;
    bar->setContentsMargins(10, 3, 8, 3);
    bar->setSpacing(4);
    for (QToolButton* one : {numbers_, byHand_}) bar->addWidget(one);
    bar->addSpacing(12);
    bar->addWidget(play_);
    bar->addWidget(duration_);
    bar->addSpacing(12);
    bar->addWidget(train_);
    bar->addWidget(measured_);
    bar->addWidget(progress_, 1);
    for (QToolButton* one : {save_, enlarge_}) bar->addWidget(one);
    auto* row = new QHBoxLayout;
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(0);
    row->addWidget(setup_);
    row->addWidget(view_, 1);
    auto* all = new QVBoxLayout(this);
    all->setContentsMargins(0, 0, 0, 0);
    all->setSpacing(0);
    all->addLayout(bar);
    all->addLayout(row, 1);
    all->addWidget(verdict_);

    connect(setup_, &RaceSetup::changed, this, &RacePanel::follow);
    connect(setup_, &RaceSetup::pageChanged, this, [this] {
        const bool hand = setup_->page() == RaceSetup::Page::ByHand;
        byHand_->setChecked(hand);
        numbers_->setChecked(!hand);
        showPages();
    });
    connect(numbers_, &QToolButton::clicked, this, [this](bool on) {
        byHand_->setChecked(false);
        setup_->setPage(RaceSetup::Page::Numbers);
        numbers_->setChecked(on);
        showPages();
    });
    connect(byHand_, &QToolButton::clicked, this, [this](bool on) {
        numbers_->setChecked(false);
        setup_->setPage(RaceSetup::Page::ByHand);
        byHand_->setChecked(on);
        showPages();
    });
    connect(play_, &QPushButton::clicked, this, [this] { play(!playing()); });
    connect(view_, &ScheduleView::playWanted, this, [this] { play(!playing()); });
    connect(view_, &ScheduleView::clockTaken, this, [this] {
        play(false);
        say();
    });
    connect(view_, &ScheduleView::menuWanted, this, [this](int racer, QPoint at) {
        QMenu menu(this);
        fillSaveMenu(menu, racer);
        menu.exec(at);
    });
    connect(&pace_, &QTimer::timeout, this, [this] {
        advance(static_cast<double>(sinceFrame_.nsecsElapsed()) * 1e-9);
        sinceFrame_.restart();
    });
    connect(saveMenu_, &QMenu::aboutToShow, this, [this] {
        saveMenu_->clear();
        fillSaveMenu(*saveMenu_, -1);
    });
    connect(train_, &QPushButton::clicked, this, &RacePanel::train);
    connect(measured_, &QToolButton::clicked, this, &RacePanel::showMeasured);
    connect(&runner_, &RaceRunner::progressed, this, &RacePanel::onProgress);
    connect(&runner_, &RaceRunner::finished, this, &RacePanel::onTrained);
    connect(enlarge_, &QToolButton::toggled, this, &RacePanel::enlargeWanted);
    setTheme(theme_);
}

void RacePanel::setTheme(const Theme& theme) {
    theme_ = theme;
    setup_->setTheme(theme);
    view_->setTheme(theme);
    updateGeometry();
}

QSize RacePanel::minimumSizeHint() const {
    return {std::max(layout()->itemAt(0)->minimumSize().width(), 48 * theme_.fontPixels),
            12 * theme_.fontPixels};
}

void RacePanel::setPreview(const RunSpec& spec) {
    preview_ = spec;
    // While it is typed, nobody needs the schedules of every digit.
    if (isVisible())
        setup_->setPreview(spec);
    else
        stale_ = true;
}

void RacePanel::showEvent(QShowEvent* event) {
    if (stale_) {
        setup_->setPreview(preview_);
        follow();
    }
    QWidget::showEvent(event);
}

void RacePanel::hideEvent(QHideEvent* event) {
    play(false);
    QWidget::hideEvent(event);
}

void RacePanel::showPages() {
    setup_->setVisible(numbers_->isChecked() || byHand_->isChecked());
}

void RacePanel::follow() {
    stale_ = false;
    play(false);
    const RaceSettings& settings = setup_->settings();
    // What was trained was something else.
    if (runner_.busy()) showTraining(tr("Training was cancelled: what is raced has changed."));
    runner_.cancel();
    runs_.clear();
    racers_.clear();
    for (const ScheduleChoice choice : settings.racers) racers_.push_back(Racer::of(choice, settings));
    QString problem;
    for (const Racer& racer : racers_)
        if (racer.choice == ScheduleChoice::Hand) problem = racer.problem;
    if (!settings.order.empty() && problem.isEmpty())
        problem = Racer::of(ScheduleChoice::Hand, settings).problem;
    setup_->setProblem(problem);
    showRacers();
}

void RacePanel::showRacers() {
    const bool shown = !runs_.empty() && measured_->isChecked();
    measured_->setEnabled(!runs_.empty());
    if (runs_.empty()) measured_->setChecked(false);
    std::vector<Racer> racers;
    QStringList notes;
    for (std::size_t i = 0; i < racers_.size(); ++i) {
        racers.push_back(shown ? measured(racers_[i], runs_[i]) : racers_[i]);
        notes << (runs_.empty() ? QString() : measuredWords(racers_[i], runs_[i]) + QLatin1Char('\n')) +
                     theoryWords(racers_[i]);
    }
    view_->setRacers(std::move(racers));
    view_->setNotes(notes);
    play_->setEnabled(view_->end() > 0);
    save_->setEnabled(view_->end() > 0);
    const bool any = std::any_of(racers_.begin(), racers_.end(), [](const Racer& one) { return one.ok(); });
    train_->setEnabled(any || runner_.busy());
    train_->setText(runner_.busy() ? tr("Cancel") : tr("Train them"));
    verdict_->setText((finishWords(view_->racers()) + QLatin1Char(' ') +
                       (runs_.empty() ? weightsWords(racers_) : learnedWords(racers_, runs_)))
                          .trimmed());
    say();
}

void RacePanel::showMeasured(bool on) {
    measured_->setChecked(on && !runs_.empty());
    play(false);
    showRacers();
}

void RacePanel::train() {
    if (runner_.busy()) {
        runner_.cancel();
        showTraining(tr("Training was cancelled."));
        return showRacers();
    }
    std::vector<RunSpec> specs;
    for (const Racer& racer : racers_) {
        RunSpec spec = raceSpec(preview_, setup_->settings(), racer.choice);
        // An evaluation takes no virtual time, and tells how far it is.
        if (spec.evaluateEvery == 0 && spec.stop.steps)
            spec.evaluateEvery = std::max<std::int64_t>(1, *spec.stop.steps / 20);
        specs.push_back(std::move(spec));
    }
    runs_.clear();
    runner_.start(std::move(specs), setup_->settings().batches);
    showRacers();
}

void RacePanel::onProgress(int racer, const QString& line) {
    const QString name = racers_[static_cast<std::size_t>(racer)].name;
    const QString where = tr("Training %1 (%2 of %3)").arg(name).arg(racer + 1).arg(racers_.size());
    showTraining(line.isEmpty() ? where + QStringLiteral(" …") : where + QStringLiteral(": ") + line);
}

void RacePanel::onTrained(const std::vector<RaceRun>& runs) {
    runs_ = runs;
    QStringList failed;
    for (std::size_t i = 0; i < runs_.size(); ++i)
        if (!runs_[i].problem.isEmpty()) failed << racers_[i].name;
    showTraining(failed.isEmpty() ? tr("Measured in the first steps of the training.")
                                  : tr("Could not be trained: %1").arg(listText(failed)));
    showMeasured(true);
}

void RacePanel::showTraining(const QString& words) {
    progress_->setText(words);
    progress_->setToolTip(words);
}

void RacePanel::say() {
    QStringList told{verdict_->text()};
    for (const Racer& racer : view_->racers()) {
        if (!racer.ok()) {
            told << racer.name + QStringLiteral(": ") + racer.problem;
            continue;
        }
        const StageMoment total = racer.track.total(view_->clock());
        told << tr("%1 after %2: bubble %3, activations held %4, at most %5.")
                    .arg(racer.name, durationText(view_->clock()), shareText(total.bubble()),
                         activationsText(total.held), activationsText(total.peak))
             << theoryWords(racer);
    }
    view_->setAccessibleDescription(told.join(QLatin1Char('\n')));
}

QString RacePanel::words() const {
    return verdict_->text();
}

void RacePanel::play(bool on) {
    on = on && view_->end() > 0;
    if (on && view_->clock() >= view_->end()) view_->setClock(0);
    if (on != playing()) {
        sinceFrame_.start();
        on ? pace_.start() : pace_.stop();
        if (!on) say();
    }
    play_->setText(on ? tr("Pause") : tr("Play"));
}

void RacePanel::advance(double seconds) {
    view_->setClock(view_->clock() + seconds * view_->end() / duration_->currentData().toDouble());
    if (view_->clock() >= view_->end()) play(false);
}

void RacePanel::fillSaveMenu(QMenu& menu, int racer) {
    const auto& racers = view_->racers();
    for (int i = 0; i < static_cast<int>(racers.size()); ++i) {
        if ((racer >= 0 && i != racer) || !racers[static_cast<std::size_t>(i)].ok()) continue;
        const QString name = racers[static_cast<std::size_t>(i)].name;
        connect(menu.addAction(tr("%1 as SVG…").arg(name)), &QAction::triggered, this,
                [this, i] { askAndSave(i, true); });
        connect(menu.addAction(tr("%1 as PNG…").arg(name)), &QAction::triggered, this,
                [this, i] { askAndSave(i, false); });
    }
    if (!menu.isEmpty()) menu.addSeparator();
    connect(menu.addAction(tr("The whole race as PNG…")), &QAction::triggered, this,
            [this] { askAndSave(-1, false); });
}

void RacePanel::askAndSave(int racer, bool svg) {
    const QString suffix = svg ? QStringLiteral("svg") : QStringLiteral("png");
    const QString folder = QStandardPaths::writableLocation(QStandardPaths::DocumentsLocation);
    QFileDialog dialog(this, tr("Save the schedule as a picture"), folder,
                       svg ? tr("Pictures (*.svg)") : tr("Pictures (*.png)"));
    dialog.setAcceptMode(QFileDialog::AcceptSave);
    dialog.setDefaultSuffix(suffix);  // before it asks whether to replace a file
    const QString name =
        racer < 0 ? tr("race") : view_->racers()[static_cast<std::size_t>(racer)].name.toLower();
    dialog.selectFile(QString(name).replace(QLatin1Char(' '), QLatin1Char('-')) + QLatin1Char('.') + suffix);
    if (dialog.exec() != QDialog::Accepted || dialog.selectedFiles().isEmpty()) return;
    const QString file = dialog.selectedFiles().constFirst();
    const QString problem = svg ? saveSvg(racer, file) : savePng(racer, file);
    problem.isEmpty() ? Q_EMIT saved(file) : Q_EMIT saveFailed(problem);
}

QString RacePanel::saveSvg(int place, const QString& file) const {
    const Racer& racer = view_->racers()[static_cast<std::size_t>(place)];
    const QString title = tr("%1, %2 stages, %3 micro-batches")
                              .arg(racer.name)
                              .arg(racer.schedule.stageCount())
                              .arg(racer.schedule.microBatches);
    const std::string text = svgOf(racer.schedule, racer.played, title.toStdString());
    QSaveFile out(file);
    if (out.open(QIODevice::WriteOnly) &&
        out.write(text.data(), static_cast<qint64>(text.size())) == static_cast<qint64>(text.size()) &&
        out.commit())
        return {};
    return tr("%1 can't be written: %2").arg(file, out.errorString());
}

QString RacePanel::savePng(int place, const QString& file) const {
    QImage image;
    if (place < 0) {
        image = view_->picture(kPictureWidth, 2);
    } else {
        ScheduleView alone;
        alone.setTheme(theme_);
        alone.setRacers({view_->racers()[static_cast<std::size_t>(place)]});
        image = alone.picture(kPictureWidth, 2);
    }
    QSaveFile out(file);
    if (out.open(QIODevice::WriteOnly) && image.save(&out, "PNG") && out.commit()) return {};
    return tr("%1 can't be written: %2").arg(file, out.errorString());
}

}  // namespace rondo::ui
