#include "ui/widgets/chunk_view.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QSignalBlocker>
#include <QSlider>
#include <QToolButton>
#include <QVBoxLayout>
#include <algorithm>

#include "engine/comm/collectives/collective_cost.h"
#include "engine/comm/collectives/collective_links.h"
#include "ui/draw/axis.h"
#include "ui/draw/chunk_words.h"

namespace rondo::ui {

namespace {

constexpr int kRoundMs = 1000;

QToolButton* button(QWidget* parent, const QString& text, const QString& tip) {
    auto* made = new QToolButton(parent);
    made->setText(text);
    made->setToolTip(tip);
    made->setAccessibleName(tip);
    return made;
}

QLabel* line(QWidget* parent, const char* property = nullptr) {
    auto* made = new QLabel(parent);
    if (property) made->setProperty(property, true);
    made->setWordWrap(true);
    made->setAlignment(Qt::AlignLeft | Qt::AlignTop);
    return made;
}

}  // namespace

ChunkView::ChunkView(const RunStore& store, QWidget* parent)
    : QWidget(parent),
      store_(store),
      grid_(new ChunkGrid(this)),
      choice_(new QComboBox(this)),
      slider_(new QSlider(Qt::Horizontal, this)),
      first_(button(this, tr("First"), tr("Before the first round (Home)"))),
      back_(button(this, tr("Back"), tr("One round back (Left)"))),
      next_(button(this, tr("Next"), tr("One round on (Right)"))),
      last_(button(this, tr("Last"), tr("After the last round (End)"))),
      play_(button(this, tr("Play"), tr("A round a second"))),
      said_(new QWidget(this)) {
    setObjectName(QStringLiteral("sidePanel"));
    setAttribute(Qt::WA_StyledBackground);
    setAccessibleName(tr("Chunks of the collective, round by round"));
    setFocusProxy(grid_);
    pace_.setInterval(kRoundMs);

    choice_->setAccessibleName(tr("Collective to look at"));
    choice_->setToolTip(
        tr("That of the run or the settings, or what another one does between the same "
           "workers"));
    choice_->setSizeAdjustPolicy(QComboBox::AdjustToContents);
    choice_->addItem(tr("As set"), QVariant());
    for (const Collective collective : {Collective::Ring, Collective::Naive, Collective::Tree,
                                        Collective::HalvingDoubling, Collective::Hierarchical})
        choice_->addItem(collectiveName(collective), static_cast<int>(collective));
    slider_->setAccessibleName(tr("Round"));
    slider_->setPageStep(1);
    play_->setCheckable(true);

    phase_ = line(said_, "title");
    deed_ = line(said_);
    time_ = line(said_, "muted");
    time_->setToolTip(
        tr("N workers, S bytes of the bucket, α latency and β bandwidth of a link; p, the power "
           "of two below N; g workers in a group, α' and β' between groups"));
    note_ = line(said_, "muted");
    auto* column = new QVBoxLayout(said_);
    column->setContentsMargins(10, 2, 6, 2);
    column->setSpacing(3);
    for (QLabel* label : {phase_, deed_, time_, note_}) column->addWidget(label);
    column->addStretch(1);

    auto* name = new QLabel(tr("&Look at"), this);
    name->setBuddy(choice_);
    auto* bar = new QHBoxLayout;
    bar->setContentsMargins(10, 3, 8, 3);
    bar->setSpacing(4);
    bar->addWidget(name);
    bar->addWidget(choice_);
    bar->addSpacing(8);
    for (QToolButton* one : {first_, back_}) bar->addWidget(one);
    bar->addWidget(slider_, 1);
    for (QToolButton* one : {next_, last_, play_}) bar->addWidget(one);
    auto* row = new QHBoxLayout;
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(0);
    row->addWidget(said_);
    row->addWidget(grid_, 1);
    auto* all = new QVBoxLayout(this);
    all->setContentsMargins(0, 0, 0, 0);
    all->setSpacing(0);
    all->addLayout(bar);
    all->addLayout(row, 1);

    connect(choice_, &QComboBox::currentIndexChanged, this, &ChunkView::follow);
    connect(slider_, &QSlider::valueChanged, this,
            [this](int value) { setDone(static_cast<std::size_t>(value)); });
    connect(first_, &QToolButton::clicked, this, [this] { setDone(0); });
    connect(back_, &QToolButton::clicked, this, [this] { setDone(done_ > 0 ? done_ - 1 : 0); });
    connect(next_, &QToolButton::clicked, this, [this] { setDone(done_ + 1); });
    connect(last_, &QToolButton::clicked, this, [this] { setDone(rounds()); });
    connect(play_, &QToolButton::toggled, this, &ChunkView::play);
    connect(&pace_, &QTimer::timeout, this, [this] {
        setDone(done_ + 1);
        if (done_ == rounds()) play(false);
    });
    connect(&store_, &RunStore::changed, this, [this](const RunStore::Changes& changes) {
        if (changes.reset || changes.state) follow();
    });
    setTheme(theme_);
    showSubject();
}

void ChunkView::setTheme(const Theme& theme) {
    theme_ = theme;
    grid_->setTheme(theme);
    said_->setFixedWidth(theme.fontPixels * 27);
    updateGeometry();
}

void ChunkView::setPreview(const RunSpec& spec) {
    preview_ = spec;
    follow();
}

QSize ChunkView::minimumSizeHint() const {
    return {layout()->itemAt(0)->minimumSize().width(), 12 * theme_.fontPixels};
}

const RunSpec& ChunkView::shownSpec() const {
    return store_.hasRun() && !store_.over() ? store_.spec() : preview_;
}

void ChunkView::showEvent(QShowEvent* event) {
    if (stale_) follow();
    QWidget::showEvent(event);
}

void ChunkView::hideEvent(QHideEvent* event) {
    play(false);
    QWidget::hideEvent(event);
}

void ChunkView::follow() {
    // While it is typed, nobody needs the chunks of every digit.
    stale_ = !isVisible();
    if (stale_) return;
    std::optional<Collective> instead;
    if (choice_->currentData().isValid()) instead = static_cast<Collective>(choice_->currentData().toInt());
    ChunkSubject subject = chunkSubjectOf(shownSpec(), instead);
    const ChunkSubject asSet = instead ? chunkSubjectOf(shownSpec()) : subject;
    choice_->setItemText(
        0, asSet.collective ? tr("as set: %1").arg(collectiveName(*asSet.collective)) : tr("as set"));
    if (subject == subject_) return;
    subject_ = std::move(subject);
    showSubject();
}

void ChunkView::showSubject() {
    play(false);
    history_.reset();
    done_ = 0;
    if (subject_.collective) {
        const int groupSize = static_cast<int>(subject_.cluster.groups.size);
        history_ = chunkHistory(*subject_.collective, subject_.elements, subject_.ranks, subject_.cluster);
        grid_->setHistory(*history_, subject_.collective == Collective::Hierarchical ? groupSize : 0);
    } else {
        grid_->setNothing(subject_.why);
    }
    said_->setVisible(history_.has_value());
    note_->setText(subject_.note);
    note_->setVisible(!subject_.note.isEmpty());
    const QSignalBlocker quiet(slider_);
    slider_->setRange(0, static_cast<int>(rounds()));
    showRound();
}

void ChunkView::setDone(std::size_t done) {
    done = std::min(done, rounds());
    if (done == done_) return;
    done_ = done;
    showRound();
}

void ChunkView::play(bool on) {
    on = on && rounds() > 0;
    if (on && done_ == rounds()) setDone(0);
    if (on != pace_.isActive()) on ? pace_.start() : pace_.stop();
    const QSignalBlocker quiet(play_);
    play_->setChecked(on);
    play_->setText(on ? tr("Pause") : tr("Play"));
}

void ChunkView::showRound() {
    grid_->setDone(done_);
    {
        const QSignalBlocker quiet(slider_);
        slider_->setValue(static_cast<int>(done_));
    }
    for (QWidget* one : {static_cast<QWidget*>(slider_), static_cast<QWidget*>(play_)})
        one->setEnabled(rounds() > 0);
    // Who steps on with a button goes on by keys where it greys out.
    const auto enable = [this](QToolButton* one, bool on) {
        if (!on && one->hasFocus()) grid_->setFocus();
        one->setEnabled(on);
    };
    for (QToolButton* one : {first_, back_}) enable(one, done_ > 0);
    for (QToolButton* one : {next_, last_}) enable(one, done_ < rounds());
    if (history_) {
        const Collective collective = *subject_.collective;
        const RoundWords said =
            roundWords(*history_, collective, static_cast<int>(subject_.cluster.groups.size), done_);
        phase_->setText(said.phase);
        deed_->setText(said.deed);
        const double bytes = 4.0 * static_cast<double>(subject_.elements);
        const double theory = secondsOf(collective, bytes, networkTermsOf(subject_.cluster, subject_.ranks));
        const QString difference = differenceText(history_->seconds(), theory);
        const QString now = done_ == 0 ? tr("%1.").arg(vectorWords(*history_))
                                       : tr("%1 of %2 are over.")
                                             .arg(durationText(history_->rounds[done_ - 1].seconds),
                                                  durationText(history_->seconds()));
        const std::string_view formula = formulaOf(collective);
        time_->setText(tr("%1\nTheory: %2 (%3), by %4")
                           .arg(now, durationText(theory), difference,
                                QString::fromUtf8(formula.data(), static_cast<qsizetype>(formula.size()))));
    }
    grid_->setAccessibleDescription(words());
}

QString ChunkView::words() const {
    if (!history_) return subject_.why;
    return QStringList{phase_->text(), deed_->text(), time_->text(), note_->text()}.join(QLatin1Char('\n'));
}

void ChunkView::keyPressEvent(QKeyEvent* event) {
    switch (event->key()) {
        case Qt::Key_Left:
            return setDone(done_ > 0 ? done_ - 1 : 0);
        case Qt::Key_Right:
            return setDone(done_ + 1);
        case Qt::Key_Home:
            return setDone(0);
        case Qt::Key_End:
            return setDone(rounds());
        default:
            return QWidget::keyPressEvent(event);
    }
}

}  // namespace rondo::ui
