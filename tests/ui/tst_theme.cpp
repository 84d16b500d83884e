#include <QAbstractItemView>
#include <QCheckBox>
#include <QComboBox>
#include <QtTest>

#include "ui/draw/phase_mark.h"
#include "ui/draw/phase_words.h"
#include "ui/draw/theme.h"
#include "ui/window/window_sheet.h"

using namespace rondo;
using namespace rondo::ui;

class tst_theme : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void texts_areReadable_data() {
        QTest::addColumn<QString>("name");
        for (const char* name : {"light", "dark", "projector"})
            QTest::newRow(name) << QString::fromLatin1(name);
    }
    void texts_areReadable() {
        QFETCH(QString, name);
        const Theme& theme = Theme::byName(name);
        QCOMPARE(theme.name, name);
        for (const QColor& ground : {theme.window, theme.panel, theme.raised}) {
            QVERIFY(Theme::contrast(theme.text, ground) >= 7);
            QVERIFY(Theme::contrast(theme.mutedText, ground) >= 4.5);
        }
        QVERIFY(Theme::contrast(theme.accentText, theme.accent) >= 4.5);
        QVERIFY(Theme::contrast(theme.fault, theme.panel) >= 3);
        for (int phase = 0; phase < kPhases; ++phase) {
            const QColor colour = theme.colourOf(static_cast<Phase>(phase));
            QVERIFY2(Theme::contrast(Theme::inkOn(colour), colour) >= 4.5,
                     qPrintable(phaseName(static_cast<Phase>(phase))));
        }
    }

    void phases_differByMarkAndNameNotOnlyByColour() {
        // Drawn in one colour, the marks of a step's phases must still differ.
        Theme grey = Theme::light();
        grey.forward = grey.backwardInput = grey.backwardWeight = grey.update = grey.communication =
            grey.load = grey.evaluate = grey.recompute = grey.wait = Qt::gray;
        QList<QImage> marks;
        QSet<QString> names;
        for (const Phase phase : {Phase::Preprocess, Phase::Partition, Phase::Load, Phase::Forward,
                                  Phase::BackwardInput, Phase::BackwardWeight, Phase::Synchronise,
                                  Phase::Update, Phase::Recompute, Phase::Evaluate, Phase::Wait}) {
            QImage image(16, 16, QImage::Format_RGB32);
            image.fill(Qt::white);
            QPainter painter(&image);
            paintPhaseMark(painter, QRectF(1, 1, 14, 14), phase, grey);
            painter.end();
            QVERIFY2(!marks.contains(image), qPrintable(phaseName(phase)));
            marks << image;
            names.insert(phaseName(phase));
        }
        QCOMPARE(names.size(), marks.size());
    }

    void groundsOfEveryPhase_differInSpansOfAFewPixels_data() {
        QTest::addColumn<QString>("name");
        QTest::addColumn<QSize>("size");
        for (const QByteArray name : {"light", "dark", "projector"}) {
            for (const QSize size : {QSize(2, 5), QSize(5, 9), QSize(17, 11), QSize(60, 26)})
                QTest::addRow("%s %dx%d", name.constData(), size.width(), size.height())
                    << QString(name) << size;
        }
    }
    void groundsOfEveryPhase_differInSpansOfAFewPixels() {
        QFETCH(QString, name);
        QFETCH(QSize, size);
        QList<QImage> grounds;
        for (int phase = 0; phase < kPhases; ++phase) {
            QImage image(size, QImage::Format_RGB32);
            QPainter painter(&image);
            paintPhaseGround(painter, QRectF(QPointF(), size), static_cast<Phase>(phase),
                             Theme::byName(name));
            painter.end();
            QVERIFY2(!grounds.contains(image), qPrintable(phaseName(static_cast<Phase>(phase))));
            grounds << image;
        }
    }

    void listOfAChoice_showsAllOfIt_data() {
        QTest::addColumn<QString>("name");
        QTest::addColumn<int>("entries");
        for (const QByteArray name : {"light", "dark", "projector"}) {
            for (const int entries : {2, 3, 6})
                QTest::addRow("%s entries=%d", name.constData(), entries) << QString(name) << entries;
        }
    }
    void listOfAChoice_showsAllOfIt() {
        QFETCH(QString, name);
        QFETCH(int, entries);
        QWidget window;
        window.setStyleSheet(windowSheet(Theme::byName(name)));
        QComboBox choice(&window);
        for (int i = 0; i < entries; ++i) choice.addItem(QStringLiteral("all-reduce %1").arg(i));
        window.resize(300, 200);
        window.show();
        QVERIFY(QTest::qWaitForWindowExposed(&window));
        choice.showPopup();
        const QAbstractItemView& list = *choice.view();
        QTRY_VERIFY(list.isVisible());
        for (int i = 0; i < entries; ++i) {
            const QRect entry = list.visualRect(choice.model()->index(i, 0));
            QVERIFY(list.viewport()->rect().contains(entry));
            QVERIFY(entry.height() >= QFontMetrics(choice.font()).height());
        }
    }

    void tick_isSeenOnItsGround_data() { texts_areReadable_data(); }
    void tick_isSeenOnItsGround() {
        QFETCH(QString, name);
        const Theme& theme = Theme::byName(name);
        QWidget window;
        window.setStyleSheet(windowSheet(theme));
        QCheckBox box(&window);
        box.setChecked(true);
        window.show();
        QVERIFY(QTest::qWaitForWindowExposed(&window));
        const QImage image = box.grab().toImage();
        int ground = 0, tick = 0;
        for (int y = 0; y < image.height(); ++y) {
            for (int x = 0; x < image.width(); ++x) {
                const QColor colour = image.pixelColor(x, y);
                ground += colour == theme.accent;
                tick += Theme::contrast(colour, theme.accent) >= 4.5 && colour == theme.accentText;
            }
        }
        QVERIFY(ground > 40);
        QVERIFY(tick > 5);
    }

    void styleSheet_namesNoUnknownColour() {
        for (const Theme* theme : {&Theme::light(), &Theme::dark(), &Theme::projector()}) {
            const QString sheet = styleSheetOf(*theme);
            QVERIFY(!sheet.contains(QLatin1Char('@')));
            QVERIFY(!sheet.contains(QLatin1Char('$')));
            QVERIFY(sheet.contains(theme->accent.name()));
        }
    }

    void unknownName_isLight() {
        QCOMPARE(Theme::byName(QStringLiteral("neon")).name, QStringLiteral("light"));
    }
};

QTEST_MAIN(tst_theme)
#include "tst_theme.moc"
