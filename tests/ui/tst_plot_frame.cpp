#include <QTest>

#include "ui/draw/axis.h"
#include "ui/draw/plot_frame.h"

using namespace rondo::ui;

class TestPlotFrame final : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void textsAlongX_standApartAtAnyWidth() {
        const QFontMetricsF metrics(captionFont(Theme::light()));
        for (const double seconds : {0.0002, 0.0117, 0.208, 1.0, 2.08, 59.0, 4000.0}) {
            for (int width = 60; width < 900; width += 7) {
                PlotFrame frame;
                frame.area = QRectF(70, 10, width, 100);
                frame.xHigh = seconds;
                double free = -1e9;
                for (const auto& [tick, text] : frame.xTexts(metrics, timeText)) {
                    const double wide = metrics.horizontalAdvance(text);
                    const double left =
                        std::clamp(frame.xOf(tick) - wide / 2, frame.area.left() - 4,
                                   std::max(frame.area.left() - 4, frame.area.right() + 5 - wide));
                    QVERIFY2(left > free || width < 130,
                             qPrintable(QString("%1 at %2").arg(text).arg(width)));
                    free = left + wide;
                }
                QVERIFY(width < 200 || frame.xTexts(metrics, timeText).size() >= 2);
            }
        }
    }
};

QTEST_MAIN(TestPlotFrame)
#include "tst_plot_frame.moc"
