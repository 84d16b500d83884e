// The direction of dependencies: engine knows nobody, ui knows engine and no Torch header, app composes.
#include <QtTest>

namespace {

QStringList includesOf(const QString& file) {
    QFile source(file);
    if (!source.open(QIODevice::ReadOnly)) return {};
    QStringList found;
    static const QRegularExpression include("^\\s*#\\s*include\\s*[<\"]([^>\"]+)[>\"]",
                                            QRegularExpression::MultilineOption);
    for (auto i = include.globalMatch(QString::fromUtf8(source.readAll())); i.hasNext();)
        found << i.next().captured(1);
    return found;
}

}  // namespace

class TestLayers : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void includes_runOneWayOnly_data() {
        QTest::addColumn<QString>("folder");
        QTest::addColumn<QString>("except");
        QTest::addColumn<QString>("forbidden");
        QTest::newRow("engine knows nobody") << "engine"
                                             << ""
                                             << "^(ui|net|app)/|^Q[A-Z]|^Qt|^boost/(asio|beast)";
        QTest::newRow("only training knows LibTorch") << "engine"
                                                      << "engine/training/"
                                                      << "^torch/|^ATen/|^c10/|^engine/training/";
        QTest::newRow("ui knows engine") << "ui"
                                         << ""
                                         << "^(net|app)/|^torch/|^ATen/|^c10/|^engine/training/";
        QTest::newRow("net knows engine") << "net"
                                          << ""
                                          << "^(ui|app)/|^Q[A-Z]|^Qt";
        QTest::newRow("the command line has no Qt") << "app/cli"
                                                    << ""
                                                    << "^ui/|^Q[A-Z]|^Qt";
    }
    void includes_runOneWayOnly() {
        QFETCH(QString, folder);
        QFETCH(QString, except);
        QFETCH(QString, forbidden);
        const QDir root(RONDO_ROOT);
        const QRegularExpression wrong(forbidden);
        int looked = 0;
        for (QDirIterator files(root.filePath(folder), {"*.h", "*.cpp"}, QDir::Files,
                                QDirIterator::Subdirectories);
             files.hasNext();) {
            const QString file = files.next();
            if (!except.isEmpty() && root.relativeFilePath(file).startsWith(except)) continue;
            ++looked;
            for (const QString& include : includesOf(file))
                QVERIFY2(!wrong.match(include).hasMatch(),
                         qPrintable(root.relativeFilePath(file) + " includes " + include));
        }
        QVERIFY(looked > 0 || folder == "net");
    }
};

QTEST_GUILESS_MAIN(TestLayers)
#include "tst_layers.moc"
