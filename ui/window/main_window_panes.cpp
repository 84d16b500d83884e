#include <QActionGroup>
#include <QLabel>
#include <QSplitter>
#include <QStatusBar>
#include <QTabBar>
#include <QTabWidget>
#include <QVBoxLayout>

#include "ui/panels/comparison_panel.h"
#include "ui/panels/compression_panel.h"
#include "ui/panels/guess_panel.h"
#include "ui/panels/message_bar.h"
#include "ui/panels/preset_hint.h"
#include "ui/panels/race_panel.h"
#include "ui/panels/results_panel.h"
#include "ui/panels/staleness_panel.h"
#include "ui/room/class_panel.h"
#include "ui/room/join_card.h"
#include "ui/setup/layer_measurement.h"
#include "ui/setup/setup_form.h"
#include "ui/widgets/bandwidth_view.h"
#include "ui/widgets/boundary_view.h"
#include "ui/widgets/chunk_view.h"
#include "ui/widgets/consensus_view.h"
#include "ui/widgets/curve_plot.h"
#include "ui/widgets/step_time_view.h"
#include "ui/widgets/timeline_view.h"
#include "ui/widgets/topology_view.h"
#include "ui/window/icons.h"
#include "ui/window/main_window.h"
#include "ui/window/window_sheet.h"

namespace rondo::ui {

namespace {

void addTabStops(QWidget* widget, std::vector<QWidget*>& order) {
    if (widget->focusPolicy() & Qt::TabFocus && !widget->focusProxy()) order.push_back(widget);
    for (QObject* child : widget->children()) {
        auto* inner = qobject_cast<QWidget*>(child);
        if (inner && !inner->isWindow()) addTabStops(inner, order);
    }
}

QTabWidget* makeTabs(const char* name) {
    auto* tabs = new QTabWidget;
    tabs->setObjectName(QLatin1String(name));
    // Its bar is the stop; as a second one it would send Tab back to the bar for ever.
    tabs->setFocusProxy(nullptr);
    tabs->setFocusPolicy(Qt::NoFocus);
    tabs->setDocumentMode(true);
    tabs->tabBar()->setDrawBase(false);
    tabs->tabBar()->setUsesScrollButtons(false);  // they'd hide a tab instead of shortening its name
    tabs->tabBar()->setElideMode(Qt::ElideRight);
    return tabs;
}

/// On the ground of a panel, which a tab bar lets through.
QWidget* grounded(QWidget* inner) {
    auto* ground = new QWidget;
    ground->setObjectName(QStringLiteral("sidePanel"));
    ground->setAttribute(Qt::WA_StyledBackground);
    auto* column = new QVBoxLayout(ground);
    column->setContentsMargins(0, 0, 0, 0);
    column->addWidget(inner);
    return ground;
}

}  // namespace

void MainWindow::makePanes() {
    topBar_ = new TopBar({run_, step_, stop_, reset_, replay_}, topologyMenu_, presetsMenu_);
    messages_ = new MessageBar;
    hint_ = new PresetHint;
    watchCard_ = new JoinCard(controller_.watcher());
    joinCard_ = new JoinCard(worker_);
    class_ = new ClassPanel(room_);
    guess_ = new GuessPanel;
    setup_ = new SetupForm(document_);
    topology_ = new TopologyView(store_, focus_);
    curves_ = new CurvePlot(store_, focus_);
    bandwidth_ = new BandwidthView(store_, focus_);
    stepTimes_ = new StepTimeView(store_, focus_);
    boundary_ = new BoundaryView(store_, focus_);
    consensus_ = new ConsensusView(store_, focus_);
    results_ = new ResultsPanel(store_);
    timeline_ = new TimelineView(store_, focus_);
    compare_ = new ComparisonPanel(kept_, *keep_, *reference_);
    chunks_ = new ChunkView(store_);
    compression_ = new CompressionPanel(store_, kept_);
    staleness_ = new StalenessPanel(store_);
    race_ = new RacePanel(places_.engine.file);
    curves_->setKept(kept_);
    topology_->setAccessibleName(tr("Topology: workers and links"));
    curves_->setAccessibleName(tr("Loss and accuracy"));
    bandwidth_->setAccessibleName(tr("Bandwidth of each link"));
    stepTimes_->setAccessibleName(tr("Time of each step"));
    boundary_->setAccessibleName(tr("Training data and decision boundary"));
    timeline_->setAccessibleName(tr("Timeline of all workers"));

    side_ = new QWidget;
    QWidget* side = side_;
    side->setObjectName(QStringLiteral("sidePanel"));
    side->setAttribute(Qt::WA_StyledBackground);
    auto* sideColumn = new QVBoxLayout(side);
    sideColumn->setContentsMargins(0, 8, 0, 0);
    sideColumn->setSpacing(4);
    auto* guessMargin = new QVBoxLayout;
    guessMargin->setContentsMargins(10, 0, 10, 2);
    guessMargin->addWidget(guess_);
    sideColumn->addLayout(guessMargin);
    nextRun_ = new QLabel(tr("Changes are for the next run."));
    nextRun_->setProperty("muted", true);
    nextRun_->setContentsMargins(12, 0, 10, 0);
    // The fields stay under the mouse that changes them.
    QSizePolicy room = nextRun_->sizePolicy();
    room.setRetainSizeWhenHidden(true);
    nextRun_->setSizePolicy(room);
    nextRun_->hide();
    sideColumn->addWidget(nextRun_);
    labText_ = new QLabel;
    labText_->setObjectName(QStringLiteral("labText"));
    labText_->setProperty("muted", true);
    labText_->setWordWrap(true);
    labText_->setContentsMargins(12, 0, 10, 0);
    labText_->hide();
    sideColumn->addWidget(labText_);
    sideColumn->addWidget(setup_, 1);

    tabs_ = makeTabs("chartTabs");
    tabs_->addTab(bandwidth_, tr("Bandwidth"));
    tabs_->addTab(stepTimes_, tr("Step time"));
    tabs_->addTab(boundary_, tr("Data"));
    tabs_->addTab(results_, tr("Results"));
    charts_ = new QSplitter(Qt::Vertical);
    charts_->addWidget(curves_);
    charts_->addWidget(grounded(tabs_));
    charts_->setStretchFactor(0, 1);
    charts_->setStretchFactor(1, 1);
    charts_->setChildrenCollapsible(false);

    columns_ = new QSplitter(Qt::Horizontal);
    columns_->addWidget(side);
    columns_->addWidget(topology_);
    columns_->addWidget(charts_);
    columns_->setStretchFactor(0, 0);
    columns_->setStretchFactor(1, 3);
    columns_->setStretchFactor(2, 2);
    columns_->setChildrenCollapsible(false);
    rows_ = new QSplitter(Qt::Vertical);
    rows_->addWidget(columns_);
    bottom_ = makeTabs("lowerTabs");
    bottom_->addTab(timeline_, tr("Timeline"));
    bottom_->addTab(compare_, tr("Compare"));
    bottom_->addTab(chunks_, tr("Chunks"));
    bottom_->addTab(compression_, tr("Compression"));
    bottom_->addTab(staleness_, tr("Staleness"));
    bottom_->addTab(consensus_, tr("Consensus"));
    bottom_->addTab(race_, tr("Schedules"));
    bottom_->addTab(class_, tr("Class"));
    rows_->addWidget(grounded(bottom_));
    // What a preset calls them.
    const std::pair<QWidget*, const char*> names[] = {
        {bandwidth_, "bandwidth"}, {stepTimes_, "stepTime"},  {boundary_, "data"},
        {results_, "results"},     {timeline_, "timeline"},   {compare_, "compare"},
        {chunks_, "chunks"},       {staleness_, "staleness"}, {compression_, "compression"},
        {consensus_, "consensus"}, {race_, "schedules"},  {class_, "class"}};
    for (const auto& [view, name] : names) view->setProperty("view", name);
    for (QTabWidget* tabs : {tabs_, bottom_})
        for (int i = 0; i < tabs->count(); ++i) tabs->setTabToolTip(i, tabs->tabText(i));
    rows_->setStretchFactor(0, 3);
    rows_->setStretchFactor(1, 1);
    rows_->setChildrenCollapsible(false);

    auto* centre = new QWidget;
    centre->setObjectName(QStringLiteral("centre"));
    auto* column = new QVBoxLayout(centre);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(topBar_);
    column->addWidget(watchCard_);
    column->addWidget(joinCard_);
    auto* barMargin = new QVBoxLayout;
    barMargin->setContentsMargins(6, 0, 6, 0);
    barMargin->addWidget(messages_);
    column->addLayout(barMargin);
    column->addWidget(hint_);
    column->addWidget(rows_, 1);
    setCentralWidget(centre);

    frameText_ = new QLabel;
    frameText_->setToolTip(tr("How long the window takes to paint a frame: median of the last 61"));
    eventsText_ = new QLabel;
    eventsText_->setToolTip(tr("Events of the run that have arrived"));
    droppedText_ = new QLabel;
    droppedText_->setToolTip(
        tr("Samples the training process dropped because the window was too slow to take them"));
    statusBar()->setSizeGripEnabled(false);
    roomText_ = new QLabel;
    roomText_->setObjectName(QStringLiteral("roomText"));
    roomText_->hide();
    statusBar()->addPermanentWidget(roomText_);
    statusBar()->addPermanentWidget(frameText_);
    statusBar()->addPermanentWidget(eventsText_);
    statusBar()->addPermanentWidget(droppedText_);

    connect(setup_, &SetupForm::rebuilt, this, &MainWindow::orderTabs);
    auto* measurement = new LayerMeasurement(places_.engine.file, document_, this);
    connect(&setup_->stages(), &StageTable::measureWanted, measurement, &LayerMeasurement::toggle);
    connect(measurement, &LayerMeasurement::busyChanged, &setup_->stages(), &StageTable::setMeasuring);
    connect(measurement, &LayerMeasurement::failed, messages_,
            [this](const QString& why) { messages_->show(Severity::Error, why); });
    connect(&document_, &SettingsDocument::changed, chunks_,
            [this] { chunks_->setPreview(document_.validSpec()); });
    connect(&document_, &SettingsDocument::changed, race_,
            [this] { race_->setPreview(document_.validSpec()); });
    orderTabs();
}

void MainWindow::orderTabs() {
    // Tab goes as the eye does: transport, message, guess, settings, picture, charts, time. Only widgets that
    // take the focus themselves count: ordering what they lie in leaves them where they were made.
    std::vector<QWidget*> order;
    for (QWidget* pane :
         {static_cast<QWidget*>(topBar_), static_cast<QWidget*>(watchCard_), static_cast<QWidget*>(joinCard_),
          static_cast<QWidget*>(messages_), static_cast<QWidget*>(hint_), static_cast<QWidget*>(guess_)})
        addTabStops(pane, order);
    order.insert(order.end(), setup_->tabOrder().begin(), setup_->tabOrder().end());
    addTabStops(topology_, order);
    addTabStops(curves_, order);
    order.push_back(tabs_->tabBar());
    for (int i = 0; i < tabs_->count(); ++i) addTabStops(tabs_->widget(i), order);
    order.push_back(bottom_->tabBar());
    addTabStops(timeline_, order);
    addTabStops(compare_, order);
    addTabStops(chunks_, order);
    addTabStops(race_, order);
    addTabStops(class_, order);
    for (std::size_t i = 1; i < order.size(); ++i) setTabOrder(order[i - 1], order[i]);
}

void MainWindow::setTheme(const Theme& theme) {
    theme_ = theme;
    setPalette(paletteOf(theme));
    setFont(bodyFont(theme));
    setStyleSheet(windowSheet(theme));
    side_->setMinimumWidth(130 + theme.fontPixels * 14);
    topBar_->setTheme(theme);
    messages_->setTheme(theme);
    hint_->setTheme(theme);
    watchCard_->setTheme(theme);
    joinCard_->setTheme(theme);
    setup_->setTheme(theme);
    topology_->setTheme(theme);
    curves_->setTheme(theme);
    bandwidth_->setTheme(theme);
    stepTimes_->setTheme(theme);
    boundary_->setTheme(theme);
    consensus_->setTheme(theme);
    timeline_->setTheme(theme);
    compare_->setTheme(theme);
    chunks_->setTheme(theme);
    compression_->setTheme(theme);
    staleness_->setTheme(theme);
    race_->setTheme(theme);
    class_->setTheme(theme);
    undo_->setIcon(icon(QStringLiteral("undo"), theme.text));
    redo_->setIcon(icon(QStringLiteral("redo"), theme.text));
    for (QAction* choice : themes_->actions()) choice->setChecked(choice->data().toString() == theme.name);
    onController();
}

}  // namespace rondo::ui
