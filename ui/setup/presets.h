#pragma once

#include <QString>
#include <vector>

namespace rondo::ui {

struct Preset {
    QString file, title, hint;
    QStringList show = {};  ///< names of the views where the hint is to be seen
};

/// What `folder`/presets.json lists, in its order, without files that are not there; then any other settings
/// file of the folder, under its own name. Reads one small file and lists one folder.
std::vector<Preset> findPresets(const QString& folder);

/// The resources of this program: beside a build (../../resources of the binary), where they were built from,
/// or installed (../share/rondo). Empty when none of them is there. `builtFrom` may be empty.
QString findResources(const QString& binaryFolder, const QString& builtFrom);

}  // namespace rondo::ui
