#pragma once

#include <string>

namespace rondo::cli {

/// A run of an hour must not end in "no such folder": BadInput, naming the option, unless the file is empty
/// or its folder exists.
void requireFolderOf(const std::string& option, const std::string& file);

/// False, with a word on standard error, when it can't be written.
bool writeFile(const std::string& file, const std::string& text);

}  // namespace rondo::cli
