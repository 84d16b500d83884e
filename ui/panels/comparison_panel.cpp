#include "ui/panels/comparison_panel.h"

#include <QAction>
#include <QClipboard>
#include <QDoubleSpinBox>
#include <QFileDialog>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QKeyEvent>
#include <QLabel>
#include <QSaveFile>
#include <QSet>
#include <QStackedWidget>
#include <QStandardPaths>
#include <QTableView>
#include <QToolButton>
#include <QVBoxLayout>
#include <algorithm>

#include "ui/store/comparison_text.h"

namespace rondo::ui {

namespace {

QToolButton* button(QWidget* parent, const QString& text, const QString& tip) {
    auto* made = new QToolButton(parent);
    made->setText(text);
    made->setToolTip(tip);
    return made;
}

QToolButton* button(QWidget* parent, QAction& action) {
    auto* made = new QToolButton(parent);
    made->setDefaultAction(&action);
    made->setToolButtonStyle(Qt::ToolButtonTextOnly);
    return made;
}

}  // namespace

ComparisonPanel::ComparisonPanel(KeptRuns& kept, QAction& keep, QAction& reference, QWidget* parent)
    : QWidget(parent),
      kept_(kept),
      model_(new ComparisonModel(kept, this)),
      table_(new QTableView),
      pages_(new QStackedWidget),
      target_(new QDoubleSpinBox),
      remove_(button(this, tr("Remove"), tr("Take the selected runs out of the comparison (Delete)"))),
      putBack_(button(this, tr("Put back"), tr("Take back the latest removal"))),
      copy_(button(this, tr("Copy"), tr("The whole table to the clipboard, for a spreadsheet (Ctrl+C)"))),
      export_(button(this, tr("Export…"), tr("The whole table as a CSV file"))) {
    setObjectName(QStringLiteral("sidePanel"));
    setAttribute(Qt::WA_StyledBackground);
    setAccessibleName(tr("Comparison of runs"));
    table_->setModel(model_);
    table_->setAccessibleName(tr("Kept runs"));
    table_->setAccessibleDescription(
        tr("Space draws the selected runs or leaves them out, F2 names one, Delete removes them."));
    table_->setSelectionBehavior(QAbstractItemView::SelectRows);
    table_->setSelectionMode(QAbstractItemView::ExtendedSelection);
    table_->setEditTriggers(QAbstractItemView::DoubleClicked | QAbstractItemView::EditKeyPressed);
    table_->setTabKeyNavigation(false);  // Tab leaves it, as it leaves everything else
    table_->setShowGrid(false);
    table_->setAlternatingRowColors(false);
    table_->setWordWrap(false);
    table_->setFrameShape(QFrame::NoFrame);
    table_->verticalHeader()->hide();
    table_->horizontalHeader()->setHighlightSections(false);
    table_->horizontalHeader()->setStretchLastSection(true);
    table_->setHorizontalScrollMode(QAbstractItemView::ScrollPerPixel);
    table_->installEventFilter(this);

    target_->setRange(1, 100);
    target_->setDecimals(1);
    target_->setValue(90);
    target_->setSuffix(QStringLiteral(" %"));
    target_->setKeyboardTracking(false);
    target_->setAccessibleName(tr("Target accuracy"));
    target_->setToolTip(
        tr("Time, steps and bytes are told up to the first evaluation with at least this accuracy"));
    auto* targetName = new QLabel(tr("&Target accuracy"));
    targetName->setBuddy(target_);

    auto* bar = new QHBoxLayout;
    bar->setContentsMargins(10, 3, 8, 3);
    bar->setSpacing(4);
    bar->addWidget(button(this, keep));
    bar->addWidget(button(this, reference));
    bar->addStretch(1);
    bar->addWidget(targetName);
    bar->addWidget(target_);
    bar->addSpacing(8);
    for (QToolButton* one : {remove_, putBack_, copy_, export_}) bar->addWidget(one);

    auto* empty = new QLabel(
        tr("No runs are kept yet. When a run has ended, or a recording is open, press K: its curves stay "
           "in the plot, and its results stand here beside those of the next."));
    empty->setProperty("muted", true);
    empty->setAlignment(Qt::AlignCenter);
    empty->setWordWrap(true);
    empty->setMargin(12);
    pages_->addWidget(empty);
    pages_->addWidget(table_);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addLayout(bar);
    column->addWidget(pages_, 1);

    connect(&kept_, &KeptRuns::changed, this, &ComparisonPanel::refresh);
    connect(target_, &QDoubleSpinBox::valueChanged, this, [this](double percent) {
        model_->setTarget(percent / 100);
        fitColumns();
    });
    connect(table_->selectionModel(), &QItemSelectionModel::selectionChanged, this,
            [this] { remove_->setEnabled(!selected().empty()); });
    connect(remove_, &QToolButton::clicked, this, &ComparisonPanel::removeSelected);
    connect(putBack_, &QToolButton::clicked, &kept_, &KeptRuns::putBack);
    connect(copy_, &QToolButton::clicked, this, &ComparisonPanel::copy);
    connect(export_, &QToolButton::clicked, this, &ComparisonPanel::askAndExport);
    refresh();
}

void ComparisonPanel::setTheme(const Theme& theme) {
    theme_ = theme;
    model_->setTheme(theme);
    QPalette palette = paletteOf(theme);
    palette.setColor(QPalette::Base, theme.panel);
    table_->setPalette(palette);
    table_->setIconSize({theme.fontPixels * 5 / 2, theme.fontPixels});
    table_->verticalHeader()->setDefaultSectionSize(theme.fontPixels * 7 / 4);
    table_->verticalHeader()->setMinimumSectionSize(theme.fontPixels * 7 / 4);
    fitColumns();
    updateGeometry();
}

QSize ComparisonPanel::minimumSizeHint() const {
    // A table scrolls; its buttons can't.
    return {layout()->itemAt(0)->minimumSize().width(), 8 * theme_.fontPixels};
}

void ComparisonPanel::refresh() {
    const bool any = !kept_.entries().empty();
    pages_->setCurrentIndex(any ? 1 : 0);
    // A selection that went with its rows is not told by the model's reset.
    remove_->setEnabled(!selected().empty());
    putBack_->setEnabled(kept_.canPutBack());
    for (QToolButton* one : {copy_, export_}) one->setEnabled(any);
    fitColumns();
}

void ComparisonPanel::fitColumns() {
    table_->resizeColumnsToContents();
    for (int column = 0; column + 1 < ComparisonModel::kColumns; ++column)
        table_->setColumnWidth(
            column, std::min(table_->columnWidth(column) + theme_.fontPixels / 2, 26 * theme_.fontPixels));
}

std::vector<int> ComparisonPanel::selected() const {
    std::vector<int> ids;
    for (const QModelIndex& row : table_->selectionModel()->selectedRows())
        if (const auto id = model_->idOf(row.row())) ids.push_back(*id);
    return ids;
}

void ComparisonPanel::removeSelected() {
    const int row = table_->currentIndex().row();
    kept_.remove(selected());
    // The keyboard goes on where it was.
    if (model_->rowCount() > 0)
        table_->setCurrentIndex(model_->index(std::clamp(row, 0, model_->rowCount() - 1), 0));
}

void ComparisonPanel::toggleSelected() {
    const auto rows = table_->selectionModel()->selectedRows();
    if (rows.isEmpty()) return;
    const bool on = rows.first().data(Qt::CheckStateRole).toInt() != Qt::Checked;
    for (const QModelIndex& row : rows)
        model_->setData(row.siblingAtColumn(ComparisonModel::Name), on ? Qt::Checked : Qt::Unchecked,
                        Qt::CheckStateRole);
}

void ComparisonPanel::copy() const {
    QGuiApplication::clipboard()->setText(tabbedOf(kept_, model_->target()));
}

QString ComparisonPanel::exportTo(const QString& file) const {
    QSaveFile out(file);
    const QByteArray text = csvOf(kept_, model_->target()).toUtf8();
    if (out.open(QIODevice::WriteOnly) && out.write(text) == text.size() && out.commit()) return {};
    return tr("%1 can't be written: %2").arg(file, out.errorString());
}

void ComparisonPanel::askAndExport() {
    const QString folder = QStandardPaths::writableLocation(QStandardPaths::DocumentsLocation);
    QFileDialog dialog(this, tr("Export the table"), folder, tr("Comma-separated values (*.csv)"));
    dialog.setAcceptMode(QFileDialog::AcceptSave);
    dialog.setDefaultSuffix(QStringLiteral("csv"));
    dialog.selectFile(tr("comparison.csv"));
    if (dialog.exec() != QDialog::Accepted || dialog.selectedFiles().isEmpty()) return;
    const QString file = dialog.selectedFiles().constFirst(), problem = exportTo(file);
    problem.isEmpty() ? Q_EMIT exported(file) : Q_EMIT exportFailed(problem);
}

bool ComparisonPanel::eventFilter(QObject* watched, QEvent* event) {
    if (watched != table_ || event->type() != QEvent::KeyPress) return QWidget::eventFilter(watched, event);
    auto* key = static_cast<QKeyEvent*>(event);
    if (key->matches(QKeySequence::Copy)) {
        copy();
    } else if (key->key() == Qt::Key_Delete || key->key() == Qt::Key_Backspace) {
        removeSelected();
    } else if (key->key() == Qt::Key_Space && key->modifiers() == Qt::NoModifier) {
        toggleSelected();
    } else if (key->key() == Qt::Key_F2 && table_->currentIndex().isValid()) {
        table_->edit(table_->currentIndex().siblingAtColumn(ComparisonModel::Name));
    } else {
        return false;
    }
    return true;
}

}  // namespace rondo::ui
