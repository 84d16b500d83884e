#include "ui/store/spec_difference.h"

#include <QCoreApplication>
#include <QStringList>
#include <boost/json/serialize.hpp>
#include <map>

#include "engine/config/form.h"

namespace rondo::ui {

namespace {

constexpr qsizetype kMostNamed = 3;

QString valueText(const boost::json::value& value) {
    if (value.is_string()) return QString::fromUtf8(value.as_string().c_str());
    if (value.is_null()) return QCoreApplication::translate("rondo", "none");
    if (value.is_double()) return QString::number(value.get_double());
    return QString::fromStdString(boost::json::serialize(value));
}

/// As the form shows it: names of the file with hyphens.
QString wordsOf(const FormRow& row) {
    const bool name = row.editor == FormRow::Editor::Kind || row.editor == FormRow::Editor::Choice;
    return name ? valueText(row.value).replace('_', '-') : valueText(row.value);
}

}  // namespace

QString differenceWords(const RunSpec& spec, const RunSpec& other) {
    std::map<std::string, boost::json::value> before;
    for (const FormRow& row : formRows(other)) before[row.path] = row.value;
    QStringList said;
    std::string replaced;  // an object of another kind: its kind and choices say it all
    for (const FormRow& row : formRows(spec)) {
        if (row.editor == FormRow::Editor::Heading || row.editor == FormRow::Editor::Item ||
            row.path == "name")
            continue;
        if (!replaced.empty() && row.path.starts_with(replaced)) {
            // A server that waits and one that doesn't are two algorithms to whoever compares them.
            if (row.editor == FormRow::Editor::Choice) said.back() += QLatin1Char(' ') + wordsOf(row);
            continue;
        }
        const auto was = before.find(row.path);
        if (was != before.end() && was->second == row.value) continue;
        const QString value = wordsOf(row);
        if (row.editor == FormRow::Editor::Kind) {
            replaced = row.path.substr(0, row.path.rfind('.') + 1);
            said << value;
        } else {
            said << QString::fromStdString(row.label).toLower() + QLatin1Char(' ') + value;
        }
    }
    if (said.size() > kMostNamed) said = said.mid(0, kMostNamed) << QStringLiteral("…");
    return said.join(QStringLiteral(", "));
}

}  // namespace rondo::ui
