#pragma once

#include <boost/system/error_code.hpp>
#include <string>

#include "net/ws/connection.h"

namespace rondo::net {

/// With what a connection is closed that failed so.
CloseCode codeOf(boost::system::error_code error);
/// What went wrong, for a person.
std::string wordsOf(boost::system::error_code error, const Connection::Limits& limits);

}  // namespace rondo::net
