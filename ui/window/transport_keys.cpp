#include "ui/window/transport_keys.h"

#include <QAbstractButton>
#include <QAbstractItemView>
#include <QAction>
#include <QApplication>
#include <QComboBox>
#include <QFocusEvent>
#include <QKeyEvent>
#include <QLineEdit>
#include <QMainWindow>
#include <QMenuBar>

namespace rondo::ui {

TransportKeys::TransportKeys(QMainWindow& window, QWidget& runButton, const QAction& run)
    : window_(window), runButton_(runButton), run_(run) {
    connect(qApp, &QApplication::focusChanged, this, &TransportKeys::onFocus);
    qApp->installEventFilter(this);
}

TransportKeys::~TransportKeys() {
    qApp->removeEventFilter(this);
}

bool TransportKeys::eventFilter(QObject* watched, QEvent* event) {
    const bool asks = event->type() == QEvent::ShortcutOverride;
    if (!asks && event->type() != QEvent::KeyPress && event->type() != QEvent::FocusIn) return false;
    auto* widget = qobject_cast<QWidget*>(watched);
    if (!widget || widget->window() != &window_) return false;
    if (event->type() == QEvent::FocusIn) {
        const auto reason = static_cast<QFocusEvent*>(event)->reason();
        if (reason == Qt::MouseFocusReason) reachedByKeys_ = false;
        if (reason == Qt::ShortcutFocusReason) reachedByKeys_ = true;
        return false;
    }
    const auto* key = static_cast<QKeyEvent*>(event);
    // Not by the reason of the focus: what goes away hands it on as if Tab had been pressed.
    if (key->key() == Qt::Key_Tab || key->key() == Qt::Key_Backtab) reachedByKeys_ = true;
    if (key->modifiers() != Qt::NoModifier || key->text().isEmpty()) return false;
    if (key->key() == Qt::Key_Space && !needsSpace(widget)) {
        event->ignore();  // a press gets here only while Run is grey: it is for nobody then
        return true;
    }
    if (!asks || widget == &runButton_) return false;
    const bool presses = qobject_cast<QAbstractButton*>(widget) && key->key() == Qt::Key_Space;
    const bool picks = qobject_cast<QComboBox*>(widget) || qobject_cast<QAbstractItemView*>(widget);
    const bool chooses = qobject_cast<QMenuBar*>(widget) != nullptr;
    if (!presses && !picks && !chooses) return false;
    event->accept();
    return true;  // the widget itself would pass the question on to its parent
}

bool TransportKeys::needsSpace(const QWidget* widget) const {
    if (qobject_cast<const QAbstractButton*>(widget)) return reachedByKeys_ && widget != &runButton_;
    return qobject_cast<const QLineEdit*>(widget) || qobject_cast<const QMenuBar*>(widget) ||
           qobject_cast<const QAbstractItemView*>(widget);
}

void TransportKeys::onFocus(QWidget* old) {
    if (!old || !window_.isAncestorOf(old) || (old->isEnabled() && old->isVisible())) return;
    // A control that greys out or goes away hands the keyboard to its neighbour, and the next Space would
    // press that one. Run gets it instead; while Run is grey nobody does.
    if (run_.isEnabled())
        runButton_.setFocus();
    else if (QWidget* neighbour = window_.focusWidget())
        neighbour->clearFocus();
}

}  // namespace rondo::ui
